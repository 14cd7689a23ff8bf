import Crypto
import FoundationEssentials
import Links
import Models
import Processing
import Text

/// The Kafka door: takes what gateways write to their own topics. Each record goes through the reception with
/// its gateway's scopes, and the results are written in one transaction.
///
/// A record is a CloudEvent in binary mode. Its type says what its value is, and the value is the same JSON
/// as over HTTP:
///
///     org.dayu.gateway.complaint.v1   POST /v1/complaints
///     org.dayu.gateway.action.v1      POST /v1/complaints/{complaint}/actions, with `complaint` inside
///     org.dayu.gateway.readings.v1    POST /v1/readings
///     org.dayu.gateway.reviews.v1     POST /v1/reviews
///
/// Key and partition are free. Refused records go to the restricted dead letters.
struct GatewayDoor: Processor {
    typealias State = Never

    struct Input: Sendable {
        let gateway: GatewayID
        /// The record's topic, partition and offset.
        let place: String
        let request: Result<Request, TurnedAway>
    }

    struct Request: Sendable {
        let draft: Draft
        let sender: Sender
        let circumstances: Circumstances
    }

    let gateways: [GatewayID]
    let country: CallingCode
    private var reception: Reception
    private let note: @Sendable (SecurityEntry) -> Void
    /// Whether a stored picture can be used (`PictureDesk`).
    private let mayBeThere: @Sendable (PictureName) -> Bool

    /// - Parameter note: is called with the outcome of each record, understood or not. An aborted transaction
    ///   is repeated, and then it is called twice for a record.
    init(
        _ gateways: [GatewayID], _ reception: Reception, country: CallingCode,
        note: @escaping @Sendable (SecurityEntry) -> Void = { _ in },
        mayBeThere: @escaping @Sendable (PictureName) -> Bool = { _ in true }
    ) {
        self.gateways = gateways
        self.reception = reception
        self.country = country
        self.note = note
        self.mayBeThere = mayBeThere
    }

    /// A gateway's topic keeps its records for 7 days.
    private static let oldest: Duration = .seconds(8 * 86_400)
    private static let fastClock: Duration = .seconds(60)

    static let name = "dayu-intake.gateways"
    var name: String { Self.name }
    var inputs: [Topic] { gateways.map(Topic.gateway) }
    let memory: [Topic] = []

    mutating func adopt(_ registry: Registry) {
        var atlas = reception.atlas
        atlas.adopt(registry)
        reception = Reception(
            atlas: atlas, identities: reception.identities, links: reception.links,
            isTakenBack: reception.isTakenBack, numbers: reception.numbers, takesLinks: reception.takesLinks)
    }

    // MARK: Reading

    /// The state has no key, and the record's own key is not used here. A record that can't be read is an
    /// input, too: its refusal is noted in the security log like any other.
    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        guard case .gateway(let id) = record.topic else {
            throw Malformed("", "\(record.topic.rawValue) is not a gateway's topic")
        }
        let place = "\(record.topic.rawValue)/\(record.partition)/\(record.offset)"
        let request = Result { () throws(TurnedAway) in try understand(record, of: id, place) }
        return ("", Input(gateway: id, place: place, request: request))
    }

    private func understand(
        _ record: Record, of id: GatewayID, _ place: String
    ) throws(TurnedAway) -> Request {
        guard let gateway = reception.atlas.registry.gateways[id] else {
            throw .forbidden("gateway \(id) is not in the registry")
        }
        do throws(Malformed) { return try understand(record, of: gateway, place) } catch {
            throw .malformed(error)
        }
    }

    private func understand(
        _ record: Record, of gateway: Gateway, _ place: String
    ) throws(Malformed) -> Request {
        let event = try record.cloudEvent()
        let type = try EventType(event.type)
        guard type.subject == "gateway", let kind = Kind(rawValue: type.name) else {
            let known = Kind.allCases.map { EventType("gateway", $0.rawValue).description }
            throw Malformed("ce_type", "\(event.type) is none of \(known.joined(separator: ", "))")
        }
        guard let data = event.data else { throw Malformed("", "the record has no data") }
        let (draft, key) = try read(kind, try Form(data), at: record.timestamp)
        let sender = Sender(
            proof: .key(gateway), channel: gateway.channel,
            // An event's id is unique within its source (CloudEvents §3.1.1). So if the record has no
            // idempotency key, the same event is the same request.
            idempotencyKey: key ?? event.asCause, content: data, traceparent: event.trail.traceparent)
        return Request(
            draft: draft, sender: sender, circumstances: Self.circumstances(at: record.timestamp, place))
    }

    private enum Kind: String, CaseIterable {
        case complaint, action, readings, reviews
    }

    private func read(
        _ kind: Kind, _ form: Form, at moment: Instant
    ) throws(Malformed) -> (Draft, idempotencyKey: String?) {
        switch kind {
        case .complaint:
            let (draft, key) = ComplaintForm.read(form, country: country)
            return (.complaint(draft), key)
        case .action:
            let (draft, key) = try ActionForm.read(form)
            return (.action(draft), key)
        case .readings:
            let reports = try ReadingsForm.read(
                form, registry: reception.atlas.registry, now: moment, allowsEmpty: true)
            return (.readings(reports), nil)
        case .reviews:
            return (
                .reviews(try ReviewsForm.read(form, registry: reception.atlas.registry, now: moment)), nil
            )
        }
    }

    /// Nothing here is random: an aborted transaction is repeated, and must give the same result.
    private static func circumstances(at moment: Instant, _ place: String) -> Circumstances {
        Circumstances(
            now: moment, identity: UUID(digest: SHA256.hash("identity \(place)")),
            trace: UUID(digest: SHA256.hash("trace \(place)")),
            span: SHA256.hash("span \(place)").prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Receipt) {
        throw Malformed("", "the gateways' loop has no state")
    }

    // MARK: Taking

    func decide(
        _ state: Never?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Receipt] {
        let outcome = Result { () throws(TurnedAway) in try take(try input.request.get(), at: now) }
        note(
            SecurityEntry(
                input.place, of: input.gateway, try? input.request.get().draft, outcome,
                registry: reception.atlas.registry, at: now))
        switch outcome {
        case .success(let receipt): return [receipt]
        case .failure(let turnedAway):
            switch turnedAway {
            case .malformed(let malformed): throw .rule(malformed.description)
            case .unproved(let reason), .forbidden(let reason): throw .rule(reason)
            // The loop does not start with an empty registry (`ProcessorLoop`).
            case .notYet(let reason): throw .rule(reason)
            }
        }
    }

    /// The record's time becomes the complaint's time. It comes from the clock of the broker or of the
    /// gateway.
    private func take(_ request: Request, at now: Instant) throws(TurnedAway) -> Receipt {
        let age = now - request.circumstances.now
        guard age + Self.fastClock >= .zero, age <= Self.oldest else {
            throw .forbidden("its time is not of the last 8 days")
        }
        let receipt = try reception.take(request.draft, from: request.sender, in: request.circumstances)
        for use in receipt.pictures where !mayBeThere(use.name) {
            throw .malformed(Malformed(use.field, PictureDesk.absence, .pictureUnknown))
        }
        return receipt
    }

    func evolve(_ state: Never?, _ fact: Receipt) -> Never? { nil }

    func records(of fact: Receipt) -> [Outgoing] { fact.stages.flatMap { $0 } }
}
