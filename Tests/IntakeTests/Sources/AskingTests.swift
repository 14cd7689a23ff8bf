import Host
import Models
import Processing
import Readings
import Testing
import Text

@testable import HTTP
@testable import Intake

/// Sources that are asked and answer, without a network and without a log.
struct Desk {
    static let now = Counter.now
    static let id = SourceID(literal: "centre")
    static let credentials = ["DAYU_SOURCE_CENTRE": SourceCredential("X-Key: s3cret")].compactMapValues(
        \.self)

    var asking: Asking
    var now = Desk.now
    let registry: Registry

    static func source(
        _ shape: Source.Shape = .csv, interval: String = "10m", address: String = "https://data.example/r",
        credential: String? = nil, skips: Bool = false, gateway: String = "office", id: SourceID = Desk.id
    ) throws -> Source {
        Source(
            id: id, gateway: try #require(GatewayID(gateway)),
            address: try #require(Source.Address(address)),
            interval: try #require(Source.Interval(interval)), shape: shape, credential: credential,
            skipsUnknown: skips, skipsFaults: skips)
    }

    init(_ sources: Source...) {
        asking = Asking(credentials: Self.credentials)
        registry = Registry(Counter.registry.entities + sources.map(RegistryEntity.source))
        asking.adopt(registry.sources)
        asking.own(Share([0], of: 1))
    }

    mutating func ask() -> Asking.Question? { asking.due(at: now, atMost: 10).first }

    /// The question that must be due.
    mutating func question() throws -> Asking.Question {
        let question = ask()
        return try #require(question)
    }

    func answered(
        _ question: Asking.Question, _ result: Result<Client.Reply, ClientError>
    ) throws -> Asking.Answered {
        let zone = try #require(Zone(offset: .seconds(8 * 3600)))
        let atlas = Atlas(registry)
        let reception = Reception(
            atlas: atlas, identities: Identities(key: [UInt8](repeating: 1, count: 32)), links: nil)
        return asking.answered(question, result, at: now) { (reply) throws(Malformed) in
            try SourceDocument(
                reply.body, contentType: reply.headers["content-type"], question.source, registry: registry,
                sections: SectionBook(registry, otherwise: zone), now: now)
        } take: { (reports) throws(TurnedAway) in
            try SourcesDoor.records(of: reports, question.source, reception, at: now)
        }
    }

    /// Asks, is answered, and writes that down.
    @discardableResult
    mutating func take(
        _ status: Int, _ body: String = "", _ headers: Headers = []
    ) throws -> Asking.Answered {
        let question = try question()
        let answered = try answered(question, .success(reply(status, body, headers)))
        asking.written(answered)
        return answered
    }

    func reply(_ status: Int, _ body: String, _ headers: Headers = []) -> Client.Reply {
        Client.Reply(status: status, headers: headers, body: Array(body.utf8))
    }

    static func table(_ rows: (hour: Int, pH: String)...) -> String {
        "断面,时间,pH\n" + rows.map { "桥,2026-07-09 \($0.hour):00,\($0.pH)\n" }.joined()
    }
}

