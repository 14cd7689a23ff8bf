import Models

/// Readings as a table for a spreadsheet (RFC 4180): a column for each parameter that occurs, its code and
/// unit in the head.
enum ReadingTable {
    static func csv(_ readings: [PublishedReading]) -> [UInt8] {
        let occurring = Set(readings.flatMap(\.values.keys))
        let parameters = Parameter.allCases.filter(occurring.contains)
        let head = ["observedAt", "class", "decisive"] + parameters.map(title) + ["source"]
        let rows = readings.map { reading in
            [
                reading.observedAt.description, reading.waterClass?.rawValue ?? "",
                reading.decisive.map(\.rawValue).joined(separator: " "),
            ] + parameters.map { reading.values[$0].map { "\($0)" } ?? "" } + [reading.source ?? ""]
        }
        // The mark tells spreadsheets that the bytes are UTF-8.
        let text = "\u{FEFF}" + ([head] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
        return Array(text.utf8)
    }

    private static func title(_ parameter: Parameter) -> String {
        let unit = parameter.unit.isEmpty ? "" : " (\(parameter.unit))"
        return "\(parameter.rawValue) \(parameter.name.en)\(unit)"
    }

    private static func cell(_ text: String) -> String {
        // A spreadsheet would run a text that begins like a formula; a number that does is a number.
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula && Double(text) == nil ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
