import Models
import Testing

@testable import Operator

@Suite("What only shows between the entities of a registry")
struct RegistryChecksTests {
    /// Something planted into the sample: what is said of it beyond what is said of the sample itself.
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

    static let upward: [Planted] = [
        Planted(
            "a superior who stands below",
            "chiefs.csv:16: warning: superior \"chief-xiaoying-1\" is of a lower level: village below town"
        ) {
            try $0.change("chiefs.csv", "chief-xiaoying,") {
                $0.replacing("chief-shangcheng", with: "chief-xiaoying-1")
            }
            try $0.change("chiefs.csv", "chief-xiaoying-1,") { $0.replacing("chief-xiaoying,", with: ",") }
        },
        Planted(
            "a region within a smaller one",
            "regions.csv:17: warning: parent \"pingyao\" is of a lower level: town below district"
        ) {
            try $0.change("regions.csv", "xiaoying") {
                $0.replacing(",town,shangcheng,", with: ",district,pingyao,")
            }
            // Far from there, too; that is another fault.
            try $0.change("regions.geojson", feature("pingyao")) { _ in nil }
        },
        Planted(
            "nobody who takes what no chief answers for",
            "regions.csv:3: hangzhou and the regions above it have no duty office: nobody takes "
                + "complaints that have no chief"
        ) {
            try $0.change("regions.csv", "zhejiang") { $0.replacing("浙江省河长制办公室（样例）", with: "") }
            try $0.change("regions.csv", "hangzhou") { $0.replacing("杭州市河长制办公室（样例）", with: "") }
        },
        Planted(
            "an office that gets no notice",
            "regions.csv:3: warning: hangzhou and the regions above it have no duty phone: its office gets no notice"
        ) {
            try $0.change("regions.csv", "zhejiang") { $0.replacing("+86 000 0000 9000", with: "") }
            try $0.change("regions.csv", "hangzhou") { $0.replacing("+86 000 0000 9001", with: "") }
        },
    ]

