/// GB 3838-2002, table 1: the limits of the classes, and the class that follows from values.
///
/// The table is data and the judgement is one rule, because people argue about both: whoever doubts a class
/// can read the limit here under its item number and check it by hand.
public enum Standard {
    /// What an item of table 1 requires; five limits are for the classes I to V.
    public enum Demand: Hashable, Sendable {
        case atMost([Double])
        /// Only for dissolved oxygen: more is better.
        case atLeast([Double])
        /// Only for pH: one range for all classes.
        case within(ClosedRange<Double>)

        /// The best class that the value satisfies. A value equal to a limit satisfies it (table 1 says `≤`
        /// and `≥`), so if two classes have the same limit, the better one is given.
        ///
        /// The value is compared as it was measured. The national platform does not round before it judges:
        /// in all its published classes for which rounding would make a difference, the class is that of the
        /// unrounded value.
        public func waterClass(of value: Double) -> WaterClass {
            let best: Int? =
                switch self {
                case .atMost(let limits): limits.firstIndex { value <= $0 }
                case .atLeast(let limits): limits.firstIndex { value >= $0 }
                case .within(let range): range.contains(value) ? 0 : nil
                }
            return best.flatMap { WaterClass(number: $0 + 1) } ?? .worseThanV
        }
    }

    /// What table 1 requires of the parameter; nil if it has no item for it, or none for such a water.
    public static func demand(on parameter: Parameter, in body: WaterBody) -> Demand? {
        switch parameter {
        // Item 1 limits how far people may change the temperature, not the temperature itself.
        case .waterTemperature: nil
        // Item 2.
        case .pH: .within(6...9)
        // Item 3. Class I is "90 % of saturation (or 7.5)"; the national platform uses only 7.5, and so do
        // we.
        case .dissolvedOxygen: .atLeast([7.5, 6, 5, 3, 2])
        // Items 4 to 7.
        case .permanganateIndex: .atMost([2, 4, 6, 10, 15])
        case .chemicalOxygenDemand: .atMost([15, 15, 20, 30, 40])
        case .biochemicalOxygenDemand: .atMost([3, 3, 4, 6, 10])
        case .ammoniaNitrogen: .atMost([0.15, 0.5, 1.0, 1.5, 2.0])
        // Item 8, with its own limits for lakes and reservoirs (湖、库).
        case .totalPhosphorus:
            switch body {
            case .river: .atMost([0.02, 0.1, 0.2, 0.3, 0.4])
            case .lake: .atMost([0.01, 0.025, 0.05, 0.1, 0.2])
            }
        // Item 9, only for lakes and reservoirs.
        case .totalNitrogen:
            switch body {
            case .river: nil
            case .lake: .atMost([0.2, 0.5, 1.0, 1.5, 2.0])
            }
        // Items 10 to 18.
        case .copper: .atMost([0.01, 1.0, 1.0, 1.0, 1.0])
        case .zinc: .atMost([0.05, 1.0, 1.0, 2.0, 2.0])
        case .fluoride: .atMost([1.0, 1.0, 1.0, 1.5, 1.5])
        case .selenium: .atMost([0.01, 0.01, 0.01, 0.02, 0.02])
        case .arsenic: .atMost([0.05, 0.05, 0.05, 0.1, 0.1])
        case .mercury: .atMost([0.00005, 0.00005, 0.0001, 0.001, 0.001])
        case .cadmium: .atMost([0.001, 0.005, 0.005, 0.005, 0.01])
        case .hexavalentChromium: .atMost([0.01, 0.05, 0.05, 0.05, 0.1])
        case .lead: .atMost([0.01, 0.01, 0.05, 0.05, 0.1])
        // Items 19 to 24.
        case .cyanide: .atMost([0.005, 0.05, 0.2, 0.2, 0.2])
        case .volatilePhenol: .atMost([0.002, 0.002, 0.005, 0.01, 0.1])
        case .petroleum: .atMost([0.05, 0.05, 0.05, 0.5, 1.0])
        case .anionicSurfactant: .atMost([0.2, 0.2, 0.2, 0.3, 0.3])
        case .sulphide: .atMost([0.05, 0.1, 0.2, 0.5, 1.0])
        case .faecalColiforms: .atMost([200, 2000, 10_000, 20_000, 40_000])
        // Not in table 1.
        case .conductivity, .turbidity, .chlorophyllA, .algalDensity, .transparency, .suspendedSolids, .flow:
            nil
        }
    }

    /// Whether the parameter takes part in the class: all items of table 1 except temperature, total nitrogen
    /// and faecal coliforms.
    ///
    /// Those three are reported beside the class and never decide it (《地表水环境质量评价办法(试行)》, 环办〔2011〕22号).
    public static func decides(_ parameter: Parameter) -> Bool {
        switch parameter {
        case .totalNitrogen, .faecalColiforms: false
        default: demand(on: parameter, in: .river) != nil
        }
    }

    /// The result of judging a water's values.
    public struct Judgement: Hashable, Sendable {
        /// Nil if no parameter that takes part in the class was measured.
        public let waterClass: WaterClass?
        public let classes: [Parameter: WaterClass]
        /// The parameters of the worst class, in the order of `Parameter.allCases`.
        public let decisive: [Parameter]
    }

    /// The worst parameter decides the class (GB 3838-2002 §5.1: single-factor assessment).
    ///
    /// Parameters that were not measured are skipped: one is enough for a class, as on the national platform.
    public static func grade(_ values: [Parameter: Double], of body: WaterBody) -> Judgement {
        var classes: [Parameter: WaterClass] = [:]
        for (parameter, value) in values where decides(parameter) {
            classes[parameter] = demand(on: parameter, in: body)?.waterClass(of: value)
        }
        let worst = classes.values.max()
        return Judgement(
            waterClass: worst, classes: classes,
            decisive: Parameter.allCases.filter { worst != nil && classes[$0] == worst })
    }
}

extension Standard.Demand {
    /// The limits of the classes I to V; nil for pH, which has one range.
    public var limits: [Double]? {
        switch self {
        case .atMost(let limits), .atLeast(let limits): limits
        case .within: nil
        }
    }

    /// Whether more is better.
    public var isInverted: Bool {
        if case .atLeast = self { true } else { false }
    }
}
