/// An item that is worse than a class allows.
public struct Pollutant: Hashable, Sendable {
    public let parameter: Parameter
    public let waterClass: WaterClass?
    /// By how many times the limit it exceeds that limit: (mean − limit) / limit. Nil for pH, temperature and
    /// dissolved oxygen, which are named without a multiple, and for a pollutant of many sections.
    public let multiple: Double?
    /// Of a water with many sections: the share of the sections where the item is worse than III.
    public let share: Double?

    /// `高锰酸盐指数(1.2)`, `溶解氧`: as bulletins print it, with one decimal.
    public var text: String {
        guard let multiple else { return parameter.name.zh }
        return "\(parameter.name.zh)(\(Self.printed(multiple)))"
    }

    /// With one decimal, half to even.
    public static func printed(_ number: Double) -> String {
        let tenths = Int((Rounding.toTenth(number) * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// How many times the limit of a class the mean exceeds it; nil where no multiple is told.
    static func multiple(
        _ mean: Double, _ parameter: Parameter, over waterClass: WaterClass, in body: WaterBody
    ) -> Double? {
        guard case .atMost(let limits)? = Standard.demand(on: parameter, in: body),
            limits.indices.contains(waterClass.number - 1)
        else { return nil }
        let limit = limits[waterClass.number - 1]
        return (mean - limit) / limit
    }
}

extension [Parameter: ItemMean] {
    /// The items that decide and are worse than a class, with their multiples against it.
    func worse(than waterClass: WaterClass, in body: WaterBody) -> [Pollutant] {
        Parameter.allCases.compactMap { parameter in
            guard Standard.decides(parameter), let item = self[parameter], let itsClass = item.waterClass,
                itsClass > waterClass
            else { return nil }
            return Pollutant(
                parameter: parameter, waterClass: itsClass,
                multiple: Pollutant.multiple(item.mean, parameter, over: waterClass, in: body), share: nil)
        }
    }

    /// The main pollutants of a section (环办〔2011〕22号): worse than III, at most three. Cyanide and heavy
    /// metals come first, then the worst class; of the same class the larger multiple, always
    /// against III. An item without a multiple comes after those that have one: the rule does not say where.
    func mainPollutants(in body: WaterBody) -> [Pollutant] {
        let ordered = worse(than: .III, in: body).enumerated().sorted { left, right in
            func order(_ one: (offset: Int, element: Pollutant)) -> (Int, Int, Double, Int) {
                (
                    EvaluationRules.namedFirst.contains(one.element.parameter) ? 0 : 1,
                    -(one.element.waterClass?.number ?? 0), -(one.element.multiple ?? -1), one.offset
                )
            }
            return order(left) < order(right)
        }
        return ordered.prefix(EvaluationRules.mainPollutants).map(\.element)
    }
}
