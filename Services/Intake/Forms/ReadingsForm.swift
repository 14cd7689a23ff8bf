import Models

/// Readings posted as JSON: `{"readings": [{"section": …, "observedAt": …, "values": {"w01001": 7.1}}]}`.
enum ReadingsForm {
    /// More than a station sends in a month; a longer history is posted in parts.
    static let readingsLimit = 10_000
    /// Enough to see what is wrong with a file; the rest is counted.
    static let faultsLimit = 100

    static func read(_ form: Form, registry: Registry, now: Instant) throws(Malformed) -> [Reading] {
        var form = form
        guard let list = form.require("readings", form.list("readings")) else { throw Malformed(form.faults) }
        if list.isEmpty { form.add("readings", "is empty") }
        if list.count > readingsLimit { form.add("readings", "holds more than \(readingsLimit)") }
        var readings: [Reading] = []
        for (index, value) in list.prefix(readingsLimit).enumerated() where form.faults.count < faultsLimit {
            guard case .object(let fields) = value else {
                form.add("readings.\(index)", "is not an object")
                continue
            }
            var one = Form(fields, path: "readings.\(index).")
            if let reading = read(&one, registry, now) { readings.append(reading) }
            form.add(one.faults)
        }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        return readings
    }

    private static func read(_ form: inout Form, _ registry: Registry, _ now: Instant) -> Reading? {
        let section = section(&form, registry)
        let observedAt = instant(&form, now)
        let values = values(&form)
        let source = form.text("source")
        guard let section, let observedAt else { return nil }
        let reading = Reading(section: section.id, observedAt: observedAt, values: values, source: source)
        for fault in reading.faults { form.add(fault.field, fault.detail) }
        return reading
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

    private static func values(_ form: inout Form) -> [Parameter: Double] {
        guard var within = form.form("values") else {
            _ = form.require("values", [Parameter: Double]?.none)
            return [:]
        }
        var values: [Parameter: Double] = [:]
        for name in within.names {
            guard let parameter = Parameter(rawValue: name) else {
                within.add(name, "is not a parameter known here")
                continue
            }
            if let value = within.number(name) { values[parameter] = value }
        }
        form.add(within.faults)
        return values
    }
}
