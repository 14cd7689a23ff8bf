import Models

/// What counts of the readings of one section on one day.
struct DayReadings: Equatable, Sendable {
    /// Two series with a value for each minute, and more. A sender beyond that is broken.
    static let limit = 3000

    /// A reading as of one of its assessments. One without values stays, so that an assessment that is read
    /// again after a restore does not bring back what was withdrawn.
    struct Entry: Equatable, Sendable {
        var reading: CountedReading
        var version: Int
    }

    /// By time and series.
    private(set) var entries: [Entry] = []
    /// What the entries add up to. It is kept, because to add them all up at each of a day's 1,440 readings
    /// takes time with the square of their number.
    private var totals = DayTotals()

    init() {}

    /// - Parameter entries: by time and series.
    init(_ entries: [Entry]) {
        self.entries = entries
        for entry in entries { totals.add(entry.reading) }
    }

    func canTake(_ reading: CountedReading) -> Bool {
        entries.count < Self.limit || place(of: reading) != nil
    }

    /// Returns whether a figure changed. An assessment that is older than the known one changes nothing.
    mutating func take(_ reading: CountedReading, version: Int) -> Bool {
        guard let place = place(of: reading) else {
            guard entries.count < Self.limit else { return false }
            // Readings mostly come in the order of their times.
            let before = entries.lastIndex { !Self.isBefore(reading, $0.reading) }
            let after = before.map { $0 + 1 } ?? entries.startIndex
            entries.insert(Entry(reading: reading, version: version), at: after)
            totals.add(reading)
            return !reading.values.isEmpty
        }
        guard version > entries[place].version else { return false }
        let isNews = entries[place].reading != reading
        if isNews {
            totals.remove(entries[place].reading)
            totals.add(reading)
        }
        entries[place] = Entry(reading: reading, version: version)
        return isNews
    }

    var summary: Summary { totals.summary }

    /// The hours of an outfall.
    var discharge: DischargeDay { DischargeDay(entries.lazy.map(\.reading)) }

    private func place(of reading: CountedReading) -> Int? {
        for index in entries.indices.reversed() {
            let known = entries[index].reading
            if known.observedAt == reading.observedAt, known.series == reading.series { return index }
            // They are in the order of their times.
            if known.observedAt < reading.observedAt { return nil }
        }
        return nil
    }

    private static func isBefore(_ left: CountedReading, _ right: CountedReading) -> Bool {
        (left.observedAt, left.series) < (right.observedAt, right.series)
    }
}
