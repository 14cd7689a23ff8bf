/// The published plan for a river (一河一策).
public struct Plan: Hashable, Sendable, Codable {
    public let id: PlanID
    public let river: RiverID
    public let title: String
    public let problems: String?
    public let goals: String?
    public let measures: String?
    public let periodFrom: String?
    public let periodTo: String?
    public let url: String?
    /// The name of the document, as the authority files it.
    public let file: String?

    public init(
        id: PlanID, river: RiverID, title: String, problems: String? = nil, goals: String? = nil,
        measures: String? = nil, periodFrom: String? = nil, periodTo: String? = nil, url: String? = nil,
        file: String? = nil
    ) {
        self.id = id
        self.river = river
        self.title = title
        self.problems = problems
        self.goals = goals
        self.measures = measures
        self.periodFrom = periodFrom
        self.periodTo = periodTo
        self.url = url
        self.file = file
    }
}

/// What the authority tells the public, about everything or about one river or region.
public struct News: Hashable, Sendable, Codable {
    public let id: NewsID
    public let title: String
    public let text: String
    public let date: Day
    public let river: RiverID?
    public let region: RegionID?
    public let url: String?

    public init(
        id: NewsID, title: String, text: String, date: Day, river: RiverID? = nil, region: RegionID? = nil,
        url: String? = nil
    ) {
        self.id = id
        self.title = title
        self.text = text
        self.date = date
        self.river = river
        self.region = region
        self.url = url
    }
}
