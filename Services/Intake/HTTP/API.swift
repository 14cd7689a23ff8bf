import FoundationEssentials
import HTTP
import Links
import Models
import Processing
import Text

/// The HTTP door: translates requests into drafts for the reception, and receipts into answers. It is pure.
struct API {
    let reception: Reception
    let circumstances: Circumstances
    let country: CallingCode
    /// The offset of a table's times without an offset, if the registry names no zone for the section.
    let localOffset: Duration
    /// How SMS gateways report, and hand over what phones sent.
    let gateways: SMSDialects
    /// The link that a handle stands for.
    let link: (LinkHandle) throws(LinkRefusal) -> ActionLink
    /// The link to the desk that a pass names.
    var deskLink: ([UInt8]) throws(LinkRefusal) -> DeskLink = { _ throws(LinkRefusal) in throw .notReadYet }
    /// Whether who complained was erased, as far as the log has been read. Routing decides it for certain.
    let isErased: (TrackingCode) -> Bool
    /// Whether a citizen's link to the complaint was revoked.
    let isTakenBack: (TrackingCode) throws(LinkRefusal) -> Bool
    /// What became of an action.
    var outcome: (_ action: String, _ on: TrackingCode) -> ActionOutcome

    /// The records to write, in stages, and the answer to give once the log has them.
    struct Plan {
        let stages: [[Outgoing]]
        let answer: Response
        /// Pictures to store before anything is written.
        var pictures: [CarriedPicture] = []
        /// Stored pictures that must be there before anything is written.
        var uses: [PictureUse] = []
        /// The messages of phones that were taken and go nowhere, and whose they are.
        var passedOver: PassedOver?

        struct PassedOver: Equatable {
            let by: GatewayID
            let why: [MessageDialect.PassedOver]
        }

        /// Whether it waits for the store of pictures, which a thread of the server must not do.
        var needsStore: Bool { !pictures.isEmpty || !uses.isEmpty }

        /// What the operating log may show: type and trace, but neither the words nor the sender.
        var trace: String { stages.first?.first?.event.trail.traceparent ?? "" }
        var type: String { stages.last?.last?.event.type ?? "" }

        init(stages: [[Outgoing]] = [], answer: Response) {
            self.stages = stages
            self.answer = answer
        }

        /// - Parameter carried: the pictures that came with the request itself; they are not there yet.
        init(_ receipt: Receipt, answer: Response, carrying carried: [CarriedPicture]) {
            self.init(stages: receipt.stages, answer: answer)
            pictures = carried
            let own = Set(carried.map(\.name))
            uses = receipt.pictures.filter { !own.contains($0.name) }
        }
    }

    var registry: Registry { reception.atlas.registry }
    var now: Instant { circumstances.now }

    // MARK: Complaints

    func complaint(_ request: Request) throws(Problem) -> Plan {
        let proof = try key(of: request).map(Sender.Proof.key) ?? .none
        let whole = try PictureRequest(request, part: "complaint")
        var (draft, key) = try read(whole.json) { ComplaintForm.read($0, country: country) }
        let inHeader = try idempotencyKey(of: request)
        let carried = carried(
            whole.pictures, by: proof.gateway?.id.rawValue ?? "", key: key ?? inHeader,
            content: whole.content)
        draft.words = draft.words.with(carried)
        let receipt = try take(.complaint(draft), request, proof, key, content: whole.content)
        guard case .complaint(let id, let code, let link) = receipt.given else {
            preconditionFailure("a complaint was taken as \(receipt.given)")
        }
        let body = Accepted(
            id: id.text, trackingCode: code.description, status: .received,
            url: "/complaints/\(code.compact)",
            link: link)
        var answer = Response.json(JSON.encode(body), status: 201)
        answer.headers.add("Location", body.url)
        return Plan(receipt, answer: answer, carrying: carried)
    }

    private struct Accepted: Encodable {
        let id: String
        let trackingCode: String
        let status: ComplaintStatus
        let url: String
        /// The address of the complaint's page with the right to rate and to reopen, for use on another
        /// device.
        let link: String?
    }

