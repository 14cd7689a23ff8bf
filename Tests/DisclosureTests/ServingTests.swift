import Foundation
import Gzip
import HTTP
import Host
import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("Tags, caches and the model's absence")
struct FreshnessTests {
    @Test("an unchanged model is not told twice, a changed one is")
    func tags() throws {
        let world = try World()
        let first = try world.ask("/api/rivers")
        let tag = try #require(first.headers["ETag"])
        #expect(tag.hasPrefix("W/\""))
        #expect(first.headers["Cache-Control"] == "no-cache")
        #expect(try world.ask("/api/rivers", headers: [("If-None-Match", tag)]).status == 304)
        try world.apply(Life(1))
        let second = try world.ask("/api/rivers", headers: [("If-None-Match", tag)])
        #expect(second.status == 200)
        #expect(second.headers["ETag"] != tag)
    }

    @Test("an answer kept from before a change is not given after it")
    func cache() throws {
        let world = try World()
        #expect(try world.ask("/api/complaints").count("complaints") == 0)
        #expect(try world.ask("/api/complaints").count("complaints") == 0)
        try world.apply(Life(1))
        #expect(try world.ask("/api/complaints").count("complaints") == 1)
        #expect(try world.ask("/api/complaints?limit=1&category=oil").count("complaints") == 0)
    }

    @Test("what is asked before the model exists is answered 503, and works when it does")
    func absence() throws {
        let path = NSTemporaryDirectory() + "disclosure-\(UUID()).sqlite"
        let api = API(Readers(path: path, count: 1), World.facts)
        let about = try #require(API.endpoints.first { $0.pattern == "/api/about" })
        let early = api.response(to: Request(), from: about)
        #expect(early.status == 503)
        #expect(early.headers["Retry-After"] == "5")
    }

    @Test("about says who we are and how new the data is")
    func about() throws {
        let world = try World()
        try world.apply([Record(Assessment("bridge", hours: 5, [.pH: 7]))])
        let reply = try world.ask("/api/about")
        #expect(reply.string("city.zh") == "杭州")
        #expect(reply.string("intake") == "http://127.0.0.1:8080")
        #expect(reply.strings("languages") == ["zh", "en"])
        #expect(reply.isNull("tiles"))
        #expect(reply.string("updatedAt") == (Life.noon + .seconds(5 * 3600)).description)
    }

    @Test("the city has the name of its region, unless a setting gives another")
    func cityName() throws {
        func named(_ regions: [Region], by facts: API.Facts = API.Facts(intake: "")) throws -> String? {
            let world = try World([], facts: facts)
            try world.apply(regions.map { Record(RegistryEntity.region($0)) })
            return try world.ask("/api/about").string("city.zh")
        }
        let province = Region(id: Town.id("a-province"), name: Town.name("某省"), level: .province)
        let city = Region(
            id: Town.id("b-city"), name: Town.name("某市"), level: .city, parent: Town.id("a-province"))
        #expect(try named([province, city]) == "某市")
        #expect(try named([province]) == "某省")
        #expect(try named([province, city], by: World.facts) == "杭州")
    }

    @Test("threads read side by side while one writes")
    func concurrency() throws {
        let world = try World()
        let api = world.api
        let list = try #require(API.endpoints.first { $0.pattern == "/api/complaints" })
        let done = DispatchGroup()
        for _ in 0..<4 {
            DispatchQueue.global().async(group: done) {
                for limit in 1...50 {
                    let response = api.response(to: Request(query: ["limit": "\(limit)"]), from: list)
                    #expect(response.status == 200)
                }
            }
        }
        for number in 0..<100 { try world.apply(Life(number)) }
        done.wait()
    }
}

@Suite("The site's server")
struct SiteTests {
    /// A server with a site of two files, on any free port.
    private final class Stage {
        let world: World
        let site: Site
        let server: Server
        private let client = Client()

        var base: String { site.base }

