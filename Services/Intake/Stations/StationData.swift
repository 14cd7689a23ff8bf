import Models
import Processing
import Readings
import Text

/// What a data packet says about the water, and which parts could not be used.
struct StationData: Equatable {
    /// Nil if no part of it can be used.
    private(set) var report: Report?
    /// Why nobody can say when the water was like this. Then it is no reading, whatever the values are.
    private(set) var timeFault: String?
    /// Remarks for the operator, one for each part that is left out.
    private(set) var remarks: [String] = []

    /// What a packet says of one code.
    private struct Told {
        let code: String
        /// By the kind of value in lower case: `rtd`, `avg`, `flag`, `sampletime` …
        var values: [String: [String]] = [:]
    }

    init(_ packet: Packet, of station: Station, as series: Station.Series, at now: Instant) {
        let clock = StationClock(station)
        let all = Self.told(by: packet)
        // A packet that says nothing needs no time.
        guard !all.isEmpty else { return }
        guard let text = packet.value(of: "DataTime"), let observedAt = clock.instant(text) else {
            timeFault = "the DataTime is missing or can't be read"
            return
        }
        guard (observedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds else {
            timeFault = "DataTime \(observedAt) is in the future; the station's clock may be wrong"
            return
        }
        var measurements: [Parameter: (code: String, measurement: Measurement)] = [:]
        for told in all {
            guard let (parameter, measurement) = measurement(told, station, series, clock, observedAt) else {
                continue
            }
            if let twin = measurements[parameter] {
                let isOwn = StationCodes.isOwn(told.code, of: parameter)
                remarks.append("\(twin.code) and \(told.code) are the same parameter")
                if !isOwn { continue }
            }
            measurements[parameter] = (told.code, measurement)
        }
        guard !measurements.isEmpty else { return }
        // At most four bytes for each character, and the mark `…` for a cut text (`Limit.sourceBytes`).
        report = Report(
            section: station.section, station: station.id, observedAt: observedAt, period: series.period,
            source: station.name.excerpt(89), measurements: measurements.mapValues(\.measurement))
    }

    /// A flag may be in the group of its value, elsewhere under the same code, or without a code.
    private static func told(by packet: Packet) -> [Told] {
        var told: [Told] = []
        var places: [String: Int] = [:]
        var last: Int?
        for item in packet.items {
            var bare: [Packet.Field] = []
            for field in item {
                guard let hyphen = field.name.firstIndex(of: "-") else {
                    if ["flag", "sampletime"].contains(field.name.lowercased()) { bare.append(field) }
                    continue
                }
                let code = String(field.name[..<hyphen])
                let kind = field.name[hyphen...].dropFirst().lowercased()
                let place = places[code] ?? told.count
                if place == told.count {
                    told.append(Told(code: code))
                    places[code] = place
                }
                told[place].values[kind, default: []].append(field.value)
                last = place
            }
            for field in bare {
                if let last { told[last].values[field.name.lowercased(), default: []].append(field.value) }
            }
        }
        return told
    }

    // MARK: One parameter

    private mutating func measurement(
        _ told: Told, _ station: Station, _ series: Station.Series, _ clock: StationClock,
        _ observedAt: Instant
    ) -> (Parameter, Measurement)? {
        let kinds = series == .now ? ["rtd", "avg"] : ["avg", "rtd"]
        guard let kind = kinds.first(where: { told.values[$0] != nil }) else {
            // Results of self-checks and of the device's state are not measurements of the river.
            if told.values.keys.elementsEqual(["flag"]) {
                remarks.append("\(told.code) has a flag and no value")
            }
            return nil
        }
        guard let parameter = StationCodes.parameter(told.code) else {
            remarks.append("\(told.code) is not a known parameter")
            return nil
        }
        guard let text = only(kind, told), let letter = only("flag", told, preset: ""),
            let sample = only("sampletime", told, preset: "")
        else { return nil }
        let unit = station.units[parameter]
        if unit == nil, StationCodes.needsUnit(parameter) {
            remarks.append("\(told.code) has no unit in stations.csv: µg/L or mg/L")
            return nil
        }
        let scale = unit.flatMap { parameter.scale(from: $0) } ?? 0
        guard let value = Self.value(text, scale: scale) else {
            if !text.isEmpty {
                remarks.append("\(told.code) is \"\(text.excerpt(20))\", which is not a number")
            }
            return nil
        }
        let flag = letter.isEmpty ? .valid : StationCodes.flag(letter)
        if flag == nil {
            remarks.append("\(told.code) has the flag \"\(letter.excerpt(8))\", which is not known")
        }
        let sampledAt = sample.isEmpty ? nil : clock.instant(sample)
        if sampledAt == nil, !sample.isEmpty {
            remarks.append("\(told.code) has a SampleTime that can't be read")
        }
        let isWritten = scale != 0 || value.isBelow
        let measurement = Measurement(
            value, flag: flag ?? .suspect, written: isWritten ? text : nil, unit: scale == 0 ? nil : unit,
            sampledAt: sampledAt == observedAt ? nil : sampledAt)
        let faults = measurement.faults(of: parameter)
        guard faults.isEmpty else {
            remarks.append("\(told.code): \(faults[0].detail)")
            return nil
        }
        return (parameter, measurement)
    }

    /// The one value, even if it is repeated; nil if there are two different ones, because nobody knows which
    /// is right.
    private mutating func only(_ kind: String, _ told: Told, preset: String? = nil) -> String? {
        let values = told.values[kind] ?? []
        guard let first = values.first else { return preset }
        if values.allSatisfy({ $0 == first }) { return first }
        remarks.append("\(told.code)-\(kind) is there twice with different values")
        return nil
    }

    /// `7.02`, `0.01L`, `<0.01`, converted to our unit by ten to the power of `scale`. The exponent is
    /// appended to the digits, so that a multiplication changes no digit.
    private static func value(_ text: String, scale: Int) -> Measurement.Value? {
        let isBelow = text.hasPrefix("<") || text.hasSuffix("L")
        let digits = text.hasPrefix("<") ? text.dropFirst() : isBelow ? text.dropLast() : text[...]
        let parts = digits.split(separator: "e", omittingEmptySubsequences: false)
            .flatMap { $0.split(separator: "E", omittingEmptySubsequences: false) }
        guard (1...2).contains(parts.count), let first = parts.first, !first.isEmpty,
            first.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) }),
            let exponent = parts.count == 2 ? Int(parts[1]) : 0, (-400...400).contains(exponent),
            let number = Double("\(first)e\(exponent + scale)"), number.isFinite
        else { return nil }
        return isBelow ? .below(number) : .measured(number)
    }
}

extension Measurement.Value {
    fileprivate var isBelow: Bool { if case .below = self { true } else { false } }
}
