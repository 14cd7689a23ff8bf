import Crypto
import HTTP
import Links
import Models
import Processing
import Text

/// A line of the security log: who used which key, link or topic for what, and what the answer was. It is
/// pure.
///
/// It holds nothing that lets anybody act: of a key or a link only the beginning of the hash, of a complaint
/// the tracking code. It does not say where a citizen was either: a citizen's address is left out.
struct SecurityEntry: Encodable, Equatable {
    enum Proof: String, Encodable {
        case none, key, link
        /// A pass of the officials' desk.
        case desk
        /// The citizen's own proof: the complaint's id.
        case id
        /// A bearer token that is neither a key nor a link.
        case unreadable
        /// A topic that only its gateway may write to; Kafka has checked the gateway's identity.
        case topic
        /// A station's password (HJ 212: `PW`).
        case password
        /// An address from which a station may call without a password.
        case address
        /// The address of a source, which Intake itself asked; the server's certificate proves it.
        case source
    }

    let time: Instant
    /// The method and the route's pattern, never the path: a path may hold an id. Over Kafka the record's
    /// topic, partition and offset; of a station's call the protocol.
    let request: String
    /// The status of the HTTP answer, given by Intake or, where Intake asked, by the source; nil over Kafka,
    /// where there is no answer.
    var status: Int?
    let proof: Proof
    /// The first eight digits of the key's hash as the registry has it, or of the link's hash.
    var fingerprint: String?
    var gateway: GatewayID?
    /// The station that called, or that a refused caller named.
    var station: StationID?
    /// The source that was asked, and the variable that holds the credential it got; never the credential.
    var source: SourceID?
    var credential: String?
    /// How many readings it brought.
    var readings: Int?
    /// The actor that the link names.
    var holder: Actor?
    var complaint: TrackingCode?
    /// How many complaints it was about, if several.
    var complaints: Int?
    /// What was asked for: the type of the record that resulted, or would have resulted: `action.accept`.
    var wanted: String?
    /// The actor that a gateway named, or that a refused request named.
    var by: Actor?
    /// Why it was refused.
    var refusal: String?
    var address: String?
    var trace: String?

    static let receiptsRoute = "/v1/receipts"
    static let messagesRoute = "/v1/messages"

    /// The answer to a request.
    struct Answer {
        let status: Int
        /// The reason of a refusal, in the answer's own words, which hold nothing of the request's body.
        var detail: String?
        var plan: API.Plan?
    }

    /// Nil if no proof was used or missing, and if somebody only asked what became of an action: a page asks
    /// that every second.
    init?(
        _ request: Request, route: String, _ answer: Answer, registry: Registry,
        link: (LinkHandle) -> ActionLink?, pass: (String) -> DeskProof? = { _ in nil }, at now: Instant
    ) {
        // Only somebody who wants to deceive us, or a gateway that the settings describe wrongly, sends a bad
        // call.
        let isOfSMS = route == Self.receiptsRoute || route == Self.messagesRoute
        let isBadReport = isOfSMS && (400..<500).contains(answer.status)
        let isRefused = [401, 403].contains(answer.status) || isBadReport
        let isQuestion =
            request.method == .get && request.parameters["action"] != nil
            || route == API.ManyActions.outcomesRoute
        guard isRefused || !isQuestion else { return nil }
        time = now
        self.request = "\(request.method.rawValue) \(route)"
        status = answer.status
        let name = request.parameters["complaint"]
        complaints = answer.plan?.complaints
        complaint = answer.plan?.complaint ?? name.flatMap { TrackingCode($0) }
        if let token = Bearer.token(in: request.headers) {
            if let id = ComplaintID(token) {
                (proof, complaint, holder) = (.id, id.code, .citizen)
            } else if let key = GatewayKeyText(token) {
                proof = .key
                fingerprint = Self.beginning(of: key.hash.bytes)
                // Names the gateway also for an expired key.
                gateway = registry.gatewayKeys[key.hash]?.gateway
            } else if let pass = pass(token) {
                proof = .desk
                fingerprint = Self.beginning(of: pass.link)
                holder = pass.person
            } else if let handle = LinkHandle(token) {
                proof = .link
                fingerprint = Self.beginning(of: LinkBook.hash(handle))
                let link = link(handle)
                // The identifier of a follower is his number's handle. Which complaint he follows is enough.
                holder = link.map { $0.actor.role == .follower ? Actor(role: .follower) : $0.actor }
                complaint = link?.complaint ?? complaint
            } else {
                proof = .unreadable
            }
        } else {
            guard isRefused else { return nil }
            proof = .none
        }
        if isRefused {
            let wish = Wish(request, route: route, registry: registry)
            (wanted, by, refusal) = (wish.wanted, wish.by, answer.detail)
        } else {
            wanted = answer.plan?.wanted
            by = proof == .key ? answer.plan?.actor : nil
        }
        let isPrivate = holder.map { [.citizen, .follower].contains($0.role) } ?? false
        address = isPrivate ? nil : request.peerAddress
        trace = answer.plan.flatMap { $0.trace.isEmpty ? nil : $0.trace }
    }

