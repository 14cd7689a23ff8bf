import Links
import Models
import Processing
import Text

/// Turns what happened to a complaint into requests to tell someone, one for each recipient.
///
/// Keyed by the complaint's code, and the only processor that holds contacts. Its memory is its input:
/// contacts, words and events are read again to restore a state.
struct Addressing: Processor {
    enum Input: Equatable, Sendable {
        case contact(TrackingCode, Contact?)
        /// Words that were said at a moment; nil erases them.
        case words(WordsKey, Words?, at: Instant)
        /// Nil ends it.
        case follow(FollowKey, Follow?)
        case happened(ComplaintFact)
    }

    enum Fact: Equatable, Sendable {
        case contact(TrackingCode, Contact?)
        case words(WordsKey, Words?, at: Instant)
        case follow(FollowKey, Follow?)
        /// So many numbers follow the complaint.
        case counted(FollowCount, Trail)
        case happened(ComplaintFact)
        /// The link is the one whose address stands in the request's text.
        case request(NoticeRequest, link: WrittenLink?, cause: ComplaintFact)
        case settled(NoticeSettlement, cause: ComplaintFact)
        /// Somebody was passed over, because no message reaches his number.
        case passedOver(MobileNumbers.Obstacle)
    }

    private var registry = Registry()
    private let language: Language
    private let numbers: NumberKey
    private let mobiles: MobileNumbers
    private let country: CallingCode
    /// Nil where the operator set no key: then notices have no links.
    private let links: LinkWriter?
    private let manner: Manner

    init(
        registry: Registry = Registry(), language: Language, numbers: NumberKey,
        mobiles: MobileNumbers, country: CallingCode = .china, links: LinkWriter? = nil,
        manner: Manner = Manner()
    ) {
        self.manner = manner
        self.registry = registry
        self.language = language
        self.numbers = numbers
        self.mobiles = mobiles
        self.country = country
        self.links = links
    }

    let name = "dayu-notification.addressing"
    /// 6: with whether the assignee has taken it up.
    let stateShape = 6
    let inputs: [Topic] = [.contacts, .words, .follows, .events]
    let memory: [Topic] = [.contacts, .words, .follows, .events]

