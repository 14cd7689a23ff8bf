import Foundation
import Geo
import Models
import Testing

@testable import Operator

@Suite("Coordinates of a Chinese map")
struct RegistryConvertTests {
    private static let place = Coordinate(longitude: 120.15, latitude: 30.25)
    private static let shown = ShiftedMap.gcj02.position(of: place)

    @Test("positions of a Chinese map are moved, whatever the shape, and nothing else")
    func conversion() throws {
        let text = """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a","note":"1,2"},"geometry":
            {"type":"Polygon","coordinates":[[[\(Self.shown.longitude),\(Self.shown.latitude),7],[10.5,50.25]]]}}]}
            """
        let moved = try MapConversion(of: Data(text.utf8), from: .gcj02)
        #expect(moved.positions == 2)
        let written = String(decoding: moved.data, as: UTF8.self)
        #expect(written.contains("[[[120.15,30.25,7],[10.5,50.25]]]"), "\(written)")
        #expect(written.contains(#""id":"a","note":"1,2""#))
        for broken in ["[]", "{}", "{\"type\":\"FeatureCollection\"", ""] {
            #expect(throws: (any Error).self) { try MapConversion(of: Data(broken.utf8), from: .bd09) }
        }
    }

    @Test("the places of a table are moved, in whichever columns; all other fields stay")
    func table() throws {
        let text = #"""
            \#u{FEFF}编号,说明,经度,纬度\#r
            a,"排口, 北岸 ""甲""",\#(Self.shown.longitude),\#(Self.shown.latitude)\#r
            b,,,\#r
            c,国外,10.5,50.25\#r

            """#
        let moved = try TableConversion(of: Array(text.utf8), from: .gcj02, longitude: "经度", latitude: "纬度")
        #expect(moved.positions == 2)
        let expected = #"""
            编号,说明,经度,纬度
            a,"排口, 北岸 ""甲""",120.15,30.25
            b,,,
            c,国外,10.5,50.25

            """#
        #expect(String(decoding: moved.bytes, as: UTF8.self) == expected)
    }

    @Test(
        "a table that can't be converted is refused with the line",
        arguments: [
            ("id,longitude\n", "there is no column \"latitude\" among id, longitude"),
            (
                "longitude,latitude\n120,30\n120,",
                "line 3: \"120\" and \"\" are not degrees of longitude and latitude"
            ),
            (
                "longitude,latitude\n30.2,120.1\n",
                "line 2: \"30.2\" and \"120.1\" are not degrees of longitude and latitude"
            ),
            ("longitude,latitude\n1\n", "line 2 has 1 fields, the header has 2"),
        ])
    func refused(_ text: String, _ reason: String) {
        let found = #expect(throws: UnfitForConversion.self) {
            try TableConversion(of: Array(text.utf8), from: .gcj02)
        }
        #expect(found?.description == reason)
    }

    @Test("of a registry, the shapes and the tables with places are converted")
    func folder() {
        let files = RegistryReading.files + ["README.md", "notes.csv"]
        #expect(
            files.filter(RegistryConversion.hasCoordinates).sorted()
                == ["enterprises.csv", "outfalls.csv", "reaches.geojson", "regions.geojson", "sections.csv"])
    }
}
