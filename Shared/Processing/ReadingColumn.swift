public import Models

/// What a column of a table of readings means.
enum ReadingColumn: Hashable, Sendable {
    case section, observedAt, publishedClass, source
    /// A value in the parameter's unit once it is multiplied by ten to the power of `scale`; `unit` is the
    /// column's own, where that is another.
    case value(Parameter, scale: Int, unit: String?)

    /// A column that is known and yet can't be read.
    struct Unclear: Error {
        let detail: String
    }

    /// Nil where the header means nothing here.
    init?(header written: String) throws(Unclear) {
        let header = Self.plain(written)
        if let known = Self.others[header] {
            self = known
            return
        }
        if let parameter = Self.parameters[header] {
            self = try Self.withoutUnit(parameter, header)
            return
        }
        // Brackets at the end hold a unit or a remark: 总磷(以P计)(mg/L).
        var name = header
        var remarks: [String] = []
        while let (shorter, remark) = Self.lastBracket(of: name) {
            name = shorter
            remarks.append(remark)
            if let known = Self.others[name] {
                self = known
                return
            }
            if let parameter = Self.parameters[name] {
                self = try Self.column(parameter, remarks, name, written)
                return
            }
        }
        return nil
    }

    var parameter: Parameter? {
        if case .value(let parameter, _, _) = self { parameter } else { nil }
    }

    /// Whether two columns hold the same, whatever their units.
    func means(_ other: ReadingColumn) -> Bool {
        self == other || parameter != nil && parameter == other.parameter
    }

    // MARK: Units

    private static func column(
        _ parameter: Parameter, _ remarks: [String], _ name: String, _ header: String
    ) throws(Unclear) -> ReadingColumn {
        let units = remarks.filter { !isRemark($0, on: parameter) }
        guard let unit = units.first else { return try withoutUnit(parameter, name) }
        guard units.count == 1, let scale = scales(for: parameter)[unit] else {
            let ours = parameter.unit.isEmpty ? "none" : parameter.unit
            throw Unclear(detail: "the unit \(unit) is not known here; ours is \(ours)")
        }
        return .value(parameter, scale: scale, unit: scale == 0 ? nil : asWritten(unit, in: header))
    }

    /// The bracket of a header that a unit without its case and blanks comes from.
    private static func asWritten(_ unit: String, in header: String) -> String {
        var rest = String(header.folded.trimmed)
        while let (shorter, remark) = lastBracket(of: rest) {
            if plain(remark) == unit { return String(remark.trimmed) }
            rest = String(shorter.trimmed)
        }
        return unit
    }

    /// A column without a unit is in ours, but for the metals that HJ 212-2017 table B.1 has in µg/L under
    /// the same code: stations send both, and a factor of 1,000 is no thing to guess.
    private static func withoutUnit(_ parameter: Parameter, _ name: String) throws(Unclear) -> ReadingColumn {
        switch parameter {
        case .mercury, .cadmium, .hexavalentChromium, .arsenic, .lead, .selenium:
            guard name != parameter.rawValue else {
                throw Unclear(detail: "names no unit: HJ 212 has it in µg/L, GB 3838 in mg/L")
            }
        default: break
        }
        return .value(parameter, scale: 0, unit: nil)
    }

    private static func isRemark(_ text: String, on parameter: Parameter) -> Bool {
        text.hasPrefix("以") && text.hasSuffix("计") || parameters[text] == parameter
    }

    fileprivate static func scale(of parameter: Parameter, in unit: String) -> Int? {
        scales(for: parameter)[plain(unit)]
    }

    /// The powers of ten that lead to the parameter's unit.
    private static func scales(for parameter: Parameter) -> [String: Int] {
        switch parameter {
        case .pH: ["": 0, "无量纲": 0, "无单位": 0, "/": 0, "phunits": 0]
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
        default: ["mg/l": 0, "ug/l": -3, "ng/l": -6, "g/l": 3, "mg/m3": -3, "ug/ml": 0]
        }
    }

    // MARK: Names

    private static let others: [String: ReadingColumn] = {
        let names: [ReadingColumn: [String]] = [
            .section: ["断面名称", "断面", "断面编号", "断面代码", "section", "section id", "section name"],
            .observedAt: [
                "监测时间", "采样时间", "观测时间", "时间", "observed at", "sampled at", "date time", "data time", "time",
            ],
            .publishedClass: [
                "水质类别", "类别", "class", "water class", "water quality class", "published class",
            ],
            .source: ["数据来源", "来源", "source"],
        ]
        return Dictionary(
            uniqueKeysWithValues: names.flatMap { column, names in names.map { (plain($0), column) } })
    }()

    private static let parameters: [String: Parameter] = {
        let furtherNames: [Parameter: [String]] = [
            .waterTemperature: ["温度", "temperature", "WT"],
            .pH: ["pH值"],
            .dissolvedOxygen: ["DO"],
            .conductivity: ["EC", "electrical conductivity"],
            .turbidity: ["浑浊度", "turbidity", "NTU"],
            .permanganateIndex: ["CODMn", "IMn"],
            .chemicalOxygenDemand: ["COD", "CODCr"],
            .biochemicalOxygenDemand: ["生化需氧量", "BOD5", "BOD"],
            .ammoniaNitrogen: ["NH3-N", "NH4-N", "ammonia"],
            .totalPhosphorus: ["TP"],
            .totalNitrogen: ["TN"],
            .copper: ["总铜", "Cu"],
            .zinc: ["总锌", "Zn"],
            .fluoride: ["F-"],
            .selenium: ["总硒", "Se"],
            .arsenic: ["总砷", "As"],
            .mercury: ["总汞", "Hg"],
            .cadmium: ["总镉", "Cd"],
            .hexavalentChromium: ["铬(六价)", "Cr6+", "Cr(VI)", "chromium VI"],
            .lead: ["总铅", "Pb"],
            .cyanide: ["总氰化物", "CN-"],
            .volatilePhenol: ["挥发性酚", "volatile phenols"],
            .petroleum: ["石油"],
            .anionicSurfactant: ["LAS", "anionic surfactants"],
            .sulphide: ["sulfide", "S2-"],
            .faecalColiforms: ["粪大肠菌群数", "fecal coliforms", "faecal coliform", "fecal coliform"],
            .chlorophyllA: ["叶绿素", "chlorophyll", "chl-a", "chla"],
            .algalDensity: ["藻类密度", "algae density"],
        ]
        var parameters: [String: Parameter] = [:]
        for parameter in Parameter.allCases {
            let names = [parameter.rawValue, parameter.name.zh, parameter.name.en, "\(parameter)"]
            for name in names + furtherNames[parameter, default: []] { parameters[plain(name)] = parameter }
        }
        return parameters
    }()

    /// A name without what people write differently: case, blanks, hyphens, underscores, and the width of
    /// letters.
    private static func plain(_ text: String) -> String {
        text.folded.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
    }

    private static func lastBracket(of text: String) -> (before: String, within: String)? {
        guard let last = text.last, last == ")" || last == "]",
            let start = text.lastIndex(of: last == ")" ? "(" : "[")
        else { return nil }
        let within = text[text.index(after: start)...].dropLast()
        return (String(text[..<start]), String(within))
    }
}

extension Parameter {
    /// The power of ten that leads from a unit to ours (`unit`); nil where the unit is not known here.
    public func scale(from unit: String) -> Int? {
        ReadingColumn.scale(of: self, in: unit)
    }
}
