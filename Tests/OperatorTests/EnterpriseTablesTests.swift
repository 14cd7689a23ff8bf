import Models
import Testing

@testable import Operator

@Suite("Enterprises, their outfalls and their permits")
struct EnterpriseTablesTests {
    struct Planted: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let file: String
        let row: String
        let expected: String

        init(_ file: String, _ row: String, _ expected: String) {
            (self.file, self.row, self.expected) = (file, row, expected)
            testDescription = expected
        }
    }

    static let planted = [
        Planted("enterprises.csv", "x,某厂,,,,hangzhou,,,,,,", "responsible is empty"),
        Planted(
            "enterprises.csv", "x,某厂,,,,nowhere,,,,,city-ecology,", "region \"nowhere\" is not in regions.csv"
        ),
        Planted(
            "enterprises.csv", "x,某厂,,,,hangzhou,,,,,nobody,",
            "responsible \"nobody\" is not in departments.csv"),
        Planted(
            "enterprises.csv", "x,某厂,,,,hangzhou,,120.1,,,city-ecology,", "latitude is empty"),
        Planted(
            "enterprises.csv", "x,某厂,,,,hangzhou,,,,,city-ecology,",
            "warning: x has no outfall in outfalls.csv"),
        Planted(
            "outfalls.csv", "x,某口,,lan-river,,119.5052,29.4340,industrial,,nobody",
            "enterprise \"nobody\" is not in enterprises.csv"),
        Planted(
            "outfalls.csv", "x,某口,,lan-river,,119.5052,29.4340,industrial,,fanli-paper",
            "warning: x has no limit in permits.csv: its readings are shown, not judged"),
        Planted(
            "outfalls.csv", "jiekou,某口,,lan-river,,119.5052,29.4340,industrial,,fanli-paper",
            "id \"jiekou\" is also a section's: readings name both by their id"),
        Planted("permits.csv", "x,nowhere,w01018,50,,,", "outfall \"nowhere\" is not in outfalls.csv"),
        Planted(
            "permits.csv", "x,lan-industry,w99999,50,,,",
            "parameter \"w99999\" is not a known factor code, such as w01018"),
        Planted(
            "permits.csv", "x,lan-industry,w01009,50,,,",
            "parameter \"w01009\" has no highest value that a permit could limit"),
        Planted("permits.csv", "x,lan-industry,w22001,50,60,,", "daily 60 allows more than hourly 50"),
        Planted("permits.csv", "x,lan-industry,w22001,,,,", "hourly and daily are both empty"),
        Planted("permits.csv", "x,lan-industry,w22001,6-9,,,", "hourly 6-9 is a range; only pH has one"),
        Planted(
            "permits.csv", "x,xiasha-works,w01001,9,,,", "hourly 9 is not a range; pH has one, such as 6-9"),
        Planted(
            "permits.csv", "x,lan-industry,w22001,much,,,",
            "hourly \"much\" is not a limit such as 50, or for pH a range such as 6-9"),
        Planted(
            "permits.csv", "x,lan-industry,w22001,5,,2026-02-01,2026-01-01",
            "to 2026-01-01 is before from 2026-02-01"
        ),
        Planted(
            "permits.csv", "x,lan-industry,w01018,40,,,",
            "w01018 of lan-industry has another limit on some of these days: lan-industry.cod on line "),
        Planted(
            "permits.csv", "x,yuhang-farmland,w01018,50,,,",
            "outfall \"yuhang-farmland\" has no enterprise in outfalls.csv: nobody holds the permit"),
        Planted(
            "stations.csv", "x,yuhang-farmland,某站,F9,,,,,",
            "outfall \"yuhang-farmland\" has no enterprise in outfalls.csv: it takes no readings"),
        Planted(
            "stations.csv", "x,nowhere,某站,F9,,,,,",
            "section \"nowhere\" is not in sections.csv or outfalls.csv"),
    ]

    @Test("what is wrong is told with its line", arguments: planted)
    func finding(_ one: Planted) throws {
        var folder = try SampleFolder()
        let line = folder.append(one.file, one.row)
        let findings = folder.reading.findings.map(\.description)
        #expect(
            findings.contains { $0.hasPrefix("\(one.file):\(line): ") && $0.contains(one.expected) },
            "\(findings)")
    }

    @Test("a department without a phone can't answer for an enterprise")
    func mute() throws {
        var folder = try SampleFolder()
        try folder.change("departments.csv", "jiande-ecology,") {
            $0.replacing("+86 000 0000 6114", with: "")
        }
        let what = "responsible \"jiande-ecology\" has no phone in departments.csv"
        #expect(
            folder.reading.faults.contains {
                $0.description.contains("enterprises.csv") && $0.description.contains(what)
            })
    }

    @Test("an outfall's station and a gateway's scope for it are in order")
    func points() throws {
        var folder = try SampleFolder()
        _ = folder.append("stations.csv", "lan-meter,lan-industry,纸厂在线监测,F9,,192.0.2.9,,2061 2031,")
        _ = folder.append("gateways.csv", "mill,纸厂,,app,readings:section/lan-industry,,")
        let faults = folder.reading.faults
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test("a permit may end when the next one begins")
    func dates() throws {
        var folder = try SampleFolder()
        _ = folder.append("permits.csv", "a,lan-industry,w22001,5,,2026-01-01,2026-06-30")
        _ = folder.append("permits.csv", "b,lan-industry,w22001,3,,2026-07-01,")
        #expect(folder.reading.faults.isEmpty)
    }
}
