import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("A notice whose words were erased")
struct WithdrawalTests {
    private static let complainant = Recipient(
        kind: .complainant, id: Town.code.compact, phone: Desk.recipient.phone, handle: Desk.recipient.handle)

    /// One that was put off once, and is withdrawn while it waits.
    private func withdrawn(_ recipient: Recipient) throws -> Desk {
        var desk = Desk()
        try desk.ask(for: recipient, bare: "bare")
        try desk.hear(.taken, attempt: 1, for: recipient)
        try desk.hear(.deferred, attempt: 1, for: recipient)
        try desk.withdraw(for: recipient)
        return desk
    }

    @Test("an official is told all the same, without them, and the store holds them no more")
    func official() throws {
        var desk = try withdrawn(Desk.recipient)
        #expect(desk.jobs.map(\.text) == ["notice 1"])
        #expect(!String(decoding: JSON.encode(desk.state), as: UTF8.self).contains("notice 1"))
        try desk.wait(Dispatch.pauses[0])
        #expect(desk.jobs.map(\.text) == ["notice 1", "bare"])
    }

    @Test("whoever complained is told nothing more: his number was erased as well")
    func complainant() throws {
        var desk = try withdrawn(Self.complainant)
        guard case .failed(let failed) = try #require(desk.told.last) else {
            Issue.record("it goes on")
            return
        }
        #expect(failed.why == .erased)
        try desk.wait(Dispatch.expiresAfter)
        #expect(desk.jobs.count == 1)
        #expect(
            !String(decoding: JSON.encode(desk.state), as: UTF8.self).contains(Desk.recipient.phone.digits))
    }

    @Test("a store that is restored from the log holds none of it either")
    func restored() throws {
        for recipient in [Desk.recipient, Self.complainant] {
            var desk = try withdrawn(recipient)
            let state = desk.state
            var restored = Partition<Dispatch>(load: { _ in nil })
            for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
            #expect(try restored.state(of: Desk.key) == state)
        }
    }

    @Test("one that is over, or that nobody knows, is nothing to withdraw")
    func over() throws {
        var desk = Desk()
        try desk.withdraw()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        try desk.hear(.accepted, attempt: 1)
        let before = desk.state
        try desk.withdraw()
        #expect(desk.state == before)
    }
}
