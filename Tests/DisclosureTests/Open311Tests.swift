import Foundation
import HTTP
import Models
import Open311
import Processing
import Testing

@testable import Disclosure

@Suite("Open311, the reading half")
struct Open311Tests {
    private func moment(_ hours: Int) -> Instant { Life.noon + .seconds(3600 * hours) }

    /// One that was resolved, one that is open, and one of an alarm's category; a day apart each.
    private func world() throws -> (world: World, resolved: Life, open: Life) {
        var resolved = Life(1, media: ["https://example.org/before.jpg"], at: moment(0))
        resolved.assign()
        resolved.accept()
        resolved.resolve()
        var open = Life(2, address: nil, category: "oil", at: moment(24))
        open.assign(to: Life.sewers)
        let world = try World()
        try world.apply(resolved, open)
        return (world, resolved, open)
    }

    @Test("a request has the standard's fields, the id is the tracking code, and one answer is still a list")
    func request() throws {
        let (world, resolved, _) = try world()
        for form in [resolved.code.description, resolved.code.compact.lowercased()] {
            let reply = try world.ask("/open311/v2/requests/\(form).json")
            #expect(reply.headers["Content-Type"] == "application/json; charset=utf-8")
            #expect(reply.string("0.service_request_id") == resolved.code.description)
            #expect(reply.string("0.status") == "closed" && reply.string("0.status_notes") == "已办结，待评价")
            #expect(reply.string("0.service_code") == "odour" && reply.string("0.service_name") == "odour")
            #expect(reply.string("0.description") == "水很臭" && reply.string("0.address") == "桥东")
            #expect(reply.string("0.agency_responsible") == "镇级河长 低")
            #expect(reply.string("0.requested_datetime") == Life.noon.description)
            #expect(reply.string("0.updated_datetime") == (Life.noon + .seconds(180)).description)
            #expect(reply.number("0.lat") == 30.15 && reply.number("0.long") == 120.15)
            #expect(reply.string("0.media_url") == "https://example.org/before.jpg")
            for name in ["expected_datetime", "service_notice", "address_id", "zipcode"] {
                #expect(reply.isNull("0.\(name)"), "\(name)")
            }
            #expect(reply["0.notes"] == nil)
        }
        let english = try world.ask("/open311/v2/requests/\(resolved.code).json?locale=en")
        #expect(english.string("0.status_notes") == "Resolved, to be rated")
        #expect(english.string("0.service_name") == "odour (en)")
    }

    @Test("an open request says when it is expected to be resolved, and the water stands in for an address")
    func open() throws {
        let (world, _, open) = try world()
        let reply = try world.ask("/open311/v2/requests/\(open.code).json")
        #expect(reply.string("0.status") == "open")
        #expect(reply.string("0.expected_datetime") == Life.due.resolve.description)
        #expect(reply.string("0.address") == "canal.east")
    }

    @Test("extensions tell our own status, the place in the city and what happened")
    func extensions() throws {
        let (world, resolved, _) = try world()
        let reply = try world.ask("/open311/v2/requests/\(resolved.code).json?extensions=true")
        #expect(reply.string("0.extended_attributes.state") == "resolved")
        #expect(reply.string("0.extended_attributes.reach") == "canal.east")
        #expect(reply.strings("0.extended_attributes.media_urls") == ["https://example.org/before.jpg"])
        #expect(reply.column("0.notes", "type") == ["received", "assigned", "accepted", "resolved"])
        #expect(reply.string("0.notes.3.description") == "已清理")
    }

    @Test("XML says the same")
    func xml() throws {
        let (world, resolved, _) = try world()
        let reply = try world.ask("/open311/v2/requests/\(resolved.code).xml")
        #expect(reply.headers["Content-Type"] == "text/xml; charset=utf-8")
        #expect(
            reply.text.hasPrefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service_requests><request>"))
        #expect(reply.text.contains("<service_request_id>\(resolved.code)</service_request_id>"))
        #expect(reply.text.contains("<lat>30.15</lat>") && reply.text.contains("<zipcode/>"))
    }