@Suite("Asking other systems")
struct AskingTests {
    @Test("new readings and the state of the source are written together, and only once")
    func onlyNews() throws {
        var desk = Desk(try Desk.source())
        let first = try desk.take(200, Desk.table((20, "7.1"), (21, "7.2")))
        #expect(first.readings.count == 2 && first.standing.outcome == .taken)
        #expect(first.standing.brought == 2)
        let records = first.records(Trail(at: desk.now))
        #expect(records.map(\.topic) == [.reports, .reports, .sources, .sources])
        #expect(records.map(\.key).suffix(2) == ["centre/seen", "centre"])
        let report = try JSON.decode(Report.self, from: try #require(first.readings[0].event.data))
        #expect(report.gateway?.rawValue == "office")

        desk.now = desk.now + .seconds(600)
        // The window has moved on: one is gone, one is repeated, one is new.
        let second = try desk.take(200, Desk.table((21, "7.2"), (22, "7.3")))
        #expect(second.readings.count == 1)
        desk.now = desk.now + .seconds(600)
        // One that was gone comes back, and one was corrected.
        let third = try desk.take(200, Desk.table((20, "7.1"), (22, "7.4")))
        #expect(third.readings.count == 1)
        desk.now = desk.now + .seconds(600)
        // A correction may be taken back.
        #expect(try desk.take(200, Desk.table((22, "7.3"))).readings.count == 1)
    }

    @Test("whoever takes over knows what was asked and what was seen")
    func takenOver() throws {
        var desk = Desk(try Desk.source())
        let first = try desk.take(200, Desk.table((20, "7.1")), [("ETag", "\"1\"")])
        var heir = Desk(try Desk.source())
        for (offset, outgoing) in first.records(Trail(at: desk.now)).enumerated()
        where outgoing.topic == .sources {
            heir.asking.recall(
                Record(
                    topic: .sources, partition: 0, offset: Int64(offset), timestamp: desk.now,
                    key: Array(outgoing.key.utf8), value: outgoing.event.data,
                    headers: outgoing.event.headers.map {
                        Record.Header(name: $0.name, value: Array($0.value.utf8))
                    }))
        }
        heir.now = desk.now + .seconds(599)
        #expect(heir.ask() == nil, "it is not its turn yet")
        heir.now = desk.now + .seconds(600)
        let question = try heir.question()
        #expect(question.headers["if-none-match"] == "\"1\"")
        let again = try heir.answered(question, .success(heir.reply(200, Desk.table((20, "7.1"), (21, "7")))))
        #expect(again.readings.count == 1)
    }

    @Test("conditions are sent back, and 304 is an answer")
    func conditions() throws {
        var desk = Desk(try Desk.source())
        let date = "Mon, 23 Nov 2026 05:41:35 GMT"
        try desk.take(200, Desk.table((20, "7.1")), [("ETag", "W/\"a\""), ("Last-Modified", date)])
        desk.now = desk.now + .seconds(600)
        let question = try desk.question()
        #expect(question.headers["if-none-match"] == "W/\"a\"")
        #expect(question.headers["if-modified-since"] == date)
        let answer = try desk.answered(question, .success(desk.reply(304, "")))
        #expect(answer.standing.outcome == .unchanged && answer.standing.failures == 0)
        #expect(answer.standing.entityTag == "W/\"a\"" && answer.seen == nil)
        #expect(answer.standing.nextAt == desk.now + .seconds(600))
        desk.asking.written(answer)
        desk.now = desk.now + .seconds(600)
        // Without a tag the digest of the document tells that it is the same.
        let same = try desk.take(200, Desk.table((20, "7.1")))
        #expect(same.standing.outcome == .unchanged && same.readings == [] && same.seen == nil)
        #expect(same.standing.entityTag == nil, "the source has no tag any more")
    }

    @Test("304 to a question without a condition is no answer")
    func baseless304() throws {
        var desk = Desk(try Desk.source())
        #expect(try desk.take(304).standing.outcome == .failed)
    }

    @Test("what is not taken whole is asked for again in full")
    func inFull() throws {
        var desk = Desk(try Desk.source(skips: true))
        let text = Desk.table((20, "7.1"), (21, "x")) + "某桥,2026-07-09 20:00,7\n"
        let part = try desk.take(200, text, [("ETag", "\"1\"")])
        #expect(part.readings.count == 1 && part.standing.outcome == .taken)
        #expect(
            part.standing.reason?.contains("某桥") == true && part.standing.reason?.contains("line 3") == true)
        desk.now = desk.now + .seconds(600)
        let question = try desk.question()
        #expect(question.headers["if-none-match"] == nil)
        #expect(try desk.answered(question, .success(desk.reply(200, text))).readings == [])
    }

