/// How means are rounded before they are judged.
public enum Rounding: String, CaseIterable, Sendable {
    /// By the table below, half to even (GB/T 8170: 四舍六入五成双).
    case official
    /// Not at all.
    case none

    /// The mean as it is judged and printed.
    ///
    /// A value that would become 0 keeps one significant digit.
    public func apply(to value: Double, of parameter: Parameter) -> Double {
        guard self == .official, let decimals = Self.decimals(of: parameter), value.isFinite else {
            return value
        }
        let rounded = Self.halfToEven(value, decimals: decimals)
        guard rounded == 0, value != 0 else { return rounded }
        for more in decimals + 1...Self.mostDecimals {
            let kept = Self.halfToEven(value, decimals: more)
            if kept != 0 { return kept }
        }
        return value
    }

    /// Decimals of a mean in `Parameter.unitOnLog`: chlorophyll a has none in mg/m³.
    ///
    /// Decimals of data for assessment: 总站水字〔2018〕87号 as the package SurfaceWater has it
    /// (StatisticalTechnicalRegulations.cs). The document itself was not seen. It matters most for pH:
    /// without decimals, a pH of 9.3 is 9 and satisfies table 1.
    ///
    /// Nil: the table does not have it, so it is not rounded.
    public static func decimals(of parameter: Parameter) -> Int? {
        switch parameter {
        case .pH, .chlorophyllA, .faecalColiforms, .algalDensity: parameter == .chlorophyllA ? 3 : 0
        case .waterTemperature, .conductivity, .turbidity, .dissolvedOxygen, .permanganateIndex,
            .chemicalOxygenDemand, .biochemicalOxygenDemand:
            1
        // Neither is an item of a surface water.
        case .suspendedSolids, .flow: nil
        case .ammoniaNitrogen, .totalNitrogen, .petroleum, .anionicSurfactant, .transparency: 2
        case .totalPhosphorus, .copper, .zinc, .fluoride, .hexavalentChromium, .lead, .cyanide, .sulphide: 3
        case .selenium, .arsenic, .volatilePhenol: 4
        case .mercury, .cadmium: 5
        }
    }

    private static let mostDecimals = 12

    /// With one decimal, as bulletins print shares, multiples and indices. Pages and sentences that show the
    /// same figure both use this.
    public static func toTenth(_ value: Double) -> Double { halfToEven(value, decimals: 1) }

    /// Halves are recognised to 10⁻⁹ of the last digit: 0.125 is half way also where a `Double` is a little
    /// beside it.
    static func halfToEven(_ value: Double, decimals: Int) -> Double {
        let scale = power(10, Double(decimals))
        let scaled = value * scale
        let below = scaled.rounded(.down)
        let rest = scaled - below
        let isHalf = abs(rest - 0.5) < 1e-9 * max(1, abs(scaled))
        let whole = isHalf ? (below / 2 == (below / 2).rounded(.down) ? below : below + 1) : scaled.rounded()
        return whole / scale
    }
}
