import Models
import Support
import Testing

@testable import Routing

/// Registries as no office should write them: chiefs who are away, deputies of deputies, circles, superiors
/// who do not exist, no phones.
@Suite("Whatever the registry says, silence skips nobody")
struct EscalationProperties {
    private static let seeds = 0..<400 as Range<UInt64>

    private static func again(_ seed: UInt64) -> Comment {
        "seed \(seed); repeat with: swift test --filter EscalationProperties"
    }

    private static let names = (0..<8).map { "chief-\($0)" }

    private static func chief(_ name: String, _ random: inout SplitMix64) -> Chief {
        func somebody() -> String { random.one(of: names + ["nobody"]) }
        let today = Zone.beijing.day(at: Story.start)
        let absences = (0..<random.one(of: [0, 0, 0, 1, 1, 2])).map { _ in
            let isLong = random.once(in: 2)
            let from = today.adding(days: isLong ? -9 : Int.random(in: -2...2, using: &random))
            let to =
                isLong ? today.adding(days: 99) : from.adding(days: Int.random(in: 0...2, using: &random))
            return Absence(from: from, to: to, deputy: random.once(in: 4) ? nil : City.id(somebody()))
        }
        return Chief(
            id: City.id(name), name: City.name(name), title: "河长",
            level: random.one(of: [.village, .town, .district, .city]), region: City.id("district"),
            superior: random.once(in: 6) ? nil : City.id(somebody()),
            phone: random.once(in: 4) ? nil : "+86 000 0000 0101", absences: absences)
    }

    private static func registry(_ random: inout SplitMix64) -> Registry {
        let chiefs = names.map { chief($0, &random) }
        let answering = (0..<Int.random(in: 1...3, using: &random)).map { _ in random.one(of: names) }
        return City.registry(
            with: chiefs.map(RegistryEntity.chief)
                + [City.reach("canal-1", of: "canal", at: 30.250, chiefs: answering)])
    }

    /// Who can be told in a chief's place on a day, as somebody would look it up by hand.
    fileprivate static func told(
        _ id: ChiefID, in registry: Registry, at moment: Instant, after seen: [ChiefID] = []
    ) -> ChiefID? {
        guard !seen.contains(id), let chief = registry.chiefs[id] else { return nil }
        let day = Zone.beijing.day(at: moment)
        let absences = chief.absences.filter { $0.from <= day && day <= $0.to }
        guard let absence = absences.max(by: { ($0.to, $0.from) < ($1.to, $1.from) }) else {
            return chief.phone == nil ? nil : id
        }
        return absence.deputy.flatMap { told($0, in: registry, at: moment, after: seen + [id]) }
    }

    /// The chiefs above one, the nearest first, as somebody would list them by hand.
    fileprivate static func above(_ id: ChiefID, in registry: Registry) -> [ChiefID] {
        var list = [id]
        while let next = registry.chiefs[list[list.count - 1]]?.superior, registry.chiefs[next] != nil,
            !list.contains(next)
        { list.append(next) }
        return Array(list.dropFirst())
    }

    @Test(
        "each superior of the responsible chief gets it, in their order, and before any office",
        arguments: seeds)
    func everyLevel(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let registry = Self.registry(&random)
        var story = Story(registry)
        try story.submit()
        var turns = 0
        while let alarm = story.alarm, story.complaint?.orders == 0 {
            if random.once(in: 3) { try story.review() }
            try story.wait(max(.zero, alarm - story.now))
            turns += 1
            try #require(turns < 60, Self.again(seed))
        }
        var climb = Climb(registry, ladder: [], holder: "")
        for fact in story.facts { climb.take(fact) }
        #expect(climb.faults == [], Self.again(seed))
        #expect(climb.offices > 0, Self.again(seed))
        guard climb.ladder.isEmpty else { return }
        // Nobody could be told when it came in.
        let chiefs = registry.reaches[City.id("canal-1")]?.chiefs ?? []
        for id in chiefs.flatMap({ [$0] + Self.above($0, in: registry) }) {
            #expect(Self.told(id, in: registry, at: Story.start) == nil, Self.again(seed))
        }
    }

