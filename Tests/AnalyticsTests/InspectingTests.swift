import Geo
import Models
import Processing
import Support
import Testing
import Text

@testable import Analytics

@Suite("Breaches of permits become complaints")
struct InspectingTests {
    /// An outfall under watch: assessments go in, through the summaries to what is told.
    private struct Watched {
        static let point = EntityID<Section>(literal: "mill-1")
        static let outfall = EntityID<Outfall>(literal: "mill-1")
        static let department = EntityID<Department>(literal: "ecology")
        /// 2027-01-15 00:00 in Beijing.
        static let midnight = Instant(millisecondsSince1970: 1_799_942_400_000)

        static func registry(
            hourly: String = "50", daily: String? = nil, enterprise: Bool = true, from: Day? = nil
        ) -> Registry {
            let region = EntityID<Region>(literal: "city")
            let mill = EntityID<Enterprise>(literal: "mill")
            return Registry([
                .region(Region(id: region, name: Name(zh: "市", en: "City"), level: .city)),
                .river(
                    River(
                        id: EntityID(literal: "river"), name: Name(zh: "河", en: "River"), level: .city,
                        region: region)),
                .enterprise(
                    Enterprise(
                        id: mill, name: Name(zh: "样例纸厂", en: "Mill"), region: region,
                        responsible: department)),
                .outfall(
                    Outfall(
                        id: outfall, name: Name(zh: "总排口", en: "Outfall"), river: EntityID(literal: "river"),
                        place: Coordinate(longitude: 119.7, latitude: 29.8), kind: .industrial,
                        enterprise: enterprise ? mill : nil)),
                .permit(
                    Permit(
                        id: EntityID(literal: "cod"), outfall: outfall, parameter: .chemicalOxygenDemand,
                        hourly: PermitLimit(hourly), daily: daily.flatMap { PermitLimit($0) }, from: from)),
                .permit(
                    Permit(
                        id: EntityID(literal: "ph"), outfall: outfall, parameter: .pH,
                        hourly: .within(6...9))),
            ])
        }

        var registry: Registry
        var summarising: Summarising
        var inspecting: Inspecting
        var days = Partition<Summarising> { _ in nil }
        var cases = Partition<Inspecting> { _ in nil }
        var read: [Record] = []
        var written: [Outgoing] = []
        var versions: [Int: Int] = [:]

        init(_ registry: Registry = Self.registry()) {
            self.registry = registry
            summarising = Summarising(registry: registry)
            inspecting = Inspecting(registry: registry)
        }

        static func hour(_ number: Int) -> Instant { midnight + .seconds(3600 * number) }

        /// The mean of an hour, or a correction of it, told when the hour is over.
        @discardableResult
        mutating func tell(
            _ hour: Int, _ values: [Parameter: Measurement], at now: Instant? = nil
        ) throws -> [Outgoing] {
            let version = versions[hour, default: 0] + 1
            versions[hour] = version
            let report = Report(
                section: Self.point, observedAt: Self.hour(hour), period: .hour, measurements: values)
            let reading = Reading(report, reportedAt: report.observedAt)
            let record = Record(
                topic: .assessments, key: Self.point.rawValue,
                CloudEvent(
                    id: "\(reading.id)/\(version)", source: Grading().name,
                    type: EventType("reading", "assessed").description, subject: Self.point.rawValue,
                    version: version, trail: Trail(at: report.observedAt),
                    data: JSON.encode(Assessment(ofDischarge: reading))))
            let moment = now ?? Self.hour(hour + 1)
            guard
                case .done(let summaries, .decided) = try days.take(
                    record, with: summarising, at: moment, caughtUp: false)
            else { throw Refused() }
            var told: [Outgoing] = []
            for summary in summaries {
                let record = Record(topic: .summaries, key: summary.key, summary.event)
                read.append(record)
                guard
                    case .done(let outgoing, .decided) = try cases.take(
                        record, with: inspecting, at: moment, caughtUp: false)
                else { throw Refused() }
                told += outgoing
            }
            written += told
            return told
        }

        @discardableResult
        mutating func oxygenDemand(_ hours: Range<Int>, _ value: Double) throws -> [Outgoing] {
            try hours.flatMap { try tell($0, [.chemicalOxygenDemand: Measurement(value)]) }
        }

