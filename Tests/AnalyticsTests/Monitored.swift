import Geo
import Models
import Processing
import Support
import Testing
import Text

@testable import Analytics

/// A section under watch: readings come in, and what is told of them goes out.
struct Monitored {
    static let start = Instant(millisecondsSince1970: 1_800_000_000_000)

    static let section = EntityID<Section>(literal: "tonglu")
    static let river = River(
        id: EntityID(literal: "fuchun-river"), name: Name(zh: "富春江", en: "Fuchun River"), level: .city,
        region: EntityID(literal: "hangzhou"))

    var rules: AlarmRules
    private(set) var alarming: Alarming
    private var partition = Partition<Alarming>(load: { _ in nil })
    /// Everything that was written, in order.
    private(set) var written: [Outgoing] = []
    /// Everything that was read, in order.
    private(set) var read: [Record] = []
    private(set) var hour = 0

    init(target: WaterClass? = .III, body: WaterBody = .river, rules: AlarmRules = AlarmRules()) {
        self.rules = rules
        alarming = Alarming(registry: Self.registry(target, body), rules: rules)
    }

    static func registry(
        _ target: WaterClass?, _ body: WaterBody = .river, function: WaterClass? = nil
    ) -> Registry {
        Registry([
            .river(river),
            .section(
                Section(
                    id: section, name: Name(zh: "桐庐", en: "Tonglu"), river: river.id,
                    reach: EntityID(literal: "fuchun-river.tonglu"), body: body, functionClass: function,
                    targetClass: target, place: Coordinate(longitude: 119.715, latitude: 29.828))),
        ])
    }

    mutating func adopt(_ registry: Registry) { alarming.adopt(registry) }

    static func moment(_ hour: Int) -> Instant { start + .seconds(3600 * hour) }

    static func record(_ values: [Parameter: Double], at moment: Instant, key: String? = nil) -> Record {
        record(
            Report(section: section, observedAt: moment, measurements: [Parameter: Measurement](values)),
            key: key)
    }

    static func record(_ report: Report, key: String? = nil) -> Record {
        let reading = Reading(report, reportedAt: report.observedAt)
        let assessment = Assessment(reading, of: .river)
        return Record(
            topic: .assessments, key: key ?? section.rawValue,
            CloudEvent(
                id: reading.id, source: "dayu-analytics.grading",
                type: EventType("reading", "assessed").description, subject: section.rawValue,
                trail: Trail(at: report.observedAt, traceparent: "00-trace"), data: JSON.encode(assessment)))
    }

    /// The next reading, an hour after the one before; or that of some other hour.
    @discardableResult
    mutating func measure(
        _ values: [Parameter: Double], hour other: Int? = nil, at now: Instant? = nil
    ) throws -> [Outgoing] {
        if other == nil { hour += 1 }
        let observed = Self.moment(other ?? hour)
        return try take(Self.record(values, at: observed), at: now ?? max(observed, Self.moment(hour)))
    }

    @discardableResult
    mutating func oxygen(_ values: Double...) throws -> [Outgoing] {
        try values.flatMap { try measure([.dissolvedOxygen: $0]) }
    }

    mutating func pass(hours: Int) { hour += hours }

    @discardableResult
    mutating func take(_ record: Record, at now: Instant) throws -> [Outgoing] {
        read.append(record)
        guard
            case .done(let outgoing, let verdict) = try partition.take(
                record, with: alarming, at: now, caughtUp: false),
            case .decided = verdict
        else { throw Unexpected() }
        written += outgoing
        return outgoing
    }

    /// What a passed alarm of the loop leads to.
    @discardableResult
    mutating func wake(at now: Instant) throws -> [Outgoing] {
        let outgoing = try partition.wake(Self.section.rawValue, with: alarming, at: now)
        written += outgoing
        return outgoing
    }

    struct Unexpected: Error {}

    // MARK: What is known

    mutating func state() throws -> Alarming.State {
        try partition.state(of: Self.section.rawValue) ?? Alarming.State()
    }

    mutating func open() throws -> Set<AlarmItem> { Set(try state().open.keys) }

    mutating func nextAlarm() throws -> Instant? { alarming.wakeUp(of: try state()) }

    var events: [AlarmEvent] {
        get throws { try written.alarmEvents }
    }

    /// The state that another instance reads from the log.
    func restored() throws -> Alarming.State {
        var partition = Partition<Alarming>(load: { _ in nil })
        for record in read { try partition.recall(record, with: alarming) }
        for outgoing in written where outgoing.topic == .alarms {
            try partition.recall(
                Record(topic: .alarms, key: outgoing.key, outgoing.event), with: alarming)
        }
        return try partition.state(of: Self.section.rawValue) ?? Alarming.State()
    }

    /// The loop dies and another takes over, with what the log has.
    mutating func restart() throws {
        let state = try restored()
        partition = Partition<Alarming>(load: { $0 == Self.section.rawValue ? state : nil })
    }
}

extension [Outgoing] {
    var alarmEvents: [AlarmEvent] {
        get throws { try filter { $0.topic == .alarms }.map { try AlarmEvent($0.event) } }
    }

    var submissions: [Submission] {
        get throws {
            try filter { $0.topic == .submissions }.map {
                try JSON.decode(Submission.self, from: $0.event.data ?? [])
            }
        }
    }

    /// What is said, by its key.
    var words: [String: Words] {
        get throws {
            try filter { $0.topic == .words }.reduce(into: [:]) {
                $0[$1.key] = try JSON.decode(Words.self, from: $1.event.data ?? [])
            }
        }
    }

    /// The texts in the order in which they were written.
    var texts: [String] {
        get throws {
            try filter { $0.topic == .words }.compactMap {
                try JSON.decode(Words.self, from: $0.event.data ?? []).text
            }
        }
    }

    var actions: [ComplaintAction] {
        get throws {
            try filter { $0.topic == .actions }.map {
                try JSON.decode(ComplaintAction.self, from: $0.event.data ?? [])
            }
        }
    }
}
