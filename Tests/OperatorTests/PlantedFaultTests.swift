import Testing

@testable import Operator

@Suite("dayu registry check: each fault is told by its file and line")
struct PlantedFaultTests {
    /// One fault planted into the sample: what it is told as, and nothing else.
    struct Planted: CustomTestStringConvertible {
        let testDescription: String
        let expected: [String]
        let plant: @Sendable (inout SampleFolder) throws -> Void

        init(
            _ what: String, _ expected: String...,
            plant: @escaping @Sendable (inout SampleFolder) throws -> Void
        ) {
            testDescription = what
            self.expected = expected
            self.plant = plant
        }
    }

    static let planted: [Planted] = [
        Planted(
            "a file is missing", "rivers.csv: is missing; it may be a table without rows"
        ) { $0.texts["rivers.csv"] = nil },
        Planted(
            "shapes are missing", "reaches.geojson: is missing; it may be a collection without features"
        ) { $0.texts["reaches.geojson"] = nil },
        Planted(
            "an unknown column",
            "plans.csv:1: column \"remark\" is unknown; the columns are id, river, title, problems, goals, measures, "
                + "period_from, period_to, url, file"
        ) { folder in
            folder.texts["plans.csv"] = Array(
                "id,river,title,problems,goals,measures,period_from,period_to,url,remark\n".utf8)
        },
        Planted(
            "a missing column", "plans.csv:1: column \"title\" is missing"
        ) { folder in folder.texts["plans.csv"] = Array("id,river,problems\n".utf8) },
        Planted(
            "a row too short", "stations.csv:12: has 3 fields, the header has 9"
        ) {
            try $0.change("stations.csv", "station-wuhang") { _ in "station-wuhang-bridge,wuhang-bridge,五杭" }
        },
        Planted(
            "bytes that are no text", "plans.csv:1: is not valid UTF-8"
        ) { $0.texts["plans.csv"]?.insert(0xFF, at: 3) },
        Planted(
            "a bad identifier",
            "stations.csv:2: id \"Station_Jiekou\" is not an identifier: use a-z, 0-9, \".\" and \"-\", begin with a "
                + "letter or digit, at most 64 characters"
        ) {
            try $0.change("stations.csv", "station-jiekou") {
                $0.replacing("station-jiekou", with: "Station_Jiekou")
            }
        },
        Planted(
            "no identifier", "stations.csv:2: id is empty"
        ) { try $0.change("stations.csv", "station-jiekou") { $0.replacing("station-jiekou", with: "") } },
        Planted(
            "a bad number", "rivers.csv:2: length_km \"78 km\" is not a number"
        ) { try $0.change("rivers.csv", "qiantang-river") { $0.replacing("78.0", with: "78 km") } },
        Planted(
            "a number that only a machine writes", "rivers.csv:2: length_km \"0x4E\" is not a number"
        ) { try $0.change("rivers.csv", "qiantang-river") { $0.replacing("78.0", with: "0x4E") } },
        Planted(
            "a place that is not on Earth", "sections.csv:2: latitude 129.7260 is outside -90…90"
        ) { try $0.change("sections.csv", "jiekou") { $0.replacing("29.7260", with: "129.7260") } },
        Planted(
            "a kind without words", "rivers.csv:2: kind \"expressway\" is not in kinds.csv"
        ) { try $0.change("rivers.csv", "qiantang-river") { $0.replacing(",river,", with: ",expressway,") } },
        Planted(
            "a kind with words"
        ) {
            try $0.change("rivers.csv", "qiantang-river") { $0.replacing(",river,", with: ",expressway,") }
            $0.texts["kinds.csv"] = Array("id,name\nexpressway,高速公路\n".utf8)
        },
        Planted(
            "a kind whose words are empty, and one that is like nothing that the rules know",
            "kinds.csv:2: name is empty",
            "kinds.csv:3: like \"road\" is none of river, canal, ditch, lake, reservoir, pond"
        ) { $0.texts["kinds.csv"] = Array("id,name,like\nexpressway,,\nlane,小路,road\n".utf8) },
        Planted(
            "an unknown level",
            "regions.csv:3: level \"prefecture\" is none of province, city, district, town, village"
        ) { try $0.change("regions.csv", "hangzhou") { $0.replacing(",city,", with: ",prefecture,") } },
        Planted(
            "an unknown class", "sections.csv:2: function_class \"VI\" is none of I, II, III, IV, V"
        ) { try $0.change("sections.csv", "jiekou") { $0.replacing(",II,", with: ",VI,") } },
        Planted(
            "a class nobody aims at", "rivers.csv:2: target_class \"worseThanV\" is none of I, II, III, IV, V"
        ) { try $0.change("rivers.csv", "qiantang-river") { $0.replacing(",II,", with: ",worseThanV,") } },
        Planted(
            "an unknown urgency", "categories.csv:2: urgency \"later\" is none of ordinary, urgent, emergency"
        ) { try $0.change("categories.csv", "odour") { $0.replacing("ordinary", with: "later") } },
        Planted(
            "an unknown body of water", "sections.csv:2: body \"canal\" is none of river, lake"
        ) { try $0.change("sections.csv", "jiekou") { $0.replacing(",river,", with: ",canal,") } },
        Planted(
            "resolved before it is accepted",
            "categories.csv:2: resolve_hours 12.0 is below accept_hours 24.0"
        ) { try $0.change("categories.csv", "odour") { $0.replacing("120", with: "12") } },
        Planted(
            "a bad phone", "chiefs.csv:2: phone \"ask at the office\" is not a phone number"
        ) {
            try $0.change("chiefs.csv", "chief-city,") {
                $0.replacing("+86 000 0000 0101", with: "ask at the office")
            }
        },
        Planted(
            "a bad day", "plans.csv:2: period_from \"2026-02-30\" is not a day such as 2026-01-31"
        ) {
            try $0.change("plans.csv", "plan-grand-canal") { $0.replacing("2026-01-01", with: "2026-02-30") }
        },
        Planted(
            "a period backwards", "plans.csv:2: period_to 2025-12-31 is before period_from 2026-01-01"
        ) {
            try $0.change("plans.csv", "plan-grand-canal") { $0.replacing("2027-12-31", with: "2025-12-31") }
        },
        Planted(
            "a link that is none", "plans.csv:2: url \"javascript:alert(1)\" is not an http(s) link"
        ) {
            try $0.change("plans.csv", "plan-grand-canal") {
                $0.replacing(",,京杭", with: ",javascript:alert(1),京杭")
            }
        },
        Planted(
            "an identifier twice", "categories.csv:33: code \"odour\" is already used on line 2"
        ) { _ = $0.append("categories.csv", "odour,水体,Water,臭,Smell,ordinary,1,2,,,,,,") },
        Planted(
            "a device twice",
            "stations.csv:13: device_number \"FFFFFFFFFFFF000000000001\" is the same as that of station-jiekou"
        ) { _ = $0.append("stations.csv", "another,jiekou,站,FFFFFFFFFFFF000000000001,,,,,") },
        Planted(
            "a superior who is not there", "chiefs.csv:3: superior \"chief-nobody\" is not in chiefs.csv"
        ) {
            try $0.change("chiefs.csv", "chief-shangcheng,") {
                $0.replacing("chief-city", with: "chief-nobody")
            }
        },
        Planted(
            "a parent that is not there", "regions.csv:4: parent \"atlantis\" is not in regions.csv"
        ) { try $0.change("regions.csv", "shangcheng") { $0.replacing(",hangzhou,", with: ",atlantis,") } },
        Planted(
            "a chief of a reach who is not there",
            "reaches.csv:3: chiefs \"chief-nobody\" is not in chiefs.csv"
        ) {
            try $0.change("reaches.csv", "qiantang-river.qianjiang") {
                $0.replacing("chief-city", with: "chief-nobody")
            }
        },
        Planted(
            "a chief named twice", "reaches.csv:3: chiefs names chief-shangcheng twice"
        ) {
            try $0.change("reaches.csv", "qiantang-river.qianjiang") {
                $0.replacing("chief-shangcheng ", with: "chief-shangcheng chief-shangcheng ")
            }
        },
        Planted(
            "a river that left",
            "outfalls.csv:3: river \"tiesha-river\" is not in rivers.csv",
            "plans.csv:5: river \"tiesha-river\" is not in rivers.csv",
            "reaches.csv:31: river \"tiesha-river\" is not in rivers.csv"
        ) { try $0.change("rivers.csv", "tiesha-river") { _ in nil } },
        Planted(
            "a section on another river",
            "sections.csv:2: reach \"xinan-river.jiekou\" belongs to river \"xinan-river\""
        ) {
            try $0.change("sections.csv", "jiekou") { $0.replacing(",xinan-river,", with: ",fuchun-river,") }
        },
        Planted(
            "superiors in a circle",
            "chiefs.csv:2: superior forms a circle: chief-city → chief-shangcheng → chief-city"
        ) {
            try $0.change("chiefs.csv", "chief-city,") {
                $0.replacing("hangzhou,,", with: "hangzhou,chief-shangcheng,")
            }
        },
        Planted(
            "one's own superior", "chiefs.csv:2: superior forms a circle: chief-city → chief-city"
        ) {
            try $0.change("chiefs.csv", "chief-city,") {
                $0.replacing("hangzhou,,", with: "hangzhou,chief-city,")
            }
        },
        Planted(
            "parents in a circle", "regions.csv:2: parent forms a circle: zhejiang → hangzhou → zhejiang"
        ) {
            try $0.change("regions.csv", "zhejiang") {
                $0.replacing("province,,", with: "province,hangzhou,")
            }
        },
        Planted(
            "a reach without a shape",
            "reaches.csv:3: qiantang-river.qianjiang has no shape in reaches.geojson"
        ) { folder in
            try folder.change("reaches.geojson", feature("qiantang-river.qianjiang")) { _ in nil }
        },
        Planted(
            "a shape without a row", "reaches.geojson:3: id \"nowhere\" has no row in reaches.csv",
            "reaches.csv:3: qiantang-river.qianjiang has no shape in reaches.geojson"
        ) { folder in
            try folder.change("reaches.geojson", feature("qiantang-river.qianjiang")) {
                $0.replacing("qiantang-river.qianjiang", with: "nowhere")
            }
        },
        Planted(
            "a shape twice", "reaches.geojson:3: id \"qiantang-river.sanjiangkou\" is already used on line 2",
            "reaches.csv:3: qiantang-river.qianjiang has no shape in reaches.geojson"
        ) { folder in
            try folder.change("reaches.geojson", feature("qiantang-river.qianjiang")) {
                $0.replacing("qiantang-river.qianjiang", with: "qiantang-river.sanjiangkou")
            }
        },
        Planted(
            "a shape that is not on Earth",
            "reaches.geojson:3: qiantang-river.qianjiang: geometry.coordinates: 30.203, 120.168 is not on Earth: "
                + "longitude comes first"
        ) { folder in
            try folder.change("reaches.geojson", feature("qiantang-river.qianjiang")) {
                $0.replacing("[120.1680,30.2030]", with: "[30.2030,120.1680]")
            }
        },
        Planted(
            "a reach that is a point",
            "reaches.geojson:3: qiantang-river.qianjiang is neither a line nor an area"
        ) { folder in
            try folder.change("reaches.geojson", feature("qiantang-river.qianjiang")) { _ in
                feature("qiantang-river.qianjiang")
                    + ",\"geometry\":{\"type\":\"Point\",\"coordinates\":[120.2,30.2]}},"
            }
        },
        Planted(
            "a region that is a line", "regions.geojson:5: xihu is neither a Polygon nor a MultiPolygon"
        ) { folder in
            try folder.change("regions.geojson", feature("xihu")) { _ in
                feature("xihu")
                    + ",\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[120.1,30.2],[120.1,30.3]]}},"
            }
        },
        Planted(
            "a shape that names no row", "regions.geojson:24: properties.id: is missing"
        ) { folder in
            try folder.change("regions.geojson", "]}") { _ in
                ",{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Point\",\"coordinates\":[120,30]}}]}"
            }
        },
        Planted(
            "shapes that are no JSON",
            "regions.geojson:24: is not JSON: a comma or the end of the list is expected here"
        ) { folder in try folder.change("regions.geojson", "]}") { _ in "}" } },
        Planted(
            "shapes that are none", "regions.geojson:1: is not a FeatureCollection: it has no \"features\""
        ) { $0.texts["regions.geojson"] = Array("{\"type\":\"Feature\"}".utf8) },
        Planted(
            "an entity too large for a record",
            "regions.csv:3: region/hangzhou takes 316077 bytes as a record, more than the allowed 262144"
        ) { folder in
            // Along the south, and back along the north.
            let south = (0..<10_000).map { "[\(Double(1_183_000 + $0 * 2) / 10_000),29.1]" }
            let north = south.reversed().map { $0.replacing("29.1", with: "30.7") }
            let ring = south + north + south.prefix(1)
            try folder.change("regions.geojson", feature("hangzhou")) { _ in
                "\(feature("hangzhou")),\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[\(ring.joined(separator: ","))]]}},"
            }
        },
        Planted(
            "a text too long", "stations.csv:2: name is longer than 120 characters"
        ) {
            try $0.change("stations.csv", "station-jiekou") {
                $0.replacing("街口水质自动站", with: String(repeating: "站", count: 121))
            }
        },
        Planted(
            "a name that turns the direction of what follows",
            "stations.csv:2: name holds invisible characters, or characters that change the direction of the text"
        ) {
            try $0.change("stations.csv", "station-jiekou") {
                $0.replacing("街口水质自动站", with: "街口\u{202E}站")
            }
        },
        Planted(
            "neither yes nor no", "categories.csv:2: requires_photo \"maybe\" is not yes or no"
        ) { try $0.change("categories.csv", "odour") { $0.replacing(",no,no,", with: ",maybe,no,") } },
        Planted(
            "a checker of nothing",
            "categories.csv:25: checker is given, but requires_verification is not yes"
        ) { try $0.change("categories.csv", "toxic-spill") { $0.replacing(",yes,yes,", with: ",yes,,") } },
        Planted(
            "a checker who checks himself",
            "categories.csv:25: checker \"city-inspection\" is also responsible: nobody may check his own work"
        ) {
            try $0.change("categories.csv", "toxic-spill") {
                $0.replacing(",,yes,yes,", with: ",city-inspection,yes,yes,")
            }
        },
        Planted(
            "a unit without its parameter",
            "stations.csv:2: units \"mg/L\" is not a factor code and a unit, such as w20115=μg/L"
        ) { try $0.change("stations.csv", "station-jiekou") { $0 + "mg/L" } },
        Planted(
            "a unit that nobody knows",
            "stations.csv:2: units \"w20115=lb\" is not a known unit of this factor; ours is mg/L"
        ) { try $0.change("stations.csv", "station-jiekou") { $0 + "w20115=lb" } },
        Planted(
            "a parameter with two units", "stations.csv:2: units names w20115 twice"
        ) { try $0.change("stations.csv", "station-jiekou") { $0 + "w20115=mg/L w20115=ug/L" } },
        Planted(
            "the same water twice",
            "stations.csv:2: takes names 2011 and 2061, which measure the same water: it would be counted several times"
        ) {
            try $0.change("stations.csv", "station-jiekou") {
                $0.replacing("0001,,,,", with: "0001,,,,2011 2061")
            }
        },
        Planted(
            "a series that is none",
            "stations.csv:2: takes \"2062\" is not 2011 (now), 2051 (minutes), 2061 (hours) or 2031 (days)"
        ) {
            try $0.change("stations.csv", "station-jiekou") { $0.replacing("0001,,,,", with: "0001,,,,2062") }
        },
        Planted(
            "a password that is no hash",
            "stations.csv:2: password_sha256 \"123456\" is not a SHA-256 of 64 lower-case hexadecimal digits"
        ) {
            try $0.change("stations.csv", "station-jiekou") { $0.replacing("0001,,", with: "0001,123456,") }
        },
        Planted(
            "a station's address that is none",
            "stations.csv:2: addresses \"10.1.2.3/8\" is not an IP address or a block such as 10.1.0.0/16"
        ) {
            try $0.change("stations.csv", "station-jiekou") {
                $0.replacing("0001,,", with: "0001,,10.1.2.3/8")
            }
        },
        Planted(
            "a station's zone that is none",
            "stations.csv:2: time_zone \"GMT+8\" is not a zone such as Asia/Shanghai"
        ) {
            try $0.change("stations.csv", "station-jiekou") { $0.replacing("0001,,,", with: "0001,,,GMT+8") }
        },
        Planted(
            "a device that no frame can name",
            "stations.csv:2: device_number \"FFFFFFFFFFFF;000000000001\" holds characters that no HJ 212 frame can carry"
        ) {
            try $0.change("stations.csv", "station-jiekou") { $0.replacing("FFFF0", with: "FFFF;0") }
        },
        Planted(
            "a zone that is none",
            "regions.csv:2: time_zone \"Asia/Hangzhou\" is not a zone such as Asia/Shanghai"
        ) {
            try $0.change("regions.csv", "zhejiang") { $0.replacing("Asia/Shanghai", with: "Asia/Hangzhou") }
        },
        Planted(
            "hours in disorder",
            "regions.csv:3: working_hours \"13:30-17:30 08:30-12:00\" is not hours such as 09:00-12:00 13:30-17:30"
        ) {
            try $0.change("regions.csv", "hangzhou") {
                $0.replacing("08:30-12:00 13:30-17:30", with: "13:30-17:30 08:30-12:00")
            }
        },
        Planted(
            "an absence backwards", "absences.csv:2: to 2026-11-22 is before from 2026-11-23"
        ) {
            try $0.change("absences.csv", "chief-gongshu,") { $0.replacing("2026-12-04", with: "2026-11-22") }
        },
        Planted(
            "one's own deputy", "absences.csv:2: deputy \"chief-gongshu\" is the chief who is away"
        ) {
            try $0.change("absences.csv", "chief-gongshu,") {
                $0.replacing("chief-gongshu-deputy", with: "chief-gongshu")
            }
        },
        Planted(
            "an absence of nobody", "absences.csv:2: chief \"chief-nobody\" is not in chiefs.csv"
        ) {
            try $0.change("absences.csv", "chief-gongshu,") {
                $0.replacing("chief-gongshu,", with: "chief-nobody,")
            }
        },
        Planted(
            "an allowance without a unit",
            "service-levels.csv:2: accept \"1\" is not an allowance such as 24 hours or 5 working-days"
        ) {
            try $0.change("service-levels.csv", "ordinary") { $0.replacing("1 working-days", with: "1") }
        },
        Planted(
            "an allowance of years",
            "service-levels.csv:2: resolve 9999 working-days is more than the allowed 8760"
        ) {
            try $0.change("service-levels.csv", "ordinary") {
                $0.replacing("5 working-days", with: "9999 working-days")
            }
        },
        Planted(
            "control characters", "stations.csv:2: name holds control characters"
        ) { try $0.change("stations.csv", "station-jiekou") { $0.replacing("街口", with: "街\u{1B}口") } },
    ]

    @Test("a planted fault is named with its file and line", arguments: planted)
    func faults(planted: Planted) throws {
        var folder = try SampleFolder()
        try planted.plant(&folder)
        #expect(folder.reading.faults.map(\.description) == planted.expected.sorted())
    }
}
