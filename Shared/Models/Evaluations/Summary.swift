/// What is added up of one item of one section: figures that can be added, and taken away again.
public struct Figures: Hashable, Sendable {
    /// The values that count: those flagged valid.
    public var count = 0
    /// Their sum, in the item's unit. For pH: the sum of the hydrogen ions in mol/L, because a mean of pH is
    /// the pH of the mean of the ions (总站水字〔2020〕90号). Below a limit, half of it counts.
    public var sum = ExactSum.zero
    /// The days with values, and the sum of the means of these days.
    public var days = 0
    public var dayMeans = ExactSum.zero
    /// How many of the values are below the limit of detection.
    public var below = 0
    /// Values that do not count, because of their flags.
    public var flagged = 0
    /// How many of the values that count are provisional.
    public var provisional = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.count += right.count
        sum.sum = left.sum + right.sum
        sum.days += right.days
        sum.dayMeans = left.dayMeans + right.dayMeans
        sum.below += right.below
        sum.flagged += right.flagged
        sum.provisional += right.provisional
        return sum
    }

    public static func - (left: Self, right: Self) -> Self {
        var rest = left
        rest.count -= right.count
        rest.sum = left.sum - right.sum
        rest.days -= right.days
        rest.dayMeans = left.dayMeans - right.dayMeans
        rest.below -= right.below
        rest.flagged -= right.flagged
        rest.provisional -= right.provisional
        return rest
    }

    fileprivate var orNil: Figures? { self == Figures() ? nil : self }
}

/// Measurements of one kind. The same water may be measured in several ways; these are never mixed in a mean.
public struct Series: Hashable, Sendable, Comparable {
    public let origin: Origin
    public let period: Period

    public init(origin: Origin, period: Period) {
        self.origin = origin
        self.period = period
    }

    /// Automatic before manual, and shorter periods before longer ones.
    private var order: Int {
        let place =
            switch period {
            case .instant: 0
            case .hour: 1
            case .day: 2
            }
        return origin == .automatic ? place : 3 + place
    }

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    // What the compiler generates hashes the two words.
    public func hash(into hasher: inout Hasher) { hasher.combine(order) }
}

/// The figures of one section in one period. Summaries of a section can be added: its days give its months.
public struct Summary: Hashable, Sendable {
    public private(set) var series: [Series: ByParameter<Figures>]

    public init(_ series: [Series: ByParameter<Figures>] = [:]) {
        let isWhole = series.values.allSatisfy { items in
            !items.isEmpty && items.entries.allSatisfy { $0.value.orNil != nil }
        }
        self.series = isWhole ? series : [:]
        if !isWhole { for (kind, items) in series { add(items, to: kind, +) } }
    }

    /// - Parameter series: none of them is empty.
    fileprivate init(whole series: [Series: ByParameter<Figures>]) { self.series = series }

    public var isEmpty: Bool { series.isEmpty }

    /// Whether any value counts. A summary may consist of flagged ones alone.
    public var hasValues: Bool {
        series.values.contains { $0.entries.contains { $0.value.count > 0 } }
    }

    public static func + (left: Self, right: Self) -> Self { left.merged(right, +) }
    public static func - (left: Self, right: Self) -> Self { left.merged(right, -) }

    private func merged(_ other: Summary, _ merge: (Figures, Figures) -> Figures) -> Summary {
        var all = self
        for (kind, items) in other.series { all.add(items, to: kind, merge) }
        return all
    }

    /// What adds up to nothing is left out.
    private mutating func add(
        _ items: ByParameter<Figures>, to kind: Series, _ merge: (Figures, Figures) -> Figures
    ) {
        series.change(kind) { known in
            known.merge(items) { _, former, figures in merge(former ?? Figures(), figures).orNil }
        }
    }
}

extension [Series: ByParameter<Figures>] {
    /// Changes the figures of a series in place; a series without figures is removed.
    fileprivate mutating func change(_ kind: Series, _ change: (inout ByParameter<Figures>) -> Void) {
        change(&self[kind, default: [:]])
        if self[kind]?.isEmpty == true { self[kind] = nil }
    }
}