        init(_ settings: ServerSettings = ServerSettings(), script: String = "export {}") throws {
            world = try World()
            let files = [
                "site/index.html": "<script src=\"/site/views/home.js\"></script>",
                "site/views/home.js": script, "site/.keep": "hidden",
                "leaflet/leaflet.css": "a{}", "leaflet/leaflet.js": "whole",
                "leaflet/leaflet.min.js": "small",
                // Bytes that do not become fewer.
                "leaflet/images/layers.png": "\u{89}PNG",
            ]
            for (path, text) in files {
                let file = URL(fileURLWithPath: "\(world.folder)/\(path)")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            var router = Router()
            world.api.register(in: &router)
            let policy = ContentPolicy(
                intake: "https://intake.example.org:8443/base",
                tiles: "https://{s}.tiles.example.org/{z}/{x}/{y}.png")
            site = try Site(
                folder: "\(world.folder)/site", leaflet: "\(world.folder)/leaflet", policy: policy)
            site.register(in: &router)
            server = try Server(settings, router)
        }

        func get(_ path: String, headers: Headers = []) throws -> Client.Reply {
            try client.send(.get, "http://127.0.0.1:\(server.port)\(path)", headers: headers)
        }

        func text(_ path: String) throws -> String { String(decoding: try get(path).body, as: UTF8.self) }
    }

    @Test("every address of the pages answers with the page, under the policy")
    func pages() throws {
        let stage = try Stage()
        for path in [
            "/", "/rivers/canal", "/reaches/canal.east", "/complaints", "/complaints/7KQ29XM4T1H0C",
            "/report",
            "/ranking", "/review", "/news", "/about", "/trends", "/bulletins", "/bulletins/2026-11",
        ] {
            let reply = try stage.get(path)
            #expect(reply.status == 200, "\(path)")
            #expect(String(decoding: reply.body, as: UTF8.self).hasPrefix("<script"))
            #expect(reply.headers["Content-Type"] == "text/html; charset=utf-8")
        }
        let policy = try #require(try stage.get("/").headers["Content-Security-Policy"])
        #expect(
            policy == "default-src 'self'; img-src 'self' data: https://*.tiles.example.org; "
                + "connect-src 'self' https://intake.example.org:8443; object-src 'none'; base-uri 'none'; "
                + "form-action 'self'; frame-ancestors 'none'")
        #expect(try stage.get("/").headers["X-Content-Type-Options"] == "nosniff")
        #expect(try stage.get("/").headers["Referrer-Policy"] == "same-origin")
    }