    mutating func adopt(_ registry: Registry) { self.registry = registry }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let (complaint, input) =
            switch record.topic {
            case .contacts: try contact(record, key)
            case .words: try words(record, key)
            case .follows: try follow(record, key)
            default: try happened(record)
            }
        // The state is looked up by the code; a key that spells it in another way lies on another partition.
        guard Topic.partitionKey(of: key) == complaint.compact else {
            throw Malformed("key", "is not the key of the complaint")
        }
        return (complaint.compact, input)
    }

    private func contact(_ record: Record, _ key: String) throws(Malformed) -> (TrackingCode, Input) {
        guard let complaint = TrackingCode(key) else { throw Malformed("key", "is not a tracking code") }
        guard let data = record.value else { return (complaint, .contact(complaint, nil)) }
        let contact = try JSON.decode(Contact.self, from: data)
        guard contact.faults.isEmpty else { throw Malformed(contact.faults) }
        return (complaint, .contact(complaint, contact))
    }

    private func words(_ record: Record, _ key: String) throws(Malformed) -> (TrackingCode, Input) {
        let key = try WordsKey(key)
        guard let data = record.value else {
            return (key.complaint, .words(key, nil, at: record.timestamp))
        }
        let words = try JSON.decode(Words.self, from: data)
        guard words.faults.isEmpty else { throw Malformed(words.faults) }
        let moment = (try? record.cloudEvent().time) ?? record.timestamp
        return (key.complaint, .words(key, words, at: moment))
    }

    private func follow(_ record: Record, _ key: String) throws(Malformed) -> (TrackingCode, Input) {
        let key = try FollowKey(key)
        guard let data = record.value else { return (key.complaint, .follow(key, nil)) }
        let follow = try JSON.decode(Follow.self, from: data)
        guard follow.key == key else { throw Malformed("key", "is not that of the follow") }
        return (key.complaint, .follow(key, follow))
    }

    private func happened(_ record: Record) throws(Malformed) -> (TrackingCode, Input) {
        let fact = try ComplaintFact(try record.cloudEvent())
        return (fact.complaint, .happened(fact))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        switch try understand(record) {
        case (let key, .contact(let complaint, let contact)): (key, .contact(complaint, contact))
        case (let key, .words(let place, let words, let at)): (key, .words(place, words, at: at))
        case (let key, .follow(let place, let follow)): (key, .follow(place, follow))
        case (let key, .happened(let fact)): (key, .happened(fact))
        }
    }

    // MARK: Deciding

    func decide(
        _ state: AddressingState?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .contact(let complaint, let contact): return [.contact(complaint, contact)]
        case .words(let place, let words, let at): return [.words(place, words, at: at)]
        case .follow(let key, let follow):
            // Also when nothing changes: after a restart the state may be ahead of the input, and the count
            // of this input must not be left out.
            let after = evolve(state, .follow(key, follow))
            let count = FollowCount(complaint: key.complaint, follows: after?.follows.count ?? 0)
            return [.follow(key, follow), .counted(count, Trail(at: now))]
        case .happened(let fact):
            let known = evolve(state, .happened(fact)) ?? AddressingState()
            let turn = known.turn(before: fact.version)
            var audience = Audience(
                registry: registry, numbers: numbers, mobiles: mobiles, country: country,
                contact: known.contact, follows: known.follows, turn: turn)
            // Intake and Routing write what a fact refers to before they write the fact. So reading on finds
            // it, unless it was erased.
            if !caughtUp {
                // Routing may have decided by a registry that is newer than the one here.
                if let newcomer = fact.event.newcomer, !audience.knows(newcomer) { throw .awaits(.registry) }
                let lacksContact = known.submission?.contactable == true && known.contact == nil
                if lacksContact, known.erasedUntil == nil { throw .awaits(.contacts) }
            }
            let notices = audience.addressees(of: fact)
                .filter { manner.table[fact.event.kind, $0.part] != .never }
                .map { notice(to: $0, fact, known) }
            if !caughtUp, notices.contains(where: \.lacksWords) { throw .awaits(.words) }
            // What is settled goes first: it ends what waits, and not what follows.
            return [.happened(fact)] + audience.passedOver.map(Fact.passedOver)
                + settlements(of: fact, by: audience.settled(by: fact), besides: notices)
                + notices.map(request)
        }
    }

    /// One for each whom the fact frees. Whoever is told of the fact learns of it by his notice.
    private func settlements(
        of fact: ComplaintFact, by settled: [Audience.Settled], besides notices: [Notice]
    ) -> [Fact] {
        let told = Set(notices.map(\.addressee.recipient.key))
        return settled.filter { !told.contains($0.addressee.recipient.key) }.map { settled in
            .settled(
                NoticeSettlement(
                    handle: settled.addressee.recipient.handle, complaint: fact.complaint,
                    by: settled.addressee.actor, fact: fact.id, isOver: settled.isOver), cause: fact)
        }
    }

    private func notice(
        to addressee: Addressee, _ fact: ComplaintFact, _ known: AddressingState
    ) -> Notice {
        // The link uses the fact's own time, so that the same fact gives the same link each time it is
        // processed.
        let number = addressee.recipient.kind.isCitizen ? addressee.recipient.handle : nil
        let link = links?.link(to: fact.complaint, for: addressee.actor, since: fact.at, number: number)
        return Notice(
            fact: fact, addressee: addressee, known: known, registry: registry, link: link, manner: manner)
    }

    private func request(_ notice: Notice) -> Fact {
        let (fact, recipient) = (notice.fact, notice.addressee.recipient)
        let language = notice.language(in: language)
        let request = NoticeRequest(
            reference: "\(fact.id)/\(recipient.key)", recipient: recipient, complaint: fact.complaint,
            about: fact.event.kind, text: notice.text(in: language), bare: notice.bareText(in: language),
            fields: notice.fields(in: language), manner: notice.delivery(in: language),
            question: notice.question, isUrgent: notice.isUrgent)
        return .request(request, link: notice.shownLink, cause: fact)
    }

    func evolve(_ state: AddressingState?, _ fact: Fact) -> AddressingState? {
        var next = state ?? AddressingState()
        switch fact {
        case .contact(_, let contact): next.take(contact)
        case .words(let place, let words, let moment):
            next.take(words.map { Said($0, at: place.cause, moment) }, at: place.cause)
        case .follow(let key, let follow): next.take(follow, of: key.number)
        case .happened(let fact): next.take(fact)
        case .counted, .request, .settled, .passedOver: break
        }
        return next == AddressingState() ? nil : next
    }

    func counted(_ fact: Fact) -> String? {
        if case .passedOver(let obstacle) = fact { "passed-over.\(obstacle.rawValue)" } else { nil }
    }

    /// The link goes first, so that nobody reads its address before its record is written.
    func records(of fact: Fact) -> [Outgoing] {
        if case .counted(let count, let trail) = fact {
            let key = count.complaint.compact
            return [
                Outgoing(
                    .followCounts, key: key, id: "\(key)/follows", source: name, type: FollowCount.type,
                    trail: trail, data: JSON.encode(count))
            ]
        }
        if case .settled(let settlement, let cause) = fact {
            let by = [settlement.by.role.rawValue, settlement.by.id].compactMap(\.self).joined(separator: "/")
            return [
                Outgoing(
                    .noticeRequests, key: settlement.handle.text, id: "\(cause.id)/\(by)/settled",
                    source: name,
                    type: NoticeSettlement.type, trail: cause.trail.causedBy(cause.id),
                    data: JSON.encode(settlement))
            ]
        }
        guard case .request(let request, let link, let cause) = fact else { return [] }
        let trail = cause.trail.causedBy(cause.id)
        let told = Outgoing(
            .noticeRequests, key: request.recipient.handle.text, id: request.reference, source: name,
            type: EventType("notice", "requested"), trail: trail, data: JSON.encode(request))
        return (link.map { [$0.record(source: name, trail: trail)] } ?? []) + [told]
    }
}

extension Addressee {
    /// The actor that he is when he uses the link in his notice, or answers it.
    var actor: Actor {
        switch (recipient.kind, part) {
        case (.chief, _): Actor(role: .chief, id: recipient.id)
        case (.office, _): Actor(role: .office, id: recipient.id)
        case (.department, .checker): Actor(role: .checker, id: recipient.id)
        case (.department, _): Actor(role: .department, id: recipient.id)
        case (.complainant, _): .citizen
        case (.follower, _): Actor(role: .follower, id: recipient.id)
        }
    }
}
