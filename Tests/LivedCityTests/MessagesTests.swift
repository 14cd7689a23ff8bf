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
    }

    let name: String
    private let addressing: ProcessorMemory<Addressing>
    private let dispatch: ProcessorMemory<Dispatch>
    private let spell: (String) -> String
    private(set) var sent: [Sent] = []
    /// The notices that go before others, those that were sent alone or with others, and those that were
    /// dropped.
    private(set) var urgent: Set<String> = []
    private(set) var told: Set<String> = []
    private(set) var overtaken: Set<String> = []
    private var confirmed: Set<String> = []

    init(
        _ name: String, _ manner: Manner, _ language: Language, window: Duration,
        spell: @escaping (String) -> String = { $0 }
    ) throws {
        let registry = Lived.registry
        self.name = name
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
        self.spell = spell
    }

    /// What an official must know in time.
    private static let needed: Set<ComplaintEvent.Kind> = [
        .assigned, .warned, .urged, .lapsed, .supervised, .unchecked, .unreached,
    ]

    func take(_ record: Outgoing, at now: Instant) throws {
        try wake(until: now)
        for outgoing in try addressing.take(record, at: now) where dispatch.inputs.contains(outgoing.topic) {
            if let data = outgoing.event.data, let request = try? JSON.decode(NoticeRequest.self, from: data),
                request.isUrgent, Self.needed.contains(request.about)
            {
                urgent.insert(request.reference)
            }
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
        for record in records {
            switch record.topic {
            case .noticeEvents: try note(record)
            case .jobs, .urgentJobs:
                try send(try JSON.decode(SMSJob.self, from: record.event.data ?? []), at: now)
            default: break
            }
        }
    }

    private func note(_ record: Outgoing) throws {
        guard let data = record.event.data,
            let kind = NoticeEvent.Kind(rawValue: try EventType(record.event.type).name)
        else { return }
        switch try NoticeEvent(kind: kind, data: data) {
        case .attempted(let attempted): told.insert(attempted.reference)
        case .grouped(let grouped): told.insert(grouped.reference)
        case .failed(let failed) where failed.why == .overtaken: overtaken.insert(failed.reference)
        default: break
        }
    }

    private func send(_ job: SMSJob, at now: Instant) throws {
        sent.append(
            Sent(about: job.about, phone: job.phone.e164, segments: Segments.count(spell(job.text))))
        for outcome in [SMSReceipt.Outcome.taken, .accepted] {
            let receipt = SMSReceipt(job, outcome)
            _ = try dispatch.take(
                Outgoing(
                    .receipts, key: job.handle.text, id: receipt.recordID, source: "test",
                    type: EventType("sms", "receipt"), trail: Trail(at: now), data: JSON.encode(receipt)),
                at: now)
        }
        guard confirmed.insert(job.handle.text).inserted else { return }
        _ = try dispatch.take(
            Outgoing(
                .messages, key: job.handle.text, id: "number/\(job.handle.text)", source: "dayu-intake",
                type: NumberConfirmed.type, trail: Trail(at: now),
                data: JSON.encode(NumberConfirmed(handle: job.handle))), at: now)
    }

    var segments: Int { sent.map(\.segments).reduce(0, +) }
    private var mostToOne: Int { Dictionary(grouping: sent, by: \.phone).values.map(\.count).max() ?? 0 }

    /// A row of the handbook's table.
    func row(of time: String, beside before: Post) -> String {
        let share = (segments * 100 + before.segments / 2) / max(1, before.segments)
        return "| \(time) | \(name) | \(sent.count) | \(segments) | \(share) % | \(mostToOne) |"
    }

    /// Messages and segments of each kind; a message about several notices is a kind of its own.
    var kinds: [String: (messages: Int, segments: Int)] {
        Dictionary(grouping: sent) { $0.about?.rawValue ?? "several" }
            .mapValues { (messages: $0.count, segments: $0.map(\.segments).reduce(0, +)) }
    }
}

/// The handbook and the service's page show what these tests count.
@Suite("Messages about a simulated year, and about complaints on which nobody acts")
struct MessagesTests {
    /// As it was before: both languages, every event at once, a long link in each message, no limit of
    /// length.
    private static func before() throws -> Post {
        let link = "\nhttps://hz.example.org/act#AAAAAAAAAAAAAAAAAAAAAA"
        let name = "before: both languages, everything at once, a long link in each message"
        return try Post(name, Manner(), .both, window: .zero) { text in
            text.contains("https://")
                ? text.replacing("/c#", with: "/complaints/7KQ29XM4T1H0C#") : text + link
        }
    }