    @Test(
        "a document that can't be taken is refused with its reason, and nothing of it is written",
        arguments: [
            (Source.Shape.csv, "断面,时间,pH\n某桥,2026-07-09 20:00,7\n", "line 2"),
            (.csv, "", ""), (.csv, "<html>not here</html>", ""), (.csv, "断面,时间,pH\n桥,\"", "line 2"),
            (.json, "", ""), (.json, "[]", "not a JSON object"), (.json, "{\"readings\":[]}", "is empty"),
            (.json, "断面,时间,pH\n", ""),
            (
                .json,
                #"{"readings":[{"section":"nowhere","observedAt":"2026-07-09T20:00:00Z","values":{}}]}"#,
                "readings.0.section"
            ),
        ])
    func refused(_ shape: Source.Shape, _ body: String, _ reason: String) throws {
        var desk = Desk(try Desk.source(shape))
        let answer = try desk.take(200, body, [("ETag", "\"1\"")])
        #expect(answer.standing.outcome == .refused && answer.readings == [] && answer.seen == nil)
        #expect(reason.isEmpty || answer.standing.reason?.contains(reason) == true, "\(answer.standing)")
        #expect(answer.standing.failures == 1 && answer.standing.failingSince == desk.now)
        #expect(answer.standing.entityTag == nil, "the next answer must not be 304")
        #expect(answer.standing.nextAt == desk.now + .seconds(600))
    }

    @Test("a source brings what its gateway may bring, and nothing else")
    func scopes() throws {
        var desk = Desk(try Desk.source(gateway: "app"))
        let answer = try desk.take(200, Desk.table((20, "7.1")))
        #expect(answer.standing.outcome == .refused && answer.readings == [])
        #expect(answer.standing.reason?.contains("app may not post readings of bridge") == true)
    }

    @Test("a source without an answer is asked again soon, then ever more rarely")
    func backOff() throws {
        var desk = Desk(try Desk.source())
        var pauses: [Int64] = []
        for _ in 0..<9 {
            let answer = try desk.take(500)
            #expect(answer.standing.outcome == .failed && answer.standing.status == 500)
            pauses.append((answer.standing.nextAt - desk.now).wholeSeconds)
            desk.now = answer.standing.nextAt
        }
        #expect(pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
        #expect(desk.asking.standings[Desk.id]?.failures == 9)
        #expect(desk.asking.standings[Desk.id]?.failingSince == Desk.now)
        let well = try desk.take(200, Desk.table((20, "7.1")))
        #expect(well.standing.failures == 0 && well.standing.failingSince == nil)
        #expect(well.standing.nextAt == desk.now + .seconds(600))
        desk.now = well.standing.nextAt
        let timeout = try desk.answered(try desk.question(), .failure(.timeout))
        #expect(timeout.standing.reason == "no answer in time" && timeout.standing.status == nil)
    }

    @Test(
        "Retry-After is heeded, up to a day",
        arguments: [
            ("7200", 7200), ("999999999", 86_400), ("-5", 60), ("soon", 60), ("1", 60),
            ("Fri, 15 Jan 2027 10:00:00 GMT", 7200),
        ] as [(String, Int64)])
    func retryAfter(_ text: String, _ seconds: Int64) throws {
        var desk = Desk(try Desk.source())
        #expect(Desk.now.description == "2027-01-15T08:00:00.000Z")
        let answer = try desk.take(503, "", [("Retry-After", text)])
        #expect((answer.standing.nextAt - desk.now).wholeSeconds == seconds)
    }

    @Test("a source is reported when it has failed for three intervals, and for an hour")
    func forLong() throws {
        var desk = Desk(try Desk.source(interval: "1h"))
        let standing = try desk.take(401).standing
        #expect(standing.reason?.contains("credential") == true)
        let interval = try #require(Source.Interval("1h"))
        #expect(!standing.failsForLong(interval, at: desk.now + .seconds(3 * 3600 - 1)))
        #expect(standing.failsForLong(interval, at: desk.now + .seconds(3 * 3600)))
        let minute = try #require(Source.Interval("1m"))
        #expect(!standing.failsForLong(minute, at: desk.now + .seconds(3599)))
        #expect(standing.failsForLong(minute, at: desk.now + .seconds(3600)))
    }

    @Test("its credential is sent, and a redirection is told and not followed elsewhere")
    func credentials() throws {
        var desk = Desk(try Desk.source(credential: "DAYU_SOURCE_CENTRE"))
        let question = try desk.question()
        #expect(question.headers["x-key"] == "s3cret" && question.headers["accept"] == "text/csv")
        #expect(desk.asking.hindrance(question.source) == nil)
        let answer = try desk.answered(question, .success(desk.reply(302, "", [("Location", "/else")])))
        #expect(answer.standing.outcome == .failed && answer.standing.reason?.contains("origin") == true)
        let other = try Desk.source(credential: "DAYU_SOURCE_OTHER")
        #expect(desk.asking.hindrance(other) == "DAYU_SOURCE_OTHER is not set here")
    }

