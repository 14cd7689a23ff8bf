import Geo
import Models
import Processing
import Text

@testable import Disclosure

/// A small city: one district, a canal of two reaches and a lake without any, three sections, two chiefs.
enum Town {
    static let entities: [RegistryEntity] = [
        .region(Region(id: id("city"), name: name("城市"), level: .city, dutyOffice: "市河长办")),
        .region(
            Region(
                id: id("north"), name: name("北区"), level: .district, parent: id("city"), dutyOffice: "区河长办",
                boundary: .polygons([[[at(120, 30), at(121, 30), at(121, 31), at(120, 30)]]]))),
        .river(
            River(
                id: id("canal"), name: name("运河"), level: .district, region: id("north"),
                lengthKilometres: 12.5,
                start: "一", end: "二", targetClass: .III, supervisionPhone: "+86 000 0000 8001")),
        .river(River(id: id("lake"), name: name("湖"), level: .city, region: id("city"))),
        .reach(reach("canal.east", chiefs: ["low", "high"])), .reach(reach("canal.west", chiefs: ["high"])),
        .section(section("bridge", river: "canal", reach: "canal.east", .river)),
        .section(section("mill", river: "canal", reach: "canal.west", .river)),
        .section(section("island", river: "lake", reach: nil, .lake)),
        .station(
            Station(
                id: id("s1"), section: id("bridge"), name: "站", deviceNumber: "FFFFFFFFFFFF000000000042")),
        .chief(
            Chief(
                id: id("low"), name: name("低"), title: "镇级河长", level: .town, region: id("north"),
                superior: id("high"),
                phone: "+86 000 0000 0301")),
        .chief(Chief(id: id("high"), name: name("高"), title: "区级河长", level: .district, region: id("north"))),
        .department(Department(id: id("sewers"), name: name("排水"), region: id("north"))),
        .plan(Plan(id: id("plan-1"), river: id("canal"), title: "旧", periodFrom: "2024-01-01")),
        .plan(Plan(id: id("plan-2"), river: id("canal"), title: "新", periodFrom: "2026-01-01")),
        .category(category("odour", "Water")), .category(category("oil", "Surface")),
        .category(category("colour", "Water")),
    ]

    static var records: [Record] { entities.map { Record($0) } }

    static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    static func name(_ text: String) -> Name { Name(zh: text, en: "\(text) (en)") }
    static func at(_ longitude: Double, _ latitude: Double) -> Coordinate {
        Coordinate(longitude: longitude, latitude: latitude)
    }

    private static func reach(_ text: String, chiefs: [String]) -> Reach {
        Reach(
            id: id(text), river: id("canal"), name: name(text), region: id("north"), level: .district,
            chiefs: chiefs.map { id($0) }, geometry: .lines([[at(120.1, 30.1), at(120.2, 30.2)]]))
    }

    private static func section(_ text: String, river: String, reach: String?, _ body: WaterBody) -> Section {
        Section(
            id: id(text), name: name(text), river: id(river), reach: reach.map { id($0) }, body: body,
            targetClass: .III, place: at(120.1, 30.1))
    }

    /// One more section of the canal.
    static func more(_ text: String) -> RegistryEntity {
        .section(section(text, river: "canal", reach: "canal.east", .river))
    }

    private static func category(_ code: String, _ group: String) -> Category {
        Category(
            code: id(code), name: name(code), group: Name(zh: group, en: group), urgency: .urgent,
            acceptHours: 4,
            resolveHours: 48)
    }
}

/// A complaint's life, written as the events it consists of and the words beside them.
struct Life {
    let code: TrackingCode
    private(set) var facts: [ComplaintFact] = []
    /// Each is written before the fact at the same place.
    private(set) var words: [Int: (key: WordsKey, words: Words)] = [:]
    private let start: Instant

