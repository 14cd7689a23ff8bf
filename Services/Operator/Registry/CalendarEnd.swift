import Models

/// A deadline that may be set today and ends after the calendar's last year. The calendar says nothing there,
/// so every holiday is counted as a working day.
///
/// Holidays are published year by year, so a calendar is taken to reach to the end of the year of its last
/// day.
struct CalendarEnd {
    /// The calendar's last day; nil if there is no calendar at all.
    let last: Day?
    let allowance: Allowance
    let deadline: Day
    /// In some region the calendar's last year is over, so deadlines are wrong already. An empty calendar has
    /// not ended.
    let hasEnded: Bool

    var what: String {
        let end = last.map { "has no day after \($0.year)" } ?? "is empty"
        return "the calendar \(end), but a deadline of \(allowance) from now ends on \(deadline)"
    }
}

extension Registry {
    /// The longest deadline in working time that begins now and is not within the calendar.
    func calendarEnd(at now: Instant) -> CalendarEnd? {
        let last = calendar.keys.max()
        var hasEnded = false
        var latest: (allowance: Allowance, deadline: Day)?
        // Few regions have hours or clocks of their own, and only those matter.
        var known: Set<String> = []
        let allowances = workingAllowances.sorted { $0.description < $1.description }
        for region in regions.keys.sorted() {
            let calendar = workingCalendar(in: region)
            guard known.insert("\(timeZone(in: region)) \(calendar.hours)").inserted else { continue }
            if let last, calendar.zone.day(at: now).year > last.year { hasEnded = true }
            for allowance in allowances {
                let deadline = calendar.zone.day(at: calendar.moment(allowance, after: now))
                if latest.map({ $0.deadline < deadline }) ?? true { latest = (allowance, deadline) }
            }
        }
        guard let latest, latest.deadline.year > last?.year ?? Int.min else { return nil }
        return CalendarEnd(
            last: last, allowance: latest.allowance, deadline: latest.deadline, hasEnded: hasEnded)
    }

    private var workingAllowances: Set<Allowance> {
        // Any complaint may get a checker, whose time begins when it is resolved.
        var found: Set<Allowance> = [.forCheck]
        for category in categories.values {
            for urgency in Urgency.allCases {
                let given = allowances(of: category, urgency)
                found.formUnion([given.accept, given.resolve].filter { $0.unit != .hours })
            }
        }
        return found
    }
}

extension RegistryReading {
    /// A missing table is not checked.
    func calendarEnd(at now: Instant) -> [Finding] {
        guard toldKinds.contains(.calendarDay), let end = Registry(entities).calendarEnd(at: now) else {
            return []
        }
        return [Finding(RegistryEntity.Kind.calendarDay.file, nil, end.what, weight: .warning)]
    }
}
