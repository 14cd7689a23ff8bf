/// A reading as the rule about spikes looks at it.
public protocol TimedFigures {
    var observedAt: Instant { get }
    var figures: [Parameter: Double] { get }
    /// When the sample of a value was taken: a slow analyser sends one sample several times.
    func sampledAt(_ parameter: Parameter) -> Instant
    /// People took the sample, or somebody has reviewed the value.
    func isSure(_ parameter: Parameter) -> Bool
}

/// Values that may be the fault of an instrument: a single parameter jumps, and nothing near it in time
/// supports it.
///
/// No official text defines such a rule for rivers, so this is ours. A value is suspect if all of this holds:
///
/// 1. A station measured it, and nobody has reviewed it.
/// 2. It jumped for the worse against the median of the samples before it: of the last six within a day, at
///    least three. A jump is three times the median, for oxygen a third of it, and for pH 1.5 away.
/// 3. No other parameter of the same reading jumped. Polluted water changes more than one.
/// 4. Neither the sample before nor the one after supports it: neither went at least half of the way from
///    that same median, and neither is of the same class or a worse one. Until the one after has come, the
///    value waits.
///
/// So a value is confirmed by the next sample, by a jump of another parameter, by an analysis, or by an
/// office's review.
public enum Spike {
    static let neighbours = 6
    static let fewestNeighbours = 3
    public static let window: Duration = .seconds(86_400)
    static let factor = 3.0
    static let ofPH = 1.5

    /// The suspect values of one reading among those of its section.
    ///
    /// - Parameter readings: by time.
    public static func suspects<Readings: RandomAccessCollection>(
        at place: Readings.Index, of readings: Readings, in body: WaterBody
    ) -> Set<Parameter> where Readings.Element: TimedFigures {
        let reading = readings[place]
        let jumps = reading.figures.keys.filter { parameter in
            guard let series = Series(parameter, at: place, of: readings) else { return false }
            return series.jumped
        }
        // 3: two at once support each other.
        guard jumps.count == 1, let parameter = jumps.first, !reading.isSure(parameter),
            let series = Series(parameter, at: place, of: readings)
        else { return [] }
        let isSupported = [series.before, series.after].contains {
            $0.map { series.isSupported(by: $0, in: body) } ?? false
        }
        return isSupported ? [] : [parameter]
    }

    /// One parameter around one reading.
    private struct Series {
        let parameter: Parameter
        let value: Double
        let median: Double
        /// The value of the sample before and of the sample after.
        let before: Double?
        let after: Double?

        /// Nil if too little is known of what is usual.
        init?<Readings: RandomAccessCollection>(
            _ parameter: Parameter, at place: Readings.Index, of readings: Readings
        ) where Readings.Element: TimedFigures {
            let reading = readings[place]
            guard let value = reading.figures[parameter] else { return nil }
            let earlier = Self.values(
                of: parameter, near: reading, in: readings[..<place].reversed(), limit: Spike.neighbours)
            guard earlier.count >= Spike.fewestNeighbours else { return nil }
            let later = Self.values(
                of: parameter, near: reading, in: readings[readings.index(after: place)...], limit: 1,
                within: nil)
            let sorted = earlier.sorted()
            self.parameter = parameter
            self.value = value
            median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            before = earlier.first
            after = later.first
        }

        var jumped: Bool {
            switch parameter {
            case .pH: abs(value - median) >= Spike.ofPH
            case .dissolvedOxygen: value * Spike.factor <= median
            default: value >= median * Spike.factor && value > 0
            }
        }

        func isSupported(by other: Double, in body: WaterBody) -> Bool {
            if (other - median) / (value - median) >= 0.5 { return true }
            guard Standard.decides(parameter), let demand = Standard.demand(on: parameter, in: body) else {
                return false
            }
            return demand.waterClass(of: other) >= demand.waterClass(of: value)
        }

        /// The nearest first, each sample once.
        private static func values<Element: TimedFigures>(
            of parameter: Parameter, near reading: Element, in readings: some Sequence<Element>, limit: Int,
            within window: Duration? = Spike.window
        ) -> [Double] {
            var samples = [reading.sampledAt(parameter)]
            var values: [Double] = []
            for other in readings {
                guard values.count < limit,
                    window.map({ distance(other.observedAt, reading.observedAt) <= $0 }) ?? true
                else { break }
                guard let value = other.figures[parameter] else { continue }
                let sample = other.sampledAt(parameter)
                guard !samples.contains(sample) else { continue }
                samples.append(sample)
                values.append(value)
            }
            return values
        }

        private static func distance(_ one: Instant, _ other: Instant) -> Duration {
            one > other ? one - other : other - one
        }
    }
}
