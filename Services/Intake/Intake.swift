import Crypto
import FoundationEssentials
import HTTP
import Links
import Models
import Processing

/// What Intake makes of a request: the records to write, and the answer once the log has them. Pure.
struct Intake {
    let atlas: Atlas
    let now: Instant
    /// For identities that no key determines.
    let chance: UUID
    /// Whether the caller proved to be an office's gateway.
    let isOfficer: Bool
    /// Nil where the operator set no key: then no link is written and none is read.
    let links: LinkWriter?
    /// What a table's times without an offset are meant in.
    let localOffset: Duration
    /// What became of an action.
    let outcomes: (_ action: String, _ on: ComplaintID) -> ActionOutcome

    /// Records in the order in which they must reach the log: each stage is acknowledged before the next is
    /// sent.
    struct Plan {
        let stages: [[Outgoing]]
        let answer: Response

        /// What the log says of it: its type and trace, never what was written or by whom.
        var trace: String { stages.first?.first?.event.traceparent ?? "" }
        var type: String { stages.last?.last?.event.type ?? "" }
    }

    static let source = "dayu-intake"
    /// Before the part of an action's identity by which one asks what became of it.
    static let actionPrefix = "action/"

    private var registry: Registry { atlas.registry }

    // MARK: Complaints

    /// The contact is on the log before the submission that says there is one: whoever reads the one finds
    /// the other.
    func complaint(_ request: Request) throws(Problem) -> Plan {
        try requireRegistry()
        let form = try form(request)
        let read: ComplaintForm
        do throws(Malformed) {
            read = try ComplaintForm(
                form, atlas,
                .init(idempotencyKey: request.headers["idempotency-key"], chance: chance, now: now))
        } catch {
            throw Problem(fields: error)
        }
        let submission = read.submission
        let key = submission.complaint.description
        let trace = Traceparent.continued(request.headers["traceparent"], chance: chance)
        let contact = read.contact.map {
            Outgoing(
                topic: .contacts, key: key,
                event: CloudEvent(
                    id: "\(key).contact", source: Self.source,
                    type: EventType("contact", "given").description,
                    subject: key, time: now, traceparent: trace, data: JSON.encode($0)))
        }
        let submitted = Outgoing(
            topic: .submissions, key: key,
            event: CloudEvent(
                id: "\(key).submission", source: Self.source,
                type: EventType("complaint", "submitted").description,
                subject: key, time: now, traceparent: trace, data: JSON.encode(submission)))
        let code = TrackingCode(submission.complaint)
        let body = Accepted(
            id: submission.complaint, trackingCode: code.description, status: .received,
            url: "/complaints/\(code.compact)",
            link: links?.address(of: submission.complaint, for: .citizen, since: now))
        var answer = Response.json(JSON.encode(body), status: 201)
        answer.headers.add("Location", body.url)
        return Plan(stages: [contact.map { [$0] } ?? [], [submitted]].filter { !$0.isEmpty }, answer: answer)
    }

    private struct Accepted: Encodable {
        let id: ComplaintID
        let trackingCode: String
        let status: ComplaintStatus
        let url: String
        /// The page's address with the right to rate and to reopen, for another device than this one.
        let link: String?
    }

    // MARK: Actions

    func action(_ request: Request) throws(Problem) -> Plan {
        guard let complaint = request.parameters["id"].flatMap(ComplaintID.init) else {
            throw Problem(status: 404, detail: "no complaint has such an id")
        }
        let form = try form(request)
        let read: ActionForm
        do throws(Malformed) {
            read = try ActionForm(form, on: complaint, idempotencyKey: request.headers["idempotency-key"])
        } catch {
            throw Problem(fields: error)
        }
        let action = read.action
        guard isOfficer || action.by.role == .citizen else {
            throw Problem(
                status: 403, detail: "a \(action.by.role.rawValue)'s action needs the officers' token")
        }
        let key = complaint.description
        let identity = identity(of: read, from: key)
        let body = ["id": key, "action": identity]
        return Plan(
            stages: [[record(action, identity, request)]],
            answer: Self.taken(body, "/v1/complaints/\(key)/actions", identity))
    }

    /// The complaint and the actor are the link's. The answer names the complaint by its tracking code: its
    /// identity is the citizen's capability, and a link must not tell it to a chief.
    func actionByLink(_ request: Request) throws(Problem) -> Plan {
        let link = try link(of: request)
        let form = try form(request)
        let read: ActionForm
        do throws(Malformed) {
            read = try ActionForm(
                form, on: link.complaint, holder: link.actor,
                idempotencyKey: request.headers["idempotency-key"])
        } catch {
            throw Problem(fields: error)
        }
        let code = TrackingCode(link.complaint)
        // A key is its holder's own: nobody makes another's action a repetition by guessing it.
        let holder = "link/\(code.compact)/\(link.actor.role.rawValue)/\(link.actor.id ?? "")"
        let identity = identity(of: read, from: holder)
        let body = ["trackingCode": code.description, "action": identity]
        return Plan(
            stages: [[record(read.action, identity, request)]],
            answer: Self.taken(body, "/v1/actions", identity))
    }

    /// 202: it is taken, and what comes of it is to be seen where `Location` says (RFC 9110 §15.3.3).
    private static func taken(_ body: [String: String], _ path: String, _ identity: String) -> Response {
        var answer = Response.json(JSON.encode(body), status: 202)
        answer.headers.add("Location", "\(path)/\(identity.dropFirst(actionPrefix.count))")
        return answer
    }

    // MARK: Outcomes

