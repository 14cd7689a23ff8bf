/// How rich in nutrients a lake is: the trophic level index (综合营养状态指数, 总站生字〔2001〕090号).
public struct TrophicState: Hashable, Sendable {
    public enum Grade: String, CaseIterable, Sendable {
        /// 贫营养: less than 30.
        case oligotrophic
        /// 中营养: 30 to 50.
        case mesotrophic
        /// 轻度富营养: up to 60.
        case lightlyEutrophic = "lightly-eutrophic"
        /// 中度富营养: up to 70.
        case moderatelyEutrophic = "moderately-eutrophic"
        /// 重度富营养.
        case heavilyEutrophic = "heavily-eutrophic"
    }

    /// TLI(Σ).
    public let index: Double
    /// The index of each item that was measured.
    public let items: [Parameter: Double]

    /// The items of the index, chlorophyll first.
    public static let parameters: [Parameter] = [
        .chlorophyllA, .totalPhosphorus, .totalNitrogen, .transparency, .permanganateIndex,
    ]

    /// From the means of any of the five items; the others give the weights among themselves. Nil
    /// without any.
    ///
    /// - Parameter means: in `Parameter.unitOnLog`: chlorophyll a in mg/L, transparency in metres.
    public init?(_ means: [Parameter: Double]) {
        let items: [Parameter: Double] = Self.parameters.reduce(into: [:]) { items, parameter in
            items[parameter] = means[parameter].flatMap { $0 > 0 ? Self.index(of: parameter, $0) : nil }
        }
        let weights = items.keys.reduce(0) { $0 + Self.squaredCorrelation(with: $1) }
        guard weights > 0 else { return nil }
        self.items = items
        // In the order of the items, so that the same means always give the same sum.
        index = Self.parameters.reduce(0) { sum, parameter in
            sum + (items[parameter] ?? 0) * Self.squaredCorrelation(with: parameter) / weights
        }
    }

    public var isComplete: Bool { items.count == Self.parameters.count }

    public var grade: Grade {
        switch index {
        case ..<30: .oligotrophic
        case ...50: .mesotrophic
        case ...60: .lightlyEutrophic
        case ...70: .moderatelyEutrophic
        default: .heavilyEutrophic
        }
    }

    private static func index(of parameter: Parameter, _ mean: Double) -> Double {
        switch parameter {
        // The formula takes mg/m³, as it is shown.
        case .chlorophyllA: 10 * (2.5 + 1.086 * naturalLogarithm(mean * 1000))
        case .totalPhosphorus: 10 * (9.436 + 1.624 * naturalLogarithm(mean))
        case .totalNitrogen: 10 * (5.453 + 1.694 * naturalLogarithm(mean))
        case .transparency: 10 * (5.118 - 1.94 * naturalLogarithm(mean))
        default: 10 * (0.109 + 2.661 * naturalLogarithm(mean))
        }
    }

    /// With chlorophyll a, in Chinese lakes (r²).
    private static func squaredCorrelation(with parameter: Parameter) -> Double {
        switch parameter {
        case .chlorophyllA: 1
        case .totalPhosphorus: 0.7056
        case .totalNitrogen: 0.6724
        case .transparency, .permanganateIndex: 0.6889
        default: 0
        }
    }
}
