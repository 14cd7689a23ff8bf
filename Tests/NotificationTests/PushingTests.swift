import Foundation
import Host
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("What the pusher writes")
struct PushingTests {
    private let job = SMSJob(
        reference: "r", attempt: 2, handle: Desk.recipient.handle, phone: Desk.recipient.phone, text: "t",
        expiresAt: Town.start + .seconds(3600))

    private func record(_ data: [UInt8]) -> Record {
        let trail = Trail(at: Town.start, cause: job.reference, traceparent: "00-trace")
        return Record(
            Outgoing(
                .jobs, key: job.handle.text, id: "r/2", source: "test", type: EventType("sms", "job"),
                trail: trail, data: data), offset: 0)
    }

    private func pushing(_ path: String) -> Pushing {
        Pushing(
            .ordinary, gateway: FileGateway(path: path), log: Log(service: "test", threshold: .error))
    }

    @Test("goes on with the job's trace; each receipt has its own moment, and the attempt as its cause")
    func trails() throws {
        let path = NSTemporaryDirectory() + "dayu-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var pushing = pushing(path)
        func moment(_ seconds: Int) -> Instant { Town.start + .seconds(seconds) }

        let announced = pushing.announce(record(JSON.encode(job)), at: moment(1))
        let taken = try #require(announced.deed)
        pushing.begin(taken, at: moment(2))
        let answered = pushing.outcomes(within: .zero, at: moment(3))
        let dropped = pushing.drop(taken, at: moment(4))
        let late = pushing.announce(record(JSON.encode(job)), at: moment(3600))

        let trails = (announced.outgoing + answered + dropped + late.outgoing).map(\.event.trail)
        #expect(
            trails == [1, 3, 4, 3600].map { Trail(at: moment($0), cause: "r/2", traceparent: "00-trace") })
    }

    @Test("says unsent of a job that it does not give to the gateway: the attempt does not count")
    func unsent() throws {
        var pushing = pushing("/nowhere/at/all")
        let announced = pushing.announce(record(JSON.encode(job)), at: Town.start)
        let taken = try #require(announced.deed)
        func outcomes(_ outgoing: [Outgoing]) throws -> [SMSReceipt.Outcome] {
            try outgoing.map { try JSON.decode(SMSReceipt.self, from: $0.event.data ?? []).outcome }
        }
        #expect(try outcomes(pushing.drop(taken, at: Town.start)) == [.unsent])
        // The process stood still.
        let late = Town.start + Pushing.sentWithin
        pushing.begin(taken, at: late)
        #expect(try outcomes(pushing.outcomes(within: .zero, at: late)) == [.unsent])
        #expect(pushing.outcomes(within: .zero, at: late).isEmpty && !pushing.isBusy)
        pushing.begin(taken, at: late)
        #expect(try outcomes(pushing.stop(at: late)) == [.unsent])
    }

    @Test("refuses a job that no gateway will take, because the blacklist of each has the number")
    func declined() throws {
        struct Closed: SMSGateway {
            var window: Int { 1 }
            var underWay: Int { 0 }
            mutating func submit(_ job: SMSJob) { Issue.record("it was sent") }
            mutating func poll(within wait: Duration) -> [SMSReceipt] { [] }
            mutating func cancel() -> [SMSReceipt] { [] }
            func declines(_ job: SMSJob) -> Bool { true }
        }
        let pushing = Pushing(.ordinary, gateway: Closed(), log: Log(service: "test", threshold: .error))
        let announced = pushing.announce(record(JSON.encode(job)), at: Town.start)
        let receipt = try JSON.decode(SMSReceipt.self, from: announced.outgoing[0].event.data ?? [])
        #expect(announced.deed == nil && announced.outgoing.count == 1 && receipt.outcome == .refused)
    }

    @Test("about a record that is no job leads the trace on to the dead letter")
    func deadLetter() throws {
        let announced = pushing("/nowhere").announce(record(Array("no job".utf8)), at: Town.start)
        #expect(announced.deed == nil && announced.outgoing.map(\.topic) == [.restrictedDeadLetters])
        #expect(announced.outgoing.map(\.event.trail.traceparent) == ["00-trace"])
    }
}

@Suite("A job that was withdrawn")
struct WithdrawnJobTests {
    private static func job(_ attempt: Int) -> SMSJob {
        SMSJob(
            reference: "r", attempt: attempt, handle: Desk.recipient.handle, phone: Desk.recipient.phone,
            text: "t", expiresAt: Town.start + .seconds(86_400))
    }

    private static func record(_ topic: Topic, key: String = Desk.key, _ data: [UInt8]) -> Record {
        Record(
            Outgoing(
                topic, key: key, id: "r/2", source: "test", type: EventType("sms", "any"),
                trail: Trail(at: Town.start), data: data), offset: 0)
    }

    private static func withdrawal(_ attempt: Int) -> [UInt8] {
        JSON.encode(JobWithdrawal(handle: Desk.recipient.handle, reference: "r", attempt: attempt))
    }

    private static func pushing() -> Pushing {
        Pushing(
            .ordinary, gateway: FileGateway(path: "/nowhere"), log: Log(service: "test", threshold: .error))
    }

    private static func outcome(of job: SMSJob, _ pushing: Pushing) throws -> SMSReceipt.Outcome {
        let announced = pushing.announce(record(.jobs, JSON.encode(job)), at: Town.start)
        let receipt = try JSON.decode(SMSReceipt.self, from: announced.outgoing[0].event.data ?? [])
        #expect((announced.deed == nil) == (receipt.outcome == .withdrawn))
        return receipt.outcome
    }

    @Test("is passed over, and its receipt says so; another attempt of the same notice is sent")
    func passedOver() throws {
        var pushing = Self.pushing()
        pushing.note(Self.record(.jobWithdrawals, Self.withdrawal(1)))
        #expect(try Self.outcome(of: Self.job(1), pushing) == .withdrawn)
        #expect(try Self.outcome(of: Self.job(2), pushing) == .taken)
    }

    @Test("is forgotten with the partitions: the topic is read again with the next ones")
    func forgotten() throws {
        var pushing = Self.pushing()
        pushing.note(Self.record(.jobWithdrawals, Self.withdrawal(1)))
        pushing.own([0], of: 1, at: Town.start)
        #expect(try Self.outcome(of: Self.job(1), pushing) == .taken)
    }

    @Test("what can't be understood, or stands under the key of another number, withdraws nothing")
    func malformed() throws {
        var pushing = Self.pushing()
        pushing.note(Self.record(.jobWithdrawals, Array("no withdrawal".utf8)))
        pushing.note(Self.record(.jobWithdrawals, key: "other", Self.withdrawal(1)))
        #expect(try Self.outcome(of: Self.job(1), pushing) == .taken)
    }
}
