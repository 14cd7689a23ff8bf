import Geo
import Models

/// What the rows of `enterprises.csv` and `permits.csv` mean.
extension RowReading {
    mutating func enterprise() -> RegistryEntity? {
        let id: EnterpriseID? = identifier()
        let name = name()
        let industry = optionalText("industry")
        let industryEn = optionalText("industry_en")
        let region: RegionID? = reference("region", to: .region)
        let address = optionalText("address")
        let hasPlace = !value("longitude").isEmpty || !value("latitude").isEmpty
        let place = hasPlace ? place() : nil
        let permit = optionalText("permit")
        let responsible: DepartmentID? = reference("responsible", to: .department)
        let url = link("url")
        if industry == nil, industryEn != nil { fault("industry_en is given, but industry is empty") }
        guard let id, let name, let region, let responsible else { return nil }
        return .enterprise(
            Enterprise(
                id: id, name: name, industry: industry.map { Name(zh: $0, en: industryEn ?? $0) },
                region: region, address: address, place: place, permit: permit, responsible: responsible,
                url: url))
    }

    mutating func permit() -> RegistryEntity? {
        let id: PermitID? = identifier()
        let outfall: OutfallID? = reference("outfall", to: .outfall)
        let code = text("parameter")
        let parameter = code.flatMap { Parameter(rawValue: $0) }
        if let code, parameter == nil {
            fault("parameter \"\(code)\" is not a known factor code, such as w01018")
        } else if parameter?.hasPermitLimit == false {
            fault("parameter \"\(code ?? "")\" has no highest value that a permit could limit")
        }
        let hourly = limit("hourly", of: parameter)
        let daily = limit("daily", of: parameter)
        let from = optionalDay("from")
        let to = optionalDay("to")
        if value("hourly").isEmpty, value("daily").isEmpty { fault("hourly and daily are both empty") }
        if let hourly, let daily, daily.isWider(than: hourly) {
            fault("daily \(daily) allows more than hourly \(hourly)")
        }
        if let from, let to, to < from { fault("to \(to) is before from \(from)") }
        guard let id, let outfall, let parameter else { return nil }
        return .permit(
            Permit(
                id: id, outfall: outfall, parameter: parameter, hourly: hourly, daily: daily, from: from,
                to: to))
    }

    private mutating func limit(_ column: String, of parameter: Parameter?) -> PermitLimit? {
        guard
            let limit = optional(
                column, as: { PermitLimit($0) },
                example: "a limit such as 50, or for pH a range such as 6-9"),
            let parameter
        else { return nil }
        switch limit {
        case .within where parameter != .pH:
            fault("\(column) \(limit) is a range; only pH has one")
        case .atMost where parameter == .pH:
            fault("\(column) \(limit) is not a range; pH has one, such as 6-9")
        case .within(let range) where !parameter.plausible.contains(range.lowerBound),
            .within(let range) where !parameter.plausible.contains(range.upperBound):
            fault("\(column) \(limit) lies outside 0…14")
        case .atMost(let most) where !parameter.plausible.contains(most):
            fault("\(column): \(parameter.whyImplausible(most))")
        case .atMost, .within: break
        }
        return limit
    }
}

extension Parameter {
    /// A permit says how much may be in the water at the most. Of oxygen and transparency more is better,
    /// and no standard limits the chlorophyll of a discharge.
    fileprivate var hasPermitLimit: Bool {
        ![.dissolvedOxygen, .transparency, .chlorophyllA].contains(self)
    }
}
