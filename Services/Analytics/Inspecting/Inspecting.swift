import Crypto
import Models
import Processing
import Text

/// Holds what outfalls discharge against their permits, and files a complaint about a breach with the
/// department that answers for the enterprise.
///
/// Keyed by outfall. It judges the latest days by the registry as it is now; the order in which their hours
/// came makes no difference. The days are restored from the summaries, and the cases from its own log.
///
/// Breaches of one item are one case and one complaint until the item has kept its permit for
/// `goodHours` valid hours, or for `renewAfter` at the most.
struct Inspecting: Processor {
    struct State: Codable, StoredState {
        /// In their order.
        var days: [KeptDay] = []
        /// At most one of each item.
        var open: [Parameter: Open] = [:]
        /// The end of the last case of an item: what ended before it belongs to no later case.
        var through: [Parameter: Instant] = [:]
        /// The last day that was looked at after its end.
        var closed: Day?
    }

    struct KeptDay: Codable, Equatable, Sendable {
        let day: Day
        /// On the clocks of the outfall's region.
        let start: Instant
        let end: Instant
        let discharge: DischargeDay
    }

    struct Open: Codable, Equatable, Sendable {
        let period: Period
        let since: Instant
        var notes = 0
        /// When the complaint last got a text.
        var toldAt: Instant
        /// The end of the valid value after which the complaint was told that no more came.
        var silentAfter: Instant?
    }

    enum Input: Equatable, Sendable {
        case summarised(KeptDay, of: SectionID, Trail)
        /// A summary of a section: `Alarming` looks at sections.
        case ofSection
        /// A day has passed, so its mean can be judged; or an item with an open case has been silent for
        /// `AlarmRules.silentAfter`.
        case timePassed(SectionID)
        /// The registry may have other limits now.
        case reviewed(SectionID)
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the summary itself.
        case summarised(KeptDay)
        case closed(Day)
        case happened(Happening)
    }

    struct Happening: Equatable, Sendable {
        let event: BreachEvent
        let trail: Trail
        /// Nil when the event is read back from the own log.
        let order: SystemOrder?
    }

    /// Longer than a case may last, so that all its breaches are known.
    static let daysLimit = 10
    /// The last hour of a day arrives after the day.
    private static let grace = Duration.seconds(3600)

    private var registry: Registry
    private let rules: AlarmRules

    init(registry: Registry = Registry(), rules: AlarmRules = AlarmRules()) {
        self.registry = registry
        self.rules = rules
    }

    let name = "dayu-analytics.inspecting"
    let inputs: [Topic] = [.summaries]
    let memory: [Topic] = [.summaries, .breaches]
    /// 2: a state with an open case has a wake-up.
    let stateShape = 2

