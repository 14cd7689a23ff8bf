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

    @Test(
        "a job that waits is withdrawn; once the pusher has passed it over, the next one says no erased words"
    )
    func queued() throws {
        var desk = Desk()
        try desk.ask(bare: "bare")
        try desk.withdraw()
        let reference = Desk.request().reference
        #expect(
            desk.withdrawals == [
                JobWithdrawal(handle: Desk.recipient.handle, reference: reference, attempt: 1)
            ])
        #expect(desk.jobs.map(\.text) == ["notice 1"], "no second job while the first one is in the queue")
        #expect(try desk.hear(.withdrawn, attempt: 1).map(\.kind) == [.deferred])
        #expect(try desk.wait(.zero).map(\.kind) == [.attempted], "at once")
        #expect(desk.jobs.map(\.text) == ["notice 1", "bare"] && desk.jobs.map(\.attempt) == [1, 2])
        #expect(try desk.hear(.withdrawn, attempt: 1) == [], "a repetition changes nothing")
    }

    @Test("the job of whoever complained is withdrawn, and none follows")
    func queuedForComplainant() throws {
        var desk = Desk()
        try desk.ask(for: Self.complainant)
        try desk.withdraw(for: Self.complainant)
        #expect(desk.withdrawals.map(\.attempt) == [1])
        #expect(try desk.hear(.withdrawn, attempt: 1, for: Self.complainant) == [])
        #expect(desk.jobs.count == 1)
    }

    @Test("a job that the pusher has taken, or that is to be tried again, is not withdrawn: none waits")
    func notQueued() throws {
        #expect(try withdrawn(Desk.recipient).withdrawals == [])
        var desk = Desk()
        try desk.ask(bare: "bare")
        try desk.hear(.taken, attempt: 1)
        try desk.withdraw()
        #expect(desk.withdrawals == [])
        #expect(try desk.hear(.withdrawn, attempt: 1) == [])
    }

    @Test("the attempt that was passed over does not count: the notice has as many as any other")
    func notCounted() throws {
        var desk = Desk()
        try desk.ask(bare: "bare")
        try desk.withdraw()
        try desk.hear(.withdrawn, attempt: 1)
        try desk.wait(.zero)
        for (index, pause) in Dispatch.pauses.enumerated() {
            try desk.hear(.taken, attempt: index + 2)
            let told = try desk.hear(.deferred, attempt: index + 2)
            guard case .deferred(let deferred) = try #require(told.first) else {
                Issue.record("attempt \(index + 2) is the last")
                return
            }
            #expect(deferred.until == desk.now + pause)
            try desk.wait(pause)
        }
        #expect(desk.jobs.map(\.attempt) == Array(1...Dispatch.pauses.count + 2))
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
