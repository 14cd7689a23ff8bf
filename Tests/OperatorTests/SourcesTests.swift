import Models
import Testing
import Text

@testable import Operator

@Suite("sources.csv")
struct SourceTableTests {
    private static let good =
        "centre,monitoring-centre,https://data.example/r?hours=48,10m,csv,DAYU_SOURCE_CENTRE,yes,skip,采样位置:断面"

    private func findings(_ row: String) throws -> [String] {
        var folder = try SampleFolder()
        let usual = folder.reading.findings
        // Columns that a row leaves out at its end are empty.
        let line = folder.append(
            "sources.csv", row + String(repeating: ",", count: 8 - row.filter { $0 == "," }.count))
        #expect(line == 2)
        return folder.reading.findings.filter { !usual.contains($0) }.map(\.description)
    }

    @Test("a row with every column is read")
    func whole() throws {
        var folder = try SampleFolder()
        _ = folder.append("sources.csv", Self.good)
        let source = try #require(Registry(folder.reading.entities).sources.values.first)
        #expect(source.gateway.rawValue == "monitoring-centre" && source.interval.seconds == 600)
        #expect(source.shape == .csv && source.credential == "DAYU_SOURCE_CENTRE")
        #expect(source.skipsUnknown && source.skipsFaults && source.columns == "采样位置:断面")
        #expect(try findings(Self.good) == [])
    }

    @Test("a gateway with a source needs no key")
    func keyless() throws {
        var folder = try SampleFolder()
        try folder.change("gateway-keys.csv", "monitoring-centre,") { _ in nil }
        #expect(folder.reading.findings.contains { $0.what.contains("monitoring-centre has no key") })
        _ = folder.append("sources.csv", Self.good)
        #expect(!folder.reading.findings.contains { $0.what.contains("monitoring-centre has no key") })
    }

    @Test(
        "a fault is told, and nothing else",
        arguments: [
            ("centre,nobody,https://data.example,10m,csv", "gateway \"nobody\" is not in gateways.csv"),
            (
                "centre,city-app,https://data.example,10m,csv",
                "gateway \"city-app\" has no scope for readings in gateways.csv"
            ),
            (
                "centre,monitoring-centre,data.example,10m,csv",
                "address \"data.example\" is not an http(s) address in ASCII, without a user and without a fragment"
            ),
            ("centre,monitoring-centre,,10m,csv", "address is empty"),
            (
                "centre,monitoring-centre,https://data.example,often,csv",
                "interval \"often\" is not an interval from 1s to 31d, such as 10m"
            ),
            ("centre,monitoring-centre,https://data.example,,csv", "interval is empty"),
            (
                "centre,monitoring-centre,https://data.example,10m,xml",
                "shape \"xml\" is none of json, csv"
            ),
            (
                "centre,monitoring-centre,https://data.example,10m,csv,DAYU_LINK_KEY",
                "credential \"DAYU_LINK_KEY\" is not the name of a variable such as DAYU_SOURCE_CENTRE: "
                    + "capital letters, digits and _"
            ),
            (
                "centre,monitoring-centre,https://data.example,10m,csv,,,,采样位置",
                "columns \"采样位置\" is not a header, a colon and its meaning"
            ),
            (
                "centre,monitoring-centre,https://data.example,10m,json,,yes",
                "skip_unknown is for tables, and the shape is json"
            ),
            (
                "centre,monitoring-centre,https://data.example,10m,csv,,,ignore",
                "on_fault \"ignore\" is none of refuse, skip"
            ),
        ])
    func faults(_ row: String, _ fault: String) throws {
        #expect(try findings(row) == ["sources.csv:2: \(fault)"])
    }

    @Test("a credential that goes unencrypted over a network is worth a warning")
    func unencrypted() throws {
        let row = "centre,monitoring-centre,http://10.0.0.1/r,10m,csv,DAYU_SOURCE_CENTRE"
        #expect(
            try findings(row) == [
                "sources.csv:2: warning: the credential goes to http://10.0.0.1/r unencrypted: "
                    + "everybody on the way can read it"
            ])
        #expect(try findings(row.replacing("10.0.0.1", with: "127.0.0.1")) == [])
        #expect(try findings(row.replacing(",DAYU_SOURCE_CENTRE", with: "")) == [])
    }
}