    mutating func adopt(_ registry: Registry) { self.registry = registry }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        // Nobody writes a tombstone here today; it would say that nothing was measured.
        guard record.value != nil else {
            return (try DaySummary(emptyUnder: key).section.rawValue, .ofSection)
        }
        let event = try record.cloudEvent()
        guard let data = event.data else { throw Malformed("", "the record has no data") }
        let summary = try DaySummary(data, key: key)
        guard let discharge = summary.discharge else { return (summary.section.rawValue, .ofSection) }
        let zone = registry.outfall(at: summary.section).map { registry.zone(of: $0) } ?? registry.cityZone
        let kept = KeptDay(
            day: summary.day, start: zone.start(of: summary.day),
            end: zone.start(of: summary.day.adding(days: 1)), discharge: discharge)
        return (summary.section.rawValue, .summarised(kept, of: summary.section, event.next))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .summaries {
            guard case (let key, .summarised(let kept, _, _)) = try understand(record) else {
                throw Malformed("", "is not a summary of an outfall")
            }
            return (key, .summarised(kept))
        }
        let event = try record.cloudEvent()
        let happening = Happening(event: try BreachEvent(event), trail: event.trail, order: nil)
        return (try record.keyText(), .happened(happening))
    }

    // MARK: Deciding

    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .ofSection: return []
        case .summarised(let kept, let point, let trail):
            let seen = Fact.summarised(kept)
            return [seen] + told(evolve(state, seen), of: point, trail.at(now), now)
        case .timePassed(let point):
            guard let state else { return [] }
            var facts: [Fact] = []
            if let last = state.days.last, dayOver(state).map({ $0 <= now }) ?? false {
                let trail = Trail(at: now, cause: "day-over/\(point)/\(last.day)")
                facts = [.closed(last.day)] + told(state, of: point, trail, now)
            }
            guard let outfall = OutfallID(point.rawValue),
                let after = facts.reduce(state, { evolve($0, $1) })
            else { return facts }
            let silence = Inspection.silence(in: after, of: outfall, in: registry, by: rules, at: now)
            let trail = Trail(at: now, cause: "silent/\(point)/\(now)")
            return facts + silence.map { fact($0, trail) }
        case .reviewed(let point):
            return told(state, of: point, Trail(at: now, cause: "reviewed/\(point)/\(now)"), now)
        }
    }

    private func told(_ state: State?, of point: SectionID, _ trail: Trail, _ now: Instant) -> [Fact] {
        guard let state, let outfall = registry.outfall(at: point),
            let enterprise = outfall.enterprise.flatMap({ registry.enterprises[$0] })
        else { return [] }
        var inspection = Inspection(state, of: outfall, of: enterprise, in: registry, by: rules, at: now)
        Parameter.allCases.forEach { inspection.look(at: $0) }
        return inspection.told.map { fact($0, trail) }
    }

    private func fact(_ told: Inspection.Told, _ trail: Trail) -> Fact {
        .happened(Happening(event: told.event, trail: trail, order: told.order))
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .summarised(let kept): next.keep(kept)
        case .closed(let day): next.closed = max(next.closed ?? day, day)
        case .happened(let happening): next.take(happening.event, at: happening.trail.at)
        }
        return next == State() ? nil : next
    }

    func wakeUp(of state: State) -> Instant? {
        (state.open.keys.map { state.silent($0, after: rules.silentAfter) } + [dayOver(state)])
            .compactMap(\.self).min()
    }

    /// When the last day can be judged; nil if it was.
    private func dayOver(_ state: State) -> Instant? {
        guard let last = state.days.last, state.closed.map({ $0 < last.day }) ?? true else { return nil }
        return last.end + Self.grace
    }

    func wokenUp(_ key: String) -> Input? { SectionID(key).map(Input.timePassed) }

    func review(_ key: String) -> Input? { SectionID(key).map(Input.reviewed) }

    // MARK: Writing

    func records(of fact: Fact) -> [Outgoing] {
        guard case .happened(let happening) = fact else { return [] }
        let event = happening.event
        let told = Outgoing(
            .breaches, key: event.breachCase.outfall.rawValue, id: event.id, source: name, type: event.type,
            trail: happening.trail, data: event.data)
        return [told] + (happening.order?.records(of: event.id, from: name, happening.trail) ?? [])
    }
}

extension BreachCase {
    /// The case's complaint. The code is derived from public data, so a case that is raised twice is one
    /// complaint. No citizen has an id that leads to it.
    var complaint: TrackingCode { TrackingCode(digest: SHA256.hash("dayu breach\n\(self)")) }
}

extension Inspecting.State {
    mutating func keep(_ kept: Inspecting.KeptDay) {
        if let place = days.firstIndex(where: { $0.day >= kept.day }) {
            if days[place].day == kept.day { days[place] = kept } else { days.insert(kept, at: place) }
        } else {
            days.append(kept)
        }
        if days.count > Inspecting.daysLimit { days.removeFirst() }
    }

    /// The end of the newest hour or day with a valid value of an item; the moment itself if none is later.
    func latest(of parameter: Parameter, since moment: Instant) -> Instant {
        for kept in days.reversed() {
            let hour = kept.discharge.hours.last { $0.figures[parameter] != nil }.map {
                $0.at + .seconds(3600)
            }
            let whole = kept.discharge.whole?.figures[parameter].map { _ in kept.end }
            if let end = [hour, whole].compactMap(\.self).max() { return max(end, moment) }
        }
        return moment
    }

    /// When the complaint has to be told that no more values come; nil if it was, or if there is no case.
    /// Values of long ago that come late are not silence, so it counts from the last text at the earliest.
    func silent(_ parameter: Parameter, after silence: Duration) -> Instant? {
        guard let open = open[parameter] else { return nil }
        let latest = latest(of: parameter, since: open.since)
        if let told = open.silentAfter, latest <= told { return nil }
        // Who reports days has the whole next day for the next one.
        return max(latest, open.toldAt) + silence + (open.period == .day ? .seconds(86_400) : .zero)
    }

    /// The only way in which cases change. An event that is known already changes nothing.
    mutating func take(_ event: BreachEvent, at moment: Instant) {
        let known = event.breachCase
        let isOpen = open[known.parameter]?.since == known.since
        switch event {
        case .raised:
            guard open[known.parameter] == nil, through[known.parameter].map({ $0 <= known.since }) ?? true
            else { return }
            open[known.parameter] = Inspecting.Open(
                period: known.period, since: known.since, toldAt: moment)
        case .noted(let noted):
            guard isOpen, noted.number > open[known.parameter]?.notes ?? 0 else { return }
            open[known.parameter]?.notes = noted.number
            open[known.parameter]?.toldAt = moment
            if let silentAfter = noted.silentAfter { open[known.parameter]?.silentAfter = silentAfter }
        case .ended(let ended):
            guard isOpen else { return }
            open[known.parameter] = nil
            through[known.parameter] = ended.through
        }
    }
}
