import Geo
import Links
import Models
import Processing
import Text

/// A small invented registry, and the records of a complaint in it.
enum Town {
    static let start = Instant(millisecondsSince1970: 1_800_000_000_000)
    static let code = TrackingCode(digest: Array("the notice".utf8))
    static let numbers: NumberKey = {
        do { return try NumberKey(String(repeating: "5a", count: 32)) } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The numbers of samples belong to nobody, and no plan knows them.
    static let mobiles: MobileNumbers = {
        do { return try MobileNumbers(also: "+86000") } catch { preconditionFailure("\(error)") }
    }()

    static func number(_ text: String) -> PhoneNumber {
        do { return try PhoneNumber(text, country: .china) } catch {
            preconditionFailure("\(text): \(error)")
        }
    }

    static func recipient(_ kind: Recipient.Kind, _ id: String, _ phone: String) -> Recipient {
        let number = number(phone)
        return Recipient(kind: kind, id: id, phone: number, handle: numbers.handle(of: number))
    }

    static let contact = Contact(name: "Invented Person", phone: .number(number("+86 000 0000 0777")))

    static func name(_ text: String) -> Name { Name(zh: text, en: text) }

    static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    static func chief(_ id: String, above: String? = nil, phone: String?, region: String = "town")
        -> RegistryEntity
    {
        .chief(
            Chief(
                id: Town.id(id), name: name(id), title: "河长", level: .town, region: Town.id(region),
                superior: above.map { Town.id($0) }, phone: phone))
    }

    static let entities: [RegistryEntity] = [
        .region(
            Region(
                id: id("city"), name: name("city"), level: .city, dutyOffice: "市值班室",
                dutyPhone: "+86 000 0000 0900")),
        .region(Region(id: id("town"), name: name("town"), level: .town, parent: id("city"))),
        chief("wang", above: "li", phone: "+86 000 0000 0101"),
        chief("mute", above: "li", phone: nil),
        chief("li", phone: "+86 000 0000 0102"),
        chief("alone", phone: nil),
        .category(
            Category(
                code: id("odour"), name: Name(zh: "异味", en: "Odour"), group: name("water"), acceptHours: 4,
                resolveHours: 48)),
        .category(
            Category(
                code: id("oil"), name: Name(zh: "油污", en: "Oil"), group: name("water"), acceptHours: 4,
                resolveHours: 48)),
        .department(
            Department(
                id: id("sewers"), name: name("sewers"), region: id("town"), phone: "+86 000 0000 0300")),
        .department(Department(id: id("silent"), name: name("silent"), region: id("town"))),
    ]

    static let place = Coordinate(longitude: 120.1, latitude: 30.2)
    /// What the citizen wrote.
    static let words = Words(text: "The water smells of glue.", media: [], address: "Bridge 1")

    static func submission(
        words: Words? = words, place: Coordinate? = place, anonymous: Bool = false, contactable: Bool = true
    ) -> Submission {
        Submission(
            complaint: code, category: id("odour"), place: place, channel: .web, gateway: id("web"),
            anonymous: anonymous, contactable: contactable, words: words?.outline, submittedAt: start)
    }

    /// What an event of these tests has of words.
    static let told = Outline(text: true)

    static func fact(_ event: ComplaintEvent, version: Int, cause: String? = nil) -> ComplaintFact {
        ComplaintFact(
            complaint: code, version: version,
            trail: Trail(at: start, cause: cause ?? Town.cause(version), traceparent: "00-trace"),
            event: event)
    }

    /// The cause of the event of that version.
    static func cause(_ version: Int) -> String { "dayu-intake/\(version)" }

    static func received(_ submission: Submission = submission()) -> ComplaintFact {
        fact(.received(.init(submission: submission)), version: 1)
    }

    static func assignee(_ id: String, kind: Assignee.Kind = .chief) -> Assignee {
        Assignee(kind: kind, id: id, name: name(id), level: .town)
    }

    static func assigned(
        to assignee: Assignee = assignee("wang"), why: ComplaintEvent.Assigned.Why = .nearest,
        version: Int = 2
    ) -> ComplaintFact {
        let due = Due(accept: start + .seconds(4 * 3600), resolve: start + .seconds(48 * 3600))
        return fact(
            .assigned(
                .init(
                    assignee: assignee, river: nil, reach: nil, region: id("town"), why: why,
                    distanceMetres: nil,
                    due: due)), version: version)
    }

    static let chief = Actor(role: .chief, id: "wang")
    static let office = Actor(role: .office, id: "city")
    static let later = start + .seconds(72 * 3600)
    static let target = TrackingCode(digest: Array("the other".utf8))

    /// Every kind of event, as versions 1, 2, 3 …: not a life that Routing allows, but all that may be told
    /// of.
    static let whole: [ComplaintFact] = {
        let (wang, li) = (assignee("wang"), assignee("li"))
        let city = assignee("city", kind: .office)
        let due = Due(accept: start, resolve: later)
        let events: [ComplaintEvent] = [
            .accepted(.init(by: chief)),
            .noted(.init(by: chief, isPublic: true, words: told)),
            .urged(.init(by: .citizen, words: told)),
            .transferred(.init(by: chief, from: wang, to: nil, words: told)),
            .warned(.init(deadline: .accept, due: start, assignee: wang)),
            .escalated(.init(deadline: .resolve, due: start, from: wang, to: li)),
            .unreached(.init(official: li, to: city)),
            .lapsed(.init(deadline: .accept, due: start, assignee: wang)),
            .supervised(.init(order: 1, by: city, over: li, due: due)),
            .extended(.init(by: office, until: later, words: told)),
            .resolved(.init(by: chief, closesAt: start, words: told)),
            .verified(.init(by: office, passed: true, closesAt: start, words: told)),
            .unchecked(.init(checker: city, due: start, superior: city, closesAt: start)),
            .rated(.init(grade: .dissatisfied, words: told)),
            .reopened(.init(by: .citizen, why: .asked, superior: li, words: told)),
            .edited(.init(by: office, correction: .init(category: id("oil")), words: told)),
            .rejected(.init(by: .system, reason: .outsideJurisdiction)),
            .merged(.init(by: office, into: target)),
            .joined(.init(follower: target)),
            .parted(.init(why: .closed)),
            .informed(.init(of: target, event: .resolved, cause: "there", words: told)),
            .closed(.init(by: office, reason: .office, reopensUntil: later, words: told)),
            .closed(.init(by: .system, reason: .elapsed)),
            .withheld(
                .init(by: office, passage: .init(version: 1, part: .all), reason: .abuse, words: told)),
            .released(.init(by: office, passage: .init(version: 1, part: .all), words: told)),
            .erased(.init(by: .system, until: start + .seconds(-1))),
        ]
        return [received(), assigned()]
            + events.enumerated().map { index, event in fact(event, version: index + 3) }
    }()

    /// What was written with an event of these tests.
    static func said(_ fact: ComplaintFact) -> Words? {
        guard let key = fact.words, key.complaint == code else { return nil }
        return fact.version == 1 ? words : Words(text: "said \(fact.version)")
    }

    /// A life as it stands on the log: the contact, and what was said before each event.
    static var log: [Record] {
        [record(contact)]
            // Without the erasure, which is the last.
            + whole.dropLast().flatMap { fact in
                (said(fact).map { [record($0, at: fact.cause)] } ?? []) + [record(fact)]
            }
    }

    static func record(_ fact: ComplaintFact, offset: Int64 = 0) -> Record {
        Record(
            Outgoing(
                topic: .events, key: fact.complaint.compact, event: fact.cloudEvent(source: "dayu-routing")),
            offset: offset)
    }

    static func record(_ contact: Contact?) -> Record {
        written(.contacts, key: code.compact, contact.map { JSON.encode($0) })
    }

    static func record(_ words: Words?, at cause: String) -> Record {
        written(.words, key: "\(WordsKey(complaint: code, cause: cause))", words.map { JSON.encode($0) })
    }

    static func written(_ topic: Topic, key: String, _ data: [UInt8]?) -> Record {
        Record(
            Outgoing(
                topic, key: key, id: key, source: "dayu-intake", type: EventType("complaint", "told"),
                trail: Trail(at: start), data: data),
            offset: 0)
    }
}

extension Record {
    /// What a reader finds where `outgoing` was written.
    init(_ outgoing: Outgoing, offset: Int64) {
        self.init(
            topic: outgoing.topic, partition: 0, offset: offset, timestamp: outgoing.event.time,
            key: Array(outgoing.key.utf8), value: outgoing.event.data,
            headers: outgoing.event.headers.map { Header(name: $0.name, value: Array($0.value.utf8)) })
    }
}

extension Outgoing {
    /// Whether it asks that somebody be told.
    var isRequest: Bool {
        topic == .noticeRequests && event.type == EventType("notice", "requested").description
    }
}
