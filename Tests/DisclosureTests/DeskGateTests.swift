import HTTP
import Links
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("The officials' desk: who gets in")
struct DeskGateTests {
    private let chief = Actor(role: .chief, id: "low")

    @Test("without a session nothing but the pages is answered, whatever the path")
    func closed() throws {
        let world = try DeskWorld()
        for path in API.endpoints.map(\.pattern)
            + world.api.routes.filter({ $0.method == .get }).map(\.pattern)
            + ["/pictures/x", "/pictures/x/small", "/open311/v2/requests.json", "/api", "/api/new", "/other"]
        {
            #expect(try world.respond(.get, path).status == 401, "\(path)")
            #expect(try world.respond(.head, path).status == 401, "\(path)")
        }
        for path in Site.pages + Site.deskPages {
            let request = Request(segments: path.dropFirst().split(separator: "/").map(String.init))
            #expect(world.gate.refusal(of: request) == nil, "\(path)")
        }
    }

    @Test("a POST needs the header that no page of another site can send, and a session")
    func forged() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        for route in world.api.routes where route.method == .post {
            #expect(try world.respond(.post, route.pattern, cookie: cookie).status == 403, "\(route.pattern)")
            let proved = try world.respond(.post, route.pattern, headers: [(DeskGate.header, "1")])
            #expect(proved.status == 401, "\(route.pattern)")
        }
    }

    @Test("a page that was drawn for somebody else does nothing")
    func anotherPerson() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        let me = try #require(chief.deskPerson)
        for (named, status) in [(me, 200), ("1", 200), ("chief/high", 409), ("", 409)] {
            let answer = try world.respond(
                .post, "/api/desk/pass", cookie: cookie, headers: [(DeskGate.header, named)])
            #expect(answer.status == status, "\(named)")
        }
        let leaving = try world.respond(
            .post, "/api/desk/leave", cookie: cookie, headers: [(DeskGate.header, "chief/high")])
        #expect(leaving.status < 300)
    }

    @Test("a link opens several sessions; a handle that nobody wrote, an action's link and a key open none")
    func opening() throws {
        let world = try DeskWorld()
        let first = try world.signIn(chief)
        let second = try world.signIn(chief)
        for cookie in [first, second] {
            #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 200)
        }
        for token in ["AAECAwQFBgcICQoLDA0ODw", "", "x", "desk_x"] {
            let refused = try world.respond(
                .post, "/api/desk/session",
                headers: [("Authorization", "Bearer \(token)"), (DeskGate.header, "1")])
            #expect(refused.status == 401 && refused.headers["Set-Cookie"] == nil, "\(token)")
        }
    }

    @Test("a session ends after twelve hours, and with its link")
    func expiring() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        world.pass(.seconds(12 * 3600 - 1))
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 200)
        world.pass(.seconds(1))
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 401)

        let handle = try world.handle(of: chief, valid: .seconds(60))
        let short = world.gate.setCookie(try world.gate.session(openedBy: handle))
        #expect(short.contains("Max-Age=60"))
        world.pass(.seconds(60))
        #expect(throws: Problem.self) { try world.gate.session(openedBy: handle) }
    }

    @Test(
        "whoever's link is taken back, or who leaves the registry, is out at once; a link written again stays revoked"
    )
    func revoked() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        let clerk = try world.signIn(DeskWorld.clerk)
        let handle = try world.handle(of: chief)
        let link = DeskLink(desk: chief, expiresAt: world.now + .seconds(3600 * 24))
        try world.write(link.revoked(at: world.now), handle)
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 401)
        try world.write(link, handle)
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 401)

        #expect(try world.respond(.get, "/api/desk/me", cookie: clerk).status == 200)
        try world.apply([Record(.registry, key: "clerk/clerk-1", nil)])
        #expect(try world.respond(.get, "/api/desk/me", cookie: clerk).status == 401)
        let pass = try world.respond(
            .post, "/api/desk/pass", cookie: clerk, headers: [(DeskGate.header, "1")])
        #expect(pass.status == 401)
    }

    @Test("a clerk who goes to another office is no longer this office's")
    func moved() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(DeskWorld.clerk)
        try world.apply([
            Record(.clerk(Clerk(id: Town.id("clerk-1"), name: Town.name("经办"), office: Town.id("south"))))
        ])
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 401)
    }

    private func stream(of response: Response) -> BodyStream? {
        guard case .stream(let stream) = response.body else { return nil }
        return stream
    }

    @Test("whoever's row is his successor's is out, with his session and what he listens to")
    func succeeded() throws {
        let world = try DeskWorld()
        let (cookie, handle) = try (world.signIn(chief), world.handle(of: chief))
        let news = try world.respond(.get, "/api/desk/news", cookie: cookie)
        let heard = try #require(stream(of: news))
        func row(_ name: String, _ phone: String) -> Record {
            Record(
                .chief(
                    Chief(
                        id: Town.id("low"), name: Town.name(name), title: "河长", level: .town,
                        region: Town.id("north"), phone: phone)))
        }
        try world.apply([row("改", "+86 000 0000 0301")])
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 200)
        try world.apply([row("后任", "+86 000 0000 0999")])
        #expect(try world.respond(.get, "/api/desk/me", cookie: cookie).status == 401)
        #expect(throws: Problem.self) { try world.gate.session(openedBy: handle) }
        world.api.news.turn(at: .now + DeskNews.Limit.beat)
        #expect(!heard.isOpen)
        #expect(try world.respond(.get, "/api/desk/me", cookie: world.signIn(chief)).status == 200)
    }

    @Test("a page that was drawn for somebody else reads nothing, hears nothing and downloads nothing")
    func anothersPage() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        let me = try #require(chief.deskPerson)
        for (named, status) in [(me, 200), ("1", 200), ("chief/high", 409), ("", 409)] {
            for path in ["complaints", "figures", "complaints.csv", "figures.csv"] {
                let answer = try world.respond(
                    .get, "/api/desk/\(path)", cookie: cookie, headers: [(DeskGate.header, named)])
                #expect(answer.status == status, "\(path) \(named)")
            }
            for path in ["news", "complaints.csv", "figures.csv"] {
                let address = "/api/desk/\(path)?for=\(named.replacing("/", with: "%2F"))"
                #expect(try world.respond(.get, address, cookie: cookie).status == status, "\(path) \(named)")
            }
        }
        #expect(try world.respond(.get, "/api/desk/complaints", cookie: cookie).status == 200)
    }

    @Test("a pass is for Intake alone, and a session for the desk alone")
    func kinds() throws {
        let world = try DeskWorld()
        let cookie = try world.signIn(chief)
        let reply = try Reply(
            world.respond(.post, "/api/desk/pass", cookie: cookie, headers: [(DeskGate.header, "1")]))
        let pass = try #require(reply.string("pass"))
        #expect(DeskProof(pass, .pass, DeskWorld.key)?.person == chief)
        #expect(try world.respond(.get, "/api/desk/me", cookie: "\(DeskGate.cookie)=\(pass)").status == 401)
        let session = String(cookie.dropFirst(DeskGate.cookie.count + 1))
        #expect(DeskProof(session, .pass, DeskWorld.key) == nil)
    }
}
