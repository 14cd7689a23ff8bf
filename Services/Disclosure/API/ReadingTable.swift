import Models
import Readings

/// Readings of a section as a table for a spreadsheet (RFC 4180): a column for each parameter that occurs,
/// its code and unit in the head. Intake can read such a table in again: `assessedClass` and `decisive` are
/// our judgement of the figures, so they mean nothing there; `publishedClass` is the class that the publisher
/// gave.
///
/// A value below a limit of detection is shown as the laboratory wrote it. A value whose flag says that it is
/// not a measurement of the water is left empty. Period, origin and status get a column only if a reading
/// differs from the usual case: automatic, of a moment, not reviewed.
enum ReadingTable {
    private struct Column {
        let title: String
        let cell: (PublishedReading) -> String
    }

    static func csv(_ readings: [PublishedReading], of section: SectionID) -> [UInt8] {
        let columns = columns(readings, section)
        return Spreadsheet.csv(
            [columns.map(\.title)] + readings.map { reading in columns.map { $0.cell(reading) } })
    }

    private static func columns(_ readings: [PublishedReading], _ section: SectionID) -> [Column] {
        let occurring = Set(readings.flatMap(\.figures.keys))
        var columns = [
            Column(title: "section") { _ in section.rawValue },
            Column(title: "observedAt") { $0.observedAt.description },
            Column(title: "assessedClass") { $0.waterClass?.rawValue ?? "" },
            Column(title: "decisive") { $0.decisive.map(\.rawValue).joined(separator: " ") },
        ]
        columns += Parameter.allCases.filter(occurring.contains).map { parameter in
            Column(title: title(parameter)) { reading in
                reading.measurements[parameter].flatMap { $0.flag == .valid ? $0.text(of: parameter) : nil }
                    ?? ""
            }
        }
        columns.append(Column(title: "source") { $0.source ?? "" })
        if readings.contains(where: { $0.publishedClass != nil }) {
            columns.append(Column(title: "publishedClass") { $0.publishedClass?.rawValue ?? "" })
        }
        if readings.contains(where: { $0.period != .instant }) {
            columns.append(Column(title: "period") { $0.period.rawValue })
        }
        if readings.contains(where: { $0.origin != .automatic }) {
            columns.append(Column(title: "origin") { $0.origin.rawValue })
        }
        if readings.contains(where: { !$0.isProvisional }) {
            columns.append(
                Column(title: "status") {
                    ($0.isProvisional ? Measurement.Status.provisional : .valid).rawValue
                })
        }
        return columns
    }

    private static func title(_ parameter: Parameter) -> String {
        let unit = parameter.unit.isEmpty ? "" : " (\(parameter.unit))"
        return "\(parameter.rawValue) \(parameter.name.en)\(unit)"
    }
}
