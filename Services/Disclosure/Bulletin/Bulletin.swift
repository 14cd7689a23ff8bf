import Crypto
import HTTP
import Models
import Text

/// The monthly bulletin of a city's waters (水质月报): made of evaluations and of the figures of complaints, and
/// of nothing that is kept beside them.
struct Bulletin: Sendable {
    let month: Month
    let city: EvaluationAnswer?
    let regions: [EvaluationAnswer]
    let rivers: [EvaluationAnswer]
    let lakes: [EvaluationAnswer]
    let sections: [EvaluationAnswer]
    /// The complaints of the city, and of the regions of one level.
    let handled: Accountability
    let handledByRegion: [Accountability]

    init(of month: Month, _ asked: API.Asked) throws {
        self.month = month
        let period = EvaluationPeriod(.month, of: month.first)
        // One search for each scope: its limit is for what somebody asks for, and a bulletin asks for all.
        func judged(
            _ scope: EvaluationScope, where isWanted: (EvaluationSubject) -> Bool = { _ in true }
        ) throws -> [EvaluationAnswer] {
            var search = EvaluationSearch(
                kind: .month, from: period.first, before: period.end, asked: asked, limits: .ofBulletin)
            return try asked.gazetteer.subjects(of: scope, city: asked.city).filter(isWanted)
                .flatMap { try search.evaluations(of: $0, latest: 1) }
        }
        let registry = asked.gazetteer.registry
        func isDistrict(_ id: String) -> Bool {
            RegionID(id).flatMap { registry.regions[$0]?.level } == .district
        }
        city = try judged(.city).first
        regions = try judged(.region) { isDistrict($0.reference.id) }
        rivers = try judged(.river)
        lakes = try judged(.lake)
        sections = try judged(.section)
        func handled(_ kind: Scope.Kind) throws -> [Accountability] {
            try asked.accountability(of: kind, in: period).entries
        }
        self.handled =
            try handled(.city).first
            ?? Accountability(scope: .city, level: nil, tally: Tally(), backlog: Backlog(on: period.first))
        handledByRegion = try handled(.region).filter { isDistrict($0.scope.id) }
    }

    /// A district with an index that can be compared.
    struct Place: Sendable {
        let name: Name
        let rank: Int
        let value: Double

        /// With four decimals, as CWQI is printed.
        var printed: String {
            let units = Int((value * 10_000).rounded())
            let rest = String(units % 10_000)
            return "\(units / 10_000).\(String(repeating: "0", count: 4 - rest.count))\(rest)"
        }
    }

    /// The districts whose index can be compared, the best first.
    var places: [Place] {
        let indices = regions.compactMap { one in
            one.evaluation.index.map { (one.subject.reference.name, $0) }
        }
        return WaterQualityIndex.ranking(indices.map(\.1)).map {
            Place(name: indices[$0.place].0, rank: $0.rank, value: indices[$0.place].1.value)
        }
    }

    /// Changes with every figure about the waters. Complaints are not in it: they change every day, and the
    /// page tells as of when they are.
    func fingerprint() -> String {
        let bytes = JSON.encode([city].compactMap(\.self) + regions + rivers + lakes + sections)
        return SHA256.hash(bytes).prefix(16).hexadecimal
    }
}
