import HTTP
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("The officials' desk: the complaints of a number")
struct DeskNumberTests {
    private let chief = Actor(role: .chief, id: "low")
    private let stranger = Actor(role: .chief, id: "other")

    private func assigned(_ number: Int, text: String = "水很臭", to assignee: Assignee = Life.low) -> Life {
        var life = Life(number, text: text, at: Life.noon + .seconds(number))
        life.assign(to: assignee)
        return life
    }

    @Test("whose number has more complaints than are shown is told so", arguments: [100, 101])
    func manyOfANumber(_ count: Int) throws {
        let world = try DeskWorld()
        for number in 1...count {
            let life = assigned(number)
            try world.apply(life)
            try world.apply([try life.given("某甲", "+86 000 0000 7741")])
        }
        let found = try Reply(
            world.respond(
                .post, "/api/desk/find", cookie: try world.signIn(chief), headers: [(DeskGate.header, "1")],
                body: #"{"phone":"+86 000 0000 7741"}"#))
        #expect((found["complaints"] as? [Any])?.count == 100 && found["more"] as? Bool == (count > 100))
        #expect(world.views.count == 100)
    }

    @Test(
        "a number finds the complaints whose contact one may see, in whatever form, and each find is a view")
    func numbers() throws {
        let world = try DeskWorld()
        let (one, two) = (assigned(1), assigned(2, to: Life.high))
        try world.apply(one, two)
        for life in [one, two] { try world.apply([try life.given("某甲", "+86 000 0000 7741")]) }
        func find(_ body: String, _ actor: Actor) throws -> Reply {
            try Reply(
                world.respond(
                    .post, "/api/desk/find", cookie: try world.signIn(actor),
                    headers: [(DeskGate.header, "1")], body: body))
        }
        for phone in ["+86 000 0000 7741", "+8600000007741"] {
            let found = try find(#"{"phone":"\#(phone)"}"#, DeskWorld.clerk)
            #expect((found["complaints"] as? [Any])?.count == 2 && !found.text.contains("7741"))
        }
        let own = try find(#"{"phone":"+86 000 0000 7741"}"#, chief)
        #expect((own["complaints"] as? [Any])?.count == 1)
        #expect(own.string("complaints.0.trackingCode") == one.code.description)
        #expect(world.views.count == 5)
        #expect((try find(#"{"phone":"+86 000 0000 7741"}"#, stranger)["complaints"] as? [Any])?.count == 0)
        #expect(world.views.count == 5, "who finds nothing has seen nothing")
        for body in ["", "{}", #"{"phone":7}"#, #"{"phone":"what"}"#, "[]"] {
            #expect(try find(body, chief).status == 422, "\(body)")
        }
        world.stopWriting()
        #expect(try find(#"{"phone":"+86 000 0000 7741"}"#, chief).status == 503)
    }
}