    static let noon = Instant(millisecondsSince1970: 1_790_000_000_000)
    static let low = Assignee(
        kind: .chief, id: "low", name: Town.name("低"), title: "镇级河长", level: .town)
    static let high = Assignee(
        kind: .chief, id: "high", name: Town.name("高"), title: "区级河长", level: .district)
    static let sewers = Assignee(kind: .department, id: "sewers", name: Town.name("排水"), level: .district)
    static let city = Assignee(kind: .office, id: "city", name: Town.name("市河长办"), level: .city)
    static let office = Actor(role: .office, id: "north")
    static let chief = Actor(role: .chief, id: "low")
    static let checker = Actor(role: .checker, id: "sewers")
    static let later = noon + .seconds(10 * 86_400)
    static let due = Due(accept: noon + .seconds(3600), resolve: noon + .seconds(86_400))

    init(
        _ number: Int, text: String? = "水很臭", address: String? = "桥东", category: String = "odour",
        media: [String] = [], place: Coordinate? = Town.at(120.15, 30.15), river: String? = nil,
        at start: Instant = noon
    ) {
        let spread = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
        code = TrackingCode(digest: (0..<8).map { UInt8(truncatingIfNeeded: spread >> UInt64(56 - 8 * $0)) })
        self.start = start
        let code = code
        say(Words(text: text, media: media, address: address)) { outline in
            .received(
                .init(
                    submission: Submission(
                        complaint: code, category: Town.id(category), place: place,
                        river: river.map { Town.id($0) }, channel: .web, contactable: true, words: outline,
                        submittedAt: start)))
        }
    }

    /// Words first, then the facts that refer to them, as they come to be on the log.
    var records: [Record] {
        facts.indices.flatMap { index in
            (words[index].map { [Record($0.key, $0.words)] } ?? []) + [Record(facts[index])]
        }
    }

    var wordsRecords: [Record] {
        words.sorted { $0.key < $1.key }.map { Record($0.value.key, $0.value.words) }
    }

    mutating func add(_ event: ComplaintEvent) { add(event, cause: "dayu-intake/action/\(facts.count)") }

    private mutating func add(_ event: ComplaintEvent, cause: String) {
        facts.append(
            ComplaintFact(
                complaint: code, version: facts.count + 1,
                trail: Trail(at: start + .seconds(60 * facts.count), cause: cause), event: event))
    }

    private mutating func say(_ said: Words, _ event: (Outline?) -> ComplaintEvent) {
        let cause = "dayu-intake/action/\(facts.count)"
        if said.outline != nil { words[facts.count] = (WordsKey(complaint: code, cause: cause), said) }
        add(event(said.outline), cause: cause)
    }

    mutating func say(_ text: String?, _ event: (Outline?) -> ComplaintEvent) {
        say(Words(text: text), event)
    }

    mutating func assign(
        to assignee: Assignee = low, reach: String? = "canal.east",
        why: ComplaintEvent.Assigned.Why = .nearest
    ) {
        add(
            .assigned(
                .init(
                    assignee: assignee, river: reach.map { _ in Town.id("canal") },
                    reach: reach.map { Town.id($0) },
                    region: Town.id("north"), why: why, distanceMetres: 12, due: Self.due)))
    }

    mutating func accept() { add(.accepted(.init(by: Self.chief))) }

    mutating func escalate() {
        add(.escalated(.init(deadline: .accept, due: Self.due.accept, from: Self.low, to: Self.high)))
    }

    mutating func fail() { add(.unreached(.init(official: Self.low, to: Self.high))) }

    mutating func lapse() {
        add(.lapsed(.init(deadline: .accept, due: Self.due.accept, assignee: Self.high)))
    }

    mutating func note(_ text: String, by: Actor = .citizen, isPublic: Bool) {
        say(text) { .noted(.init(by: by, isPublic: isPublic, words: $0)) }
    }

    mutating func resolve(_ text: String = "已清理", checker: Assignee? = nil) {
        say(Words(text: text, media: ["https://example.org/after.jpg"])) {
            .resolved(
                .init(
                    by: Self.chief, closesAt: Self.due.resolve, checker: checker,
                    verifyBy: checker.map { _ in Self.later }, words: $0))
        }
    }

    mutating func verify(passed: Bool, _ text: String? = nil) {
        say(text) {
            .verified(
                .init(by: Self.checker, passed: passed, closesAt: passed ? Self.later : nil, words: $0))
        }
    }

