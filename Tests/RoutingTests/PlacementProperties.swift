import Foundation
import Geo
import Models
import Support
import Testing

@testable import Operator
@testable import Routing

/// Measuring every reach and asking every region is the definition of where a complaint belongs.
@Suite("Where complaints from all over the sample city belong")
struct PlacementProperties {
    private let entities: [RegistryEntity]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var texts: [String: [UInt8]] = [:]
        for file in RegistryReading.files {
            texts[file] = [UInt8](try Data(contentsOf: root.appendingPathComponent("deploy/sample/\(file)")))
        }
        entities = RegistryReading(texts).entities
    }

    /// The sample's own rivers are mostly of one kind: any kind, any level, and categories that reach far.
    private func registry(_ random: inout SplitMix64) -> Registry {
        var registry = Registry(entities)
        for river in registry.rivers.values.sorted(by: { $0.id < $1.id }) where random.once(in: 2) {
            registry.put(
                .river(
                    River(
                        id: river.id, name: river.name, kind: random.one(of: WaterKind.allCases).id,
                        level: river.level, region: river.region)))
        }
        for reach in registry.reaches.values.sorted(by: { $0.id < $1.id }) where random.once(in: 2) {
            registry.put(
                .reach(
                    Reach(
                        id: reach.id, river: reach.river, name: reach.name, region: reach.region,
                        level: random.one(of: Level.allCases), chiefs: reach.chiefs,
                        geometry: reach.geometry)))
        }
        let distances: [Double?] = [nil, 300, 900, 6000, 20_000]
        for (number, metres) in distances.enumerated() {
            registry.put(
                .category(
                    Category(
                        code: City.id("category-\(number)"), name: City.name("c"), group: City.name("g"),
                        acceptHours: 1, resolveHours: 1, reachMetres: metres)))
        }
        return registry
    }

    private struct Expected {
        var reach: ReachID?
        var why: Candidate.Reason?
        var region: RegionID?
        var runnersUp: [ReachID] = []
    }

    /// The outfall that he stands at, if he complains of one.
    private func outfall(
        _ submission: Submission, at place: Coordinate, _ registry: Registry
    ) -> Outfall? {
        guard registry.categories[submission.category]?.isAboutOutfalls == true else { return nil }
        return registry.outfalls.values
            .filter { submission.river == nil || $0.river == submission.river }
            .map { ($0, Geometry.point($0.place).distance(from: place)) }
            .filter { $0.1 <= Rules.outfallDistance }
            .min { ($0.1, $0.0.id) < ($1.1, $1.0.id) }?.0
    }

    private func expected(
        _ submission: Submission, at place: Coordinate, _ registry: Registry, _ rules: Rules
    ) -> Expected {
        let all = registry.reaches.values
            .map { (reach: $0, distance: $0.geometry.distance(from: place)) }
            .sorted {
                ($0.distance, $0.reach.level, $0.reach.id) < ($1.distance, $1.reach.level, $1.reach.id)
            }
        typealias Measured = (reach: Reach, distance: Distance)
        func ranked(_ measured: [Measured]) -> [Measured] {
            guard let first = measured.first else { return [] }
            let tie = first.distance.metres + Rules.nearTie.metres
            let tied = measured.filter { $0.distance.metres <= tie }
                .sorted {
                    ($0.reach.level, $0.distance, $0.reach.id) < ($1.reach.level, $1.distance, $1.reach.id)
                }
            return tied + measured.filter { $0.distance.metres > tie }
        }
        let category = registry.categories[submission.category]
        let within = all.filter {
            $0.distance
                <= rules.limit(of: registry.likeness(of: $0.reach.river), for: category)
        }
        let named = all.filter { $0.reach.river == submission.river && $0.distance <= rules.pickedDistance }
        let near = ranked(within)
        var expected = Expected()
        if let picked = all.first(where: { $0.reach.id == submission.reach }),
            picked.distance <= rules.pickedDistance
        {
            (expected.reach, expected.why) = (picked.reach.id, .picked)
        } else if let outfall = outfall(submission, at: place, registry) {
            let ofRiver = all.filter {
                $0.reach.river == outfall.river && $0.distance <= rules.pickedDistance
            }
            let reach = outfall.reach ?? ranked(ofRiver).first?.reach.id
            (expected.reach, expected.why) = (reach, .outfall)
        } else if let named = ranked(named).first {
            (expected.reach, expected.why) = (named.reach.id, .named)
        } else if let first = near.first {
            let isNearest = within.allSatisfy { $0.distance >= first.distance }
            (expected.reach, expected.why) = (first.reach.id, isNearest ? .nearest : .lowerLevel)
        } else {
            expected.region =
                registry.regions.values.filter { $0.boundary?.contains(place) == true }
                .min { ($0.level, $0.id) < ($1.level, $1.id) }?.id
            let next = all.filter { $0.distance <= rules.pickedDistance }
            expected.runnersUp = next.prefix(Rules.runnersUp).map(\.reach.id)
            return expected
        }
        expected.runnersUp = near.map(\.reach.id).filter { $0 != expected.reach }.prefix(Rules.runnersUp)
            .map(\.self)
        return expected
    }

    @Test("10,000 random places: the same as measuring everything", arguments: UInt64(0)..<2)
    func same(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let registry = registry(&random)
        let reaches = registry.reaches.keys.sorted()
        let rivers = registry.rivers.keys.sorted()
        let categories = registry.categories.keys.sorted()
        #expect(reaches.count >= 46 && registry.regions.count >= 23)
        let points = registry.reaches.values.flatMap(\.geometry.coordinates)
        let longitudes = try #require(points.map(\.longitude).min())...points.map(\.longitude).reduce(0, max)
        let latitudes = try #require(points.map(\.latitude).min())...points.map(\.latitude).reduce(0, max)
        let rules = Rules()
        let whereabouts = Whereabouts(registry: registry, rules: rules)
        var answers: [String: Int] = [:]
        for number in 0..<5000 {
            var place = City.place(
                .random(in: longitudes, using: &random), .random(in: latitudes, using: &random))
            // More of them at a water, where reaches meet.
            if number % 3 == 0 {
                let (near, off) = (random.one(of: points), random.one(of: [0.0005, 0.01]))
                place = City.place(
                    near.longitude + .random(in: -off...off, using: &random),
                    near.latitude + .random(in: -off...off, using: &random))
            }
            let submission = Submission(
                complaint: Story.id, category: random.one(of: categories), place: place,
                river: random.once(in: 5) ? random.one(of: rivers) : nil,
                reach: random.once(in: 10) ? random.one(of: reaches) : nil, channel: .web,
                submittedAt: Story.start)
            let expected = expected(submission, at: place, registry, rules)
            let reproduce = Comment("seed \(seed), number \(number), \(submission)")
            switch whereabouts.placement(of: Matter(submission)) {
            case .atReach(let found):
                #expect(found.reach.id == expected.reach && found.why == expected.why, reproduce)
                #expect(found.runnersUp.map(\.reach) == expected.runnersUp, reproduce)
                answers[found.why.rawValue, default: 0] += 1
            case .inRegion(let region, let near):
                #expect(expected.reach == nil && region.id == expected.region, reproduce)
                #expect(near.map(\.reach) == expected.runnersUp, reproduce)
                answers["region", default: 0] += 1
            case .outside:
                #expect(expected.reach == nil && expected.region == nil, reproduce)
                answers["outside", default: 0] += 1
            }
        }
        let all = ["picked", "named", "lower-level", "nearest", "region", "outside"]
        #expect(all.allSatisfy { answers[$0, default: 0] > 5 }, "\(answers)")
    }
}