    static let waters: [Planted] = [
        Planted(
            "shapes in another coordinate system, which are read as WGS 84 all the same",
            "reaches.geojson:1: warning: names a coordinate system in \"crs\"; it is read as WGS 84 all the same"
        ) {
            try $0.change("reaches.geojson", "{\"type\":\"FeatureCollection\"") {
                $0.replacing(
                    "\"features\"",
                    with: "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4214\"}},\"features\"")
            }
        },
        Planted(
            "such shapes with the system named below them, as many programs write it",
            "reaches.geojson:54: warning: names a coordinate system in \"crs\"; it is read as WGS 84 all the same"
        ) {
            try $0.change("reaches.geojson", "]}") { _ in
                "],\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4214\"}}}"
            }
        },
        Planted("shapes in WGS 84 that say so as GeoJSON once did, or in China's own system") {
            for (file, system) in [
                ("reaches.geojson", "urn:ogc:def:crs:OGC:1.3:CRS84"), ("regions.geojson", "EPSG:4490"),
            ] {
                try $0.change(file, "{\"type\":\"FeatureCollection\"") {
                    $0.replacing(
                        "\"features\"",
                        with:
                            "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"\(system)\"}},\"features\""
                    )
                }
            }
        },
        Planted(
            "a length that is not the drawn one",
            "reaches.csv:36: warning: length_km is 27.0, but the shape is 2.7 km long"
        ) { try $0.change("reaches.csv", "shengli-river.gongshu") { $0.replacing("2.7", with: "27") } },
        Planted(
            "a length that is nearly the drawn one"
        ) { try $0.change("reaches.csv", "shengli-river.gongshu") { $0.replacing("2.7", with: "3.5") } },
        Planted(
            "a pond that is a line",
            "reaches.geojson:52: warning: ceshi-pond.tangqi is a pond, but its shape is a line: draw an area"
        ) {
            try $0.change("reaches.geojson", feature("ceshi-pond.tangqi")) {
                $0.replacing("\"Polygon\",\"coordinates\":[[[", with: "\"LineString\",\"coordinates\":[[")
                    .replacing("]]]}}", with: "]]}}")
            }
        },
        Planted(
            "a river that is an area"
        ) {
            try $0.change("rivers.csv", "ceshi-pond") { $0.replacing(",pond,", with: ",river,") }
        },
        Planted(
            "a ring that crosses itself",
            "reaches.geojson:52: ceshi-pond.tangqi has a ring that crosses itself near 120.1853, 30.4708"
        ) {
            try $0.change("reaches.geojson", feature("ceshi-pond.tangqi")) {
                $0.replacing(
                    "[120.1862,30.4698],[120.1866,30.4716]", with: "[120.1866,30.4716],[120.1862,30.4698]")
            }
        },
        Planted(
            "a line without length",
            "reaches.geojson:53: shili-ditch.yiqiao has a line with no length at 120.185, 30.065"
        ) {
            try $0.change("reaches.geojson", feature("shili-ditch.yiqiao")) {
                $0.replacing("[120.1905,30.0672],[120.1950,30.0740]", with: "[120.1850,30.0650]")
            }
        },
        Planted(
            "a ring that is left open",
            "reaches.geojson:52: ceshi-pond.tangqi: geometry.coordinates: a ring must have four positions or more and end "
                + "where it begins"
        ) {
            try $0.change("reaches.geojson", feature("ceshi-pond.tangqi")) {
                $0.replacing(",[120.1840,30.4700]]]", with: "]]")
            }
        },
        Planted(
            "a reach far away", "reaches.geojson:51: yangli-pond.pingyao lies 185.7 km outside pingyao"
        ) {
            try $0.change("reaches.geojson", feature("yangli-pond.pingyao")) {
                $0.replacing("[119.", with: "[117.")
            }
        },
        Planted(
            "a region far away, and what lies in it",
            "reaches.geojson:18: east-tiaoxi.yuhang lies 106.0 km outside pingyao",
            "reaches.geojson:19: east-tiaoxi.pingyao lies 96.0 km outside pingyao",
            "reaches.geojson:51: yangli-pond.pingyao lies 104.7 km outside pingyao",
            "regions.geojson:19: pingyao lies 87.8 km outside yuhang"
        ) {
            try $0.change("regions.geojson", feature("pingyao")) {
                $0.replacing(",30.", with: ",31.")
            }
        },
        Planted(
            "an outfall on another river",
            "outfalls.csv:2: warning: gongchenqiao-storm lies 5.9 km from its water",
            "outfalls.csv:2: reach \"tiesha-river.xiaoying\" belongs to river \"tiesha-river\""
        ) {
            try $0.change("outfalls.csv", "gongchenqiao-storm") {
                $0.replacing("grand-canal.gongchenqiao", with: "tiesha-river.xiaoying")
            }
        },
        Planted(
            "an outfall beside no water",
            "outfalls.csv:2: warning: gongchenqiao-storm lies 9.6 km from its water"
        ) {
            try $0.change("outfalls.csv", "gongchenqiao-storm") { $0.replacing("120.1384", with: "120.2384") }
        },
        Planted(
            "a section in another country",
            "sections.csv:2: jiekou lies 929.6 km outside chunan"
        ) { try $0.change("sections.csv", "jiekou") { $0.replacing("118.7185", with: "108.7185") } },
    ]

    static let people: [Planted] = [
        Planted(
            "a chief without a phone",
            "chiefs.csv:19: warning: chief-pingyao has no phone: complaints go one level up"
        ) { try $0.change("chiefs.csv", "chief-pingyao,") { $0.replacing("+86 000 0000 0304", with: "") } },
        Planted(
            "a reach without a chief",
            "reaches.csv:33: warning: dong-river.xiaoying has no chief: its complaints go to the duty office of xiaoying"
        ) {
            try $0.change("reaches.csv", "dong-river.xiaoying") {
                $0.replacing("chief-xiaoying-1 chief-xiaoying chief-shangcheng chief-city", with: "")
            }
        },
        Planted(
            "a department that can't be told",
            "categories.csv:24: responsible \"city-ecology\" has no phone in departments.csv",
            "enterprises.csv:3: responsible \"city-ecology\" has no phone in departments.csv",
            "outfalls.csv:4: responsible \"city-ecology\" has no phone in departments.csv",
            "outfalls.csv:5: responsible \"city-ecology\" has no phone in departments.csv"
        ) {
            try $0.change("departments.csv", "city-ecology") { $0.replacing("+86 000 0000 6101", with: "") }
        },
        Planted(
            "a checker who can't be told",
            "categories.csv:25: checker \"city-inspection\" has no phone in departments.csv"
        ) {
            try $0.change("departments.csv", "city-inspection") {
                $0.replacing("+86 000 0000 6106", with: "")
            }
        },
        Planted(
            "a department without duties that can't be told"
        ) {
            try $0.change("departments.csv", "city-fishery") { $0.replacing("+86 000 0000 6104", with: "") }
        },
        Planted(
            "a deputy who is away himself",
            "absences.csv:3: warning: deputy \"chief-tangqi-2\" is away on some of these days, see line 8: complaints go "
                + "one level up"
        ) { _ = $0.append("absences.csv", "chief-tangqi-2,2026-11-27,2026-11-30,") },
        Planted(
            "a deputy who is away on other days"
        ) { _ = $0.append("absences.csv", "chief-tangqi-2,2026-11-28,2026-11-30,") },
        Planted(
            "away twice at once",
            "absences.csv:8: warning: line 5 already says that chief-linan is away on some of these days"
        ) { _ = $0.append("absences.csv", "chief-linan,2026-12-25,2026-12-26,") },
    ]

