public import Models

/// The unit that a column's header names.
struct ColumnUnit: Hashable, Sendable {
    /// A value times ten to the power of `scale` is in `Parameter.unitOnLog`.
    let scale: Int
    let text: String

    /// Where no unit is named, values are in `Parameter.unit`.
    init(of parameter: Parameter) {
        scale = -parameter.shownScale
        text = parameter.unit
    }

    /// More than any spelling of a unit needs. A text of many combining marks costs the square of its length
    /// when it is hashed.
    private static let bytes = 64

    init?(_ text: some StringProtocol, of parameter: Parameter) {
        guard text.utf8.count <= Self.bytes, let scale = Self.scales(of: parameter)[Self.plain(text)] else {
            return nil
        }
        self.scale = scale
        self.text = String(text.trimmed)
    }

    /// The powers of ten that convert each unit to the parameter's unit.
    private static func scales(of parameter: Parameter) -> [String: Int] {
        switch parameter {
        case .pH: ["": 0, "无量纲": 0, "无单位": 0, "/": 0, "phunits": 0, "phunit": 0]
        case .waterTemperature: ["°c": 0, "c": 0, "degc": 0, "摄氏度": 0]
        case .conductivity: ["us/cm": 0, "ms/cm": 3, "ms/m": 1, "s/m": 4]
        case .turbidity: ["ntu": 0]
        case .faecalColiforms:
            [
                "/l": 0, "个/l": 0, "mpn/l": 0, "cfu/l": 0, "/100ml": 1, "mpn/100ml": 1, "cfu/100ml": 1,
                "个/100ml": 1, "/ml": 3, "个/ml": 3,
            ]
        case .algalDensity:
            ["cells/l": 0, "个/l": 0, "cells/ml": 3, "个/ml": 3, "万个/l": 4, "万cells/l": 4]
        case .transparency: ["m": 0, "cm": -2, "mm": -3]
        case .flow: ["l/s": 0, "m3/s": 3, "ml/s": -3]
        default:
            [
                "mg/l": 0, "ug/l": -3, "ng/l": -6, "g/l": 3, "mg/m3": -3, "g/m3": 0, "ug/ml": 0, "mg/dm3": 0,
                "ug/dm3": -3,
            ]
        }
    }

    /// One spelling for all: mg·L⁻¹, mg L-1 and 毫克/升 become mg/l.
    private static func plain(_ text: some StringProtocol) -> String {
        var plain = text.folded.lowercased().filter { !$0.isWhitespace && !"·•*.^_".contains($0) }
        if plain.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "-") }) { return plain }
        for (written, meant) in spellings { plain = plain.replacing(written, with: meant) }
        return plain.filter { $0 != "-" }
    }

    /// The order matters: 毫升 contains 升, and ml-1 contains l-1.
    private static let spellings = [
        ("毫克", "mg"), ("微克", "ug"), ("纳克", "ng"), ("毫升", "ml"), ("微西门子", "us"), ("毫西门子", "ms"),
        ("微西", "us"), ("毫西", "ms"), ("厘米", "cm"), ("立方米", "m3"), ("细胞", "cells"), ("克", "g"), ("升", "l"),
        ("米", "m"), ("每", "/"), ("100ml-1", "/100ml"), ("ml-1", "/ml"), ("dm-3", "/dm3"), ("m-3", "/m3"),
        ("cm-1", "/cm"), ("l-1", "/l"), ("m-1", "/m"),
    ]
}

extension Parameter {
    /// The power of ten that converts this unit to the log's (`unitOnLog`); nil if the unit is not known
    /// here.
    public func scale(from unit: String) -> Int? { ColumnUnit(unit, of: self)?.scale }
}