    /// The registry as it is after a change: some chiefs are gone, some have other entries; the reach may
    /// have other chiefs.
    private static func changed(_ registry: Registry, _ random: inout SplitMix64) -> Registry {
        var next = registry
        for name in names {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: next.remove(.init(kind: .chief, id: name))
            case 1, 2: next.put(.chief(chief(name, &random)))
            default: break
            }
        }
        if random.once(in: 3) {
            let answering = (0..<Int.random(in: 1...3, using: &random)).map { _ in random.one(of: names) }
            next.put(City.reach("canal-1", of: "canal", at: 30.250, chiefs: answering))
        }
        return next
    }

    @Test(
        "a registry that changes under way: whoever stands above by the new one, and has not had it, gets it in order",
        arguments: seeds)
    func changing(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let former = Self.registry(&random)
        var story = Story(former)
        try story.submit()
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            guard let alarm = story.alarm else { break }
            try story.wait(max(.zero, alarm - story.now))
        }
        guard let last = story.complaint?.assignment, last.assignee.kind == .chief else { return }
        let registry = Self.changed(former, &random)
        var climb = Climb(registry, ladder: story.complaint?.ladder ?? [], holder: last.assignee.id)
        story.routing.adopt(registry)
        let before = story.facts.count
        // Wake-ups come before reviews.
        let isReviewedFirst = random.once(in: 2)
        if isReviewedFirst { try story.review() }
        var turns = 0
        while let alarm = story.alarm, story.complaint?.orders == 0 {
            try story.wait(max(.zero, alarm - story.now))
            if random.once(in: 3) { try story.review() }
            turns += 1
            try #require(turns < 60, Self.again(seed))
        }
        for fact in story.facts[before...] { climb.take(fact) }
        #expect(climb.faults == [], Self.again(seed))
    }

    @Test("one who was put in below another comes before him, whichever of them the registry names first")
    func putInBelow() throws {
        func chief(_ id: String, above: String?) -> RegistryEntity {
            City.chief(id, .district, above: above, phone: "+86 000 0000 0101")
        }
        let reach = City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["a"])
        var story = Story(
            City.registry(with: [
                reach, chief("a", above: "b"), chief("b", above: nil), chief("d", above: nil),
            ]))
        try story.submit()
        try story.wait(.hours(4))
        #expect(story.complaint?.ladder == ["a", "b"].map { City.id($0) })
        // b stands below d now, and between a and d there is x.
        story.routing.adopt(
            City.registry(with: [
                reach, chief("a", above: "x"), chief("x", above: "d"), chief("b", above: "d"),
                chief("d", above: nil),
            ]))
        var holders: [String] = []
        while story.complaint?.orders == 0 {
            try story.wait(.hours(4))
            holders.append(story.complaint?.assignment?.assignee.id ?? "")
        }
        #expect(holders.prefix(2) == ["x", "d"], "\(holders)")
        #expect(story.complaint?.assignment?.assignee.kind == .office)
    }

    @Test(
        "the last one who had it is gone before he acts: the next superior gets it, and no office before him")
    func goneUnderWay() throws {
        for isReviewed in [true, false] {
            var story = Story(
                City.registry(with: [
                    City.chief("town", .town, above: "district", phone: "+86 000 0000 0102")
                ]))
            try story.submit()
            try story.wait(.hours(4))
            #expect(story.complaint?.assignment?.assignee.id == "town")
            // The town has no chief any more, and the village's superior is the district's.
            var registry = City.registry(with: [
                City.chief("village", .village, above: "district", phone: "+86 000 0000 0101")
            ])
            registry.remove(.init(kind: .chief, id: "town"))
            story.routing.adopt(registry)
            if isReviewed { try story.review() } else { try story.wait(.hours(4)) }
            #expect(story.complaint?.assignment?.assignee.id == "district", "reviewed: \(isReviewed)")
            try story.wait(.hours(4))
            #expect(story.complaint?.assignment?.assignee.id == "city")
            #expect(story.complaint?.assignment?.assignee.kind == .chief)
        }
    }

    @Test("everybody who had it is gone: those who answer for the reach now get it before any office")
    func allGone() throws {
        var story = Story()
        try story.submit()
        var registry = City.registry(with: [
            City.chief("heir", .village, above: "district", phone: "+86 000 0000 0109"),
            City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["heir"]),
        ])
        registry.remove(.init(kind: .chief, id: "village"))
        story.routing.adopt(registry)
        // The deadline passes before the review has come to it.
        var holders: [String] = []
        while story.complaint?.orders == 0 {
            try story.wait(.hours(4))
            holders.append(story.complaint?.assignment?.assignee.id ?? "")
        }
        #expect(holders == ["heir", "district", "city", "city"])
    }

    /// A department answers for the category, so no chief does, and the rule about superiors has nothing to
    /// say: after the department comes the office of its region, and the offices above.
    @Test(
        "a category with a responsible department goes from it to the offices, whatever the chiefs are",
        arguments: seeds.prefix(50))
    func department(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var story = Story(Self.registry(&random))
        try story.submit(Story.submission(category: "outfall"))
        var holders: [String] = []
        while story.complaint?.orders == 0, holders.count < 20 {
            let assignee = try #require(story.complaint?.assignment?.assignee)
            holders.append("\(assignee.kind.rawValue)/\(assignee.id)")
            try story.wait(.hours(4))
        }
        #expect(holders == ["department/enforcement", "office/district"], Self.again(seed))
        #expect(story.complaint?.assignment?.assignee.id == "city", Self.again(seed))
    }

    @Test(
        "where the city has no duty office, the province's is the top: it is the first office that there is")
    func province() throws {
        let offices: [RegistryEntity] = [
            .region(
                Region(
                    id: City.id("province"), name: City.name("province"), level: .province,
                    dutyOffice: "省值班室", dutyPhone: "+86 000 0000 0999")),
            .region(
                Region(
                    id: City.id("city"), name: City.name("city"), level: .city, parent: City.id("province"),
                    boundary: City.box(120.0, 30.1, 120.4, 30.4))),
        ]
        var story = Story(City.registry(with: offices))
        try story.submit()
        var holders: [String] = []
        while story.complaint?.orders == 0, holders.count < 20 {
            holders.append(story.complaint?.assignment?.assignee.id ?? "")
            try story.wait(.hours(4))
        }
        #expect(holders == ["village", "district", "city"])
        let top = try #require(story.complaint?.assignment?.assignee)
        #expect(top.kind == .office && top.id == "province")
        try story.wait(.days(30))
        #expect(story.complaint?.assignment?.assignee == top, "above it there is nobody")
    }

    @Test("the superior of a chief who is away gets it after the deputy, who has a superior of his own")
    func deputy() throws {
        let today = Zone.beijing.day(at: Story.start)
        let away = { (deputy: String) in
            [Absence(from: today, to: today.adding(days: 9), deputy: City.id(deputy))]
        }
        func chief(_ id: String, _ level: Level, above: String?, absences: [Absence] = []) -> RegistryEntity {
            .chief(
                Chief(
                    id: City.id(id), name: City.name(id), title: "河长", level: level,
                    region: City.id("district"), superior: above.map { City.id($0) },
                    phone: "+86 000 0000 0101", absences: absences))
        }
        var story = Story(
            City.registry(with: [
                chief("village", .village, above: "district", absences: away("first")),
                chief("first", .village, above: nil, absences: away("second")),
                chief("second", .city, above: nil),
                chief("district", .district, above: "city", absences: away("third")),
                chief("third", .village, above: "second"),
            ]))
        try story.submit()
        var holders: [String] = []
        while story.complaint?.orders == 0 {
            holders.append(story.complaint?.assignment?.assignee.id ?? "")
            try story.wait(.hours(4))
        }
        #expect(holders == ["second", "third", "city"])
        #expect(story.complaint?.assignment?.assignee.kind == .office)
    }
}

