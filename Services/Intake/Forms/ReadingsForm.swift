import Models
import Text

/// Readings posted as JSON: `{"readings": [{"section": …, "observedAt": …, "values": {"w01001": 7.1}}]}`.
/// Unless it says otherwise, each is a report of an automatic reading at its moment, not reviewed yet. A
/// value that is more than a number is in `measurements` (`MeasurementForm`).
///
/// As in a table, nothing is left out in silence: a field that is not known here is a fault, and so is a
/// reading without a measurement.
enum ReadingsForm {
    /// More than a station sends in a month; a longer history is posted in parts.
    static let readingsLimit = 10_000
    /// Enough faults to see what is wrong with a file; the rest is counted.
    static let faultsLimit = 100

    /// - Parameter allowsEmpty: a reading without a measurement is no fault. Gateways' topics hold such
    ///   records, and what is on a log stays readable.
    static func read(
        _ form: Form, registry: Registry, now: Instant, allowsEmpty: Bool = false
    ) throws(Malformed) -> [Report] {
        var form = form
        guard let list = form.require("readings", form.list("readings")) else { throw Malformed(form.faults) }
        form.refuseUnknown()
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
            if let report = read(&one, registry, now, allowsEmpty) {
                // The second would correct the first, and nobody could tell which one is right.
                if let twin = places.updateValue(index, forKey: report.key) {
                    one.add("observedAt", "repeats the section and time of readings.\(twin)")
                }
                reports.append(report)
            }
            form.add(one.faults)
        }
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        return reports
    }

    private static func read(
        _ form: inout Form, _ registry: Registry, _ now: Instant, _ allowsEmpty: Bool
    ) -> Report? {
        let section = section(&form, registry)
        let observedAt = instant(&form, now)
        let status = form.choice("status", of: Measurement.Status.self) ?? .provisional
        let measurements = measurements(&form, status, allowsEmpty, now)
        let period = form.choice("period", of: Period.self)
        let origin = form.choice("origin", of: Origin.self)
        let publishedClass = publishedClass(&form)
        let source = form.text("source")
        form.refuseUnknown()
        guard let section, let observedAt else { return nil }
        let report = Report(
            section: section, observedAt: observedAt, period: period ?? .instant,
            origin: origin ?? .automatic, source: source, publishedClass: publishedClass,
            measurements: measurements)
        // Faults of a measurement are already noted at its place in the form.
        for fault in report.faults where fault.field == "source" { form.add(fault.field, fault.detail) }
        return report
    }

    /// A section, or an outfall of an enterprise.
    private static func section(_ form: inout Form, _ registry: Registry) -> SectionID? {
        guard let text = form.require("section", form.text("section")) else { return nil }
        guard let point = registry.point(named: text) else {
            form.add("section", "is neither a section nor an enterprise's outfall of the registry")
            return nil
        }
        return point.id
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

    /// Its former name, `class`, is on logs. In our own answers that is the name of our class.
    private static func publishedClass(_ form: inout Form) -> WaterClass? {
        let (now, former) = (
            form.choice("publishedClass", of: WaterClass.self), form.choice("class", of: WaterClass.self)
        )
        if now != nil, former != nil { form.add("class", "is also in publishedClass") }
        return now ?? former
    }

    private static func measurements(
        _ form: inout Form, _ status: Measurement.Status, _ allowsEmpty: Bool, _ now: Instant
    ) -> [Parameter: Measurement] {
        let before = form.faults.count
        let plain = values(&form, status)
        let full = MeasurementForm.all(&form, status, at: now)
        // A field that is present but wrong already has a fault.
        if plain == nil, full == nil, form.faults.count == before {
            form.add("values", "is missing; give values or measurements")
        } else if plain ?? [:] == [:], full ?? [:] == [:], form.faults.count == before, !allowsEmpty {
            form.add(plain == nil ? "measurements" : "values", "holds no measurement")
        }
        for parameter in Parameter.allCases where plain?[parameter] != nil && full?[parameter] != nil {
            form.add("measurements.\(parameter.rawValue)", "is also in values")
        }
        return (plain ?? [:]).merging(full ?? [:]) { $1 }
    }

    private static func values(
        _ form: inout Form, _ status: Measurement.Status
    ) -> [Parameter: Measurement]? {
        guard var within = form.form("values") else { return nil }
        var measurements: [Parameter: Measurement] = [:]
        for name in within.names {
            guard let parameter = Parameter(rawValue: name) else {
                within.add(name, "is not a known parameter")
                continue
            }
            guard let number = within.number(name) else { continue }
            let measurement = Measurement(.measured(parameter.logged(number)), status: status)
            for fault in measurement.faults(of: parameter) { within.add(name, fault.detail) }
            measurements[parameter] = measurement
        }
        form.add(within.faults)
        return measurements
    }
}