    /// A record of a gateway's own topic, and its outcome.
    ///
    /// - Parameters:
    ///   - place: the record's topic, partition and offset.
    ///   - draft: nil for a record that was not understood.
    init(
        _ place: String, of gateway: GatewayID, _ draft: Draft?, _ outcome: Result<Receipt, TurnedAway>,
        registry: Registry, at now: Instant
    ) {
        time = now
        request = "Kafka \(place)"
        proof = .topic
        self.gateway = gateway
        switch outcome {
        case .success(let receipt):
            let plan = API.Plan(stages: receipt.stages, answer: Response(status: 201))
            (complaint, wanted, by) = (plan.complaint, plan.wanted, plan.actor)
            trace = plan.trace
        case .failure(let turnedAway):
            if let draft {
                let wish = Wish(draft, registry: registry)
                (wanted, by) = (wish.wanted, wish.by)
                if case .action(let draft) = draft { complaint = draft.complaint }
            }
            refusal =
                switch turnedAway {
                case .unproved(let reason), .forbidden(let reason), .notYet(let reason): reason
                // The dead letter says what is wrong with it. The reason could hold text of the sender, so it
                // is not repeated here.
                case .malformed: "malformed"
                }
        }
    }

    /// A station that called, or a caller that could not prove to be one.
    init(_ call: StationDialogue.Call, at now: Instant) {
        time = now
        request = "HJ 212"
        (proof, station, refusal) = (call.proof, call.station, call.refusal)
        address = call.address?.description
    }

    /// What a source brought, or why nothing of it was taken. Nil if it brought nothing new, or could not be
    /// reached: then no proof was used.
    init?(_ answered: Asking.Answered, of source: Source?, at now: Instant) {
        guard !answered.readings.isEmpty || answered.refusal != nil else { return nil }
        time = now
        request = "source"
        status = answered.standing.status
        proof = .source
        self.source = answered.standing.source
        (gateway, credential) = (source?.gateway, source?.credential)
        refusal = answered.refusal
        guard let last = answered.readings.last else { return }
        readings = answered.readings.count
        wanted = (try? EventType(last.event.type)).map(Wish.name)
        trace = last.event.trail.traceparent
    }

    private static func beginning(of hash: [UInt8]) -> String {
        hash.prefix(4).hexadecimal
    }
}

extension API.Plan {
    private var last: Outgoing? { stages.last?.last }

    fileprivate var complaint: TrackingCode? {
        switch last?.topic {
        case .submissions, .actions: complaints == nil ? last.flatMap { TrackingCode($0.key) } : nil
        default: nil
        }
    }

    /// Nil for less than two.
    fileprivate var complaints: Int? {
        guard let acts = stages.last, acts.count > 1, acts.allSatisfy({ $0.topic == .actions }) else {
            return nil
        }
        return acts.count
    }

    fileprivate var wanted: String? {
        (try? EventType(type)).map(Wish.name)
    }

    fileprivate var actor: Actor? {
        guard let last, let data = last.event.data else { return nil }
        switch last.topic {
        case .actions: return (try? JSON.decode(ComplaintAction.self, from: data))?.by
        // A report of measurements can have a reviewer, too, but no such report arrives through a door.
        case .reports: return (try? JSON.decode(Review.self, from: data))?.reviewer
        default: return nil
        }
    }
}