    @Test(
        "the list is narrowed by the standard's arguments and by the usual ones beyond it",
        arguments: [
            ("", ["open", "resolved"]), ("status=open", ["open"]), ("status=closed", ["resolved"]),
            ("status=open,closed", ["open", "resolved"]), ("service_code=oil", ["open"]),
            ("service_code=oil,odour", ["open", "resolved"]),
            ("start_date=2026-09-22T00:00:00Z", ["open"]), ("end_date=2026-09-22T00:00:00Z", ["resolved"]),
            ("updated_after=2026-09-22T13:00:00%2B00:00", ["open"]),
            ("updated_before=2026-09-21T14:30:00Z", ["resolved"]),
            ("bbox=120,30,121,31", ["open", "resolved"]), ("bbox=0,0,1,1", []),
            ("page=1&page_size=1", ["open"]), ("page=2&page_size=1", ["resolved"]),
            ("page=3&page_size=1", []),
            ("api_key=any&jurisdiction_id=city", ["open", "resolved"]),
        ])
    func list(_ query: String, _ expected: [String]) throws {
        let (world, resolved, open) = try world()
        let reply = try world.ask("/open311/v2/requests.json?\(query)")
        #expect(reply.status == 200)
        let codes = ["open": open.code.description, "resolved": resolved.code.description]
        let found = (0..<2).compactMap { reply.string("\($0).service_request_id") }
        #expect(found == expected.compactMap { codes[$0] })
    }

    @Test("the ids override all other arguments, and an unknown one is left out")
    func ids() throws {
        let (world, resolved, open) = try world()
        let ids = "\(resolved.code),\(Life(9).code),\(open.code)"
        let reply = try world.ask("/open311/v2/requests.json?status=open&service_request_id=\(ids)")
        #expect(reply.string("0.service_request_id") == resolved.code.description)
        #expect(reply.string("1.service_request_id") == open.code.description)
        #expect(reply["2.service_request_id"] == nil)
    }

    @Test("without a date, the last ninety days are told")
    func usual() throws {
        let (world, resolved, _) = try world()
        try world.apply(Life(3, at: moment(24 * 90 + 1)))
        let reply = try world.ask("/open311/v2/requests.json")
        #expect(!reply.text.contains(resolved.code.description))
        #expect(reply.string("1.service_code") == "oil")
        let all = try world.ask("/open311/v2/requests.json?start_date=2026-01-01T00:00:00Z")
        #expect(all.text.contains(resolved.code.description))
    }

    @Test("services and their definitions come from the registry, without the category of the stations")
    func services() throws {
        let (world, _, _) = try world()
        try world.apply([
            Record(
                .category(
                    Models.Category(
                        code: .stationAlarm, name: Town.name("报警"), group: Town.name("站"), urgency: .urgent,
                        acceptHours: 1, resolveHours: 1)))
        ])
        let reply = try world.ask("/open311/v2/services.json")
        #expect((0..<4).compactMap { reply.string("\($0).service_code") } == ["colour", "odour", "oil"])
        #expect(reply.string("0.type") == "realtime" && reply["0.metadata"] as? Bool == true)
        #expect(reply.string("0.group") == "Water")
        let definition = try world.ask("/open311/v2/services/oil.json?locale=en")
        #expect(definition.string("service_code") == "oil")
        #expect(definition.string("attributes.0.code") == "river")
        #expect(definition["attributes.0.required"] as? Bool == false)
        #expect(definition.column("attributes.0.values", "key") == ["canal", "lake"])
        for code in ["none", "station-alarm", "%E6%B0%B4"] {
            #expect(try world.ask("/open311/v2/services/\(code).json").status == 404, "\(code)")
        }
    }

    @Test("discovery names the address, the formats and whether the data are real")
    func discovery() throws {
        let (world, _, _) = try world()
        for path in ["/open311/discovery.json", "/open311/v2/discovery.json"] {
            let reply = try world.ask(path)
            #expect(reply.string("endpoints.0.url") == "https://rivers.example.org/open311/v2")
            #expect(reply.string("endpoints.0.specification") == "http://wiki.open311.org/GeoReport_v2")
            #expect(reply.string("endpoints.0.type") == "production")
            #expect(reply.strings("endpoints.0.formats") == ["text/xml", "application/json"])
        }
        var facts = World.facts
        facts.notice = Name(zh: "样例", en: "Sample")
        let answer = DiscoveryAnswer(city: Town.name("城市"), facts: facts)
        let text = String(decoding: answer.document.written(as: .xml), as: UTF8.self)
        #expect(text.contains("<type>test</type>") && text.contains("<contact>城市 "))
    }

