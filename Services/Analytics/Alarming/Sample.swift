import Models

/// What is remembered of one reading: the values that take part in the class.
struct Sample: Codable, Equatable, Sendable {
    let at: Instant
    let values: [Parameter: Double]

    init(_ reading: Reading) {
        at = reading.observedAt
        values = reading.values.filter { Standard.decides($0.key) }
    }
}

/// The latest readings of a section, in the order in which they were taken, whatever the order in which they
/// came.
///
/// A set by time: what comes late finds its place, what comes twice is there already, and a correction takes
/// the place of what it corrects. So the same readings give the same samples, live or restored.
struct Samples: Codable, Equatable, Sendable {
    private(set) var byTime: [Sample] = []

    var latest: Sample? { byTime.last }

    mutating func take(_ sample: Sample) {
        let place = byTime.lastIndex { $0.at <= sample.at }
        if let place, byTime[place].at == sample.at {
            byTime[place] = sample
            return
        }
        byTime.insert(sample, at: place.map { $0 + 1 } ?? 0)
        if byTime.count > AlarmRules.samplesLimit { byTime.removeFirst() }
    }

    /// The readings at the end that all say the same of an item, oldest first. What lacks the value says
    /// nothing and is passed over; a gap between two that speak ends the row.
    ///
    /// - Parameter after: readings up to this moment are history of an earlier alarm.
    func row(
        of finding: Finding, after: Instant?, within gap: Duration, findings: (Sample) -> Finding?
    ) -> [Sample] {
        var row: [Sample] = []
        for sample in byTime.reversed() {
            if let after, sample.at <= after { break }
            guard let found = findings(sample) else { continue }
            guard found == finding else { break }
            if let next = row.last, next.at - sample.at > gap { break }
            row.append(sample)
        }
        return row.reversed()
    }

    /// The curve of some parameters: the latest readings that have any of them, back to the last gap.
    func curve(of parameters: [Parameter], within gap: Duration) -> [AlarmReading] {
        var curve: [AlarmReading] = []
        for sample in byTime.reversed() where curve.count < Self.curvePoints {
            let values = sample.values.filter { parameters.contains($0.key) }
            guard !values.isEmpty else { continue }
            if let next = curve.last, next.observedAt - sample.at > gap { break }
            curve.append(AlarmReading(observedAt: sample.at, values: values))
        }
        return curve.reversed()
    }

    private static let curvePoints = 24
}