@Suite("dayu sources")
struct SourcesReportTests {
    private static let now = Instant(millisecondsSince1970: 1_795_917_600_000)

    private func source(_ id: String, _ interval: String = "10m") throws -> Source {
        Source(
            id: try #require(SourceID(id)), gateway: try #require(GatewayID("centre")),
            address: try #require(Source.Address("https://data.example/")),
            interval: try #require(Source.Interval(interval)), shape: .json)
    }

    private func standing(
        _ source: Source, _ outcome: SourceStanding.Outcome, asked minutes: Int64
    ) -> SourceStanding {
        let asked = Self.now - .seconds(60 * minutes)
        return SourceStanding(
            source.id, row: "", askedAt: asked, nextAt: asked + .seconds(600), outcome: outcome)
    }

    @Test("it says what came when")
    func text() throws {
        let source = try source("centre")
        var standing = standing(source, .unchanged, asked: 4)
        standing.answeredAt = standing.askedAt
        standing.broughtAt = Self.now - .seconds(3 * 3600)
        standing.brought = 12
        standing.observedAt = Self.now - .seconds(4 * 3600)
        let report = SourcesReport([source], [source.id: standing], rows: Self.old(source), at: Self.now)
        #expect(report.isWell)
        let line = try #require(report.text.split(separator: "\n").last)
        for part in [
            "centre", "unchanged", "4 min ago", "in 6 min", "12, 3 h 0 min ago", "2026-11-28T22:00:00.000Z",
        ] {
            #expect(line.contains(part), "\(line)")
        }
        #expect(SourcesReport([], [:], rows: [:], at: Self.now).text.contains("sources.csv"))
    }

    @Test("a source that fails is shown at once, and is a fault after a while; so is one that nobody asks")
    func faults() throws {
        let (failing, idle, never) = (try source("a"), try source("b"), try source("c"))
        var failure = standing(failing, .failed, asked: 1)
        failure.failures = 7
        failure.reason = "answers 500\u{1B}[31m"
        failure.failingSince = Self.now - .seconds(3599)
        let rows = Self.old(failing, idle, never)
        let early = SourcesReport([failing], [failing.id: failure], rows: rows, at: Self.now)
        #expect(early.isWell && early.text.contains("failed 7 times") && early.text.contains("answers 500"))
        #expect(!early.text.contains("\u{1B}"))
        failure.failingSince = Self.now - .seconds(3600)
        let report = SourcesReport(
            [never, idle, failing],
            [failing.id: failure, idle.id: standing(idle, .unchanged, asked: 13)], rows: rows,
            at: Self.now)
        #expect(
            report.faults == [
                "source a has brought nothing for 1 h 0 min: answers 500\\u{1B}[31m", "source b is not asked",
                "source c is not asked",
            ])
        #expect(!report.isWell && report.text.contains("never asked"))
        let soon = SourcesReport(
            [idle], [idle.id: standing(idle, .unchanged, asked: 11)], rows: rows, at: Self.now)
        #expect(soon.isWell, "another instance may be taking over")
    }

    @Test("a new row has its first interval, up to an hour; what was known of the old row does not count")
    func newRow() throws {
        func report(_ interval: String, rowSeconds: Int64, asked minutes: Int64?) throws -> SourcesReport {
            let source = try source("a", interval)
            let standings = minutes.map { [source.id: standing(source, .failed, asked: $0)] } ?? [:]
            let row = Self.now - .seconds(rowSeconds)
            return SourcesReport([source], standings, rows: [source.id: row], at: Self.now)
        }
        for (interval, first) in [("10m", 720), ("1s", 121), ("31d", 3720)] as [(String, Int64)] {
            for asked in [nil, 90] as [Int64?] {
                let well = try report(interval, rowSeconds: first, asked: asked)
                #expect(well.isWell && well.text.contains("not asked yet") && !well.text.contains("failed"))
                let late = try report(interval, rowSeconds: first + 1, asked: asked)
                #expect(late.faults == ["source a is not asked"], "\(interval)")
            }
        }
        #expect(try report("10m", rowSeconds: 60, asked: 1).text.contains("failed"))
    }

    private static func old(_ sources: Source...) -> [SourceID: Instant] {
        Dictionary(uniqueKeysWithValues: sources.map { ($0.id, now - .seconds(86_400 * 30)) })
    }
}
