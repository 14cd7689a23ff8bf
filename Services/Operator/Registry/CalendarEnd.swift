import Models

/// A deadline that may be given now and ends where the calendar says nothing: every holiday there is counted
/// as a working day.
///
/// Holidays are published by years, so a calendar reaches to the end of the year of its last day.
struct CalendarEnd {
    /// None: there is no calendar at all.
    let last: Day?
    let allowance: Allowance
    let deadline: Day
    /// Its last year is over somewhere, so deadlines are wrong already. An empty one never began.
    let hasEnded: Bool

    var what: String {
        let end = last.map { "says nothing after \($0.year)" } ?? "is empty"
        return "the calendar \(end), and \(allowance) from now end on \(deadline)"
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
        var found: Set<Allowance> = []
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
    /// A table that is not there is not judged.
    func calendarEnd(at now: Instant) -> [Finding] {
        guard toldKinds.contains(.calendarDay), let end = Registry(entities).calendarEnd(at: now) else {
            return []
        }
        return [Finding(RegistryEntity.Kind.calendarDay.file, nil, end.what, weight: .warning)]
    }
}
