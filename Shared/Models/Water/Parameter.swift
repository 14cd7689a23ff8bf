/// What is measured; the raw value is the factor code of HJ 212-2017 table B.1.
///
/// Turbidity, chlorophyll a, algal density and transparency are not in that table; their codes are the ones
/// that stations use in practice.
public enum Parameter: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    case waterTemperature = "w01010"
    case pH = "w01001"
    case dissolvedOxygen = "w01009"
    case conductivity = "w01014"
    case turbidity = "w01003"
    case permanganateIndex = "w01019"
    case chemicalOxygenDemand = "w01018"
    case biochemicalOxygenDemand = "w01017"
    case ammoniaNitrogen = "w21003"
    case totalPhosphorus = "w21011"
    case totalNitrogen = "w21001"
    case copper = "w20122"
    case zinc = "w20123"
    case fluoride = "w21017"
    case selenium = "w20128"
    case arsenic = "w20119"
    case mercury = "w20111"
    case cadmium = "w20115"
    case hexavalentChromium = "w20117"
    case lead = "w20120"
    case cyanide = "w21016"
    case volatilePhenol = "w23002"
    case petroleum = "w22001"
    case anionicSurfactant = "w19002"
    case sulphide = "w21019"
    case faecalColiforms = "w02003"
    case chlorophyllA = "w01016"
    case algalDensity = "w19011"
    case transparency = "w01004"
    case suspendedSolids = "w01012"
    /// How much water an outfall discharges.
    case flow = "w00000"

    public var name: Name {
        switch self {
        case .waterTemperature: Name(zh: "水温", en: "Water temperature")
        case .pH: Name(zh: "pH", en: "pH")
        case .dissolvedOxygen: Name(zh: "溶解氧", en: "Dissolved oxygen")
        case .conductivity: Name(zh: "电导率", en: "Conductivity")
        case .turbidity: Name(zh: "浊度", en: "Turbidity")
        case .permanganateIndex: Name(zh: "高锰酸盐指数", en: "Permanganate index")
        case .chemicalOxygenDemand: Name(zh: "化学需氧量", en: "Chemical oxygen demand")
        case .biochemicalOxygenDemand: Name(zh: "五日生化需氧量", en: "Biochemical oxygen demand")
        case .ammoniaNitrogen: Name(zh: "氨氮", en: "Ammonia nitrogen")
        case .totalPhosphorus: Name(zh: "总磷", en: "Total phosphorus")
        case .totalNitrogen: Name(zh: "总氮", en: "Total nitrogen")
        case .copper: Name(zh: "铜", en: "Copper")
        case .zinc: Name(zh: "锌", en: "Zinc")
        case .fluoride: Name(zh: "氟化物", en: "Fluoride")
        case .selenium: Name(zh: "硒", en: "Selenium")
        case .arsenic: Name(zh: "砷", en: "Arsenic")
        case .mercury: Name(zh: "汞", en: "Mercury")
        case .cadmium: Name(zh: "镉", en: "Cadmium")
        case .hexavalentChromium: Name(zh: "六价铬", en: "Hexavalent chromium")
        case .lead: Name(zh: "铅", en: "Lead")
        case .cyanide: Name(zh: "氰化物", en: "Cyanide")
        case .volatilePhenol: Name(zh: "挥发酚", en: "Volatile phenol")
        case .petroleum: Name(zh: "石油类", en: "Petroleum")
        case .anionicSurfactant: Name(zh: "阴离子表面活性剂", en: "Anionic surfactant")
        case .sulphide: Name(zh: "硫化物", en: "Sulphide")
        case .faecalColiforms: Name(zh: "粪大肠菌群", en: "Faecal coliforms")
        case .chlorophyllA: Name(zh: "叶绿素a", en: "Chlorophyll a")
        case .algalDensity: Name(zh: "藻密度", en: "Algal density")
        case .transparency: Name(zh: "透明度", en: "Transparency")
        case .suspendedSolids: Name(zh: "悬浮物", en: "Suspended solids")
        case .flow: Name(zh: "流量", en: "Flow")
        }
    }

    /// The unit at the interfaces: tables and the HTTP interface are read and answered in it, and pages show
    /// it.
    ///
    /// Chlorophyll a is told in mg/m³, as bulletins and the trophic level index have it (总站生字〔2001〕090号).
    public var unit: String { self == .chlorophyllA ? "mg/m³" : unitOnLog }

    /// The unit of every value in the code and on the log. Values in other units are converted before they go
    /// on the log.
    public var unitOnLog: String {
        switch self {
        case .waterTemperature: "℃"
        case .pH: ""
        case .conductivity: "μS/cm"
        case .turbidity: "NTU"
        case .faecalColiforms: "/L"
        case .algalDensity: "cells/L"
        case .transparency: "m"
        case .flow: "L/s"
        default: "mg/L"
        }
    }

    /// The power of ten that converts a value on the log to `unit`.
    public var shownScale: Int { self == .chlorophyllA ? 3 : 0 }

    /// A value on the log in `unit`.
    public func shown(_ value: Double) -> Double { value.shifted(by: shownScale) }

    /// A value in `unit` as it goes on the log.
    public func logged(_ value: Double) -> Double { value.shifted(by: -shownScale) }

    /// The values that an instrument can mean, in `unitOnLog`. A value outside is a fault of the sender and
    /// not a bad river.
    public var plausible: ClosedRange<Double> {
        switch self {
        case .waterTemperature: -5...60
        case .pH: 0...14
        case .dissolvedOxygen: 0...50
        case .conductivity: 0...200_000
        case .turbidity: 0...100_000
        case .faecalColiforms, .algalDensity: 0...1e12
        case .transparency: 0...100
        case .flow: 0...1e9
        default: 0...100_000
        }
    }
}

extension Double {
    /// Times a power of ten. Only the decimal point moves: 0.0123 mg/L are 12.3 mg/m³, and not
    /// 12.299999999999999.
    fileprivate func shifted(by power: Int) -> Double {
        guard power != 0, isFinite else { return self }
        // A small or a large one describes itself as 1e-05.
        let parts = "\(self)".split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return Double("\(parts[0])e\(exponent + power)") ?? self
    }
}
