import HTTP
import Models
import Open311
import Text

/// mySociety's extension "servicerequestupdates": another system adds something to a request, or tells what
/// became of it.
///
/// A status that only officials can bring about needs a key with a scope for actions; the gateway then acts
/// as the first official of its scopes. Everything else is said for the citizen, with a key that may post
/// complaints; Routing takes it only from the gateway that brought the complaint.
struct Open311Update {
    /// The statuses of mySociety's clients.
    enum Status: String, CaseIterable {
        case open = "OPEN"
        case reopen = "REOPEN"
        case inProgress = "IN_PROGRESS"
        case actionScheduled = "ACTION_SCHEDULED"
        case investigating = "INVESTIGATING"
        case fixed = "FIXED"
        case closed = "CLOSED"
        case noFurtherAction = "NO_FURTHER_ACTION"
        case notResponsible = "NOT_COUNCILS_RESPONSIBILITY"
        case internalReferral = "INTERNAL_REFERRAL"
        case duplicate = "DUPLICATE"

        /// What an official does to bring it about; nil where there is nothing to do but to say it.
        var verb: ComplaintAction.Verb? {
            switch self {
            case .inProgress, .actionScheduled, .investigating: .accept
            case .fixed, .closed: .resolve
            case .noFurtherAction: .close
            case .notResponsible: .reject(.handledElsewhere)
            case .reopen: .reopen
            // The request of which this one is a duplicate is not told.
            case .open, .internalReferral, .duplicate: nil
            }
        }
    }

    let complaint: TrackingCode?
    /// The client's own name of the update: the same again is the same update.
    let id: String?
    private let status: Status?
    private let words: Words
    private var faults: [FieldFault] = []

    /// How our fields are called here.
    static let names = ["complaint": "service_request_id", "idempotencyKey": "update_id"]

    init(_ form: Open311Form) {
        let values = form.values
        complaint = values["service_request_id"].flatMap { TrackingCode($0) }
        id = values["update_id"]
        status = values["status"].flatMap { text in
            text.utf8.count <= Limit.wordBytes ? Status(rawValue: text.uppercased()) : nil
        }
        words = Words(text: values["description"], media: values["media_url"].map { [$0] } ?? [])
        if values["service_request_id"] == nil {
            faults.append(FieldFault("complaint", "is missing", .missing))
        } else if complaint == nil {
            faults.append(FieldFault("complaint", "is not a request of this city", .unknown))
        }
        if values["status"] != nil, status == nil {
            let known = Status.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(FieldFault("status", "must be one of \(known)", .choiceWrong))
        }
        if let id, let fault = IdempotencyKey.fault(of: id) {
            faults.append(FieldFault("idempotencyKey", fault))
        }
    }

    /// What the gateway does by the update.
    func draft(from gateway: Gateway) throws(Malformed) -> ActionDraft {
        guard faults.isEmpty, let complaint else { throw Malformed(faults) }
        let verb = status?.verb
        let isForOfficials = verb.map { $0.name != .reopen } ?? false
        if let official = gateway.official, isForOfficials || !gateway.mayPostComplaints {
            return ActionDraft(
                complaint: complaint, by: official, verb: verb ?? .note(isPublic: true), words: words)
        }
        // mySociety's clients send the status that they know with each comment; it is no wish of the citizen.
        return ActionDraft(
            complaint: complaint, by: .citizen,
            verb: verb?.name == .reopen ? .reopen : .note(isPublic: true), words: words)
    }
}

extension Gateway {
    /// The first official of its scopes.
    fileprivate var official: Actor? {
        let officials = scopes.compactMap { scope -> Official? in
            if case .actions(let official) = scope { official } else { nil }
        }
        return officials.first.map { official in
            switch official {
            case .chief(let id): Actor(role: .chief, id: id.rawValue)
            case .office(let id): Actor(role: .office, id: id.rawValue)
            case .department(let id): Actor(role: .department, id: id.rawValue)
            }
        }
    }
}
