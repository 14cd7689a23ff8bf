import Geo
import Models
import Support

/// The look-up of the nearest reach among as many as a province has, beside measuring every one of them.
enum ReachMeasure {
    private static let count = 50_000
    private static let points = 8
    private static let limit = Distance(metres: 2000)
    private static let seed: UInt64 = 50_000

    static func run() throws {
        var chance = SplitMix64(seed: seed)
        let reaches = (0..<count).map { reach($0, &chance) }
        let places = (0..<10_000).map { _ in place(&chance) }
        let started = ContinuousClock.now
        let index = ReachIndex(reaches)
        let building = ContinuousClock.now - started
        var found = 0
        var next = 0
        let indexed = perSecond {
            if index.nearest(to: places[next % places.count], within: limit) != nil { found += 1 }
            next += 1
        }
        precondition(found > 0, "no place is near any reach")
        let measured = ContinuousClock.now
        for place in places.prefix(20) {
            let least = reaches.lazy.map { $0.geometry.distance(from: place) }.min()
            let nearest = index.nearest(to: place, within: limit)?.distance
            precondition(least.map { $0 <= limit ? $0 : nil } == nearest, "the index is wrong at \(place)")
        }
        let linear = (ContinuousClock.now - measured) / 20
        try Program.report([
            "reaches": Double(count), "microseconds": 1e6 / indexed,
            "measuringAllMicroseconds": linear / .microseconds(1),
            "buildMilliseconds": building / .milliseconds(1),
        ])
    }

    /// Lines of about two kilometres all over a province.
    private static func reach(_ number: Int, _ chance: inout SplitMix64) -> Reach {
        var point = place(&chance)
        var line = [point]
        while line.count < points {
            point = Coordinate(
                longitude: point.longitude + .random(in: -0.002...0.004, using: &chance),
                latitude: point.latitude + .random(in: -0.002...0.004, using: &chance))
            line.append(point)
        }
        guard let id = ReachID("reach-\(number)"), let river = RiverID("river-\(number / 5)"),
            let region = RegionID("province")
        else { preconditionFailure("an identifier of its own making is none") }
        return Reach(
            id: id, river: river, name: Name(zh: "河段", en: "Reach"), region: region, level: .village,
            chiefs: [], geometry: .lines([line]))
    }

    private static func place(_ chance: inout SplitMix64) -> Coordinate {
        Coordinate(
            longitude: .random(in: 118...122.5, using: &chance),
            latitude: .random(in: 27.2...31, using: &chance))
    }
}