        func events() throws -> [BreachEvent] {
            try written.filter { $0.topic == .breaches }.map { try BreachEvent($0.event) }
        }

        mutating func state() throws -> Inspecting.State {
            try cases.state(of: Self.point.rawValue) ?? Inspecting.State()
        }

        /// The state that another instance reads from the log.
        func restored() throws -> Inspecting.State {
            var partition = Partition<Inspecting> { _ in nil }
            for record in read { try partition.recall(record, with: inspecting) }
            for outgoing in written where outgoing.topic == .breaches {
                try partition.recall(
                    Record(topic: .breaches, key: outgoing.key, outgoing.event), with: inspecting)
            }
            return try partition.state(of: Self.point.rawValue) ?? Inspecting.State()
        }
    }

    private struct Refused: Error {}

    @Test("one hour above the permit is one complaint to the department of the enterprise")
    func raised() throws {
        var watched = Watched()
        #expect(try watched.oxygenDemand(0..<8, 50).isEmpty, "a value equal to the limit keeps it")
        let told = try watched.oxygenDemand(8..<9, 62)
        #expect(told.map(\.topic) == [.breaches, .words, .submissions])
        let submission = try #require(try told.submissions.first)
        #expect(submission.responsible == Watched.department && submission.channel == .station)
        #expect(submission.category == .stationAlarm && submission.river?.rawValue == "river")
        let text = try #require(try told.texts.first)
        #expect(text.hasPrefix("样例纸厂总排口化学需氧量时均值62 mg/L，超过许可限值50 mg/L 0.24倍（01-15 08:00）。"))
        guard case .raised(let raised)? = try watched.events().first else { throw Refused() }
        #expect(raised.complaint == submission.complaint && raised.enterprise.rawValue == "mill")
        #expect(raised.first.at == Watched.hour(8) && told[0].key == "mill-1")
        // While the case is open, no other hour is another complaint.
        #expect(try watched.oxygenDemand(9..<20, 70).submissions.isEmpty)
        #expect(try watched.restored() == watched.state())
    }

    @Test("each item has a complaint of its own")
    func items() throws {
        var watched = Watched()
        let told = try watched.tell(0, [.chemicalOxygenDemand: Measurement(51), .pH: Measurement(9.2)])
        #expect(try told.submissions.count == 2)
        #expect(try told.texts.contains { $0.contains("pH时均值9.2，超出许可范围6～9（01-15 00:00）") })
    }

