public import Geo

/// A polluter whose discharges the public may see (企业环境信息公开): who holds a discharge permit (排污许可证).
public struct Enterprise: Hashable, Sendable, Codable {
    public let id: EnterpriseID
    public let name: Name
    /// What it does, for people: `造纸` or `Paper`. Nil: not told.
    public let industry: Name?
    public let region: RegionID
    public let address: String?
    public let place: Coordinate?
    /// The number of its discharge permit.
    public let permit: String?
    /// Who answers for it: the complaints about its discharges go there.
    public let responsible: DepartmentID
    /// Where it tells the public more about itself.
    public let url: String?

    public init(
        id: EnterpriseID, name: Name, industry: Name? = nil, region: RegionID, address: String? = nil,
        place: Coordinate? = nil, permit: String? = nil, responsible: DepartmentID, url: String? = nil
    ) {
        self.id = id
        self.name = name
        self.industry = industry
        self.region = region
        self.address = address
        self.place = place
        self.permit = permit
        self.responsible = responsible
        self.url = url
    }
}

/// What a permit allows an outfall to discharge of one parameter (许可排放浓度限值), in `Parameter.unitOnLog`.
public struct Permit: Hashable, Sendable, Codable {
    public let id: PermitID
    public let outfall: OutfallID
    public let parameter: Parameter
    /// For the mean of an hour; nil: hours are not judged.
    public let hourly: PermitLimit?
    /// For the mean of a day; nil: days are not judged.
    public let daily: PermitLimit?
    /// The first and the last day on which it is in force; nil: no such day.
    public let from: Day?
    public let to: Day?

    public init(
        id: PermitID, outfall: OutfallID, parameter: Parameter, hourly: PermitLimit? = nil,
        daily: PermitLimit? = nil, from: Day? = nil, to: Day? = nil
    ) {
        self.id = id
        self.outfall = outfall
        self.parameter = parameter
        self.hourly = hourly
        self.daily = daily
        self.from = from
        self.to = to
    }

    public func isInForce(on day: Day) -> Bool {
        (from.map { $0 <= day } ?? true) && (to.map { day <= $0 } ?? true)
    }

    /// Whether there is a day on which both are in force.
    public func overlaps(_ other: Permit) -> Bool {
        func ends(_ one: Permit, before another: Permit) -> Bool {
            one.to.flatMap { last in another.from.map { last < $0 } } ?? false
        }
        return !ends(self, before: other) && !ends(other, before: self)
    }
}

/// The limit of a permit: a highest value, or for pH a range. A value equal to the limit keeps it.
public enum PermitLimit: Hashable, Sendable, CustomStringConvertible {
    case atMost(Double)
    case within(ClosedRange<Double>)

    /// `50`, or a range: `6-9`.
    public init?(_ text: some StringProtocol) {
        if let most = Self.number(String(text)) {
            self = .atMost(most)
            return
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { Self.number(String($0)) }
        guard parts.count == 2, let least = parts[0], let most = parts[1], least <= most else { return nil }
        self = .within(least...most)
    }

    /// `0.5` or `5e-05`, and nothing below zero; `Double` also reads `0x10` and `nan`.
    private static func number(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || ".e-".utf8.contains($0) }
        guard isPlain, text.utf8.first != UInt8(ascii: "-"), let number = Double(text) else { return nil }
        return number.isFinite ? number : nil
    }

    public var description: String {
        switch self {
        case .atMost(let most): figure(most)
        case .within(let range): "\(figure(range.lowerBound))-\(figure(range.upperBound))"
        }
    }

    private func figure(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? String(value) }

    public func allows(_ value: Double) -> Bool {
        switch self {
        case .atMost(let most): value <= most
        case .within(let range): range.contains(value)
        }
    }

