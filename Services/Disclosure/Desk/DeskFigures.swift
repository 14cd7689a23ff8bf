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

        private func share(_ good: DeskStep.Kind, _ bad: DeskStep.Kind) -> Double? {
            let all = self[good] + self[bad]
            return all == 0 ? nil : Double(self[good]) / Double(all)
        }
    }

    /// Complaints that are open now, of one owner and one age.
    struct Open: Equatable, Sendable {
        let owner: String
        let age: Backlog.Age
        let isOverdue: Bool
        let count: Int
    }

    struct Age: Equatable, Sendable {
        let age: Backlog.Age
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

    /// - Parameters:
    ///   - steps: by time, best: then each day is looked up once.
    ///   - days: not empty.
    init(
        _ steps: some Sequence<DeskStep>, open: some Sequence<Open>, days: ClosedRange<Day>, by unit: Unit,
        in zone: Zone
    ) {
        let names = Self.names(days, unit)
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        var tallies = Array(repeating: Tally(), count: names.count)
        var total = Tally()
        var people: [String: Person] = [:]
        // The day of the step before, and the place of its period.
        var known: (span: Range<Instant>, place: Int?)?
        for step in steps {
            if known?.span.contains(step.at) != true {
                let day = zone.day(at: step.at)
                let span = zone.start(of: day)..<zone.start(of: day.adding(days: 1))
                known = (span, days.contains(day) ? places[Self.name(day, unit)] : nil)
            }
            guard let place = known?.place else { continue }
            tallies[place].count(step.kind)
            total.count(step.kind)
            people[step.holder, default: Person(owner: step.holder)].tally.count(step.kind)
        }
        var ages = Backlog.Age.allCases.map { Age(age: $0) }
        for some in open {
            let place = ages.firstIndex { $0.age == some.age } ?? 0
            let overdue = some.isOverdue ? some.count : 0
            ages[place].open += some.count
            ages[place].overdue += overdue
            people[some.owner, default: Person(owner: some.owner)].open += some.count
            people[some.owner]?.overdue += overdue
        }
        periods = zip(names, tallies).map { ($0, $1) }
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
