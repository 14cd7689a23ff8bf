import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("gateways.csv and gateway-keys.csv")
struct GatewayTablesTests {
    /// One fault planted into the sample: what it is told as, and nothing else.
    struct Planted: CustomTestStringConvertible {
        let testDescription: String
        let expected: [String]
        let plant: @Sendable (inout SampleFolder) throws -> Void

        /// Changes the line of a gateway.
        init(_ what: String, _ old: String, _ new: String, _ expected: String...) {
            self.init(what, expected) {
                try $0.change("gateways.csv", "city-app,") { $0.replacing(old, with: new) }
            }
        }

        init(
            _ what: String, _ expected: [String],
            plant: @escaping @Sendable (inout SampleFolder) throws -> Void
        ) {
            testDescription = what
            self.expected = expected
            self.plant = plant
        }
    }

    private static let choices =
        "complaints, readings, readings:section/…, readings:station/…, actions:chief/…, actions:office/…, "
        + "actions:department/…, receipts or messages"
    private static let digits = String(repeating: "0", count: 63)

    static let planted: [Planted] = [
        Planted(
            "an unknown channel", ",app,", ",letter,",
            "gateways.csv:2: channel \"letter\" is none of web, app, hotline, sms, open311, station"),
        Planted(
            "the suite's channel", ",app,", ",station,",
            "gateways.csv:2: channel station is for the suite's own alarms: a gateway can't use it"
        ),
        Planted(
            "no scope", "complaints actions:office/hangzhou", "",
            "gateways.csv:2: scopes is empty: the gateway would have no rights"),
        Planted(
            "an unknown scope", "complaints", "everything",
            "gateways.csv:2: scopes \"everything\" is not \(choices)"),
        Planted(
            "a scope twice", "complaints", "complaints complaints",
            "gateways.csv:2: scopes names complaints twice"),
        Planted(
            "an unknown office", "office/hangzhou", "office/atlantis",
            "gateways.csv:2: scopes \"atlantis\" is not in regions.csv"),
        Planted(
            "an unknown chief", "office/hangzhou", "chief/nemo",
            "gateways.csv:2: scopes \"nemo\" is not in chiefs.csv"),
        Planted(
            "an unknown department", "office/hangzhou", "department/hangzhou",
            "gateways.csv:2: scopes \"hangzhou\" is not in departments.csv"),
        Planted(
            "an unknown section and an unknown station", "complaints",
            "readings:section/nowhere readings:station/jiekou",
            "gateways.csv:2: scopes \"jiekou\" is not in stations.csv",
            "gateways.csv:2: scopes \"nowhere\" is not in sections.csv or outfalls.csv"),
        Planted(
            "no rate", ",600,", ",0,", "gateways.csv:2: requests_per_minute 0 is outside 1…1000000"),
        Planted(
            "a rate that is no whole number", ",600,", ",1.5,",
            "gateways.csv:2: requests_per_minute \"1.5\" is not a whole number"),
        Planted(
            "an address that is none", ",600,", ",600,10.0.0.1/8 ::1",
            "gateways.csv:2: addresses \"10.0.0.1/8\" is not an IP address or a block such as 10.1.0.0/16"),
        Planted(
            "an address twice", ",600,", ",600,::1 0:0::1", "gateways.csv:2: addresses names ::1 twice"),
        Planted("a gateway twice", ["gateways.csv:6: id \"city-app\" is already used on line 2"]) {
            _ = $0.append("gateways.csv", "city-app,再,Again,app,complaints,,")
        },
        Planted(
            "a name of ours",
            [
                "gateways.csv:6: id \"dayu-analytics\" begins with \"dayu-\", which is for the suite's own services"
            ]
        ) {
            _ = $0.append("gateways.csv", "dayu-analytics,我,Me,app,complaints,,")
            _ = $0.append("gateway-keys.csv", "dayu-analytics,\(digits)9,")
        },
        Planted("a key of nobody", ["gateway-keys.csv:6: gateway \"nobody\" is not in gateways.csv"]) {
            _ = $0.append("gateway-keys.csv", "nobody,\(digits)9,")
        },
        Planted(
            "a key twice",
            ["gateway-keys.csv:6: key_sha256 \"\(digits)1\" is already used on line 2"]
        ) { _ = $0.append("gateway-keys.csv", "hotline-12345,\(digits)1,") },
        Planted(
            "a hash that is none",
            [
                "gateway-keys.csv:6: key_sha256 \"\(digits)A\" is not a SHA-256 of 64 lower-case "
                    + "hexadecimal digits; dayu key new prints it"
            ]
        ) { _ = $0.append("gateway-keys.csv", "city-app,\(digits)A,") },
        Planted("no hash", ["gateway-keys.csv:6: key_sha256 is empty"]) {
            _ = $0.append("gateway-keys.csv", "city-app,,")
        },
        Planted(
            "an end that is none",
            [
                "gateway-keys.csv:6: valid_until \"2027-01-01\" is not a moment such as 2027-01-01T00:00:00+08:00"
            ]
        ) { _ = $0.append("gateway-keys.csv", "city-app,\(digits)9,2027-01-01") },
    ]

