import Geo
import Intake
import Models

/// Where people live and what they see: invents complaints, and remembers the latest complaint of each kind
/// and reach.
struct Streets {
    private let registry: Registry
    private let speech: Speech
    private let reaches: [(Reach, weight: Double)]
    private let categories: [(category: Category, weight: Double)]
    /// The gateways by which complaints come; nil is the site itself.
    private let ways: [(Gateway?, weight: Double)]
    /// The last complaint of each reach and category that somebody works on.
    private var lately: [Spot: TrackingCode] = [:]

    private struct Spot: Hashable {
        let reach: ReachID
        let category: CategoryCode
    }

    init(_ registry: Registry) throws(Uninhabitable) {
        self.registry = registry
        speech = Speech(registry: registry)
        // Each reach gets a weight from its id: some waters run through the middle of the city.
        reaches = registry.reaches.values.sorted { $0.id < $1.id }.map { reach in
            var chance = Chance(seed: 0, "reach", reach.id.rawValue)
            return (reach, weight: chance.around(1, spread: 1.2))
        }
        categories = registry.categories.values.filter { $0.code != .stationAlarm }
            .sorted { $0.code < $1.code }.map { category in
                var chance = Chance(seed: 0, "category", category.code.rawValue)
                return (category, weight: chance.around(1, spread: 1))
            }
        guard !reaches.isEmpty else { throw .noReaches }
        guard !categories.isEmpty else { throw .noCategories }
        let gateways = registry.gateways.values.filter(\.mayPostComplaints).sorted { $0.id < $1.id }
        ways = [(nil, weight: 1)] + gateways.map { (Optional($0), weight: 0.5) }
    }

    func complaint(
        on day: Day, _ chance: inout Chance
    ) -> (OpenReception.Complaint, from: Gateway?) {
        if let (reach, category) = repeated(&chance) { return complaint(of: category, at: reach, &chance) }
        let season = Season(day)
        let category = chance.one(
            weighing: categories.map {
                ($0.category, weight: $0.weight * season.weight(of: $0.category.code))
            })
        return complaint(of: category, at: chance.one(weighing: reaches), &chance)
    }

    /// Sometimes a person complains about something that a neighbour has already complained about.
    private func repeated(_ chance: inout Chance) -> (Reach, Category)? {
        guard chance.happens(0.05), !lately.isEmpty else { return nil }
        let spots = lately.keys.sorted { ($0.reach, $0.category) < ($1.reach, $1.category) }
        let spot = chance.one(of: spots)
        guard let reach = registry.reaches[spot.reach], let category = registry.categories[spot.category]
        else { return nil }
        return (reach, category)
    }

    private func complaint(
        of category: Category, at reach: Reach, _ chance: inout Chance
    ) -> (OpenReception.Complaint, from: Gateway?) {
        let isNamed = chance.happens(0.5)
        let isPicked = chance.happens(0.3)
        let complaint = OpenReception.Complaint(
            category: category.code, words: speech.complaint(of: category, at: reach, &chance),
            place: place(at: reach, &chance), river: isNamed ? reach.river : nil,
            reach: isPicked ? reach.id : nil, isAnonymous: chance.happens(0.2),
            contact: chance.happens(0.5) ? speech.contact(&chance) : nil)
        return (complaint, chance.one(weighing: ways))
    }

    /// A place on the bank, within about two hundred metres of the water.
    private func place(at reach: Reach, _ chance: inout Chance) -> Coordinate {
        let lines: [[Coordinate]] =
            switch reach.geometry {
            case .point(let place): [[place]]
            case .lines(let lines): lines
            case .polygons(let polygons): polygons.compactMap(\.first)
            }
        let line = chance.one(of: lines)
        let index = Int(chance.share() * Double(max(1, line.count - 1)))
        let (start, end) = (line[index], line[min(index + 1, line.count - 1)])
        let share = chance.share()
        func between(_ start: Double, _ end: Double) -> Double {
            let degrees = start + (end - start) * share + chance.between(-0.0015, 0.0015)
            return (degrees * 100_000).rounded() / 100_000
        }
        return Coordinate(
            longitude: between(start.longitude, end.longitude),
            latitude: between(start.latitude, end.latitude))
    }

    // MARK: The same matter twice

    mutating func note(_ code: TrackingCode, _ known: Case) {
        guard known.taken != nil, let reach = known.reach else { return }
        let spot = Spot(reach: reach, category: known.category)
        if known.isInHand {
            lately[spot] = lately[spot] ?? code
        } else if lately[spot] == code {
            lately[spot] = nil
        }
    }

    /// An earlier complaint about the same matter that somebody is working on.
    func twin(of code: TrackingCode, _ known: Case, in cases: [TrackingCode: Case]) -> TrackingCode? {
        guard known.followers.isEmpty, let reach = known.reach else { return nil }
        let twin = lately[Spot(reach: reach, category: known.category)]
        return twin.flatMap { $0 != code && cases[$0]?.isInHand == true ? $0 : nil }
    }
}
