import Models

/// One look at a section: what its latest readings call for, item by item.
struct Watch {
    /// An event to tell, and the order to Routing that goes with it.
    struct Told {
        let event: AlarmEvent
        let order: SystemOrder
    }

    private(set) var told: [Told] = []
    private var state: Alarming.State
    private let section: Section
    private let yardstick: Yardstick
    private let text: AlarmText
    private let rules: AlarmRules
    private let now: Instant

    init(
        _ state: Alarming.State, of section: Section, in registry: Registry, by rules: AlarmRules,
        at now: Instant
    ) {
        self.state = state
        self.section = section
        self.rules = rules
        self.now = now
        yardstick = Yardstick(section: section, rules: rules)
        text = AlarmText(
            section: section.name.zh, river: registry.rivers[section.river]?.name.zh ?? "",
            utcOffset: rules.utcOffset)
    }

    /// Raises an alarm, or notes or clears the open one: at most one step.
    mutating func look(at item: AlarmItem) {
        if let open = state.open[item] { follow(open, item) } else { raise(item) }
    }

    private mutating func raise(_ item: AlarmItem) {
        var bad = row(of: .beyond, item, after: state.clearedThrough[item])
        if rules.spikes, bad.count >= rules.readingsToRaise(item) {
            bad = row(
                of: .beyond, item, after: state.clearedThrough[item],
                in: state.samples.withoutSuspects(in: section.body))
        }
        guard let first = bad.first, let last = bad.last, bad.count >= rules.readingsToRaise(item),
            // Old readings, as an importer brings them, raise no alarm.
            now - last.at <= rules.recentWithin,
            let limit = yardstick.limit(of: item)
        else { return }
        let alarm = Alarm(section: section.id, item: item, since: first.at)
        let exceeded = yardstick.exceeded(by: last, on: item)
        let curve = state.samples.curve(of: exceeded.map(\.parameter), within: rules.gap)
        let words = Words(
            text: text.raised(item, limit, exceeded, readings: bad.count, curve), address: text.address)
        record(
            .raised(
                .init(
                    alarm: alarm, complaint: alarm.complaint, limit: limit, exceeded: exceeded,
                    readings: curve)),
            .submission(
                Submission(
                    complaint: alarm.complaint, category: rules.category, place: section.place,
                    river: section.river, reach: section.reach, channel: .station, words: words.outline,
                    submittedAt: now),
                words))
    }

    private mutating func follow(_ open: Alarming.Open, _ item: AlarmItem) {
        let alarm = Alarm(section: section.id, item: item, since: open.since)
        let good = row(of: .good, item, after: open.since)
        let curve = state.samples.curve(of: open.parameters, within: rules.gap)
        if let last = good.last, good.count >= rules.goodReadings {
            let resolution = text.cleared(alarm, through: last.at, readings: good.count, open, curve)
            record(
                .cleared(
                    .init(alarm: alarm, complaint: alarm.complaint, through: last.at, readings: curve)),
                alarm.order(.resolve, saying: resolution))
        } else if let latest = state.samples.latest?.at,
            now >= open.toldAt + rules.noteAfter(notes: open.notes)
        {
            let note = text.lasting(alarm, at: latest, open, curve)
            record(
                .noted(
                    .init(
                        alarm: alarm, complaint: alarm.complaint, why: .lasting, number: open.notes + 1,
                        latest: latest)),
                alarm.order(.note(isPublic: true), saying: note))
        }
    }

    private func row(
        of finding: Finding, _ item: AlarmItem, after: Instant?, in samples: Samples? = nil
    ) -> [Sample] {
        let open = Set(state.open.keys)
        return (samples ?? state.samples).row(of: finding, after: after, within: rules.gap) { sample in
            yardstick.finding(of: sample, on: item, beside: open).map {
                (finding: $0, sampledAt: yardstick.sampledAt(sample, on: item))
            }
        }
    }

    private mutating func record(_ event: AlarmEvent, _ order: SystemOrder) {
        state.take(event, at: now)
        told.append(Told(event: event, order: order))
    }

    /// A note for each open alarm of a section whose readings fail to come. Silence does not count as
    /// recovery.
    static func silence(
        in state: Alarming.State, of section: SectionID, after latest: Instant, by rules: AlarmRules
    ) -> [Told] {
        AlarmItem.allCases.compactMap { item in
            guard let open = state.open[item], open.isUntold(ofSilenceAfter: latest) else { return nil }
            let alarm = Alarm(section: section, item: item, since: open.since)
            let note = AlarmText.silent(after: latest, utcOffset: rules.utcOffset)
            return Told(
                event: .noted(
                    .init(
                        alarm: alarm, complaint: alarm.complaint, why: .silent, number: open.notes + 1,
                        latest: latest)),
                order: alarm.order(.note(isPublic: true), saying: note))
        }
    }
}

extension Alarm {
    /// What the system does to the alarm's complaint.
    fileprivate func order(_ verb: ComplaintAction.Verb, saying text: String) -> SystemOrder {
        let words = Words(text: text)
        return .action(
            ComplaintAction(complaint: complaint, by: .system, verb: verb, words: words.outline), words)
    }
}
