import Geo
import Models
import Testing
import Text

@testable import Operator

@Suite("dayu registry check")
struct RegistryReadingTests {
    @Test("the sample has no fault, and one chief without a phone")
    func sample() throws {
        let reading = try SampleFolder().reading
        #expect(reading.faults == [])
        #expect(
            reading.warnings.map(\.description) == [
                "chiefs.csv:25: warning: chief-xiaoying-2 has no phone: complaints go one level up"
            ])
        let counts = Dictionary(grouping: reading.entities, by: \.kind).mapValues(\.count)
        #expect(
            counts == [
                .region: 23, .department: 14, .chief: 39, .river: 29, .reach: 52, .outfall: 9, .section: 11,
                .station: 11, .plan: 12, .category: 31, .serviceLevel: 7, .calendarDay: 39, .news: 5,
                .gateway: 4, .gatewayKey: 4, .clerk: 3, .word: 7, .enterprise: 2, .permit: 8,
            ])
        let registry = Registry(reading.entities)
        let reach = try #require(ReachID("qiantang-river.qianjiang").flatMap { registry.reaches[$0] })
        #expect(reach.name.zh == "钱塘江复兴大桥至九堡大桥")
        #expect(reach.chiefs.map(\.rawValue) == ["chief-shangcheng", "chief-city"])
        #expect(reach.geometry.coordinates.count == 8)
    }

    @Test("faults in every file are told at once")
    func allAtOnce() throws {
        var folder = try SampleFolder()
        try folder.change("regions.csv", "hangzhou") { $0.replacing(",city,", with: ",prefecture,") }
        try folder.change("rivers.csv", "qiantang-river") { $0.replacing("78.0", with: "long") }
        try folder.change("reaches.csv", "qiantang-river.qianjiang") {
            $0.replacing("chief-city", with: "nobody")
        }
        try folder.change("sections.csv", "jiekou") {
            $0.replacing("29.7260", with: "129").replacing(",II,", with: ",2,")
        }
        try folder.change("stations.csv", "station-jiekou") {
            $0.replacing("FFFFFFFFFFFF000000000001", with: "")
        }
        try folder.change("chiefs.csv", "chief-city,") { $0.replacing("市级河长", with: "") }
        try folder.change("plans.csv", "plan-grand-canal") { $0.replacing("2026-01-01", with: "soon") }
        try folder.change("categories.csv", "odour") { $0.replacing(",24,", with: ",never,") }
        #expect(
            folder.reading.faults.map { "\($0.file):\($0.line ?? 0)" } == [
                "categories.csv:2", "chiefs.csv:2", "plans.csv:2", "reaches.csv:3", "regions.csv:3",
                "rivers.csv:2",
                "sections.csv:2", "sections.csv:2", "stations.csv:2",
            ])
    }

    @Test("warnings do not stop")
    func warnings() throws {
        var folder = try SampleFolder()
        try folder.change("reaches.csv", "qiantang-river.sanjiangkou") {
            $0.replacing("chief-binjiang chief-city", with: "")
        }
        try folder.change("reaches.csv", "qiantang-river.qianjiang") {
            $0.replacing("chief-shangcheng chief-city", with: "chief-city chief-shangcheng")
        }
        try folder.change("regions.geojson", feature("xihu")) { _ in nil }
        let reading = folder.reading
        #expect(reading.faults == [])
        #expect(
            reading.warnings.map(\.description) == [
                "chiefs.csv:25: warning: chief-xiaoying-2 has no phone: complaints go one level up",
                "reaches.csv:2: warning: qiantang-river.sanjiangkou has no chief: its complaints go to the duty office of "
                    + "binjiang",
                "reaches.csv:3: warning: chiefs are not in order: the lowest level comes first",
                "regions.csv:6: warning: xihu has no boundary: complaints far from every reach can't be given to its duty office",
            ])
    }

    @Test("columns may stand in any order, with a byte order mark and CRLF, as a spreadsheet saves them")
    func spreadsheet() throws {
        var folder = try SampleFolder()
        let expected = Registry(folder.reading.entities)
        let table = try CSVTable(try #require(folder.texts["stations.csv"]))
        let lines = ([table.header] + table.rows.map(\.fields)).map { row in
            row.reversed().map { " \"\($0)\"".dropFirst() }.joined(separator: ",")
        }
        folder.texts["stations.csv"] = [0xEF, 0xBB, 0xBF] + Array(lines.joined(separator: "\r\n").utf8)
        #expect(folder.reading.faults == [])
        #expect(Registry(folder.reading.entities) == expected)
    }

    @Test("a feature may span lines; it is named by the first")
    func prettyPrinted() throws {
        var folder = try SampleFolder()
        let text = String(decoding: try #require(folder.texts["regions.geojson"]), as: UTF8.self)
        let spread = text.replacing("[[[", with: "\n[\n[\n[").replacing("],[", with: "],\n[")
        folder.texts["regions.geojson"] = Array(spread.utf8)
        #expect(folder.reading.faults == [])
        let start = try #require(
            spread.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
                $0.contains("\"xihu\"")
            })
        folder.texts["regions.geojson"] = Array(
            spread.replacing("\"id\":\"xihu\"", with: "\"id\":\"xilake\"").utf8)
        #expect(
            folder.reading.faults.map(\.description)
                == ["regions.geojson:\(start + 1): id \"xilake\" has no row in regions.csv"])
    }

    @Test("an empty folder lacks every file that no city can do without, and says no more")
    func emptyFolder() {
        let reading = RegistryReading([:])
        #expect(reading.entities == [])
        #expect(
            reading.findings.map(\.file) == [
                "categories.csv", "chiefs.csv", "reaches.csv", "reaches.geojson", "regions.csv", "rivers.csv",
            ])
    }

    @Test("a small city needs five tables, one file of shapes and the columns that must be filled")
    func smallCity() {
        let texts = [
            "regions.csv": "id,name,level,duty_office\ncity,市,town,河长办\n",
            "chiefs.csv": "id,name,title,level,region,phone\nchief,示例,河长,town,city,+86 000 0000 0001\n",
            "rivers.csv": "id,name,level,region\nriver,河,town,city\n",
            "reaches.csv": "id,river,name,region,level,chiefs\nriver.whole,river,河,city,town,chief\n",
            "categories.csv":
                "code,group,name,urgency,accept_hours,resolve_hours\nodour,水体,异味,ordinary,24,120\n",
            "reaches.geojson": """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"river.whole"},
            "geometry":{"type":"LineString","coordinates":[[120,30],[120.1,30]]}}]}
            """,
        ]
        let reading = RegistryReading(texts.mapValues { Array($0.utf8) })
        #expect(
            reading.findings.map(\.description) == [
                "regions.csv:2: warning: city and the regions above it have "
                    + "no duty phone: its office gets no notice"
            ])
        #expect(reading.entities.count == 5)
        #expect(reading.toldKinds == [.region, .chief, .river, .reach, .category])
    }
}
