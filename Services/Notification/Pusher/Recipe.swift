import HTTP
import Links
import Models

/// How one kind of gateway is asked over HTTP, and what its answers mean. It is pure.
protocol Recipe: Sendable {
    func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest
    func verdict(status: Int, headers: Headers, body: String) -> Verdict
    /// Whether it is told until when it may deliver a message. If not, it may do so until the message is no
    /// longer of use.
    var takesValidity: Bool { get }
}

struct RecipeRequest: Equatable {
    var method = HTTP.Method.post
    var url: String
    var headers: Headers = []
    var body: [UInt8] = []
}

/// What a request needs besides the job.
struct Sending: Sendable {
    var now: Instant
    /// For signatures: no two requests have the same.
    var nonce: String
    /// For how long the gateway may try to deliver the message.
    var validity: Duration
    /// Stands for this attempt in what comes back from the gateway.
    var token: String
    /// The address to which the gateway reports; nil if it does not.
    var callback: String?
}

extension Sending {
    /// The address of the reports about this attempt: it has the token, so nobody can invent a report.
    var address: String? {
        callback.map { "\($0)\($0.contains("?") ? "&" : "?")job=\(token)" }
    }
}

extension Headers {
    /// The seconds of `Retry-After` (RFC 9110 §10.2.3). A date is not read: clocks differ.
    var retryAfter: Duration? {
        guard let text = self["retry-after"], let seconds = Int(text), (0...86_400).contains(seconds) else {
            return nil
        }
        return .seconds(seconds)
    }
}

/// The approved templates of a gateway, by what happened.
struct Templates: Equatable, Sendable {
    struct Template: Equatable, Sendable {
        let code: String
        /// The fields of a notice, in the order of the template's blanks.
        let fields: [String]
    }

    private let byKind: [ComplaintEvent.Kind: Template]
    /// For every other kind, and for what is about no single complaint: several in one message, a reply, the
    /// link to a desk. Only the sentence says what these are about.
    private let rest: Template

    static let form =
        "a list such as assigned=SMS_1:code,place,due&*=SMS_2:sentence,link, in which * has the field sentence"

    /// Nil for a text of another form, and for one without a template for every other kind or whose template
    /// for these lacks the sentence.
    init?(_ text: String) {
        var byKind: [ComplaintEvent.Kind: Template] = [:]
        var rest: Template?
        for pair in text.split(separator: "&") {
            let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else { return nil }
            let parts = sides[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
            let fields = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
            guard fields.allSatisfy(NoticeFields.names.contains) else { return nil }
            let template = Template(code: parts[0], fields: fields)
            if sides[0] == "*" {
                rest = template
            } else if let kind = ComplaintEvent.Kind(rawValue: sides[0]) {
                byKind[kind] = template
            } else {
                return nil
            }
        }
        guard let rest, rest.fields.contains("sentence") else { return nil }
        self.byKind = byKind
        self.rest = rest
    }

    /// The template for a job and what its blanks are filled with. A job without fields fills them with
    /// nothing, except the sentence.
    func filled(for job: SMSJob) -> (code: String, values: [(name: String, value: String)]) {
        let template = job.about.flatMap { byKind[$0] } ?? rest
        let fields = job.fields ?? NoticeFields(code: "", sentence: job.text)
        return (template.code, template.fields.map { ($0, fields[$0]) })
    }
}
