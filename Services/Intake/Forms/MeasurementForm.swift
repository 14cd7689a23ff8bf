import Models
import Processing
import Readings
import Text

/// A measurement as JSON, with what a plain number can't say:
///
///     "measurements": {"w21003": {"written": "25L", "unit": "μg/L", "status": "valid"},
///                      "w01009": {"value": 0.3, "flag": "fault"}, "w01001": {"withdrawn": true}}
///
/// It has exactly one of these: `value` (a number), `below` (the limit of detection), `written` alone (read
/// like a cell of a table), `withdrawn`. Beside `value` or `below`, `written` is the text of the author.
enum MeasurementForm {
    /// Nil if the reading has no such object; the form knows whether that is a fault.
    static func all(
        _ form: inout Form, _ status: Measurement.Status, at now: Instant
    ) -> [Parameter: Measurement]? {
        guard var within = form.form("measurements") else { return nil }
        var measurements: [Parameter: Measurement] = [:]
        for name in within.names {
            guard let parameter = Parameter(rawValue: name) else {
                within.add(name, "is not a known parameter")
                continue
            }
            guard var one = within.form(name) else { continue }
            measurements[parameter] = measurement(&one, parameter, status, now)
            within.add(one.faults)
        }
        form.add(within.faults)
        return measurements
    }

    private static func measurement(
        _ form: inout Form, _ parameter: Parameter, _ otherwise: Measurement.Status, _ now: Instant
    ) -> Measurement? {
        let value = form.number("value")
        let below = form.number("below")
        let written = form.text("written")
        let isWithdrawn = form.flag("withdrawn") ?? false
        let flag = form.choice("flag", of: Measurement.Flag.self) ?? .valid
        let status = form.choice("status", of: Measurement.Status.self) ?? otherwise
        let unit = form.text("unit")
        let sampledAt = form.moment("sampledAt")
        if let sampledAt, (sampledAt - now).wholeMilliseconds > Limit.readingAheadMilliseconds {
            form.add("sampledAt", "lies in the future")
        }
        form.refuseUnknown()
        let before = form.faults.count
        // The number becomes a text as in a table: there the unit is applied to its digits.
        let text: String
        switch (value, below, isWithdrawn) {
        case (let value?, nil, false): text = "\(value)"
        case (nil, let limit?, false): text = "<\(limit)"
        // A withdrawal also withdraws a reviewed value, so its status is valid.
        case (nil, nil, true): return Measurement(.withdrawn, status: .valid)
        case (nil, nil, false):
            guard let written else {
                if before == 0 { form.add("value", "is missing; give value, below, written or withdrawn") }
                return nil
            }
            text = written
        default:
            form.add("value", "is not the only one: a measurement has only one of value, below and withdrawn")
            return nil
        }
        let read: Measurement
        do throws(Malformed) {
            read = try Measurement(written: text, of: parameter, unit: unit, flag: flag)
        } catch {
            let field = value != nil ? "value" : below != nil ? "below" : "written"
            for fault in error.faults {
                form.add(fault.field == "written" ? field : fault.field, fault.detail)
            }
            return nil
        }
        let isConverted = parameter.scale(from: unit ?? parameter.unit) ?? 0 != 0
        let kept = value == nil && below == nil ? read.written : written
        let measurement = Measurement(
            read.value, flag: read.flag, status: read.isWithdrawn ? .valid : status, written: kept,
            unit: kept != nil && isConverted ? unit ?? parameter.unit : nil, sampledAt: sampledAt)
        for fault in measurement.faults(of: parameter) { form.add(fault.field, fault.detail) }
        return measurement
    }
}