    @Test("a changed row is asked at once and in full; a question under way is not asked twice")
    func changedRow() throws {
        var desk = Desk(try Desk.source())
        try desk.take(200, Desk.table((20, "7.1")), [("ETag", "\"1\"")])
        #expect(desk.ask() == nil)
        let changed = try Desk.source(address: "https://data.example/other")
        desk.asking.adopt([changed.id: changed])
        let question = try desk.question()
        #expect(question.source == changed && question.headers["if-none-match"] == nil)
        #expect(desk.ask() == nil, "it is under way")
        let answer = try desk.answered(question, .success(desk.reply(200, Desk.table((20, "7.1")))))
        #expect(answer.readings == [], "the reading is known all the same")
        desk.asking.dropped(answer, at: desk.now)
        #expect(desk.ask() == nil)
        desk.now = desk.now + .seconds(30)
        #expect(desk.ask() != nil, "an answer that could not be written counts as not asked")
    }

    @Test("each source belongs to one share, and those that wait longest are asked first")
    func shares() throws {
        let ids = (1...40).compactMap { SourceID("source-\($0)") }
        let sources = try ids.map { try Desk.source(address: "https://\($0).example/r", id: $0) }
        var asked: [SourceID] = []
        for partition in Int32(0)..<3 {
            var asking = Asking()
            asking.adopt(Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0) }))
            asking.own(Share([partition], of: 3))
            let own = asking.due(at: Desk.now, atMost: 100).map(\.source.id)
            #expect(!own.isEmpty && own.count < 40)
            asked += own
        }
        #expect(asked.sorted() == ids.sorted())
        var none = Asking()
        none.adopt(Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0) }))
        #expect(none.due(at: Desk.now, atMost: 100).isEmpty)
        none.own(Share([0, 1, 2], of: 3))
        #expect(none.due(at: Desk.now, atMost: 3).count == 3)
    }

    /// In the HTTP client a question would wait for a connection, and its thirty seconds would run.
    @Test("a host is asked two questions at once, and keeps no other host waiting")
    func slowHost() throws {
        func source(_ id: String, _ address: String) throws -> Source {
            try Desk.source(address: address, id: try #require(SourceID(id)))
        }
        let sources = [
            try source("a", "http://slow.example/1"), try source("b", "http://slow.example/2?x=/"),
            try source("c", "http://slow.example?3"), try source("d", "http://quick.example/"),
            try source("e", "http://slow.example:81/"), try source("f", "https://slow.example/"),
        ]
        var asking = Asking()
        asking.adopt(Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0) }))
        asking.own(Share([0], of: 1))
        let first = asking.due(at: Desk.now, atMost: 4)
        #expect(first.map(\.source.id.rawValue) == ["a", "b", "d", "e"])
        #expect(asking.due(at: Desk.now, atMost: 4).map(\.source.id.rawValue) == ["f"])
        #expect(asking.due(at: Desk.now, atMost: 4).isEmpty)
        asking.written(asking.failed(first[1], .failed, "no answer in time", at: Desk.now))
        #expect(asking.due(at: Desk.now, atMost: 4).map(\.source.id.rawValue) == ["c"])
    }

    @Test("the condition of the last document that was taken is kept while later ones can't be taken")
    func conditionAfterRefusal() throws {
        var desk = Desk(try Desk.source())
        try desk.take(200, Desk.table((20, "7.1")), [("ETag", "\"1\"")])
        desk.now = desk.now + .seconds(600)
        let refused = try desk.take(200, "<html></html>", [("ETag", "\"2\"")])
        #expect(refused.standing.outcome == .refused && refused.standing.entityTag == "\"1\"")
        desk.now = refused.standing.nextAt
        // The source still has the other document: it comes in full, and can be taken now.
        #expect(try desk.question().headers["if-none-match"] == "\"1\"")
    }

    @Test("what was seen is limited, and the newest is kept")
    func limit() throws {
        func report(_ hour: Int) -> Report {
            Report(
                section: SectionID(literal: "bridge"), observedAt: Desk.now + .seconds(hour * 3600),
                measurements: [:])
        }
        var ledger = SeenLedger()
        let old = (0..<SeenLedger.limit).map(report)
        #expect(ledger.news(of: old).count == SeenLedger.limit)
        #expect(ledger.news(of: [report(-1)]).count == 1)
        let kept = SeenLedger(ledger.seen(of: Desk.id))
        #expect(kept == ledger)
        #expect(ledger.news(of: [report(0)]).count == 1, "the oldest made room")
        #expect(ledger.news(of: [report(SeenLedger.limit - 1)]).isEmpty)
        #expect(ledger.seen(of: Desk.id).readings.utf8.count < Limit.recordBytes)
        for broken in ["", "AAAA", "?", String(repeating: "A", count: 300_000)] {
            #expect(SeenLedger(SeenReadings(source: Desk.id, readings: broken)) == SeenLedger())
        }
    }
}

