import Models

/// Readings posted as JSON: `{"readings": [{"section": …, "observedAt": …, "values": {"w01001": 7.1}}]}`.
/// Each is a report of an automatic reading at its moment, not reviewed yet.
enum ReadingsForm {
    /// More than a station sends in a month; a longer history is posted in parts.
    static let readingsLimit = 10_000
    /// Enough to see what is wrong with a file; the rest is counted.
    static let faultsLimit = 100

    static func read(_ form: Form, registry: Registry, now: Instant) throws(Malformed) -> [Report] {
        var form = form
        guard let list = form.require("readings", form.list("readings")) else { throw Malformed(form.faults) }
        if list.isEmpty { form.add("readings", "is empty") }
        if list.count > readingsLimit { form.add("readings", "holds more than \(readingsLimit)") }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        var reports: [Report] = []
        var places: [ReadingKey: Int] = [:]
        for (index, value) in list.enumerated() where form.faults.count < faultsLimit {
            guard case .object(let fields) = value else {
                form.add("readings.\(index)", "is not an object")
                continue
            }
            var one = Form(fields, path: "readings.\(index).")
            if let report = read(&one, registry, now) {
                // The second would correct the first, and nobody could say which is right.
                if let twin = places.updateValue(index, forKey: report.key) {
                    one.add("observedAt", "is of the same section and time as readings.\(twin)")
                }
                reports.append(report)
            }
            form.add(one.faults)
        }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        return reports
    }

    private static func read(_ form: inout Form, _ registry: Registry, _ now: Instant) -> Report? {
        let section = section(&form, registry)
        let observedAt = instant(&form, now)
        let measurements = measurements(&form)
        let source = form.text("source")
        guard let section, let observedAt else { return nil }
        let report = Report(
            section: section.id, observedAt: observedAt, source: source, measurements: measurements)
        // What is wrong with a measurement was named where it stands in the form.
        for fault in report.faults where fault.field == "source" { form.add(fault.field, fault.detail) }
        return report
    }

    private static func section(_ form: inout Form, _ registry: Registry) -> Section? {
        guard let text = form.require("section", form.text("section")) else { return nil }
        guard let section = registry.section(named: text) else {
            form.add("section", "is not a section here")
            return nil
        }
        return section
    }

    private static func instant(_ form: inout Form, _ now: Instant) -> Instant? {
        guard let text = form.require("observedAt", form.text("observedAt")) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            form.add("observedAt", "is not an RFC 3339 date-time with an offset")
            return nil
        }
        guard (instant - now).wholeMilliseconds <= Limit.readingAheadMilliseconds else {
            form.add("observedAt", "lies in the future")
            return nil
        }
        return instant
    }

    private static func measurements(_ form: inout Form) -> [Parameter: Measurement] {
        guard var within = form.form("values") else {
            _ = form.require("values", [Parameter: Measurement]?.none)
            return [:]
        }
        var measurements: [Parameter: Measurement] = [:]
        for name in within.names {
            guard let parameter = Parameter(rawValue: name) else {
                within.add(name, "is not a parameter known here")
                continue
            }
            guard let measurement = within.number(name).map({ Measurement($0) }) else { continue }
            for fault in measurement.faults(of: parameter) { within.add(name, fault.detail) }
            measurements[parameter] = measurement
        }
        form.add(within.faults)
        return measurements
    }
}
