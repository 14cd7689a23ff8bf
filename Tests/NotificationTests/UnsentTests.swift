import Models
import Processing
import Testing

@testable import Notification

@Suite("A job that was taken and did not reach the gateway")
struct UnsentTests {
    @Test("the next job follows at once, and no attempt is used up")
    func again() throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        let told = try desk.hear(.unsent, attempt: 1, reason: "disk full")
        let deferred = NoticeEvent.Deferred(
            reference: Desk.request().reference, attempt: 1, until: desk.now, reason: "disk full",
            unsent: true)
        #expect(told == [.deferred(deferred)])
        #expect(try desk.wait(.zero).map(\.kind) == [.attempted])
        #expect(desk.jobs.map(\.attempt) == [1, 2], "each job has a name of its own")
        #expect(try desk.hear(.unsent, attempt: 1) == [], "a repetition changes nothing")
    }

    @Test("however often: afterwards it has as many attempts, and as long pauses, as any other")
    func notCounted() throws {
        var desk = Desk()
        try desk.ask()
        let times = 20
        for attempt in 1...times {
            try desk.hear(.taken, attempt: attempt)
            try desk.hear(.unsent, attempt: attempt)
            try desk.wait(Dispatch.unsentPauses.last ?? .zero)
        }
        for (index, pause) in Dispatch.pauses.enumerated() {
            let attempt = times + index + 1
            #expect(desk.jobs.last?.attempt == attempt)
            try desk.hear(.taken, attempt: attempt)
            try desk.hear(.deferred, attempt: attempt)
            #expect(desk.alarm == desk.now + pause)
            try desk.wait(pause)
        }
        let last = try #require(desk.jobs.last?.attempt)
        try desk.hear(.taken, attempt: last)
        guard case .failed(let failed)? = try desk.hear(.deferred, attempt: last).last else {
            Issue.record("it goes on")
            return
        }
        #expect(failed.why == .exhausted && last == times + Dispatch.pauses.count + 1)
    }

    @Test("a gateway that gives every job back gets few of them in a day, and then the notice expires")
    func withoutEnd() throws {
        for outcome in [SMSReceipt.Outcome.unsent, .withdrawn] {
            var desk = Desk()
            try desk.ask(bare: "bare")
            while let last = desk.jobs.last, desk.now < Town.start + Dispatch.expiresAfter {
                try desk.hear(outcome, attempt: last.attempt)
                let due = desk.alarm
                let alarm = try #require(due)
                try desk.wait(max(.zero, alarm - desk.now))
                try #require(desk.jobs.count < 2000)
            }
            guard case .failed(let failed) = try #require(desk.told.last) else {
                Issue.record("it goes on")
                return
            }
            #expect(failed.why == .expired && desk.alarm == nil)
        }
    }

    @Test("the time to answer may have passed before it is given back; it counts once, as unsent")
    func afterTheTimeToAnswer() throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        try desk.wait(Dispatch.answerWithin)
        try desk.hear(.unsent, attempt: 1)
        #expect(try desk.readOwn() == [], "the receipt about the missing answer comes too late")
        try desk.wait(.zero)
        #expect(desk.jobs.map(\.attempt) == [1, 2])
        try desk.hear(.taken, attempt: 2)
        try desk.hear(.deferred, attempt: 2)
        #expect(desk.alarm == desk.now + Dispatch.pauses[0])
    }

    @Test("a store that is restored from the log counts as well")
    func restored() throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        try desk.hear(.unsent, attempt: 1)
        let state = desk.state
        var restored = Partition<Dispatch>(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        #expect(try restored.state(of: Desk.key) == state)
        #expect(state?.waiting.values.first?.tries == 0)
    }
}