    @Test("a planted fault is told, and nothing else", arguments: planted)
    func faults(_ planted: Planted) throws {
        var folder = try SampleFolder()
        try planted.plant(&folder)
        #expect(folder.reading.faults.map(\.description) == planted.expected)
    }

    @Test("a gateway without a key is worth a warning, where the table of keys is there")
    func keyless() throws {
        var folder = try SampleFolder()
        let usual = folder.reading.warnings
        try folder.change("gateway-keys.csv", "sms-centre,") { _ in nil }
        #expect(
            folder.reading.findings.filter { !usual.contains($0) }.map(\.description) == [
                "gateways.csv:5: warning: sms-centre has no key in gateway-keys.csv: it can't use the API"
            ])
        folder.texts["gateway-keys.csv"] = nil
        #expect(folder.reading.findings == usual)
        #expect(!folder.reading.toldKinds.contains(.gatewayKey))
        folder.texts["gateway-keys.csv"] = Array("gateway,key_sha256,valid_until\nsms-centre\n".utf8)
        #expect(!folder.reading.findings.contains { $0.file == "gateways.csv" }, "the table is not whole")
    }

    // MARK: Keys that end

    private static let end = Instant(millisecondsSince1970: 1_800_000_000_000)

    private static func keys(_ ends: Instant?...) throws -> [GatewayKey] {
        try ends.enumerated().map { number, end in
            GatewayKey(
                gateway: EntityID(literal: "g"),
                sha256: try #require(KeyHash([UInt8](repeating: UInt8(number), count: 32))), validUntil: end)
        }
    }

    @Test("the end of a gateway's last key is said 14 days before and ever after")
    func ending() throws {
        func said(_ keys: [GatewayKey], daysBefore days: Int) -> [String] {
            EndingKeys(keys, at: Self.end - .seconds(days * 86_400)).endings.map(\.what)
        }
        let one = try Self.keys(Self.end)
        #expect(said(one, daysBefore: 15) == [])
        #expect(
            said(one, daysBefore: 14) == [
                "g has no valid key after 2027-01-15T08:00:00.000Z: make a new one with dayu key new"
            ])
        #expect(
            said(one, daysBefore: 0) == ["g has no valid key: its last key ended at 2027-01-15T08:00:00.000Z"]
        )
        #expect(said(one, daysBefore: -1).count == 1)
        // A key that is being replaced.
        #expect(said(try Self.keys(Self.end, nil), daysBefore: 1) == [])
        #expect(said(try Self.keys(Self.end, Self.end + .seconds(30 * 86_400)), daysBefore: 1) == [])
        let two = try Self.keys(Self.end - .seconds(86_400), Self.end)
        #expect(EndingKeys(two, at: Self.end - .seconds(86_400)).endings.map(\.key) == [two[1]])
    }

    @Test("a folder's ending key is told with its line")
    func endingLine() throws {
        var folder = try SampleFolder()
        #expect(folder.reading.endingKeys(at: .latest) == [])
        try folder.change("gateway-keys.csv", "sms-centre,") { $0 + Self.end.description }
        #expect(folder.reading.faults == [])
        #expect(folder.reading.endingKeys(at: Self.end - .seconds(20 * 86_400)) == [])
        #expect(
            folder.reading.endingKeys(at: Self.end).map(\.description) == [
                "gateway-keys.csv:5: warning: sms-centre has no valid key: its last key ended at "
                    + "2027-01-15T08:00:00.000Z"
            ])
    }

    // MARK: Publishing

    @Test("a gateway is written before its keys and removed after them; a changed scope is shown")
    func publishing() throws {
        var folder = try SampleFolder()
        var published = PublishedRegistry()
        for record in RegistryChanges(from: published, to: folder.reading.entities)
            .records(source: "dayu", at: Self.end)
        {
            published.take(key: Array(record.key.utf8), value: record.event.data)
        }
        try folder.change("gateways.csv", "city-app,") {
            $0.replacing("office/hangzhou", with: "office/xihu").replacing(",600,", with: ",,::1")
        }
        try folder.change("gateways.csv", "sms-centre,") { _ in nil }
        try folder.change("gateway-keys.csv", "sms-centre,") { _ in nil }
        _ = folder.append("gateways.csv", "new,新,New,web,complaints,,")
        _ = folder.append("gateway-keys.csv", "new,\(Self.digits)9,")
        let reading = folder.reading
        #expect(reading.faults == [])
        let changes = RegistryChanges(from: published, to: reading.entities, of: reading.toldKinds)
        #expect(
            changes.lines == [
                "new gateway/new", "new gateway-key/\(Self.digits)9",
                "changed gateway/city-app: scopes \"complaints actions:office/hangzhou\" → "
                    + "\"complaints actions:office/xihu\"; requests_per_minute \"600\" → none; "
                    + "addresses none → \"::1\"",
                "removed gateway-key/\(Self.digits)4", "removed gateway/sms-centre",
            ])
    }

    @Test("nobody knows a key of the sample: each of its hashes is a number that was counted, not computed")
    func sample() throws {
        let keys = Registry(try SampleFolder().reading.entities).gatewayKeys.keys
        #expect(!keys.isEmpty)
        for key in keys { #expect(key.bytes.dropLast().allSatisfy { $0 == 0 }) }
    }
}