    @Test("updates are the lines of all timelines, the oldest first, with the status after each")
    func updates() throws {
        let (world, resolved, open) = try world()
        let reply = try world.ask("/open311/v2/servicerequestupdates.json")
        let code = resolved.code.description
        #expect(
            (0..<7).compactMap { reply.string("\($0).update_id") } == [
                // What was said came in an action of Intake's, and its sender knows it by that name.
                "\(code).1", "\(code).2", "\(code).3", "3", "\(open.code).1", "\(open.code).2",
            ])
        #expect(
            (0..<6).compactMap { reply.string("\($0).status") } == [
                "OPEN", "ACTION_SCHEDULED", "IN_PROGRESS", "FIXED", "OPEN", "ACTION_SCHEDULED",
            ])
        #expect(
            reply.string("3.description") == "已清理" && reply.string("3.external_status_code") == "resolved")
        #expect(reply.string("3.media_url") == "https://example.org/after.jpg")
        let later = try world.ask("/open311/v2/servicerequestupdates.json?start_date=2026-09-22T00:00:00Z")
        #expect(later.string("0.service_request_id") == open.code.description)
        let one = try world.ask("/open311/v2/servicerequestupdates.json?service_request_id=\(open.code)")
        #expect(one.string("0.update_id") == "\(open.code).1" && one["2.update_id"] == nil)
    }

    @Test("a note between offices, and words that are withheld, are in no answer")
    func hidden() throws {
        var life = Life(1, text: "私人的话")
        life.assign()
        life.note("内部意见", by: Life.office, isPublic: false)
        life.withhold(1)
        let world = try World()
        try world.apply(life)
        for target in [
            "/open311/v2/requests.json", "/open311/v2/requests/\(life.code).xml?extensions=true",
            "/open311/v2/servicerequestupdates.json",
        ] {
            let reply = try world.ask(target)
            #expect(reply.status == 200)
            #expect(!reply.text.contains("内部意见") && !reply.text.contains("私人的话"), "\(target)")
        }
    }

    @Test(
        "faults have the standard's form and its numbers",
        arguments: [
            ("/open311/v2/requests/nothing.json", 404), ("/open311/v2/requests/nothing.xml", 404),
            ("/open311/v2/requests/nothing", 404), ("/open311/v2/tokens/nothing.json", 404),
            ("/open311/v2/requests.json?status=acknowledged", 400), ("/open311/v2/requests.json?lat=30", 400),
            ("/open311/v2/requests.xml?start_date=yesterday", 400),
            ("/open311/v2/requests.json?page_size=1001", 400), ("/open311/v2/services.json?locale=fr", 400),
        ])
    func faults(_ target: String, _ status: Int) throws {
        let reply = try World().ask(target)
        #expect(reply.status == status)
        if target.contains(".json") {
            #expect(reply.headers["Content-Type"] == "application/json; charset=utf-8")
            #expect(
                reply.string("0.code") == String(status) && reply.string("0.description")?.isEmpty == false)
        } else {
            #expect(reply.headers["Content-Type"] == "text/xml; charset=utf-8")
            #expect(reply.text.contains("<errors><error><code>\(status)</code><description>"))
        }
    }

    @Test("a token is the id itself, which we give at once")
    func token() throws {
        let (world, resolved, _) = try world()
        let reply = try world.ask("/open311/v2/tokens/\(resolved.code.compact).json")
        #expect(reply.string("0.service_request_id") == resolved.code.description)
        #expect(reply.string("0.token") == resolved.code.compact)
    }

    @Test("who posts here is sent to Intake before his body is read")
    func redirect() throws {
        let world = try World()
        var router = Router()
        world.api.register(in: &router)
        let server = try Server(ServerSettings(), router)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        process.arguments = [
            "-s", "-i", "--noproxy", "*", "-F", "service_code=oil",
            "http://127.0.0.1:\(server.port)/open311/v2/requests.json?locale=%E6%96%87&a=1",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said.contains("HTTP/1.1 307 "))
        #expect(
            said.contains(
                "Location: http://127.0.0.1:8080/open311/v2/requests.json?a=1&locale=%E6%96%87\r\n"))
    }
}
