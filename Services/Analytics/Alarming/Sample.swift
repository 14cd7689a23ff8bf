import Models

/// What is remembered of one reading: the figures that take part in the class.
struct Sample: Codable, Equatable, Sendable {
    let at: Instant
    let period: Period
    let origin: Origin
    let values: [Parameter: Double]
    /// When each value was sampled, where that is not `at`.
    let sampledAt: [Parameter: Instant]
    /// What somebody has reviewed, or what has become valid with time.
    let reviewed: Set<Parameter>

    /// Nil for a station's value of a whole day: it says nothing about the present, and its hours were
    /// reported already. A sample that people took often has only a day and no time, and it counts.
    init?(_ reading: Reading) {
        guard reading.period != .day || reading.origin == .manual else { return nil }
        let measurements = reading.measurements.filter { Standard.decides($0.key) }
        at = reading.observedAt
        period = reading.period
        origin = reading.origin
        values = measurements.figures
        sampledAt = measurements.filter { $0.value.figure != nil }.compactMapValues(\.sampledAt)
        reviewed = Set(measurements.filter { $0.value.status == .valid }.keys)
    }

    private init(_ sample: Sample, without suspects: Set<Parameter>) {
        at = sample.at
        period = sample.period
        origin = sample.origin
        values = sample.values.filter { !suspects.contains($0.key) }
        sampledAt = sample.sampledAt
        reviewed = sample.reviewed
    }

    func without(_ suspects: Set<Parameter>) -> Sample {
        suspects.isEmpty ? self : Sample(self, without: suspects)
    }

    func sampledAt(_ parameter: Parameter) -> Instant { sampledAt[parameter] ?? at }

    /// By time. Of several readings of one moment, the best comes last: an hour's mean is more reliable than
    /// a momentary value, and an analysis by people is more reliable than a station's.
    fileprivate var order: (Instant, Int, Int) {
        (at, Origin.allCases.firstIndex(of: origin) ?? 0, Period.allCases.firstIndex(of: period) ?? 0)
    }
}

/// The latest readings of a section, in the order in which they were taken, not the order in which they came.
///
/// A set by time, period and origin. A late reading is put in its place, a repeated one is there already, and
/// a correction replaces the reading that it corrects. So the same readings give the same samples, live or
/// restored.
struct Samples: Codable, Equatable, Sendable {
    private(set) var byTime: [Sample] = []

    var latest: Sample? { byTime.last }

    /// Without the values that may be the fault of an instrument (`Spike`).
    func withoutSuspects(in body: WaterBody) -> Samples {
        var samples = self
        for place in byTime.indices {
            samples.byTime[place] = byTime[place].without(Spike.suspects(at: place, of: byTime, in: body))
        }
        return samples
    }

    mutating func take(_ sample: Sample) {
        let place = byTime.lastIndex { $0.order <= sample.order }
        if let place, byTime[place].order == sample.order {
            byTime[place] = sample
            return
        }
        byTime.insert(sample, at: place.map { $0 + 1 } ?? 0)
        if byTime.count > AlarmRules.samplesLimit { byTime.removeFirst() }
    }

    /// The latest readings in a row that all give the same finding, oldest first. A reading without the value
    /// is passed over. Too long a gap between two readings with a value ends the row.
    ///
    /// A sample counts once. A reading that repeats it adds nothing to the row: a slow analyser repeats a
    /// value until it has the next one. Another reading of the same moment adds nothing either.
    ///
    /// - Parameter after: readings up to this moment belong to an earlier alarm.
    /// - Parameter findings: gives the finding of a reading, and the time of the sample on which it rests.
    func row(
        of finding: Finding, after: Instant?, within gap: Duration,
        findings: (Sample) -> (finding: Finding, sampledAt: Instant)?
    ) -> [Sample] {
        var row: [Sample] = []
        var spoken: Instant?
        for sample in byTime.reversed() {
            if let after, sample.at <= after { break }
            guard let found = findings(sample) else { continue }
            if found.sampledAt == spoken {
                // The earliest reading with this sample represents it.
                if let next = row.last, sample.at < next.at { row[row.count - 1] = sample }
                continue
            }
            spoken = found.sampledAt
            guard found.finding == finding else { break }
            if let next = row.last, next.at - sample.at > gap { break }
            row.append(sample)
        }
        return row.reversed()
    }

    /// The curve of these parameters: the latest readings that have any of them, back to the last gap, each
    /// sample once.
    func curve(of parameters: [Parameter], within gap: Duration) -> [AlarmReading] {
        var curve: [AlarmReading] = []
        var drawn: Instant?
        for sample in byTime.reversed() where curve.count < Self.curvePoints {
            let values = sample.values.filter { parameters.contains($0.key) }
            guard let sampledAt = values.keys.map(sample.sampledAt).max(), sampledAt != drawn else {
                continue
            }
            if let next = curve.last, next.observedAt - sample.at > gap { break }
            drawn = sampledAt
            curve.append(AlarmReading(observedAt: sample.at, values: values))
        }
        return curve.reversed()
    }

    private static let curvePoints = 24
}

extension Sample: TimedFigures {
    var observedAt: Instant { at }
    var figures: [Parameter: Double] { values }

    func isSure(_ parameter: Parameter) -> Bool { origin == .manual || reviewed.contains(parameter) }
}
