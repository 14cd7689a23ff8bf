import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("The security log does not grow as fast as somebody asks")
final class SecurityFoldingTests {
    private var folding = SecurityFolding()

    private func entry(
        _ status: Int = 401, method: HTTP.Method = .post, route: String = "/v1/complaints",
        bearer: String? = "x", from address: String = "192.0.2.1", detail: String = "no",
        link: ActionLink? = nil, at milliseconds: Int = 0
    ) throws -> SecurityEntry {
        let request = Request(
            method: method, headers: bearer.map { [("Authorization", "Bearer \($0)")] } ?? [],
            peerAddress: address)
        let entry = SecurityEntry(
            request, route: route, .init(status: status, detail: detail), registry: Counter.registry,
            link: { _ in link }, at: Counter.now + .milliseconds(milliseconds))
        return try #require(entry)
    }

    private func take(_ entry: SecurityEntry, from client: String = "192.0.2.1") -> [SecurityLine] {
        folding.take(entry, from: IPAddress(client))
    }

    private func folds(_ lines: [SecurityLine]) -> [SecurityFold] {
        lines.compactMap { line in
            guard case .folded(let fold) = line else { return nil }
            return fold
        }
    }

    @Test("a refusal is told at once, those like it in one line when the minute is over")
    func repeated() throws {
        let first = try entry(bearer: "a")
        #expect(take(first) == [.entry(first)])
        for number in 1...1000 {
            let next = try entry(bearer: "b\(number)", at: number * 10)
            #expect(take(next) == [])
        }
        #expect(folding.due(at: Counter.now + .seconds(59)) == [])
        let told = try #require(folds(folding.due(at: Counter.now + .seconds(60))).first)
        #expect(told.repeated == 1000 && told.since == Counter.now && told.time == Counter.now + .seconds(10))
        #expect(told.address == "192.0.2.1" && told.refusal == "no" && told.status == 401)
        #expect(told.request == "POST /v1/complaints" && told.proof == .unreadable)
        #expect(folding.count == 0 && folding.due(at: Counter.now + .seconds(600)) == [])
        // Then the next is told at once again.
        let later = try entry(at: 60_001)
        #expect(take(later) == [.entry(later)])
        #expect(folding.due(at: Counter.now + .seconds(600)) == [])
    }

    @Test("a span that is over is told before the line that begins the next")
    func spans() throws {
        _ = take(try entry())
        _ = take(try entry(at: 1))
        let next = try entry(at: 60_000)
        let lines = take(next)
        #expect(lines.count == 2 && folds(lines).map(\.repeated) == [1] && lines.last == .entry(next))
    }