    private static func after(_ preset: DeliveryTable.Preset) throws -> Post {
        try Post(
            "`\(preset.rawValue)` with a desk",
            Manner(
                table: DeliveryTable(preset), segments: 2, quiet: QuietTime("22:00-07:00"),
                desk: "https://desk.example.org"), .zh, window: Dispatch.usualWindow)
    }

    /// Before, with `calm`, and with `few`.
    private func posts(_ records: [(at: Instant, record: Outgoing)]) throws -> [Post] {
        let posts = [try Self.before()] + (try [.calm, .few].map(Self.after))
        for post in posts {
            for (at, record) in records { try post.take(record, at: at) }
            try post.wake(until: Lived.until + .seconds(40 * 86_400))
        }
        return posts
    }

    private func check(_ posts: [Post], of time: String) throws {
        let before = posts[0]
        #expect(posts[1...].allSatisfy { $0.sent.allSatisfy { $0.segments <= 2 } }, "two segments at most")
        for post in posts[1...] {
            #expect(post.urgent == before.urgent, "what can't wait is asked for, whatever the table")
            let lost = post.urgent.subtracting(post.told).subtracting(post.overtaken)
            #expect(lost.isEmpty, "\(time), \(post.name): \(lost.sorted().prefix(3)) were never sent")
        }
        let page = try Self.page("deploy/README.md")
        for post in posts {
            let row = post.row(of: time, beside: before)
            print(row)
            // The page itself would fill the test's report.
            let isThere = page.contains(row)
            #expect(isThere, "deploy/README.md lacks \(row)")
        }
    }

    private static func page(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
    }

    private static let read: Set<Topic> = [.contacts, .words, .events]

    @Test("a year has at most a quarter of the segments")
    func year() throws {
        let past = try Lived.year.get()
        let posts = try posts(
            past.written.filter { Self.read.contains($0.record.topic) }.map { ($0.at, $0.record) })
        try check(posts, of: "the year")
        for post in posts[1...] {
            #expect(post.segments * 4 <= posts[0].segments, "\(post.name): not a quarter")
        }
        let page = try Self.page("Services/Notification/README.md")
        let (before, few) = (posts[0].kinds, posts[2].kinds)
        for kind in Set(before.keys).union(few.keys).sorted() {
            let (then, now) = (before[kind] ?? (0, 0), few[kind] ?? (0, 0))
            let row = "| \(kind) | \(then.messages) | \(then.segments) | \(now.messages) | \(now.segments) |"
            print(row)
            let isThere = page.contains(row)
            #expect(isThere, "Services/Notification/README.md lacks \(row)")
        }
    }

    @Test("complaints on which nobody acts go up level by level, and everybody concerned is told")
    func untouched() throws {
        let (count, days) = (58, 7)
        let past = try Lived.year.get()
        let submissions = past.of(.submissions).prefix(count)
        let made = Dictionary(submissions.map { ($0.record.key, $0.at) }) { first, _ in first }
        let last = try #require(submissions.last?.at)
        let routing = routingInMemory(by: Lived.registry)
        var records: [(at: Instant, record: Outgoing)] = []
        func route(_ written: [Outgoing], at now: Instant) throws {
            var waiting = written[...]
            while let record = waiting.popFirst() {
                if record.topic == .events { records.append((now, record)) }
                if routing.inputs.contains(record.topic) { waiting += try routing.take(record, at: now) }
            }
        }
        func wake(until now: Instant) throws {
            while let next = routing.nextWakeUp, next <= now {
                try route(try routing.wake(at: next), at: next)
            }
        }
        for written in past.written {
            let record = written.record
            guard let at = made[String(record.key.prefix(13))], written.at <= at else { continue }
            try wake(until: written.at)
            switch record.topic {
            case .submissions: try route(try routing.take(record, at: written.at), at: written.at)
            case .contacts, .words: records.append((written.at, record))
            default: break
            }
        }
        try wake(until: last + .seconds(days * 86_400))
        try check(posts(records), of: "\(count) on which nobody acts for \(days) days")
    }
}