    mutating func pass() {
        add(
            .unchecked(
                .init(checker: Self.sewers, due: Self.later, superior: Self.city, closesAt: Self.later)))
    }

    mutating func urge(_ text: String? = nil) {
        say(text) { .urged(.init(by: .citizen, words: $0)) }
    }

    mutating func warn(_ deadline: Deadline = .accept) {
        let due = deadline == .accept ? Self.due.accept : Self.due.resolve
        add(.warned(.init(deadline: deadline, due: due, assignee: Self.low)))
    }

    mutating func supervise(_ order: Int = 1) {
        let due = Due(accept: Self.later, resolve: Self.later)
        add(.supervised(.init(order: order, by: Self.city, over: Self.high, due: due)))
    }

    mutating func transfer(_ reason: String) {
        say(reason) { .transferred(.init(by: Self.chief, from: Self.low, to: nil, words: $0)) }
    }

    mutating func extend(_ reason: String) {
        say(reason) { .extended(.init(by: Self.office, until: Self.later, words: $0)) }
    }

    mutating func edit(_ correction: Correction, _ reason: String) {
        say(reason) { .edited(.init(by: Self.office, correction: correction, words: $0)) }
    }

    mutating func reject(_ reason: ComplaintEvent.Rejected.Reason, _ text: String? = nil) {
        say(text) { .rejected(.init(by: Self.office, reason: reason, words: $0)) }
    }

    mutating func merge(into other: Life, _ text: String? = nil) {
        say(text) { .merged(.init(by: Self.office, into: other.code, words: $0)) }
    }

    mutating func join(_ follower: Life) { add(.joined(.init(follower: follower.code))) }

    mutating func part(_ why: ComplaintEvent.Parted.Why = .closed) { add(.parted(.init(why: why))) }

    /// What was said with the last fact of the other one is told here, too.
    mutating func inform(of other: Life) {
        guard let last = other.facts.last else { return }
        add(
            .informed(
                .init(
                    of: other.code, event: last.event.kind, cause: last.cause, words: last.event.outline)))
    }

    /// A bad grade reopens by itself: two facts of one cause.
    mutating func rate(_ grade: Grade, _ remark: String? = nil) {
        say(remark) { .rated(.init(grade: grade, words: $0)) }
        guard grade == .dissatisfied, let rated = facts.last else { return }
        add(
            .reopened(
                .init(by: .citizen, why: .rated, superior: Self.high, words: rated.event.outline)),
            cause: rated.cause)
    }

    mutating func reopen(_ text: String = "还是臭") {
        say(text) { .reopened(.init(by: .citizen, why: .asked, superior: Self.high, words: $0)) }
    }

    mutating func withhold(
        _ version: Int, _ part: Passage.Part = .all, _ reason: Passage.Reason = .personalData,
        _ text: String? = nil
    ) {
        say(text) {
            .withheld(
                .init(
                    by: Self.office, passage: Passage(version: version, part: part), reason: reason, words: $0
                ))
        }
    }

    mutating func release(_ version: Int, _ part: Passage.Part = .all, _ text: String? = nil) {
        say(text) {
            .released(.init(by: Self.office, passage: Passage(version: version, part: part), words: $0))
        }
    }

    mutating func erase(until moment: Instant) {
        add(.erased(.init(by: .system, until: moment)))
    }

    mutating func close() { add(.closed(.init(by: .system, reason: .rated))) }