    @Test("another address, reason, answer, route or gateway is another cause")
    func causes() throws {
        let known = [
            try entry(), try entry(from: "192.0.2.2"), try entry(detail: "other"), try entry(403),
            try entry(429), try entry(route: "/v1/readings"), try entry(bearer: nil),
            try entry(bearer: Counter.former.text),
        ]
        for entry in known { #expect(take(entry, from: entry.address ?? "") == [.entry(entry)]) }
        for entry in known { #expect(take(entry, from: entry.address ?? "") == []) }
        #expect(folding.end().count == known.count)
        // The owner of an IPv6 network has all its addresses.
        #expect(take(try entry(from: "2001:db8::1"), from: "2001:db8::1").count == 1)
        #expect(take(try entry(from: "2001:db8::2"), from: "2001:db8::2").count == 0)
    }

    @Test("what changes something is never folded; what is only read is, for each link")
    func successes() throws {
        let key = Counter.office.text
        for _ in 0..<1000 { #expect(take(try entry(202, bearer: key)).count == 1) }
        let handles = ["AAECAwQFBgcICQoLDA0ODw", "BAECAwQFBgcICQoLDA0ODw"]
        let link = ActionLink(
            complaint: Counter.complaint.code, actor: Actor(role: .chief, id: "wang"), expiresAt: Counter.now)
        func opened(_ handle: String) throws -> SecurityEntry {
            try entry(200, method: .get, route: "/v1/link", bearer: handle, link: link)
        }
        for handle in handles { #expect(take(try opened(handle)).count == 1) }
        for handle in handles { #expect(take(try opened(handle)) == []) }
        #expect(folds(folding.end()).map(\.holder?.id) == ["wang", "wang"])
    }

    @Test("a citizen's address keeps causes apart and is not told")
    func citizens() throws {
        let link = ActionLink(complaint: Counter.complaint.code, actor: .citizen, expiresAt: Counter.now)
        let citizen = try entry(403, bearer: "AAECAwQFBgcICQoLDA0ODw", link: link)
        #expect(take(citizen, from: "192.0.2.77").count == 1 && take(citizen, from: "192.0.2.88").count == 1)
        for client in ["192.0.2.77", "192.0.2.88", "192.0.2.77"] {
            #expect(take(citizen, from: client) == [])
        }
        let lines = folding.end()
        #expect(lines.count == 2)
        #expect(!lines.map { String(decoding: JSON.encode($0), as: UTF8.self) }.joined().contains("192.0.2."))
    }

    @Test("over all addresses new causes have a limit; what is beyond it is counted together")
    func everybody() throws {
        let limit = SecurityFolding.Limit.causes.perMinute
        var lines: [SecurityLine] = []
        for number in 0..<5000 {
            let address = "10.0.\(number / 250).\(number % 250)"
            lines += take(try entry(from: address), from: address)
        }
        #expect(lines.count == limit && folding.count == limit)
        // Who does something with a proof is told all the same.
        #expect(take(try entry(202, bearer: Counter.office.text)).count == 1)
        let rest = folds(folding.due(at: Counter.now + .seconds(60)))
        #expect(rest.map(\.repeated) == [5000 - limit])
        let text = String(decoding: JSON.encode(try #require(rest.first)), as: UTF8.self)
        #expect(text.contains("\"repeated\":4880") && !text.contains("address") && !text.contains("proof"))
        // An hour of it, as fast as can be: two lines for each cause, and one a minute for the rest.
        lines = []
        for second in 1..<3600 {
            let now = Counter.now + .seconds(60 + second)
            for number in 0..<10 {
                let address = "10.\(second % 250).\(second / 250).\(number)"
                lines += take(try entry(from: address, at: (60 + second) * 1000), from: address)
            }
            lines += folding.due(at: now)
            #expect(folding.count <= 2 * limit)
        }
        #expect(lines.count <= 61 * limit + 61)
    }

    @Test("a clock that jumps back loses nothing")
    func clock() throws {
        _ = take(try entry(at: 100_000))
        _ = take(try entry(at: 100_001))
        #expect(folds(take(try entry(at: 0))).map(\.repeated) == [1])
        // The bucket is taken for empty for a moment, so the line may be counted instead of written.
        #expect(take(try entry(at: 1000)).count + folds(folding.end()).map(\.repeated).reduce(0, +) >= 2)
    }

    @Test("each station that proves itself has its line, however many come at once; the same again is folded")
    func stations() {
        func take(_ number: Int) -> [SecurityLine] {
            let call = StationDialogue.Call(
                station: Counter.id("s\(number)"), proof: .password, address: IPAddress("192.0.2.9"))
            return folding.take(SecurityEntry(call, at: Counter.now), from: call.address)
        }
        for number in 0..<500 { #expect(take(number).count == 1) }
        for number in 0..<500 { #expect(take(number).isEmpty) }
        let told = folds(folding.end())
        #expect(told.count == 500 && told.allSatisfy { $0.repeated == 1 && $0.station != nil })
    }

    @Test("refusals at the stations' door are folded and limited like all others")
    func strangers() {
        var lines = 0
        for number in 0..<1000 {
            let call = StationDialogue.Call(
                station: Counter.id("s\(number)"), proof: .none, refusal: "no",
                address: IPAddress("192.0.2.9"))
            lines += folding.take(SecurityEntry(call, at: Counter.now), from: call.address).count
        }
        #expect(lines == SecurityFolding.Limit.causes.perMinute)
    }
}
