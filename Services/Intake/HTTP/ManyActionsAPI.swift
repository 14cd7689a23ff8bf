import HTTP
import Links
import Models
import Processing
import Text

/// The same action on many complaints: one request, and an outcome for each complaint. So an official who
/// hands over all that he has does not depend on a page that stays open.
extension API {
    enum ManyActions {
        static let route = "/v1/complaints/actions"
        static let outcomesRoute = "/v1/complaints/actions/outcomes"
        /// The most complaints of one request.
        static let complaints = 1000
        static let bodyBytes = 131_072
        /// Every other action says something about one complaint.
        static let verbs: Set<ComplaintAction.Name> = [.accept, .note, .urge, .transfer, .extend]
    }

    /// 202 with the action of each complaint, by which its sender asks what became of it.
    ///
    /// An idempotency key is needed. Sent again with the same key, the same action is done once on each
    /// complaint, also if the list has changed meanwhile.
    func actions(_ request: Request) throws(Problem) -> Plan {
        let proof = try deputy(request)
        let (codes, draft, inBody) = try readMany(request)
        let inHeader = try idempotencyKey(of: request)
        guard let key = inBody ?? inHeader else {
            throw Problem(fields: Malformed("idempotencyKey", "is missing", .missing))
        }
        var words: [Outgoing] = []
        var actions: [Outgoing] = []
        var given: [Given] = []
        for code in codes {
            var draft = draft
            draft.complaint = code
            let receipt = try take(
                .action(draft), request, proof, key, content: Self.content(of: draft, code))
            guard case .action(let action, _) = receipt.given, let last = receipt.stages.last else {
                preconditionFailure("an action was taken as \(receipt.given)")
            }
            words += receipt.stages.dropLast().flatMap(\.self)
            actions += last
            given.append(Given(trackingCode: code.description, action: action))
        }
        return Plan(
            stages: [words, actions].filter { !$0.isEmpty },
            answer: .json(JSON.encode(["actions": given]), status: 202))
    }

    private struct Given: Encodable {
        let trackingCode: String
        let action: String
    }

    /// The same whichever other complaints are in the request.
    private static func content(of draft: ActionDraft, _ code: TrackingCode) -> [UInt8] {
        let action = ComplaintAction(
            complaint: code, by: draft.by ?? .system, verb: draft.verb, fingerprint: nil, gateway: nil,
            words: draft.words.outline)
        return JSON.encode(action) + JSON.encode(draft.words)
    }

    private func readMany(
        _ request: Request
    ) throws(Problem) -> (codes: [TrackingCode], draft: ActionDraft, key: String?) {
        guard PictureRequest.mediaType(of: request) == "application/json" else {
            throw Problem(status: 415, detail: "the body must be application/json")
        }
        do throws(Malformed) {
            var form = try Form(request.body)
            let codes = Self.codes(of: form.list("complaints"), &form)
            var faults = form.faults
            if form.names.contains("complaint") {
                faults.append(FieldFault("complaint", "is not allowed; name all of them in complaints"))
            }
            if form.names.contains("media") {
                faults.append(FieldFault("media", "is not allowed; a picture belongs to one complaint"))
            }
            guard faults.isEmpty else { throw Malformed(faults) }
            let (draft, key) = try ActionForm.read(try Form(request.body))
            guard ManyActions.verbs.contains(draft.verb.name) else {
                let verbs = ManyActions.verbs.map(\.rawValue).sorted().joined(separator: ", ")
                throw Malformed("action", "of many complaints at once must be one of \(verbs)", .choiceWrong)
            }
            return (codes, draft, key)
        } catch {
            throw Problem(fields: error)
        }
    }

    /// Each once, in the order in which they were named.
    private static func codes(of list: [JSONValue]?, _ form: inout Form) -> [TrackingCode] {
        guard let list = form.require("complaints", list) else { return [] }
        if list.isEmpty { form.add("complaints", "names none", .missing) }
        guard list.count <= ManyActions.complaints else {
            form.add("complaints", "names more than \(ManyActions.complaints) complaints")
            return []
        }
        var seen: Set<TrackingCode> = []
        return list.enumerated().compactMap { index, value in
            guard case .text(let text) = value, let code = TrackingCode(text) else {
                form.add("complaints.\(index)", "is not a tracking code", .unknown)
                return nil
            }
            return seen.insert(code).inserted ? code : nil
        }
    }

    // MARK: Their outcomes

    /// What became of many actions, in the order in which they were asked. Whoever knows a complaint and an
    /// action may ask, as for one of them.
    func outcomes(_ request: Request) throws(Problem) -> Plan {
        _ = try deputy(request)
        let asked: [(code: TrackingCode, action: String)]
        do throws(Malformed) { asked = try Self.asked(try Form(request.body)) } catch {
            throw Problem(fields: error)
        }
        let found = asked.map { one in
            ManyOutcome(
                trackingCode: one.code.description, action: one.action,
                outcome: outcome(one.action, one.code))
        }
        var answer = Response.json(JSON.encode(["outcomes": found]))
        answer.headers.add("Cache-Control", "no-store")
        return Plan(answer: answer)
    }

    private static func asked(_ form: Form) throws(Malformed) -> [(code: TrackingCode, action: String)] {
        var form = form
        let list = form.require("actions", form.list("actions")) ?? []
        if list.count > ManyActions.complaints {
            form.add("actions", "names more than \(ManyActions.complaints) actions")
        }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        let asked = list.enumerated().compactMap { index, value -> (code: TrackingCode, action: String)? in
            guard case .object(let fields) = value,
                case .text(let name)? = fields["trackingCode"], let code = TrackingCode(name),
                case .text(let action)? = fields["action"], Identities.isOfAction(action)
            else {
                form.add("actions.\(index)", "is not a tracking code with the id of an action", .unknown)
                return nil
            }
            return (code, action)
        }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        return asked
    }

    private struct ManyOutcome: Encodable {
        let trackingCode: String
        let action: String
        let outcome: ActionOutcome
    }
}