    /// Everything that can happen to it, one after the other, with these words wherever there are any.
    static func whole(_ number: Int = 1, words: String, with other: Life) -> Life {
        var life = Life(number, text: words, address: words)
        life.assign()
        life.warn()
        life.fail()
        life.escalate()
        life.assign(to: high, why: .escalated)
        life.urge(words)
        life.lapse()
        life.supervise()
        life.transfer(words)
        life.assign(to: sewers, why: .transferred)
        life.edit(Correction(category: Town.id("oil"), place: Town.at(120.3, 30.3)), words)
        life.assign(reach: "canal.west", why: .edited)
        life.accept()
        life.note(words, isPublic: true)
        life.extend(words)
        life.resolve(words, checker: sewers)
        life.verify(passed: false, words)
        life.assign(why: .unverified)
        life.resolve(words, checker: sewers)
        life.pass()
        life.rate(.dissatisfied, words)
        life.assign(why: .reopened)
        life.join(other)
        life.merge(into: other, words)
        life.inform(of: other)
        life.part()
        life.assign(why: .parted)
        life.resolve(words, checker: sewers)
        life.verify(passed: true, words)
        life.reopen(words)
        life.assign(why: .reopened)
        life.resolve(words)
        life.say(words) { .closed(.init(by: office, reason: .office, reopensUntil: later, words: $0)) }
        life.reject(.handledElsewhere, words)
        life.withhold(1, .all, .accusation, words)
        life.release(1, .all, words)
        // Nothing was said as early as that.
        life.erase(until: noon + .seconds(-1))
        return life
    }
}

extension Record {
    init(_ topic: Topic, key: String, headers: CloudEvent.Headers = [], _ value: [UInt8]?) {
        self.init(
            topic: topic, partition: 0, offset: 0, timestamp: Life.noon, key: Array(key.utf8), value: value,
            headers: headers.map { Header(name: $0.name, value: Array($0.value.utf8)) })
    }

    init(_ entity: RegistryEntity) {
        self.init(.registry, key: entity.key.description, entity.data)
    }

    init(_ fact: ComplaintFact) {
        let event = fact.cloudEvent(source: "dayu-routing")
        self.init(.events, key: fact.complaint.compact, headers: event.headers, event.data)
    }

    init(_ key: WordsKey, _ words: Words, at moment: Instant = Life.noon) {
        let outgoing = Outgoing(
            .words, key: key.description, id: key.cause, source: "dayu-intake",
            type: EventType("words", "said"), subject: key.complaint.compact, trail: Trail(at: moment),
            data: JSON.encode(words))
        self.init(.words, key: outgoing.key, headers: outgoing.event.headers, outgoing.event.data)
    }

    /// A tombstone.
    init(erasing key: WordsKey) {
        self.init(.words, key: key.description, nil)
    }

    init(_ assessment: Assessment) {
        let event = CloudEvent(
            id: assessment.reading.id, source: "dayu-analytics",
            type: EventType("reading", "assessed").description,
            trail: Trail(at: assessment.reading.observedAt), data: JSON.encode(assessment))
        self.init(.assessments, key: assessment.reading.section.rawValue, headers: event.headers, event.data)
    }

    init(_ summary: DaySummary) {
        let event = CloudEvent(
            id: summary.key, source: "dayu-analytics.summarising", type: DaySummary.type.description,
            trail: Trail(at: Life.noon), data: JSON.encode(summary))
        self.init(.summaries, key: summary.key, headers: event.headers, event.data)
    }

    init(_ indicator: Indicator) {
        let event = CloudEvent(
            id: indicator.key, source: "dayu-analytics", type: EventType("indicator", "counted").description,
            trail: Trail(at: Life.noon), data: JSON.encode(indicator))
        self.init(.indicators, key: indicator.key, headers: event.headers, event.data)
    }
}

extension Assessment {
    /// A reading of one section so many hours after noon.
    init(
        _ section: String, hours: Int, _ values: [Parameter: Double], source: String? = nil,
        body: WaterBody = .river
    ) {
        self.init(
            section, hours: hours, measurements: [Parameter: Measurement](values), source: source, body: body)
    }

    init(
        _ section: String, hours: Int, period: Period = .instant, origin: Origin = .automatic,
        measurements: [Parameter: Measurement], source: String? = nil, body: WaterBody = .river
    ) {
        let report = Report(
            section: Town.id(section), observedAt: Life.noon + .seconds(3600 * hours), period: period,
            origin: origin, source: source, measurements: measurements)
        self.init(Reading(report, reportedAt: report.observedAt), of: body)
    }
}

extension Town {
    /// A day of 2026.
    static func day(_ month: Int, _ day: Int) -> Day {
        guard let day = Day(year: 2026, month: month, day: day) else { preconditionFailure("a day") }
        return day
    }
}
