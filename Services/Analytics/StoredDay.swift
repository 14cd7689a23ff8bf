import Models
import Text

/// How a store keeps a day. A day is loaded and written again in every batch that has readings of it, with
/// all its readings: as JSON that took longer than everything else that is done with a reading. So it is
/// bytes. Only this version of the code reads them (`Summarising.stateShape`).
///
///     state    flags, version, digest of what was published, parameters, readings
///     reading  moment, series, version, values
///     value    parameter (its place in the list), flags, figure if it counts
///
/// Moments, figures and the digest take eight bytes, other numbers as many as they need (`Packing`). Each
/// list begins with its length.
extension Summarising.State {
    init(stored bytes: [UInt8]) throws(Malformed) {
        var packed = Unpacking(bytes)
        let flags = try packed.byte()
        isDischarge = flags & Flag.discharge != 0
        isStale = flags & Flag.stale != 0
        version = try packed.number()
        published = try packed.wide()
        var parameters: [Parameter] = []
        for _ in 0..<(try packed.number()) {
            guard let parameter = Parameter(rawValue: try packed.text()) else {
                throw Malformed("", "holds an unknown parameter")
            }
            parameters.append(parameter)
        }
        var entries: [DayReadings.Entry] = []
        for _ in 0..<(try packed.number()) { entries.append(try packed.entry(parameters)) }
        guard packed.isAtEnd else { throw Malformed("", "goes on after its end") }
        readings = DayReadings(entries)
    }

    var stored: [UInt8] {
        let entries = readings.entries
        var packed = Packing(capacity: entries.count * 128 + 64)
        packed.add(byte: (isDischarge ? Flag.discharge : 0) | (isStale ? Flag.stale : 0))
        packed.add(version)
        packed.add(wide: published)
        let parameters = entries.reduce(into: [Parameter]()) { parameters, entry in
            for value in entry.reading.values.entries where !parameters.contains(value.parameter) {
                parameters.append(value.parameter)
            }
        }
        packed.add(parameters.count)
        parameters.forEach { packed.add($0.rawValue) }
        packed.add(entries.count)
        for entry in entries { packed.add(entry, parameters) }
        return packed.bytes
    }

    private enum Flag {
        static let discharge: UInt8 = 1
        static let stale: UInt8 = 2
    }
}

private enum ValueFlag {
    static let counts: UInt8 = 1
    static let below: UInt8 = 2
    static let provisional: UInt8 = 4
}

extension Packing {
    fileprivate mutating func add(_ entry: DayReadings.Entry, _ parameters: [Parameter]) {
        let reading = entry.reading
        add(wide: UInt64(bitPattern: reading.observedAt.millisecondsSince1970))
        add(byte: reading.series.number)
        add(entry.version)
        add(reading.values.count)
        // Mostly each reading has the same parameters as the first.
        for (expected, value) in reading.values.entries.enumerated() {
            let isThere = expected < parameters.count && parameters[expected] == value.parameter
            guard let place = isThere ? expected : parameters.firstIndex(of: value.parameter) else {
                preconditionFailure("\(value.parameter) is not in the list of its day")
            }
            add(place)
            let one = value.value
            add(
                byte: (one.figure == nil ? 0 : ValueFlag.counts) | (one.isBelow ? ValueFlag.below : 0)
                    | (one.isProvisional ? ValueFlag.provisional : 0))
            if let figure = one.figure { add(wide: figure.bitPattern) }
        }
    }
}

extension Unpacking {
    fileprivate mutating func entry(_ parameters: [Parameter]) throws(Malformed) -> DayReadings.Entry {
        let moment = Instant(millisecondsSince1970: Int64(bitPattern: try wide()))
        guard let series = Series(number: try byte()) else { throw Malformed("", "holds an unknown series") }
        let version = try number()
        var values: [(Parameter, CountedReading.Value)] = []
        let count = try number()
        values.reserveCapacity(min(count, parameters.count))
        for _ in 0..<count {
            let parameter = try number()
            guard parameters.indices.contains(parameter) else {
                throw Malformed("", "holds a value without its parameter")
            }
            let flags = try byte()
            let figure = flags & ValueFlag.counts == 0 ? nil : Double(bitPattern: try wide())
            // The sums hold no others.
            guard figure.map(parameters[parameter].plausible.contains) ?? true else {
                throw Malformed("", "holds an implausible figure")
            }
            values.append(
                (
                    parameters[parameter],
                    CountedReading.Value(
                        figure: figure, isBelow: flags & ValueFlag.below != 0,
                        isProvisional: flags & ValueFlag.provisional != 0)
                ))
        }
        return DayReadings.Entry(
            reading: CountedReading(observedAt: moment, series: series, values: ByParameter(inOrder: values)),
            version: version)
    }
}