@Suite("What the settings and the registry say about sources")
struct SourceSettingsTests {
    private func reading(_ environment: [String: String]) -> (SourceSettings?, [String]) {
        var reader = SettingsReader(environment: environment)
        let settings = SourceSettings(from: &reader)
        return (settings, reader.faults)
    }

    @Test("credentials are headers, and a fault never shows one")
    func settings() throws {
        let (settings, faults) = reading([
            "DAYU_SOURCE_A": "Authorization: Bearer abc", "DAYU_SOURCE_B": "X-Key:k",
            "DAYU_SOURCES_AT_ONCE": "2",
        ])
        #expect(faults == [] && settings?.atOnce == 2)
        #expect(settings?.credentials["DAYU_SOURCE_A"] == SourceCredential("Authorization: Bearer abc"))
        #expect(settings?.credentials["DAYU_SOURCE_B"]?.value == "k")
        for bad in ["geheim", ": geheim", "X Key: geheim", "X-Key: geheim\r\nY: 1", "X-Key: ", "X-Key: 密"] {
            let (_, faults) = reading(["DAYU_SOURCE_A": bad])
            #expect(faults == ["DAYU_SOURCE_A: is not a header such as Authorization: Bearer …"], "\(bad)")
        }
        #expect(reading(["DAYU_SOURCES_AT_ONCE": "0"]).0 == nil)
        #expect(reading(["DAYU_SOURCES_AT_TWICE": "0"]).1 == ["DAYU_SOURCES_AT_TWICE: no such setting"])
        #expect(reading(["DAYU_SOURCE_a": "X: y"]).1.count == 1)
    }

    @Test("an address is http or https, without a user and without a fragment")
    func addresses() {
        for good in [
            "https://data.example", "http://10.0.0.1:8080/a?b=c&d=%E6%A1%A5", "https://[2001:db8::1]:443/",
            "http://localhost/",
        ] {
            #expect(Source.Address(good)?.description == good)
        }
        for bad in [
            "", "data.example", "ftp://data.example", "https://", "https:///x",
            "https://user:pw@data.example",
            "https://data.example/#a", "https://data.example/a b", "https://data.example/桥",
            "HTTPS://data.example",
            "https://data.example:0/", "https://data.example:99999/", "https://data.example:/", "https://[]/",
            "https://data.example/\n", "https://data.example/" + String(repeating: "a", count: 2048),
        ] {
            #expect(Source.Address(bad) == nil, "\(bad)")
        }
        for (text, isLoopback) in [
            ("http://127.0.0.1:1/", true), ("http://localhost", true), ("http://[::1]:80/", true),
            ("http://127.example/", false), ("http://10.0.0.1/", false),
        ] {
            #expect(Source.Address(text)?.isLoopback == isLoopback, "\(text)")
        }
    }

    @Test("an interval is a number and a unit, up to a month")
    func intervals() {
        for (text, seconds) in [("1s", 1), ("90s", 90), ("10m", 600), ("36h", 129_600), ("31d", 2_678_400)] {
            #expect(Source.Interval(text)?.seconds == seconds)
        }
        #expect(Source.Interval("120s")?.description == "2m")
        for bad in ["", "s", "0s", "10", "32d", "-1m", "+1m", "1.5h", "1w", "99999999d", "1M"] {
            #expect(Source.Interval(bad) == nil, "\(bad)")
        }
    }
}