    @Test("a page names its files by their content, and browsers may keep them for ever")
    func files() throws {
        let stage = try Stage()
        #expect(try stage.text("/") == "<script src=\"\(stage.base)/views/home.js\"></script>")
        let script = try stage.get("\(stage.base)/views/home.js")
        #expect(script.status == 200)
        #expect(script.headers["Content-Type"] == "text/javascript; charset=utf-8")
        #expect(script.headers["Cache-Control"] == "public, max-age=31536000, immutable")
        #expect(try stage.get("\(stage.base)/leaflet/leaflet.css").status == 200)
        #expect(try stage.get("\(stage.base)/leaflet/images/layers.png").status == 200)
        // Nobody asks for the other files of Debian's package.
        #expect(try stage.get("\(stage.base)/leaflet/leaflet.js").status == 404)
        #expect(try stage.get("\(stage.base)/.keep").status == 404)
        #expect(try stage.get("\(stage.base)/index.html").status == 404)
        #expect(try stage.get("\(stage.base)/views/..%2F..%2Fmodel.sqlite").status == 404)
        #expect(
            [400, 404].contains(try stage.get("\(stage.base)/leaflet/%2e%2e/%2e%2e/model.sqlite").status))
    }

    @Test("the page is asked for again each time, and is not sent again unless a file has changed")
    func page() throws {
        let (stage, other) = (try Stage(), try Stage(script: "export const other = 1"))
        let page = try stage.get("/")
        #expect(page.headers["Cache-Control"] == "no-cache")
        let tag = try #require(page.headers["ETag"])
        #expect(try stage.get("/rivers/canal", headers: [("If-None-Match", tag)]).status == 304)
        #expect(try other.get("/", headers: [("If-None-Match", tag)]).status == 200)
        // A page that was loaded before an upgrade must not get files of the new version.
        #expect(stage.base != other.base)
        let gone = try other.get("\(stage.base)/views/home.js")
        #expect(gone.status == 404 && gone.headers["Content-Type"] == "application/problem+json")
    }

    @Test("files and answers are sent compressed to those who take it, pictures never")
    func compressed() throws {
        let stage = try Stage(script: String(repeating: "export {}\n", count: 500))
        let script = try #require(stage.site.assets.first { $0.path == "views/home.js" })
        let small = try #require(script.gzipped)
        #expect(small.count < 200 && script.bytes.count == 5000)
        #expect(stage.site.assets.first { $0.path.hasSuffix(".png") }?.gzipped == nil)
        let (world, endpoint) = (
            stage.world, try #require(API.endpoints.first { $0.pattern == "/api/parameters" })
        )
        let plain = world.api.response(to: Request(segments: ["api", "parameters"]), from: endpoint)
        #expect(plain.gzipped == nil)
        let request = Request(segments: ["api", "parameters"], headers: [("Accept-Encoding", "gzip, br")])
        let first = world.api.response(to: request, from: endpoint)
        #expect(first.body == plain.body)
        guard case .bytes(let body) = first.body else { return }
        #expect(first.gzipped == Gzip.compress(body, effort: .fast))
        // From the cache, for either client.
        #expect(world.api.response(to: request, from: endpoint) == first)
        #expect(
            world.api.response(to: Request(segments: ["api", "parameters"]), from: endpoint).body
                == plain.body)
    }

    @Test("an unknown page is a page that says so, an unknown address of the API is JSON")
    func unknown() throws {
        let stage = try Stage()
        let page = try stage.get("/nothing/here")
        #expect(page.status == 404)
        #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
        for path in [
            "/api", "/api/nothing", "/api/sections/bridge", "/api/sections/bridge/nothing", "/api/a/b/c/d",
        ] {
            let reply = try stage.get(path)
            #expect(reply.status == 404, "\(path)")
            #expect(reply.headers["Content-Type"] == "application/problem+json", "\(path)")
        }
    }

    @Test("an address has one rate for pages, files, the API and what is not there")
    func rate() throws {
        let metrics = Metrics()
        var settings = ServerSettings()
        settings.admission = AddressLimit(Rate(perMinute: 4), metrics).admission(
            behind: Proxies([try #require(AddressBlock("127.0.0.1"))]))
        let stage = try Stage(settings)
        func statuses(from client: String) throws -> [Int] {
            try ["/", "\(stage.base)/views/home.js", "/api/rivers", "/nothing/here", "/"].map {
                try stage.get($0, headers: [("X-Forwarded-For", client)]).status
            }
        }
        #expect(try statuses(from: "192.0.2.1") == [200, 200, 200, 404, 429])
        #expect(try statuses(from: "192.0.2.2") == [200, 200, 200, 404, 429])
        let refused = try stage.get(
            "\(stage.base)/views/home.js", headers: [("X-Forwarded-For", "192.0.2.1")])
        #expect(refused.headers["Content-Type"] == "application/problem+json")
        #expect(refused.headers["Retry-After"].flatMap { Int($0) }.map((1...16).contains) == true)
        #expect(metrics.render().contains("dayu_requests_limited_total{of=\"address\"} 3\n"))
    }

    @Test("the API answers over the wire")
    func wire() throws {
        let stage = try Stage()
        let reply = try stage.get("/api/rivers/canal")
        #expect(reply.status == 200)
        #expect(reply.headers["Content-Type"] == "application/json; charset=utf-8")
        let tag = try #require(reply.headers["ETag"])
        let again = try stage.get("/api/rivers/canal", headers: [("If-None-Match", tag)])
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
        #expect(try stage.get("/api/complaints?limit=x").status == 400)
    }

    @Test(
        "an origin is scheme, host and port, or nothing",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("https://a.b/c/d?e", "https://a.b"),
            ("https://{s}.t.org/{z}.png", "https://*.t.org"), ("ftp://a", nil), ("https://", nil),
            ("https://a.b; script-src *", nil), ("https://[::1]:80/", "https://[::1]:80"),
        ])
    func origins(_ address: String, _ expected: String?) {
        #expect(ContentPolicy.origin(of: address) == expected)
    }
}