    static let promises: [Planted] = [
        Planted(
            "resolved before it is accepted", "service-levels.csv:3: resolve 2 hours is below accept 4 hours"
        ) { try $0.change("service-levels.csv", "urgent") { $0.replacing("48 hours", with: "2 hours") } },
        Planted(
            "resolved by the clock before it is accepted in working time",
            "service-levels.csv:2: resolve 23 hours is below accept 1 working-days"
        ) {
            try $0.change("service-levels.csv", "ordinary") {
                $0.replacing("5 working-days", with: "23 hours")
            }
        },
        Planted(
            "resolved in fewer hours than a day of them",
            "service-levels.csv:2: resolve 7 working-hours is below accept 1 working-days"
        ) {
            try $0.change("service-levels.csv", "ordinary") {
                $0.replacing("5 working-days", with: "7 working-hours")
            }
        },
        Planted(
            "resolved within the day that it is accepted in"
        ) {
            try $0.change("service-levels.csv", "ordinary") {
                $0.replacing("5 working-days", with: "8 working-hours")
            }
        },
        Planted(
            "two promises for the same",
            "service-levels.csv:9: urgency \"ordinary of silt\" is the same as that of silt"
        ) { _ = $0.append("service-levels.csv", "silt-again,silt,ordinary,1 hours,2 hours") },
        Planted(
            "two promises for everything",
            "service-levels.csv:9: urgency \"ordinary of every category\" is the same as that of ordinary"
        ) { _ = $0.append("service-levels.csv", "ordinary-again,,ordinary,1 hours,2 hours") },
        Planted(
            "a day twice", "calendar.csv:41: date \"2026-10-01\" is already used on line 33"
        ) { _ = $0.append("calendar.csv", "2026-10-01,holiday,样例,") },
        Planted(
            "a working day that is one anyway",
            "calendar.csv:41: warning: 2026-10-12 is a working day without this row, too"
        ) { _ = $0.append("calendar.csv", "2026-10-12,workday,样例,") },
    ]

    @Test("is named with its file and line, and nothing else", arguments: upward + waters + people + promises)
    func findings(planted: Planted) throws {
        var folder = try SampleFolder()
        let before = folder.reading.findings.map(\.description)
        try planted.plant(&folder)
        let found = folder.reading.findings.map(\.description).filter { !before.contains($0) }
        #expect(found == planted.expected)
    }

    @Test("twenty faults planted at once are named, each with its file and line, and nothing else")
    func twenty() throws {
        var folder = try SampleFolder()
        let before = folder.reading.findings.map(\.description)
        let expected = try Self.plantTwenty(into: &folder)
        #expect(expected.count == 20)
        let found = folder.reading.findings.filter { !before.contains($0.description) }
        #expect(found.map { "\($0.file):\($0.line ?? 0)" } == expected.map(\.place))
        for (finding, words) in zip(found, expected.map(\.words)) {
            #expect(finding.what.contains(words), "\(finding)")
        }
    }