    @Test("flagged hours raise nothing", arguments: Measurement.Flag.allCases.filter { $0 != .valid })
    func flagged(flag: Measurement.Flag) throws {
        var watched = Watched()
        #expect(
            try watched.tell(0, [.chemicalOxygenDemand: Measurement(.measured(500), flag: flag)]).isEmpty)
    }

    @Test("what an importer brings of long ago raises nothing")
    func old() throws {
        var watched = Watched()
        let later = Watched.hour(1) + .seconds(48 * 3600 + 1)
        #expect(try watched.tell(0, [.chemicalOxygenDemand: Measurement(500)], at: later).isEmpty)
    }

    @Test("an outfall without an enterprise, and a day before the permit, raise nothing")
    func unjudged() throws {
        var nobodys = Watched(Watched.registry(enterprise: false))
        #expect(try nobodys.oxygenDemand(0..<3, 500).isEmpty)
        var early = Watched(Watched.registry(from: Day("2027-01-16")))
        #expect(try early.oxygenDemand(0..<24, 500).isEmpty)
        #expect(try early.oxygenDemand(24..<25, 500).submissions.count == 1)
    }

    @Test("twenty-four good hours end the case with a note; the complaint stays with the department")
    func within() throws {
        var watched = Watched()
        try watched.oxygenDemand(0..<3, 60)
        // After a day the complaint is told how often it was.
        #expect(try watched.oxygenDemand(3..<26, 40).map(\.topic) == [.breaches, .words, .actions])
        let told = try watched.oxygenDemand(26..<27, 40)
        #expect(told.map(\.topic) == [.breaches, .words, .actions])
        let action = try #require(try told.actions.first)
        #expect(action.verb == .note(isPublic: true), "the system does not resolve it")
        guard case .ended(let ended)? = try watched.events().last else { throw Refused() }
        #expect(ended.why == .within && ended.count.hours == 3 && ended.through == Watched.hour(3))
        #expect(try told.texts.first?.hasPrefix("已恢复达标：自01-15 00:00起有3个小时超标") == true)
        // The next one is another complaint.
        let next = try watched.oxygenDemand(27..<28, 55)
        #expect(try next.submissions.first.map { $0.complaint != ended.complaint } == true)
        #expect(try watched.restored() == watched.state())
    }

    @Test("flagged hours are no good hours")
    func flaggedHoursAreNotGood() throws {
        var watched = Watched()
        try watched.oxygenDemand(0..<1, 60)
        for hour in 1..<60 {
            let fault = Measurement(.measured(1), flag: .maintenance)
            #expect(try watched.tell(hour, [.chemicalOxygenDemand: fault]).isEmpty)
        }
        #expect(try watched.state().open.count == 1)
    }

    @Test("a case that goes on is noted after a day, then after twice as long, and renewed after a week")
    func lasting() throws {
        var watched = Watched()
        let told = try watched.oxygenDemand(0..<190, 60)
        let events = try watched.events()
        #expect(events.map(\.kind) == [.raised, .noted, .noted, .ended, .raised])
        guard case .noted(let first) = events[1], case .ended(let ended) = events[3] else { throw Refused() }
        #expect(first.count.hours == 25 && ended.why == .renewed && ended.count.hours == 7 * 24)
        #expect(try told.submissions.count == 2)
        #expect(try watched.restored() == watched.state())
    }

    @Test("an item that falls silent under an open case is told of once, and again after its next silence")
    func silent() throws {
        var watched = Watched()
        try watched.oxygenDemand(0..<1, 60)
        // The instrument sends that it is broken, and that is no value.
        try watched.tell(1, [.chemicalOxygenDemand: Measurement(.measured(1), flag: .fault)])
        func wake() throws -> [Outgoing] {
            let due = try #require(watched.inspecting.wakeUp(of: try watched.state()))
            let told = try watched.cases.wake("mill-1", with: watched.inspecting, at: due)
            watched.written += told
            return told
        }
        let told = try wake()
        #expect(told.map(\.topic) == [.breaches, .words, .actions])
        #expect(try told.actions.first?.verb == .note(isPublic: true))
        #expect(try told.texts.first?.hasPrefix("01-15 01:00之后没有新的化学需氧量有效数据") == true)
        guard case .noted(let noted)? = try watched.events().last else { throw Refused() }
        #expect(noted.number == 1 && noted.count.hours == 1 && noted.silentAfter == Watched.hour(1))
        // The end of the day was due at the same moment. Nothing is told twice.
        #expect(watched.inspecting.wakeUp(of: try watched.state()) == nil)
        #expect(try watched.state().open.count == 1, "silence does not end a case")
        try watched.oxygenDemand(60..<61, 40)
        #expect(try wake().isEmpty, "the end of its day")
        let due = try #require(watched.inspecting.wakeUp(of: try watched.state()))
        #expect(due == Watched.hour(61 + 24))
        #expect(try watched.cases.wake("mill-1", with: watched.inspecting, at: due).count == 3)
        #expect(try watched.state().open[.chemicalOxygenDemand]?.silentAfter == Watched.hour(61))
    }

    @Test("the silence of an outfall that has left the registry is told, too, and its key sleeps")
    func silentAndGone() throws {
        var watched = Watched()
        try watched.oxygenDemand(0..<1, 60)
        watched.inspecting.adopt(Registry())
        let due = try #require(watched.inspecting.wakeUp(of: try watched.state()))
        watched.written += try watched.cases.wake("mill-1", with: watched.inspecting, at: due)
        #expect(try watched.events().map(\.kind) == [.raised, .noted])
        #expect(watched.inspecting.wakeUp(of: try watched.state()) == nil)
        #expect(try watched.restored().open == watched.state().open)
    }

    @Test("what comes late is no silence: it counts from the last text")
    func lateIsNotSilent() throws {
        var watched = Watched()
        try watched.tell(0, [.chemicalOxygenDemand: Measurement(60)], at: Watched.hour(40))
        #expect(
            try watched.state().silent(.chemicalOxygenDemand, after: .seconds(86_400)) == Watched.hour(64))
    }

    @Test("a correction of its values ends the case, and says so")
    func corrected() throws {
        var watched = Watched()
        try watched.oxygenDemand(0..<5, 40)
        try watched.oxygenDemand(5..<6, 60)
        let told = try watched.tell(5, [.chemicalOxygenDemand: Measurement(45)], at: Watched.hour(7))
        guard case .ended(let ended)? = try watched.events().last else { throw Refused() }
        #expect(ended.why == .corrected && ended.count == .init(hours: 0, days: 0, worst: nil))
        #expect(try told.texts.first?.contains("更正") == true)
        // It is corrected back: the same case, and the same complaint.
        let again = try watched.tell(5, [.chemicalOxygenDemand: Measurement(60)], at: Watched.hour(8))
        #expect(try again.submissions.map(\.complaint) == [ended.complaint])
        #expect(try watched.restored() == watched.state())
    }

    @Test("a day above its limit is found when the day is over, also if nothing comes after it")
    func day() throws {
        var watched = Watched(Watched.registry(hourly: "100", daily: "50"))
        #expect(try watched.oxygenDemand(0..<23, 60).isEmpty)
        let wake = try #require(watched.inspecting.wakeUp(of: try watched.state()))
        #expect(wake == Watched.hour(25))
        let told = try watched.cases.wake("mill-1", with: watched.inspecting, at: wake)
        #expect(try told.submissions.count == 1)
        #expect(try told.texts.first?.contains("化学需氧量日均值60 mg/L，超过许可限值50 mg/L 0.2倍（01-15）") == true)
        // The case is open by now: its silence is waited for, a day longer than that of hours.
        #expect(watched.inspecting.wakeUp(of: try watched.state()) == Watched.hour(25 + 48))
        #expect(try watched.cases.wake("mill-1", with: watched.inspecting, at: wake).isEmpty)
    }

    @Test("a summary of a section changes nothing")
    func sections() throws {
        let summary = DaySummary(
            section: EntityID(literal: "tonglu"), day: Day(daysSince1970: 20_000), summary: Summary())
        let record = Record(
            topic: .summaries, key: summary.key,
            CloudEvent(
                id: "1", source: "test", type: DaySummary.type.description, version: 1,
                trail: Trail(at: Watched.midnight), data: JSON.encode(summary)))
        var cases = Partition<Inspecting> { _ in nil }
        guard
            case .done(let told, .decided) = try cases.take(
                record, with: Inspecting(), at: Watched.midnight, caughtUp: false)
        else { throw Refused() }
        #expect(told.isEmpty)
    }

    /// Hours in any order, told again, corrected and withdrawn: the day that is published last is that of a
    /// recount of what stands, and the state is that of a restore.
    @Test("corrections and withdrawals in any order equal a recount", arguments: UInt64(0)..<40)
    func recount(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var watched = Watched(Watched.registry(daily: "45"))
        var standing: [Int: Measurement] = [:]
        for _ in 0..<60 {
            let hour = Int.random(in: 0..<30, using: &random)
            let value = Double(Int.random(in: 30...70, using: &random))
            let said: Measurement =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: Measurement(.withdrawn)
                case 1: Measurement(.measured(value), flag: .fault)
                default: Measurement(value)
                }
            standing[hour] = said
            try watched.tell(hour, [.chemicalOxygenDemand: said], at: Watched.hour(31))
        }
        let latest = try watched.read.reduce(into: [String: DaySummary]()) { all, record in
            let key = try record.keyText()
            all[key] = try DaySummary(try record.cloudEvent().data ?? [], key: key)
        }
        for summary in latest.values {
            let start = Zone.beijing.start(of: summary.day)
            let parts = standing.sorted { $0.key < $1.key }.compactMap { hour, said -> DischargeDay.Part? in
                let at = Watched.hour(hour)
                guard !said.isWithdrawn, Zone.beijing.day(at: at) == summary.day else { return nil }
                return DischargeDay.Part(
                    at: at, figures: said.figure.map { [.chemicalOxygenDemand: $0] } ?? [:],
                    flagged: said.figure == nil ? [.chemicalOxygenDemand] : [])
            }
            #expect(summary.discharge == DischargeDay(hours: parts), "seed \(seed), \(start)")
        }
        #expect(try watched.restored() == watched.state(), "seed \(seed)")
    }
}
