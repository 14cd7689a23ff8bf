import Geo
import Testing

@Suite("Chinese maps")
struct ShiftedMapTests {
    private static let metre = 1.0 / 111_000

    private func isNear(_ one: Coordinate, _ other: Coordinate, metres: Double) -> Bool {
        abs(one.longitude - other.longitude) < metres * Self.metre
            && abs(one.latitude - other.latitude) < metres * Self.metre
    }

    /// The pairs with which the library eviltransform (googollee, 2015) checks its own formula.
    private static let pairs = [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ]

    @Test("GCJ-02 agrees with another program, both ways", arguments: pairs)
    func gcj02(_ wgs84: (Double, Double), _ gcj02: (Double, Double)) {
        let place = Coordinate(longitude: wgs84.0, latitude: wgs84.1)
        let shown = Coordinate(longitude: gcj02.0, latitude: gcj02.1)
        #expect(isNear(ShiftedMap.gcj02.position(of: place), shown, metres: 0.01))
        #expect(isNear(ShiftedMap.gcj02.place(shownAt: shown), place, metres: 0.01))
    }

    @Test(
        "the way back leads to the place itself, everywhere in China", arguments: [ShiftedMap.gcj02, .bd09])
    func back(_ map: ShiftedMap) {
        for longitude in stride(from: 74.5, through: 134.5, by: 3.7) {
            for latitude in stride(from: 18.3, through: 53.3, by: 2.3) {
                let place = Coordinate(longitude: longitude, latitude: latitude)
                let shown = map.position(of: place)
                #expect(!isNear(shown, place, metres: 20), "\(place) is not shifted")
                #expect(isNear(map.place(shownAt: shown), place, metres: 0.01), "\(place)")
            }
        }
    }

    @Test("the maps do not shift other countries", arguments: [ShiftedMap.gcj02, .bd09])
    func abroad(_ map: ShiftedMap) {
        let place = Coordinate(longitude: 2.35, latitude: 48.86)
        #expect(map.position(of: place) == place)
        #expect(map.place(shownAt: place) == place)
    }

    @Test("what is nowhere does not hang", arguments: [Double.nan, .infinity, -.infinity, 1e308])
    func nowhere(_ value: Double) {
        let place = ShiftedMap.bd09.place(shownAt: Coordinate(longitude: value, latitude: 30))
        #expect(!place.isOnEarth)
    }
}
