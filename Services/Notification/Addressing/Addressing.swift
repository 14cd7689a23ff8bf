import Links
import Models
import Processing

/// Turns what happened to a complaint into requests to tell someone, one for each recipient.
///
/// Keyed by complaint, and so the one place that holds contacts. It remembers by reading the contacts and the
/// events again.
struct Addressing: Processor {
    /// What is needed to write to the people around one complaint.
    struct State: Codable, StoredState {
        var contact: Contact?
        /// As it was corrected.
        var submission: Submission?
        @Defaulted<NoTurns> var turns: [Turn]

        init() { _turns = Defaulted(wrappedValue: []) }

        enum NoTurns: DefaultValue {
            static let value: [Turn] = []
        }
    }

    enum Input: Equatable, Sendable {
        case contact(ComplaintID, Contact?)
        case happened(ComplaintFact)
    }

    enum Fact: Equatable, Sendable {
        case contact(ComplaintID, Contact?)
        case happened(ComplaintFact)
        case request(NoticeRequest, cause: ComplaintFact)
    }

    private var registry = Registry()
    private let language: Language
    private let numbers: NumberKey
    /// Nil where the operator set no key: then notices bear no links.
    private let links: LinkWriter?

    init(
        registry: Registry = Registry(), language: Language, numbers: NumberKey, links: LinkWriter? = nil
    ) {
        self.registry = registry
        self.language = language
        self.numbers = numbers
        self.links = links
    }

    let name = "dayu-notification.addressing"
    /// 2: with whose turn it was at each step.
    let stateShape = 2
    let inputs: [Topic] = [.contacts, .events]
    let memory: [Topic] = [.contacts, .events]

    mutating func adopt(_ registry: Registry) { self.registry = registry }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        switch record.topic {
        case .contacts:
            guard let id = ComplaintID(key) else { throw Malformed("key", "is not a complaint") }
            guard let data = record.value else { return (key, .contact(id, nil)) }
            let contact = try JSON.decode(Contact.self, from: data)
            guard contact.faults.isEmpty else { throw Malformed(contact.faults) }
            return (key, .contact(id, contact))
        default:
            return (key, .happened(try ComplaintFact(try record.cloudEvent())))
        }
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        switch try understand(record) {
        case (let key, .contact(let id, let contact)): (key, .contact(id, contact))
        case (let key, .happened(let fact)): (key, .happened(fact))
        }
    }

    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .contact(let id, let contact): return [.contact(id, contact)]
        case .happened(let fact):
            let known = evolve(state, .happened(fact)) ?? State()
            // Intake put the contact on the log before the submission, so reading on is sure to bring it.
            if known.submission?.contactable == true, known.contact == nil, !caughtUp {
                throw .awaits(.contacts)
            }
            let audience = Audience(
                registry: registry, numbers: numbers, contact: known.contact,
                turn: known.turn(before: fact.version))
            // Routing may have decided by a registry that is newer than the one here.
            if !caughtUp, let newcomer = fact.event.newcomer, !audience.knows(newcomer) {
                throw .awaits(.registry)
            }
            let requests = audience.addressees(of: fact).map { addressee in
                Fact.request(request(addressee, fact, known), cause: fact)
            }
            return [.happened(fact)] + requests
        }
    }

    private func request(_ addressee: Addressee, _ fact: ComplaintFact, _ known: State) -> NoticeRequest {
        let recipient = addressee.recipient
        // By the fact's own time, so that the same fact writes the same link however often it is worked off.
        let link = links?.address(of: fact.complaint, for: addressee.actor, since: fact.at)
        return NoticeRequest(
            reference: "\(TrackingCode(fact.complaint).compact).\(fact.version)/\(recipient.key)",
            recipient: recipient, complaint: TrackingCode(fact.complaint), about: fact.event.kind,
            text: NoticeText(fact: fact, known: known, registry: registry, link: link)
                .text(for: addressee, in: language))
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .contact(_, let contact): next.contact = contact
        case .happened(let fact): next.take(fact)
        case .request: break
        }
        return next == State() ? nil : next
    }

    func records(of fact: Fact) -> [Outgoing] {
        guard case .request(let request, let cause) = fact else { return [] }
        return [
            Outgoing(
                topic: .noticeRequests, key: request.recipient.handle.text,
                event: CloudEvent(
                    id: request.reference, source: name, type: EventType("notice", "requested").description,
                    subject: request.recipient.handle.text, time: cause.at,
                    cause: "\(cause.complaint).\(cause.version)",
                    traceparent: cause.traceparent, data: JSON.encode(request)))
        ]
    }
}

extension Addressee {
    /// As whom he acts by the link in his notice.
    fileprivate var actor: Actor {
        switch (recipient.kind, part) {
        case (.chief, _): Actor(role: .chief, id: recipient.id)
        case (.office, _): Actor(role: .office, id: recipient.id)
        case (.department, .checker): Actor(role: .checker, id: recipient.id)
        case (.department, _): Actor(role: .department, id: recipient.id)
        case (.complainant, _): .citizen
        }
    }
}
