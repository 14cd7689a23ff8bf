import Models
import Processing
import Testing
import Text

@testable import HTTP
@testable import Intake

@Suite("The security log tells what sources brought, and which do not accept their credential")
struct SourceEntryTests {
    private static let credential = "DAYU_SOURCE_CENTRE"

    private func line(_ entry: SecurityEntry) -> String {
        String(decoding: JSON.encode(entry), as: UTF8.self)
    }

    @Test("which source, asked with which credential, brought how many readings, under which trace")
    func brought() throws {
        let source = try Desk.source(credential: Self.credential)
        var desk = Desk(source)
        let table = Desk.table((20, "7.1"), (21, "7.2"))
        let answered = try desk.take(200, table)
        let entry = try #require(SecurityEntry(answered, of: source, at: desk.now))
        #expect(entry.proof == .source && entry.source == Desk.id && entry.gateway?.rawValue == "office")
        #expect(entry.credential == Self.credential && entry.readings == 2 && entry.status == 200)
        #expect(entry.wanted == "reading.reported" && entry.refusal == nil)
        #expect(entry.trace != nil && entry.trace == answered.readings.first?.event.trail.traceparent)
        #expect(!line(entry).contains("s3cret") && !line(entry).contains("data.example"))
        // Behind it is a record on the log, so it is never folded.
        #expect(entry.cause(from: nil) == nil)

        desk.now = desk.now + .seconds(600)
        #expect(SecurityEntry(try desk.take(200, table), of: source, at: desk.now) == nil, "nothing new")
    }

    @Test("a credential that is not accepted is told, and folded with its like", arguments: [401, 403])
    func refused(status: Int) throws {
        let source = try Desk.source(credential: Self.credential)
        var desk = Desk(source)
        let answered = try desk.take(status, "s3cret is wrong")
        let entry = try #require(SecurityEntry(answered, of: source, at: desk.now))
        #expect(entry.status == status && entry.credential == Self.credential && entry.readings == nil)
        #expect(entry.refusal == "the source does not accept the credential")
        #expect(!line(entry).contains("s3cret"))
        var folding = SecurityFolding()
        #expect(folding.take(entry, from: nil) == [.entry(entry)])
        #expect(folding.take(entry, from: nil) == [])
        guard case .folded(let fold)? = folding.end().first else {
            Issue.record("it was not folded")
            return
        }
        #expect(fold.repeated == 1 && fold.source == Desk.id)
    }

    @Test("readings beyond the gateway's scopes are told, a document in words of the source is not repeated")
    func turnedAway() throws {
        let foreign = try Desk.source(gateway: "app")
        var desk = Desk(foreign)
        let forbidden = try #require(
            SecurityEntry(try desk.take(200, Desk.table((20, "7.1"))), of: foreign, at: desk.now))
        #expect(forbidden.refusal == "gateway app may not post readings of bridge")
        let own = try Desk.source()
        var other = Desk(own)
        let malformed = try #require(
            SecurityEntry(try other.take(200, "断面,时间,pH\n李雷,x,y\n"), of: own, at: other.now))
        #expect(malformed.refusal == "malformed" && !line(malformed).contains("李雷"))
    }

    @Test("a source that is away used no proof")
    func away() throws {
        let source = try Desk.source()
        var desk = Desk(source)
        #expect(SecurityEntry(try desk.take(500), of: source, at: desk.now) == nil)
        desk.now = desk.now + .seconds(600)
        let question = try desk.question()
        let answered = try desk.answered(question, .failure(.timeout))
        #expect(SecurityEntry(answered, of: source, at: desk.now) == nil)
    }
}