    /// In the order of the files' names and lines.
    private static func plantTwenty(into folder: inout SampleFolder) throws -> [(
        place: String, words: String
    )] {
        var expected: [(place: String, words: String)] = []
        func replace(
            _ file: String, _ start: String, _ old: String, _ new: String, _ words: String
        ) throws {
            let changed = try folder.change(file, start) { text -> String? in
                #expect(text.contains(old), "\(file): \(start)")
                return text.replacing(old, with: new)
            }
            expected.append(("\(file):\(changed)", words))
        }
        func shape(_ id: String, _ old: String, _ new: String, _ words: String) throws {
            try replace("reaches.geojson", feature(id), old, new, "\(id)\(words)")
        }
        _ = folder.append("absences.csv", "chief-tangqi-2,2026-11-25,2026-11-26,")
        expected.append(("absences.csv:3", "deputy \"chief-tangqi-2\" is away"))
        _ = folder.append("calendar.csv", "2026-10-01,holiday,样例,")
        expected.append(("calendar.csv:41", "is already used on line 33"))
        try replace("departments.csv", "city-inspection", "+86 000 0000 6106", "", "checker")
        expected[2].place = "categories.csv:25"
        try replace("chiefs.csv", "chief-yuhang,", "chief-city", "chief-nobody", "is not in chiefs.csv")
        try replace("chiefs.csv", "chief-tonglu,", "chief-city", "chief-tonglu-deputy", "forms a circle")
        try replace("chiefs.csv", "chief-pingyao,", "+86 000 0000 0304", "", "has no phone")
        try replace(
            "outfalls.csv", "xiasha-works", "qiantang-river,", "grand-canal,",
            "belongs to river \"qiantang-river\"")
        try replace(
            "reaches.csv", "dong-river", "chief-xiaoying-1 chief-xiaoying chief-shangcheng chief-city", "",
            "no chief")
        try replace("reaches.csv", "shengli-river", ",2.7", ",27", "but the shape is")
        try shape(
            "guxin-river.gongshu", "[120.1525,30.2640]", "[30.2640,120.1525]",
            ": geometry.coordinates: 30.264")
        try shape(
            "xiang-lake.xiaoshan", "\"Polygon\",\"coordinates\":[[[", "\"LineString\",\"coordinates\":[[", "")
        try folder.change("reaches.geojson", feature("xiang-lake.xiaoshan")) {
            $0.replacing("]]]}}", with: "]]}}")
        }
        try shape("yangli-pond.pingyao", "[119.", "[117.", " lies 185.7 km outside pingyao")
        try shape(
            "ceshi-pond.tangqi", ",[120.1840,30.4700]]]", "]]",
            ": geometry.coordinates: a ring must have four")
        try shape(
            "shili-ditch.yiqiao", "[120.1905,30.0672],[120.1950,30.0740]", "[120.1850,30.0650]",
            " has a line with no length")
        try folder.change("regions.csv", "zhejiang") { $0.replacing("浙江省河长制办公室（样例）", with: "") }
        try replace("regions.csv", "hangzhou", "杭州市河长制办公室（样例）", "", "have no duty office")
        try replace(
            "regions.geojson", feature("tongjun"), "[119.6750,29.7800],[119.7000,29.7850]",
            "[119.7000,29.7850],[119.6750,29.7800]", "crosses itself")
        try replace("rivers.csv", "zhong-river", "6.6", "6.6 km", "is not a number")
        try replace(
            "sections.csv", "jiekou", "118.7185,29.7260", "29.7260,118.7185", "latitude 118.7185 is outside")
        try replace("service-levels.csv", "silt", "2 working-days,20", "20 working-days,2", "is below accept")
        try replace(
            "stations.csv", "station-fengkou", "w20115=μg/L", "w20115=lb", "is not a known unit")
        return expected
    }

    @Test("an official's number that gets no message is named by its line, never by itself")
    func unreached() throws {
        let sample = try MobileNumbers(also: "+86000")
        var folder = try SampleFolder()
        #expect(folder.reading.unreachedPhones(sample) == [])
        let chief = try folder.change("chiefs.csv", "chief-xihu,") {
            $0.replacing("+86 000 0000 0203", with: "0571-00000000")
        }
        let office = try folder.change("regions.csv", "hangzhou,") {
            $0.replacing("+86 000 0000 9001", with: "12345")
        }
        let department = try folder.change("departments.csv", "city-water,") {
            $0.replacing("+86 000 0000 6103", with: "+44 7000 000000")
        }
        #expect(
            folder.reading.unreachedPhones(sample).map(\.description) == [
                "chiefs.csv:\(chief): warning: phone gets no message: it is not a mobile number",
                "departments.csv:\(department): warning: phone gets no message: "
                    + "its country is not in DAYU_SMS_COUNTRIES",
                "regions.csv:\(office): warning: duty_phone gets no message: it is a short number",
            ])
        #expect(folder.reading.unreachedPhones(.presets).count > 50, "no plan knows the sample's numbers")
    }
}