/// What counts of one reading: its figures, without their history.
public struct CountedReading: Hashable, Sendable {
    public struct Value: Hashable, Sendable {
        /// Nil: it is flagged and does not count.
        public let figure: Double?
        public let isBelow: Bool
        public let isProvisional: Bool

        public init(figure: Double?, isBelow: Bool = false, isProvisional: Bool = false) {
            self.figure = figure
            self.isBelow = isBelow
            self.isProvisional = isProvisional
        }

        public init(_ measurement: Measurement) {
            let isBelow = if case .below = measurement.value { true } else { false }
            self.init(
                figure: measurement.figure, isBelow: isBelow && measurement.figure != nil,
                isProvisional: measurement.status == .provisional && measurement.figure != nil)
        }
    }

    public let observedAt: Instant
    public let series: Series
    public let values: ByParameter<Value>

    public init(observedAt: Instant, series: Series, values: ByParameter<Value>) {
        self.observedAt = observedAt
        self.series = series
        self.values = values
    }

    public init(_ reading: Reading) {
        self.init(
            observedAt: reading.observedAt,
            series: Series(origin: reading.origin, period: reading.period),
            values: ByParameter(reading.measurements).mapValues(Value.init))
    }
}

extension Summary {
    /// The summary of one day of a section.
    public init(day readings: some Sequence<CountedReading>) {
        var totals = DayTotals()
        for reading in readings { totals.add(reading) }
        self = totals.summary
    }
}

/// The sums of one day, to which readings are added and from which they are taken away again. Sums are exact
/// (`ExactSum`), so nothing remains of what was taken away.
public struct DayTotals: Hashable, Sendable {
    /// In the order of the series. Mostly a day has one.
    private var parts: [Part] = []

    private struct Part: Hashable {
        let series: Series
        var figures: ByParameter<Figures>
    }

    public init() {}

    public mutating func add(_ reading: CountedReading) { merge(reading, +) }
    public mutating func remove(_ reading: CountedReading) { merge(reading, -) }

    private mutating func merge(_ reading: CountedReading, _ merge: (Figures, Figures) -> Figures) {
        let place = parts.firstIndex { reading.series <= $0.series } ?? parts.endIndex
        if place == parts.endIndex || parts[place].series != reading.series {
            parts.insert(Part(series: reading.series, figures: [:]), at: place)
        }
        parts[place].figures.merge(reading.values) { parameter, former, value in
            merge(former ?? Figures(), Figures(value, of: parameter)).orNil
        }
        if parts[place].figures.isEmpty { parts.remove(at: place) }
    }

    public var summary: Summary {
        Summary(
            whole: parts.reduce(into: [:]) { $0[$1.series] = $1.figures.mapValues(\.ofOneDay) })
    }
}

extension Figures {
    fileprivate init(_ value: CountedReading.Value, of parameter: Parameter) {
        self.init()
        guard let figure = value.figure else {
            flagged = 1
            return
        }
        count = 1
        sum = parameter.term(figure)
        if value.isBelow { below = 1 }
        if value.isProvisional { provisional = 1 }
    }

    fileprivate var ofOneDay: Figures {
        guard count > 0 else { return self }
        var figures = self
        figures.days = 1
        figures.dayMeans = sum.divided(by: count)
        return figures
    }
}

extension Parameter {
    /// What a figure adds to a sum.
    fileprivate func term(_ figure: Double) -> ExactSum {
        self == .pH ? ExactSum(ions: basis(figure)) : ExactSum(figure: figure)
    }

    /// The quantity whose arithmetic mean counts: hydrogen ions for pH, else the figure itself.
    public func basis(_ figure: Double) -> Double { self == .pH ? power(10, -figure) : figure }

    /// The figure that belongs to a mean of such quantities.
    public func figure(_ basis: Double) -> Double { self == .pH ? -logarithm10(basis) : basis }
}
