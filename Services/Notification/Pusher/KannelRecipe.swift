import HTTP
import Models

/// Kannel's sendsms with the text as the body (Kannel User Guide, "Using HTTP POST"): so neither the text nor
/// the password stands in an address or an access log.
struct KannelRecipe: Recipe, Equatable {
    var url: String
    var user: String
    var password: String
    /// The number that the message comes from; empty: Kannel's own preset.
    var sender: String
    /// How the receiver's number is written.
    var to: String
    var country: CallingCode

    var takesValidity: Bool { true }

    /// Delivered, not delivered, buffered, taken by the SMSC, not taken: all of them.
    private static let allReports = "31"

    func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest {
        let text = Self.sendable(job.text)
        var headers: Headers = [
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("X-Kannel-Username", user), ("X-Kannel-Password", password),
            ("X-Kannel-To", job.written(as: to, country)),
            // 0 is the GSM alphabet, 2 is UCS-2. With 0 Kannel sends question marks for all other characters
            // and answers 202.
            ("X-Kannel-Coding", Segments.isGSM(text) ? "0" : "2"),
            // In minutes; with 0 it would never be over.
            ("X-Kannel-Validity", "\(max(1, sending.validity.components.seconds / 60))"),
        ]
        if !sender.isEmpty { headers.add("X-Kannel-From", sender) }
        if let address = sending.address {
            headers.add("X-Kannel-DLR-Mask", Self.allReports)
            // Kannel fills in its escapes: the type, and the SMSC's own words.
            headers.add("X-Kannel-DLR-Url", "\(address)&type=%d&answer=%A")
        }
        return RecipeRequest(url: url, headers: headers, body: Array(text.utf8))
    }

    /// Kannel counts UTF-16 units and may cut a long text inside a surrogate pair. And an empty body is taken
    /// for a wrong password.
    static func sendable(_ text: String) -> String {
        let plain = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value > 0xFFFF ? "?" : $0 }))
        return plain.isEmpty ? " " : plain
    }

    func verdict(status: Int, headers: Headers, body: String) -> Verdict {
        // "0: Accepted for delivery", "3: Queued for later delivery": while its link is down, Kannel keeps
        // the message.
        if status == 202, body.hasPrefix("0:") || body.hasPrefix("3:") { return .accepted(nil) }
        if status == 503 || status == 429 { return .busy("HTTP \(status)", headers.retryAfter) }
        switch GatewayCodes.kannel.verdict(on: "\(status) \(body)") {
        case .accepted: return .unclear("HTTP \(status)")
        case .refused: return .refused("HTTP \(status)")
        case .declined: return .declined("HTTP \(status)")
        case .forbidden: return .forbidden("HTTP \(status)")
        case .unfit: return .unfit("HTTP \(status)")
        case .limited: return .limited("HTTP \(status)")
        case .later: return .later("HTTP \(status)")
        case .busy(_, let time): return .busy("HTTP \(status)", time)
        case .fault: return .fault("HTTP \(status)")
        case .unclear where status >= 500: return .unclear("HTTP \(status)")
        case .unclear: return .unclear("HTTP \(status) is not Kannel's answer")
        }
    }
}

extension SMSJob {
    /// The number in the form that a gateway wants.
    func written(as template: String, _ country: CallingCode) -> String {
        template.replacing("{phone}", with: phone.e164).replacing("{digits}", with: phone.digits)
            .replacing("{national}", with: phone.national(in: country) ?? phone.digits)
    }
}