    /// By how many times a value is above the limit (超标倍数): value / limit − 1. Nil for a range, which has no
    /// multiple, and for a limit of nothing.
    public func multiple(of value: Double) -> Double? {
        guard case .atMost(let most) = self, most > 0 else { return nil }
        return value / most - 1
    }

    /// Whether it allows a value that the other one does not.
    public func isWider(than other: PermitLimit) -> Bool {
        switch (self, other) {
        case (.atMost(let most), .atMost(let others)): most > others
        case (.within(let range), .within(let others)):
            range.lowerBound < others.lowerBound || range.upperBound > others.upperBound
        case (.atMost, .within), (.within, .atMost): false
        }
    }
}

extension [Permit] {
    /// Whether an outfall with these permits has to report on a day: from the first day of the first permit
    /// to the last day of the last one.
    public func expectReports(on day: Day) -> Bool {
        contains { $0.from.map { $0 <= day } ?? true } && contains { $0.to.map { day <= $0 } ?? true }
    }

    /// Those in force on a day, one for each parameter.
    public func inForce(on day: Day) -> [Parameter: Permit] {
        reduce(into: [:]) { all, permit in
            if permit.isInForce(on: day) { all[permit.parameter] = all[permit.parameter] ?? permit }
        }
    }
}

extension PermitLimit: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let limit = PermitLimit(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a limit such as 50 or 6-9")
        }
        self = limit
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Where readings are taken: a section, whose water has a class, or an enterprise's outfall, whose discharge
/// has a permit. Both have identifiers of one space, and a reading names either of them in `section`.
public enum MonitoringPoint: Hashable, Sendable {
    case section(Section)
    case outfall(Outfall)

    public var id: SectionID {
        switch self {
        case .section(let section): section.id
        case .outfall(let outfall): outfall.point
        }
    }

    public var name: Name {
        switch self {
        case .section(let section): section.name
        case .outfall(let outfall): outfall.name
        }
    }
}

extension Registry {
    /// An outfall takes readings if an enterprise answers for it.
    public func outfall(at point: SectionID) -> Outfall? {
        guard let id = OutfallID(point.rawValue), let outfall = outfalls[id], outfall.enterprise != nil else {
            return nil
        }
        return outfall
    }

    public func point(_ id: SectionID) -> MonitoringPoint? {
        sections[id].map(MonitoringPoint.section) ?? outfall(at: id).map(MonitoringPoint.outfall)
    }

    /// The point that a person or a table means, given by identifier or by Chinese name.
    public func point(named text: String) -> MonitoringPoint? {
        if let section = section(named: text) { return .section(section) }
        if let id = SectionID(text), let outfall = outfall(at: id) { return .outfall(outfall) }
        // Compared as bytes: the sender chooses the length of the text (`Limit.wordBytes`).
        let named = outfalls.values.filter {
            $0.enterprise != nil && $0.name.zh.utf8.elementsEqual(text.utf8)
        }
        let isUnique = named.count == 1 && !sections.values.contains { $0.name.zh == named[0].name.zh }
        return isUnique ? .outfall(named[0]) : nil
    }

    /// The limits of an outfall, whenever they are in force, in the order of their identifiers.
    public func permits(of outfall: OutfallID) -> [Permit] {
        permits.values.filter { $0.outfall == outfall }.sorted { $0.id < $1.id }
    }

    /// The region of an outfall: its enterprise's, or its river's.
    public func region(of outfall: Outfall) -> RegionID? {
        outfall.enterprise.flatMap { enterprises[$0]?.region } ?? rivers[outfall.river]?.region
    }

    /// The clocks by which the days of an outfall are counted.
    public func zone(of outfall: Outfall) -> Zone {
        region(of: outfall).map { zone(in: $0) } ?? cityZone
    }

    /// The outfalls of an enterprise, in the order of their identifiers.
    public func outfalls(of enterprise: EnterpriseID) -> [Outfall] {
        outfalls.values.filter { $0.enterprise == enterprise }.sorted { $0.id < $1.id }
    }
}