    // MARK: Actions

    /// `/v1/complaints/{complaint}/actions`: a gateway acts for officials, or an official from the desk.
    func action(_ request: Request) throws(Problem) -> Plan {
        let (proof, code) = try named(request)
        return try action(request, proof, on: code, "/v1/complaints/\(code.compact)/actions")
    }

    /// `/v1/actions`: the link or the complaint's id determines the complaint and the actor.
    func ownAction(_ request: Request) throws(Problem) -> Plan {
        let (proof, code) = try held(request)
        return try action(request, proof, on: code, "/v1/actions")
    }

    private func action(
        _ request: Request, _ proof: Sender.Proof, on code: TrackingCode, _ path: String
    ) throws(Problem) -> Plan {
        let whole = try PictureRequest(request, part: "action")
        var (draft, key) = try read(whole.json) { form throws(Malformed) in try ActionForm.read(form) }
        if let other = draft.complaint, other != code {
            throw Problem(fields: Malformed("complaint", "differs from the one that the request is about"))
        }
        draft.complaint = code
        let inHeader = try idempotencyKey(of: request)
        let carried = carried(
            whole.pictures, by: "action \(code.compact)", key: key ?? inHeader, content: whole.content)
        draft.words = draft.words.with(carried)
        let receipt = try take(.action(draft), request, proof, key, content: whole.content)
        guard case .action(let action, let code) = receipt.given else {
            preconditionFailure("an action was taken as \(receipt.given)")
        }
        return Plan(receipt, answer: Self.taken(action, on: code, path), carrying: carried)
    }

    /// 202: the action was taken, and `Location` says where to see what came of it (RFC 9110 §15.3.3).
    private static func taken(_ action: String, on code: TrackingCode, _ path: String) -> Response {
        let body = ["trackingCode": code.description, "action": action]
        var answer = Response.json(JSON.encode(body), status: 202)
        answer.headers.add("Location", "\(path)/\(action)")
        return answer
    }

    // MARK: Outcomes

    /// What became of an action. Whoever knows the complaint and the action may ask; only the sender knows
    /// both.
    func outcome(_ request: Request) throws(Problem) -> Plan {
        let (_, code) = try named(request)
        return try outcome(of: request, on: code)
    }

    func ownOutcome(_ request: Request) throws(Problem) -> Plan {
        let (_, code) = try held(request)
        return try outcome(of: request, on: code)
    }

    private func outcome(of request: Request, on complaint: TrackingCode) throws(Problem) -> Plan {
        guard let action = request.parameters["action"], Identities.isOfAction(action) else {
            throw Problem(status: 404, detail: "no action has such an id")
        }
        var answer = Response.json(JSON.encode(outcome(action, complaint)))
        answer.headers.add("Cache-Control", "no-store")
        return Plan(answer: answer)
    }

    // MARK: Links

    /// The content of a link, for the page that its holder opened.
    func heldLink(_ request: Request) throws(Problem) -> Plan {
        let link = try link(of: request)
        let body = HeldLink(
            trackingCode: link.complaint.description, role: link.actor.role,
            id: link.actor.role == .follower ? nil : link.actor.id,
            expiresAt: link.expiresAt)
        var answer = Response.json(JSON.encode(body))
        // The answer is for one person, so no cache may store it (RFC 9111 §5.2.2.5).
        answer.headers.add("Cache-Control", "no-store")
        return Plan(answer: answer)
    }

    private struct HeldLink: Encodable {
        let trackingCode: String
        let role: Role
        let id: String?
        let expiresAt: Instant
    }

    /// The page that a link in a message opened sends this request. Opening the link is not enough: programs
    /// that fetch a link to show a preview send a GET, too.
    func confirmation(_ request: Request) throws(Problem) -> Plan {
        let link = try link(of: request)
        let receipt = try take(.confirmation, request, .link(link), nil)
        return Plan(stages: receipt.stages, answer: .empty)
    }

    // MARK: Access

