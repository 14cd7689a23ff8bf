import FoundationEssentials
import Geo
import Models
import Processing
import Testing
import Text

@testable import Routing

/// The life of one complaint, told in records: what goes in are bytes, and what comes out is read back from
/// bytes.
struct Story {
    static let start = Instant(millisecondsSince1970: 1_800_000_000_000)
    static let id = TrackingCode.named("story")
    /// What is said with pictures, in outline.
    static let shown = Outline(text: true, pictures: 1)

    var routing: Routing
    var partition = Partition<Routing>(load: { _ in nil })
    var now = Story.start
    /// Everything on the own log, in order.
    private(set) var log: [Record] = []
    private(set) var facts: [ComplaintFact] = []
    /// What was asked of other complaints, as it stands on the log.
    private(set) var asked: [ComplaintAction] = []
    /// What the last step wrote.
    private(set) var written: [Outgoing] = []
    private var offset: Int64 = 0

    init(_ registry: Registry = City.registry(), rules: Rules = Rules()) {
        routing = Routing(registry: registry, rules: rules)
    }

    enum Heard: Equatable {
        case facts([ComplaintEvent])
        case refused(String)
        /// Nothing came of it, and whoever asked is told.
        case declined(ActionRefusal.Reason)
        case awaits(Topic)

        var kinds: [ComplaintEvent.Kind] {
            if case .facts(let events) = self { events.map(\.kind) } else { [] }
        }
    }

    var complaint: Complaint? {
        mutating get { try? partition.state(of: Self.id.compact) }
    }

    static func submission(
        at place: Coordinate? = City.atCanal, fingerprint: String? = nil, category: String = "odour",
        river: String? = nil,
        reach: String? = nil, region: String? = nil, channel: Channel = .web, gateway: String? = nil
    ) -> Submission {
        Submission(
            complaint: id, fingerprint: fingerprint, category: City.id(category), place: place,
            river: river.map { City.id($0) },
            reach: reach.map { City.id($0) }, region: region.map { City.id($0) }, channel: channel,
            gateway: gateway.map { City.id($0) }, words: Outline(text: true),
            submittedAt: start)
    }

    static func record(
        _ data: [UInt8], topic: Topic, cause: String, source: String = "dayu-intake",
        key: String = id.compact, offset: Int64 = 0
    ) -> Record {
        let event = CloudEvent(
            id: cause, source: source, type: EventType("complaint", "input").description, subject: key,
            trail: Trail(
                at: start, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            data: data)
        return Record(Outgoing(topic: topic, key: key, event: event), offset: offset)
    }

    @discardableResult
    mutating func submit(_ submission: Submission = submission(), cause: String = "submission") throws
        -> Heard
    {
        try take(Self.record(JSON.encode(submission), topic: .submissions, cause: cause))
    }

    @discardableResult
    mutating func act(
        _ verb: ComplaintAction.Verb, by: Actor = Actor(role: .chief, id: "village"), cause: String? = nil,
        source: String = "dayu-intake", fingerprint: String? = nil, gateway: GatewayID? = nil,
        words: Outline? = nil, caughtUp: Bool = false
    ) throws -> Heard {
        offset += 1
        let action = ComplaintAction(
            complaint: Self.id, by: by, verb: verb, fingerprint: fingerprint, gateway: gateway, words: words)
        return try take(
            Self.record(
                JSON.encode(action), topic: .actions, cause: cause ?? "action/\(offset)", source: source),
            caughtUp: caughtUp)
    }

    mutating func take(_ record: Record, caughtUp: Bool = false) throws -> Heard {
        written = []
        switch try partition.take(record, with: routing, at: now, caughtUp: caughtUp) {
        case .awaits(let topic): return .awaits(topic)
        case .done(let outgoing, .decided):
            guard let refused = outgoing.first(where: { $0.topic == .refusals }) else {
                return .facts(try note(outgoing))
            }
            #expect(outgoing.count == 1)
            return .declined(try refusal(refused).reason)
        case .done(let outgoing, .refused(let reason)):
            #expect(outgoing.first?.topic == .deadLetters)
            for answer in outgoing.dropFirst() { #expect(try refusal(answer).detail == reason) }
            return .refused(reason)
        }
    }

    /// What a step writes.
    mutating func outgoing(_ step: (inout Story) throws -> Heard) throws -> [Outgoing] {
        _ = try step(&self)
        return written
    }

    private func refusal(_ outgoing: Outgoing) throws -> ActionRefusal {
        #expect(outgoing.topic == .refusals && outgoing.topic.isRestricted)
        #expect(outgoing.key == Self.id.compact)
        return try JSON.decode(ActionRefusal.self, from: try #require(outgoing.event.data))
    }

    /// The registry has changed: whoever has it may be somebody else now.
    @discardableResult
    mutating func review(_ registry: Registry? = nil) throws -> Heard {
        if let registry { routing.adopt(registry) }
        guard let complaint, let input = routing.review(Self.id.compact) else { return .facts([]) }
        let facts = try routing.decide(complaint, input, at: now, caughtUp: true)
        let outgoing = facts.flatMap(routing.records)
        for record in outgoing where record.topic == .events {
            try partition.recall(Record(record, offset: Int64(log.count)), with: routing)
        }
        return .facts(try note(outgoing))
    }

    /// Lets time pass, and rings once if the alarm is due: as the loop does it, once a turn.
    @discardableResult
    mutating func wait(_ duration: Duration) throws -> Heard {
        now = now + duration
        guard let alarm, alarm <= now else { return .facts([]) }
        return .facts(try note(try partition.wake(Self.id.compact, with: routing, at: now)))
    }

    var alarm: Instant? {
        mutating get { complaint.flatMap(routing.wakeUp(of:)) }
    }

    private mutating func note(_ outgoing: [Outgoing]) throws -> [ComplaintEvent] {
        written = outgoing
        for action in outgoing where action.topic == .actions {
            asked.append(try JSON.decode(ComplaintAction.self, from: try #require(action.event.data)))
        }
        let events = outgoing.filter { $0.topic == .events }
        let fresh = try events.map { try ComplaintFact($0.event) }
        for outgoing in events {
            #expect(outgoing.key == Self.id.compact)
            log.append(Record(outgoing, offset: Int64(log.count)))
        }
        facts += fresh
        return fresh.map(\.event)
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

extension Duration {
    static func hours(_ hours: Int) -> Duration { .seconds(hours * 3600) }
    static func days(_ days: Int) -> Duration { .hours(days * 24) }
}

extension Due {
    /// Whether these are its deadlines; when it warns of them is another matter.
    func `is`(accept: Instant, resolve: Instant) -> Bool { self.accept == accept && self.resolve == resolve }
}

extension [ComplaintEvent] {
    var assigned: ComplaintEvent.Assigned? {
        compactMap { if case .assigned(let value) = $0 { value } else { nil } }.last
    }

    var escalated: ComplaintEvent.Escalated? {
        compactMap { if case .escalated(let value) = $0 { value } else { nil } }.last
    }

    var lapsed: ComplaintEvent.Lapsed? {
        compactMap { if case .lapsed(let value) = $0 { value } else { nil } }.last
    }

    var unchecked: ComplaintEvent.Unchecked? {
        compactMap { if case .unchecked(let value) = $0 { value } else { nil } }.last
    }

    var reopened: ComplaintEvent.Reopened? {
        compactMap { if case .reopened(let value) = $0 { value } else { nil } }.last
    }

    var supervised: ComplaintEvent.Supervised? {
        compactMap { if case .supervised(let value) = $0 { value } else { nil } }.last
    }
}
