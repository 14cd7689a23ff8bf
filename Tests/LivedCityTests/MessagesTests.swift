import Foundation
import Links
import LivedCity
import Models
import Processing
import Routing
import Testing
import Text

@testable import Notification

/// Notification's cores on a past: who gets how many messages, and how many segments they have.
private final class Post {
    struct Sent {
        let about: ComplaintEvent.Kind?
        let phone: String
        let segments: Int
        let at: Instant
        let isUrgent: Bool
    }

    private let addressing: ProcessorMemory<Addressing>
    private let dispatch: ProcessorMemory<Dispatch>
    private let extra: (SMSJob) -> String
    private(set) var sent: [Sent] = []
    private var confirmed: Set<String> = []

    init(
        _ manner: Manner, _ language: Language, window: Duration, extra: @escaping (SMSJob) -> String
    ) throws {
        let registry = Lived.registry
        addressing = ProcessorMemory(
            Addressing(
                registry: registry, language: language,
                numbers: try NumberKey(String(repeating: "5a", count: 32)),
                mobiles: try MobileNumbers(also: "+86000"),
                links: LinkWriter(
                    key: try LinkKey(String(repeating: "5b", count: 32)), site: "https://hz.example.org",
                    validity: .seconds(30 * 86_400)), manner: manner))
        // Limits would hide what is sent.
        dispatch = ProcessorMemory(
            Dispatch(
                limits: NumberLimits(official: .none, complainant: .none), window: window,
                wording: Wording(
                    language: language, signature: manner.signature, segments: manner.segments,
                    desk: manner.desk)))
        self.extra = extra
    }

    /// What happened before, and of which nobody is told.
    func learn(_ record: Outgoing, at now: Instant) throws { _ = try addressing.take(record, at: now) }

    func take(_ record: Outgoing, at now: Instant) throws {
        try wake(until: now)
        for outgoing in try addressing.take(record, at: now) where dispatch.inputs.contains(outgoing.topic) {
            try follow(try dispatch.take(outgoing, at: now), at: now)
        }
    }

    func wake(until now: Instant) throws {
        while let next = dispatch.nextWakeUp, next <= now {
            try follow(try dispatch.wake(at: next), at: next)
        }
    }

    /// Whoever gets a first message opens its link, and the gateway takes every message.
    private func follow(_ records: [Outgoing], at now: Instant) throws {
        for record in records where record.topic == .jobs || record.topic == .urgentJobs {
            let job = try JSON.decode(SMSJob.self, from: record.event.data ?? [])
            let text = job.text + extra(job)
            sent.append(
                Sent(
                    about: job.about, phone: job.phone.e164, segments: Segments.count(text), at: now,
                    isUrgent: job.isUrgent))
            for outcome in [SMSReceipt.Outcome.taken, .accepted] {
                let receipt = SMSReceipt(job, outcome)
                _ = try dispatch.take(
                    Outgoing(
                        .receipts, key: job.handle.text, id: receipt.recordID, source: "test",
                        type: EventType("sms", "receipt"), trail: Trail(at: now), data: JSON.encode(receipt)),
                    at: now)
            }
            if confirmed.insert(job.handle.text).inserted {
                _ = try dispatch.take(
                    Outgoing(
                        .messages, key: job.handle.text, id: "number/\(job.handle.text)",
                        source: "dayu-intake",
                        type: NumberConfirmed.type, trail: Trail(at: now),
                        data: JSON.encode(NumberConfirmed(handle: job.handle))), at: now)
            }
        }
    }

    var segments: Int { sent.map(\.segments).reduce(0, +) }
    var mostToOne: Int { Dictionary(grouping: sent, by: \.phone).values.map(\.count).max() ?? 0 }

    /// A line for each kind: messages, and segments.
    var table: String {
        let kinds = Dictionary(grouping: sent) { $0.about?.rawValue ?? "several" }
        return kinds.sorted { $0.key < $1.key }.map { kind, sent in
            "    \(kind): \(sent.count) messages, \(sent.map(\.segments).reduce(0, +)) segments"
        }.joined(separator: "\n")
    }
}

@Suite("Messages about a simulated year and about the day after it")
struct MessagesTests {
    /// As it was before: both languages, every event at once, a link in each message, no limit of length.
    private static func before() throws -> Post {
        let link = "\nhttps://hz.example.org/act#AAAAAAAAAAAAAAAAAAAAAA"
        return try Post(Manner(), .both, window: .zero) { $0.text.contains("https://") ? "" : link }
    }

    private static func after(_ preset: DeliveryTable.Preset) throws -> Post {
        try Post(
            Manner(
                table: DeliveryTable(preset), segments: 2, quiet: QuietTime("22:00-07:00"),
                desk: "https://desk.example.org"), .zh, window: Dispatch.usualWindow
        ) { _ in "" }
    }

    private func compare(_ name: String, _ records: [(at: Instant, record: Outgoing)], from: Instant) throws {
        let before = try Self.before()
        let posts = [before] + (try [.calm, .few].map(Self.after))
        for post in posts {
            for (at, record) in records {
                if at < from { try post.learn(record, at: at) } else { try post.take(record, at: at) }
            }
            try post.wake(until: Lived.until + .seconds(40 * 86_400))
            let label = post === before ? "before" : post === posts[1] ? "calm" : "few"
            print(
                "\(name), \(label): \(post.sent.count) messages, \(post.segments) segments, "
                    + "at most \(post.mostToOne) to one number")
            print(post.table)
        }
        #expect(posts[1].sent.allSatisfy { $0.segments <= 2 })
        #expect(posts[1].segments * 4 <= before.segments, "\(name): not a quarter")
        #expect(posts[2].segments < posts[1].segments)
    }

    private static let read: Set<Topic> = [.contacts, .words, .events]

    @Test("a year has at most a quarter of the segments")
    func year() throws {
        let past = try Lived.year.get()
        try compare(
            "year", past.written.filter { Self.read.contains($0.record.topic) }.map { ($0.at, $0.record) },
            from: .init(millisecondsSince1970: 0))
    }

    @Test("so has the day after it, on which nobody acts and everything that is open goes up")
    func day() throws {
        let past = try Lived.year.get()
        let routing = routingInMemory(by: Lived.registry)
        for written in past.written where routing.inputs.contains(written.record.topic) {
            while let next = routing.nextWakeUp, next <= written.at { _ = try routing.wake(at: next) }
            _ = try routing.take(written.record, at: written.at)
        }
        var records = past.written.filter { Self.read.contains($0.record.topic) }
            .map { (at: $0.at, record: $0.record) }
        while let next = routing.nextWakeUp, next <= Lived.until + .seconds(86_400) {
            var waiting = try routing.wake(at: next)[...]
            while let record = waiting.popFirst() {
                if next > Lived.until, record.topic == .events { records.append((next, record)) }
                if routing.inputs.contains(record.topic) { waiting += try routing.take(record, at: next) }
            }
        }
        try compare("day", records, from: Lived.until + .milliseconds(1))
    }
}
