import Models
import Text

/// A notice that came to an end. It is kept because receipts may come late.
struct Ended: Codable, Equatable, Sendable {
    enum Outcome: String, CaseIterable, Codable, JSONCoded, Sendable {
        /// Given up without the gateway's yes.
        case failed
        case accepted, unknown, undelivered, delivered

        init(_ event: NoticeEvent) {
            self =
                switch event {
                case .delivered: .delivered
                case .unknown: .unknown
                case .failed(let failed): failed.why == .undelivered ? .undelivered : .failed
                default: .accepted
                }
        }

        /// Receipts come in any order. The one that tells more wins. A report that the message is on the
        /// phone tells the most: a report that it is not may be about another attempt.
        func allows(_ later: Self) -> Bool {
            switch (self, later) {
            case (.failed, .accepted), (.failed, .delivered), (.accepted, .delivered),
                (.accepted, .unknown), (.accepted, .undelivered), (.unknown, .undelivered),
                (.unknown, .delivered), (.undelivered, .delivered):
                true
            default: false
            }
        }
    }

    let reference: String
    /// The last attempt that was made.
    let last: Int
    private(set) var outcome: Outcome
    /// The attempt that the outcome is about.
    private(set) var attempt: Int
    /// Whether the gateway refused that attempt, so that no yes about it can follow.
    private(set) var isRefused: Bool
    /// Nil if the notice went to no official, or is no longer known.
    let duty: Duty?
    let gatewayReference: String?
    /// The notice with which it went: receipts are about that one.
    let into: String?

    init(_ event: NoticeEvent, _ former: Waiting?) {
        reference = former?.request.reference ?? event.reference
        into = former?.into
        last = former?.attempt ?? event.attempt
        outcome = Outcome(event)
        attempt = former?.into == nil ? event.attempt : 0
        isRefused = event.isRefusal
        duty = former.flatMap { Duty($0.request) }
        gatewayReference = into == nil ? event.gatewayReference ?? former?.gatewayReference : nil
    }

    mutating func take(_ event: NoticeEvent) {
        outcome = Outcome(event)
        attempt = event.attempt
        isRefused = event.isRefusal
    }

    /// The event of a late receipt; nil where the receipt tells nothing new.
    func event(after receipt: SMSReceipt) -> NoticeEvent? {
        guard last > 0, (1...last).contains(receipt.attempt) else { return nil }
        let event: NoticeEvent
        switch receipt.outcome {
        case .accepted where isRefused && receipt.attempt == attempt: return nil
        case .accepted:
            event = .accepted(
                .init(
                    reference: reference, attempt: receipt.attempt,
                    gatewayReference: receipt.gatewayReference))
        case .delivered: event = .delivered(.init(reference: reference, attempt: receipt.attempt))
        case .unknown where receipt.attempt == attempt:
            event = .unknown(.init(reference: reference, attempt: attempt))
        // Nobody makes another attempt any more, so a message that comes back is not delivered either.
        case .undelivered where receipt.attempt == attempt, .returned where receipt.attempt == attempt:
            event = .failed(
                .init(
                    reference: reference, attempt: attempt, why: .undelivered,
                    reason: receipt.reason.flatMap(Self.code)))
        case .taken, .unanswered, .withdrawn, .unsent, .deferred, .refused, .undelivered, .returned, .unknown:
            return nil
        }
        return outcome.allows(Outcome(event)) ? event : nil
    }

    /// The gateway's reason when the message is no longer known, so that nobody can tell whether the reason
    /// repeats it. Only one short word that holds no phone number is passed on, such as UNDELIV or
    /// EXPIRED/042.
    private static func code(_ reason: String) -> String? {
        let isCode =
            reason.utf8.count <= 32 && reason.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && reason.utf8.count { (0x30...0x39).contains($0) } < 8
        return isCode ? reason : nil
    }
}

/// What an official has to do with a complaint of which he is told.
struct Duty: Codable, Equatable, Sendable {
    let complaint: TrackingCode
    let official: Actor

    /// Nil for a complainant, for who follows a complaint, and for a reply to what somebody wrote. A notice
    /// about somebody's dead number has no duty either: if it reaches nobody, it must not lead to another.
    init?(_ request: NoticeRequest) {
        guard request.about != .unreached, !request.reference.hasPrefix(Dispatch.replyPrefix) else {
            return nil
        }
        let role: Role
        switch request.recipient.kind {
        case .chief: role = .chief
        case .office: role = .office
        case .department: role = .department
        case .complainant, .follower: return nil
        }
        complaint = request.complaint
        official = Actor(role: role, id: request.recipient.id)
    }
}

extension NoticeEvent {
    fileprivate var isRefusal: Bool {
        if case .failed(let failed) = self { return failed.why == .refused }
        return false
    }

    fileprivate var gatewayReference: String? {
        if case .accepted(let accepted) = self { return accepted.gatewayReference }
        return nil
    }
}

// MARK: JSON

extension Ended: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        reference = try json.field("reference")
        last = try json.field("last")
        outcome = try json.field("outcome")
        attempt = try json.field("attempt")
        isRefused = try json.field("isRefused")
        duty = try json.field("duty")
        gatewayReference = try json.field("gatewayReference")
        into = try json.field("into")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("attempt", attempt)
            json.field("duty", duty)
            json.field("gatewayReference", gatewayReference)
            json.field("into", into)
            json.field("isRefused", isRefused)
            json.field("last", last)
            json.field("outcome", outcome)
            json.field("reference", reference)
        }
    }
}

extension Duty: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        complaint = try json.field("complaint")
        official = try json.field("official")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complaint", complaint)
            json.field("official", official)
        }
    }
}