/// Who had a complaint, step by step, and what was wrong with a step: a superior was passed over who could be
/// told, or an office came before him.
private struct Climb {
    private let registry: Registry
    /// The chiefs who have had their turn.
    private(set) var ladder: [ChiefID]
    private var holder: String
    private(set) var offices = 0
    private(set) var faults: [String] = []

    init(_ registry: Registry, ladder: [ChiefID], holder: String) {
        self.registry = registry
        self.ladder = ladder
        self.holder = holder
    }

    private func above(_ id: ChiefID) -> [ChiefID] { EscalationProperties.above(id, in: registry) }

    /// In a circle everybody stands above everybody: there nobody counts as below.
    private func isBelow(_ one: ChiefID, _ other: ChiefID) -> Bool {
        above(one).contains(other) && !above(other).contains(one)
    }

    /// Whoever stands above somebody who has had his turn, and below nobody who has.
    private var pending: [ChiefID] {
        let known = ladder.filter { registry.chiefs[$0] != nil }
        let answering = (registry.reaches[City.id("canal-1")]?.chiefs ?? []).filter {
            registry.chiefs[$0] != nil
        }
        let all = known.isEmpty ? answering + answering.flatMap(above) : known.flatMap(above)
        return Set(all).filter { id in
            !ladder.contains(id) && !known.contains { isBelow(id, $0) }
        }.sorted { $0.rawValue < $1.rawValue }
    }

    mutating func take(_ fact: ComplaintFact) {
        guard case .assigned(let next) = fact.event else { return }
        func told(_ id: ChiefID) -> String? {
            EscalationProperties.told(id, in: registry, at: fact.at)?.rawValue
        }
        /// Whoever stands in for several, one above the other, has it once for them.
        func isPassedOver(_ id: ChiefID) -> Bool { told(id).map { $0 != holder } ?? false }
        if next.assignee.kind == .chief, offices > 0 { faults.append("\(next.assignee.id) after an office") }
        if let chief = next.chief {
            // Another one answers, or somebody else in his place: his ladder begins.
            ladder = [chief]
        } else if let superior = next.superior {
            // Who has it keeps it, even if he is away by now.
            if next.assignee.id != holder, told(superior) != next.assignee.id {
                faults.append("\(next.assignee.id) does not stand in for \(superior)")
            }
            if superior != ladder.last {
                if !pending.contains(superior) { faults.append("it is not the turn of \(superior)") }
                for id in pending where isBelow(id, superior) && isPassedOver(id) {
                    faults.append("\(superior) had it before \(id)")
                }
                ladder = ladder.prefix { $0 != superior } + [superior]
            }
        } else if next.assignee.kind == .office {
            offices += 1
            if offices == 1, !ladder.isEmpty {
                for id in pending where isPassedOver(id) { faults.append("an office had it before \(id)") }
            }
        }
        holder = next.assignee.id
    }
}