    /// What became of an action: to whoever knows the complaint and the action, that is to the one who asked.
    func outcome(_ request: Request) throws(Problem) -> Plan {
        guard let complaint = request.parameters["id"].flatMap(ComplaintID.init) else {
            throw Problem(status: 404, detail: "no complaint has such an id")
        }
        return try outcome(of: request, on: complaint)
    }

    func outcomeByLink(_ request: Request) throws(Problem) -> Plan {
        try outcome(of: request, on: try link(of: request).complaint)
    }

    private func outcome(of request: Request, on complaint: ComplaintID) throws(Problem) -> Plan {
        guard let action = request.parameters["action"].flatMap(ComplaintID.init) else {
            throw Problem(status: 404, detail: "no action has such an id")
        }
        var answer = Response.json(JSON.encode(outcomes(action.description, complaint)))
        answer.headers.add("Cache-Control", "no-store")
        return Plan(stages: [], answer: answer)
    }

    private func identity(of form: ActionForm, from origin: String) -> String {
        let name = form.idempotencyKey.map { ComplaintID(gateway: origin, idempotencyKey: $0) }
        return "\(Self.actionPrefix)\(name ?? ComplaintID(chance))"
    }

    private func record(_ action: ComplaintAction, _ identity: String, _ request: Request) -> Outgoing {
        let key = action.complaint.description
        return Outgoing(
            topic: .actions, key: key,
            event: CloudEvent(
                id: identity, source: Self.source,
                type: EventType("action", action.verb.name.rawValue).description, subject: key, time: now,
                traceparent: Traceparent.continued(request.headers["traceparent"], chance: chance),
                data: JSON.encode(action)))
    }

    // MARK: Readings

    func readings(_ request: Request) throws(Problem) -> Plan {
        try requireRegistry()
        let type = request.headers["content-type"]?.split(separator: ";").first?.lowercased() ?? ""
        switch type {
        case "application/json": return try readingsAsJSON(request)
        case "text/csv": return try readingsAsCSV(request)
        default: throw Problem(status: 415, detail: "readings come as application/json or text/csv")
        }
    }

    private func readingsAsJSON(_ request: Request) throws(Problem) -> Plan {
        do throws(Malformed) {
            let reports = try ReadingsForm.read(try Form(request.body), registry: registry, now: now)
            return plan(reports, request)
        } catch {
            throw Problem(fields: error)
        }
    }

    private func readingsAsCSV(_ request: Request) throws(Problem) -> Plan {
        do throws(Malformed) {
            let table = try ReadingTable(
                request.body, localOffset: localOffset, now: now,
                section: { registry.section(named: $0)?.id })
            return plan(table.reports, ignored: table.ignoredColumns, emptyRows: table.emptyRows, request)
        } catch {
            throw Problem(fields: error)
        }
    }

    /// Reports are named by what they say: sent again they are the same, corrected they are others. Their
    /// time is now, because of two the later one holds.
    private func plan(
        _ reports: [Report], ignored: [String] = [], emptyRows: Int = 0, _ request: Request
    ) -> Plan {
        let trace = Traceparent.continued(request.headers["traceparent"], chance: chance)
        let records = reports.map { report in
            let data = JSON.encode(report)
            let digest = SHA256.hash(data).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined()
            return Outgoing(
                topic: .reports, key: report.section.rawValue,
                event: CloudEvent(
                    id: "\(report.key)/\(digest)", source: Self.source,
                    type: EventType("reading", "reported").description, subject: report.section.rawValue,
                    time: now, traceparent: trace, data: data))
        }
        let body = ReadingsAccepted(accepted: reports.count, ignoredColumns: ignored, emptyRows: emptyRows)
        // A stage of no records would wait for ever for their reports.
        return Plan(
            stages: records.isEmpty ? [] : [records], answer: .json(JSON.encode(body), status: 201))
    }

    private struct ReadingsAccepted: Encodable {
        let accepted: Int
        let ignoredColumns: [String]
        let emptyRows: Int
    }

    // MARK: What all have in common

    /// Without the registry nothing can be checked, and a wrong refusal would be worse than a late answer.
    private func requireRegistry() throws(Problem) {
        if registry.isEmpty { throw Problem(status: 503, detail: "the registry has not been published yet") }
    }

    private func form(_ request: Request) throws(Problem) -> Form {
        let type = request.headers["content-type"]?.split(separator: ";").first?.lowercased()
        guard type == "application/json" else {
            throw Problem(status: 415, detail: "the body must be application/json")
        }
        do throws(Malformed) {
            return try Form(request.body)
        } catch {
            throw Problem(status: 400, detail: error.description)
        }
    }
}

extension Problem {
    /// 422 that names each wrong field (RFC 9110 §15.5.21: understood, and not to be processed); 400 where no
    /// field can be named.
    init(fields malformed: Malformed) {
        let whole = malformed.faults.allSatisfy(\.field.isEmpty)
        let count = malformed.faults.count
        self.init(
            status: whole ? 400 : 422,
            detail: whole
                ? malformed.description : count == 1 ? "1 field is wrong" : "\(count) fields are wrong",
            errors: malformed.faults.map { Problem.FieldFault($0.field, $0.detail) })
    }
}

/// W3C Trace Context level 1, §3.2: `00-<trace>-<parent>-<flags>`.
enum Traceparent {
    /// The caller's trace where he has one, else a new one.
    static func continued(_ header: String?, chance: UUID) -> String {
        if let header, isValid(header) { return header }
        let hex = chance.uuidString.lowercased().filter { $0 != "-" }
        return "00-\(hex)-\(hex.suffix(16))-01"
    }

    private static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let lengths = [2, 32, 16, 2]
        return parts.count == 4 && parts[0] == "00"
            && zip(parts, lengths).allSatisfy { part, length in
                part.utf8.count == length
                    && part.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            } && parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}