    /// Somebody asks for the link to his desk.
    func askedFor(_ request: Request) throws(Problem) -> AccessForm.Asked {
        try read(request) { form throws(Malformed) in try AccessForm.read(form, country: country) }
    }

    // MARK: Following

    /// Somebody wants to hear by SMS what becomes of another person's complaint.
    func follow(_ request: Request) throws(Problem) -> Plan {
        let proof = try key(of: request).map(Sender.Proof.key) ?? .none
        let draft = try read(request) { FollowForm.read($0, country: country) }
        let receipt = try take(.follow(draft), request, proof, nil)
        guard case .follow(let code) = receipt.given else {
            preconditionFailure("a follow was taken as \(receipt.given)")
        }
        return Plan(
            stages: receipt.stages,
            answer: .json(JSON.encode(["trackingCode": code.description]), status: 201))
    }

    func unfollow(_ request: Request) throws(Problem) -> Plan {
        let link = try link(of: request)
        let receipt = try take(.unfollow, request, .link(link), nil)
        return Plan(stages: receipt.stages, answer: .empty)
    }

    // MARK: Common to all

    /// - Parameter content: what identifies the request; nil: its body.
    func take(
        _ draft: Draft, _ request: Request, _ proof: Sender.Proof, _ key: String?, content: [UInt8]? = nil
    ) throws(Problem) -> Receipt {
        let inHeader = try idempotencyKey(of: request)
        let sender = Sender(
            proof: proof, channel: .web, idempotencyKey: key ?? inHeader, content: content ?? request.body,
            traceparent: request.headers["traceparent"])
        do throws(TurnedAway) {
            return try reception.take(draft, from: sender, in: circumstances)
        } catch {
            throw Problem(turnedAway: error)
        }
    }

    /// The key may be in the header or in the body; if both have one, the body's counts.
    func idempotencyKey(of request: Request) throws(Problem) -> String? {
        guard let key = request.headers["idempotency-key"] else { return nil }
        // Only ASCII letters mean the same to everybody in a header (RFC 9110, 5.5).
        let isASCII = key.utf8.allSatisfy { $0 < 0x80 }
        if let fault = IdempotencyKey.fault(of: key)
            ?? (isASCII ? nil : "may only hold ASCII; put other characters into the body")
        {
            throw Problem(fields: Malformed("idempotencyKey", fault))
        }
        return key
    }

    private func read<Value>(
        _ request: Request, _ body: (Form) throws(Malformed) -> Value
    ) throws(Problem) -> Value {
        guard PictureRequest.mediaType(of: request) == "application/json" else {
            throw Problem(status: 415, detail: "the body must be application/json")
        }
        return try read(request.body, body)
    }

    private func read<Value>(
        _ json: [UInt8], _ body: (Form) throws(Malformed) -> Value
    ) throws(Problem) -> Value {
        do throws(Malformed) {
            return try body(try Form(json))
        } catch {
            throw Problem(fields: error)
        }
    }
}

extension Problem {
    /// 422 that names each wrong field (RFC 9110 §15.5.21: understood, but not processable); 400 if no field
    /// can be named.
    init(fields malformed: Malformed) {
        let whole = malformed.faults.allSatisfy(\.field.isEmpty)
        let count = malformed.faults.count
        self.init(
            status: whole ? 400 : 422,
            detail: whole
                ? malformed.description : count == 1 ? "1 field is wrong" : "\(count) fields are wrong",
            errors: malformed.faults.map {
                Problem.FieldFault($0.field, $0.detail, code: $0.code?.rawValue, limit: $0.limit)
            })
    }

    init(turnedAway reason: TurnedAway) {
        switch reason {
        case .malformed(let malformed): self.init(fields: malformed)
        case .unproved(let detail): self.init(challenge: detail)
        case .forbidden(let detail): self.init(status: 403, detail: detail)
        case .notYet(let detail): self.init(status: 503, detail: detail)
        }
    }

    /// 401 with its challenge (RFC 6750 §3).
    init(challenge detail: String) {
        self.init(
            status: 401, detail: detail, headers: [("WWW-Authenticate", "Bearer realm=\"dayu\"")])
    }
}
