package import Text

/// How a store keeps a summary. A month is read, changed and written with each of its days: as JSON that took
/// most of the time of a restore. Only a store of this version of the code keeps these bytes.
///
///     summary    series
///     series     number, items
///     item       parameter, which of its figures follow, figures
///
/// Each list begins with its length. A figure that is zero is left out. A sum takes eight bytes, or sixteen.
extension Summary {
    package var packed: [UInt8] {
        let inOrder = series.sorted { $0.key < $1.key }
        var packed = Packing(capacity: 32 + inOrder.reduce(0) { $0 + $1.value.count } * 48)
        packed.add(inOrder.count)
        for (kind, items) in inOrder {
            packed.add(byte: kind.number)
            packed.add(items.count)
            for entry in items.entries {
                packed.add(entry.parameter.rawValue)
                packed.add(entry.value)
            }
        }
        return packed.bytes
    }

    package init(packed bytes: [UInt8]) throws(Malformed) {
        var packed = Unpacking(bytes)
        var series: [Series: ByParameter<Figures>] = [:]
        for _ in 0..<(try packed.number()) {
            guard let kind = Series(number: try packed.byte()) else {
                throw Malformed("", "holds an unknown series")
            }
            var items: ByParameter<Figures> = [:]
            for _ in 0..<(try packed.number()) {
                guard let parameter = Parameter(rawValue: try packed.text()) else {
                    throw Malformed("", "holds an unknown parameter")
                }
                items.put(try packed.figures(), parameter)
            }
            series[kind] = items
        }
        guard packed.isAtEnd else { throw Malformed("", "goes on after its end") }
        self.init(series)
    }
}

extension Series {
    /// In a store. An origin or a period that is added gets a number of its own.
    package var number: UInt8 {
        let period: UInt8 =
            switch self.period {
            case .instant: 0
            case .hour: 1
            case .day: 2
            }
        return origin == .automatic ? period : 3 + period
    }

    package init?(number: UInt8) {
        let periods: [Period] = [.instant, .hour, .day]
        guard number < 6 else { return nil }
        self.init(origin: number < 3 ? .automatic : .manual, period: periods[Int(number % 3)])
    }
}

/// Which figures of an item follow.
private enum Present {
    static let below: UInt8 = 1
    static let flagged: UInt8 = 2
    static let provisional: UInt8 = 4
    /// The sum needs sixteen bytes.
    static let wideSum: UInt8 = 8
    static let wideDayMeans: UInt8 = 16
}

extension Packing {
    fileprivate mutating func add(_ figures: Figures) {
        let (sum, dayMeans) = (figures.sum.units, figures.dayMeans.units)
        let (isWide, areWide) = (Int64(exactly: sum) == nil, Int64(exactly: dayMeans) == nil)
        add(
            byte: (figures.below == 0 ? 0 : Present.below) | (figures.flagged == 0 ? 0 : Present.flagged)
                | (figures.provisional == 0 ? 0 : Present.provisional)
                | (isWide ? Present.wideSum : 0) | (areWide ? Present.wideDayMeans : 0))
        add(figures.count)
        add(figures.days)
        if figures.below != 0 { add(figures.below) }
        if figures.flagged != 0 { add(figures.flagged) }
        if figures.provisional != 0 { add(figures.provisional) }
        add(sum, isWide: isWide)
        add(dayMeans, isWide: areWide)
    }

    private mutating func add(_ units: Int128, isWide: Bool) {
        add(wide: UInt64(truncatingIfNeeded: units))
        if isWide { add(wide: UInt64(truncatingIfNeeded: units >> 64)) }
    }
}

extension Unpacking {
    fileprivate mutating func figures() throws(Malformed) -> Figures {
        let present = try byte()
        var figures = Figures()
        figures.count = try number()
        figures.days = try number()
        if present & Present.below != 0 { figures.below = try number() }
        if present & Present.flagged != 0 { figures.flagged = try number() }
        if present & Present.provisional != 0 { figures.provisional = try number() }
        figures.sum = ExactSum(units: try units(isWide: present & Present.wideSum != 0))
        figures.dayMeans = ExactSum(units: try units(isWide: present & Present.wideDayMeans != 0))
        return figures
    }

    private mutating func units(isWide: Bool) throws(Malformed) -> Int128 {
        let low = try wide()
        guard isWide else { return Int128(Int64(bitPattern: low)) }
        return Int128(Int64(bitPattern: try wide())) << 64 | Int128(low)
    }
}
