import Models

/// A supervisor's figures, from what happened and from what is open now. Pure.
struct DeskFigures: Equatable, Sendable {
    enum Unit: String, CaseIterable, Sendable {
        case day, month
    }

    struct Tally: Equatable, Sendable {
        private var counts: [DeskStep.Kind: Int] = [:]

        subscript(kind: DeskStep.Kind) -> Int { counts[kind] ?? 0 }

        mutating func count(_ kind: DeskStep.Kind) { counts[kind, default: 0] += 1 }

        /// The share of deadlines that were kept; nil where none was kept and none passed.
        var acceptedInTime: Double? { share(.acceptedInTime, .acceptMissed) }
        var resolvedInTime: Double? { share(.resolvedInTime, .resolveMissed) }
        var satisfied: Double? { share(.satisfied, .dissatisfied) }
        var isEmpty: Bool { counts.isEmpty }

        private func share(_ good: DeskStep.Kind, _ bad: DeskStep.Kind) -> Double? {
            let all = self[good] + self[bad]
            return all == 0 ? nil : Double(self[good]) / Double(all)
        }
    }

    /// A complaint that is open now.
    struct Open: Equatable, Sendable {
        let owner: String
        let age: Duration
        let isOverdue: Bool
    }

    struct Age: Equatable, Sendable {
        /// Whole days: at least, and less than; nil: any more.
        let from: Int
        let to: Int?
        var open = 0
        var overdue = 0
    }

    struct Person: Equatable, Sendable {
        let owner: String
        var tally = Tally()
        var open = 0
        var overdue = 0
    }

    /// Every day or month of the span, also those in which nothing happened; the oldest first.
    let periods: [(name: String, tally: Tally)]
    let total: Tally
    let ages: [Age]
    /// Those with the most that is overdue first.
    let people: [Person]

    private static let bounds = [0, 1, 3, 7, 30]

    /// - Parameter days: not empty.
    init(
        _ steps: some Sequence<DeskStep>, open: some Sequence<Open>, days: ClosedRange<Day>, by unit: Unit,
        in zone: Zone
    ) {
        var tallies: [String: Tally] = [:]
        var total = Tally()
        var people: [String: Person] = [:]
        for step in steps {
            let day = zone.day(at: step.at)
            guard days.contains(day) else { continue }
            tallies[Self.name(day, unit), default: Tally()].count(step.kind)
            total.count(step.kind)
            people[step.owner, default: Person(owner: step.owner)].tally.count(step.kind)
        }
        var ages = Self.bounds.enumerated().map { index, from in
            Age(from: from, to: index + 1 < Self.bounds.count ? Self.bounds[index + 1] : nil)
        }
        for one in open {
            let whole = Int(one.age.components.seconds / 86_400)
            let place = ages.lastIndex { $0.from <= whole } ?? 0
            ages[place].open += 1
            people[one.owner, default: Person(owner: one.owner)].open += 1
            guard one.isOverdue else { continue }
            ages[place].overdue += 1
            people[one.owner]?.overdue += 1
        }
        periods = Self.names(days, unit).map { ($0, tallies[$0] ?? Tally()) }
        self.total = total
        self.ages = ages
        // What nobody has had yet is in the ages, and nobody's.
        self.people = people.values.filter { !$0.owner.isEmpty }.sorted {
            ($1.overdue, $1.open, $0.owner) < ($0.overdue, $0.open, $1.owner)
        }
    }

    private static func name(_ day: Day, _ unit: Unit) -> String {
        switch unit {
        case .day: day.description
        // `2026-11` of `2026-11-30`.
        case .month: String(day.description.dropLast(3))
        }
    }

    private static func names(_ days: ClosedRange<Day>, _ unit: Unit) -> [String] {
        var names: [String] = []
        var day = days.lowerBound
        while day <= days.upperBound {
            let name = name(day, unit)
            if names.last != name { names.append(name) }
            day = day.adding(days: 1)
        }
        return names
    }

    static func == (one: DeskFigures, other: DeskFigures) -> Bool {
        one.periods.elementsEqual(other.periods) { $0 == $1 } && one.total == other.total
            && one.ages == other.ages && one.people == other.people
    }
}
