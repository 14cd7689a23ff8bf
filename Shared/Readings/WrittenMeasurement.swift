public import Models
public import Text

extension Measurement {
    /// A measurement as a laboratory writes it, read as in a cell of a table: `7.1`, `0.01L`, `<0.01`,
    /// `>24000`, `2.4×10^4`.
    ///
    /// - Parameter unit: the unit of `written`; nil: `Parameter.unit`.
    /// - Throws: faults of `written` and `unit`.
    public init(
        written text: String, of parameter: Parameter, unit: String? = nil, flag: Flag = .valid
    ) throws(Malformed) {
        var known: ColumnUnit?
        if let unit {
            known = ColumnUnit(unit, of: parameter)
            guard known != nil else {
                let ours = parameter.unit.isEmpty ? "none" : parameter.unit
                throw Malformed("unit", "is unknown; ours is \(ours)")
            }
        }
        let cell = ReadingCell(text.excerpt(ReadingCell.bytes))
        guard !cell.isMissing else { throw Malformed("written", "is not a measurement") }
        do throws(ReadingCell.Unreadable) {
            self = try cell.measurement(of: parameter, unit: known, flag: flag).measurement
        } catch {
            throw Malformed("written", error.detail)
        }
    }
}
