import Models

/// What is remembered of one reading: the figures that take part in the class.
struct Sample: Codable, Equatable, Sendable {
    let at: Instant
    let period: Period
    let origin: Origin
    let values: [Parameter: Double]
    /// When each was taken, where that is not `at`.
    let sampledAt: [Parameter: Instant]

    /// Nil for what a station makes of a whole day: it says nothing of now, and its hours are told already.
    /// What people sampled has often no time but the day, and counts.
    init?(_ reading: Reading) {
        guard reading.period != .day || reading.origin == .manual else { return nil }
        let measurements = reading.measurements.filter { Standard.decides($0.key) }
        at = reading.observedAt
        period = reading.period
        origin = reading.origin
        values = measurements.figures
        sampledAt = measurements.filter { $0.value.figure != nil }.compactMapValues(\.sampledAt)
    }

    func sampledAt(_ parameter: Parameter) -> Instant { sampledAt[parameter] ?? at }

    /// By time. Of the accounts of one moment the best comes last: an hour's mean is surer than the value of
    /// a moment, and people's analysis surer than a station's.
    fileprivate var order: (Instant, Int, Int) {
        (at, Origin.allCases.firstIndex(of: origin) ?? 0, Period.allCases.firstIndex(of: period) ?? 0)
    }
}

/// The latest readings of a section, in the order in which they were taken, whatever the order in which they
/// came.
///
/// A set by time, period and origin: what comes late finds its place, what comes twice is there already, and
/// a correction takes the place of what it corrects. So the same readings give the same samples, live or
/// restored.
struct Samples: Codable, Equatable, Sendable {
    private(set) var byTime: [Sample] = []

    var latest: Sample? { byTime.last }

    mutating func take(_ sample: Sample) {
        let place = byTime.lastIndex { $0.order <= sample.order }
        if let place, byTime[place].order == sample.order {
            byTime[place] = sample
            return
        }
        byTime.insert(sample, at: place.map { $0 + 1 } ?? 0)
        if byTime.count > AlarmRules.samplesLimit { byTime.removeFirst() }
    }

    /// The readings at the end that all say the same of an item, oldest first. What lacks the value says
    /// nothing and is passed over; a gap between two that speak ends the row.
    ///
    /// A sample counts once: a reading that repeats it, as a slow analyser does until it has the next one,
    /// adds nothing to the row, nor does another account of the same moment.
    ///
    /// - Parameter after: readings up to this moment are history of an earlier alarm.
    /// - Parameter findings: what a reading says, and when the sample was taken that says it.
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
                // The first reading that had the sample stands for it.
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

    /// The curve of some parameters: the latest readings that have any of them, back to the last gap, each
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
