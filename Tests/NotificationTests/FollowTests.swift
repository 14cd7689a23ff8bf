import Links
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("Who follows a complaint hears of it")
struct FollowTests {
    private let addressing: Addressing
    private var partition = Partition<Addressing>(load: { _ in nil })

    init() throws {
        let links = LinkWriter(
            key: try LinkKey(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(30 * 86_400))
        addressing = Addressing(
            registry: Registry(Town.entities), language: .both, numbers: Town.numbers,
            mobiles: Town.mobiles, links: links)
    }

    private static func follow(_ phone: String) -> Follow {
        let number = Town.number(phone)
        return Follow(complaint: Town.code, phone: number, handle: Town.numbers.handle(of: number))
    }

    private static let follower = follow("+86 000 0000 0801")

    private static func record(_ follow: Follow, isEnded: Bool = false) -> Record {
        Town.written(.follows, key: follow.key.description, isEnded ? nil : JSON.encode(follow))
    }

    private mutating func take(_ record: Record) throws -> [Outgoing] {
        switch try partition.take(record, with: addressing, at: Town.start, caughtUp: true) {
        case .done(let outgoing, .decided): return outgoing
        case let other:
            Issue.record("\(other)")
            return []
        }
    }

    /// What the last step wrote to followers.
    private func requests(_ outgoing: [Outgoing]) throws -> [NoticeRequest] {
        try outgoing.filter(\.isRequest).map {
            try JSON.decode(NoticeRequest.self, from: try #require($0.event.data))
        }.filter { $0.recipient.kind == .follower }
    }

    private func count(_ outgoing: [Outgoing]) throws -> Int {
        let counted = try #require(outgoing.first { $0.topic == .followCounts })
        #expect(outgoing.count == 1 && counted.key == Town.code.compact)
        return try JSON.decode(FollowCount.self, from: try #require(counted.event.data)).follows
    }

    @Test("he hears what the complainant hears of it, in words of his own and without anybody's words")
    mutating func told() throws {
        _ = try take(Town.record(Town.contact))
        _ = try take(Self.record(Self.follower))
        var told: [ComplaintEvent.Kind] = []
        for fact in Town.whole.dropLast() {
            if let words = Town.said(fact) { _ = try take(Town.record(words, at: fact.cause)) }
            for request in try requests(take(Town.record(fact))) {
                told.append(fact.event.kind)
                #expect(request.recipient.phone == Self.follower.phone && request.bare == nil)
                #expect(request.text.contains("您关注的投诉\(Town.code)") && request.text.contains("取消关注"))
                #expect(!request.text.contains("said") && !request.text.contains("您的投诉"))
                #expect(!request.isUrgent)
                #expect(request.reference.hasSuffix("/follower/\(Self.follower.handle)"))
            }
        }
        #expect(
            told == [
                .accepted, .extended, .resolved, .verified, .unchecked, .reopened, .rejected, .merged,
                .parted, .informed, .closed,
            ])
    }

    @Test("his link is for him alone: it names his number, and is short")
    mutating func links() throws {
        for phone in ["+86 000 0000 0801", "+86 000 0000 0802"] {
            _ = try take(Self.record(Self.follow(phone)))
        }
        _ = try take(Town.record(Town.received(Town.submission(words: nil, contactable: false))))
        let outgoing = try take(Town.record(Town.fact(.accepted(.init(by: Town.chief)), version: 2)))
        let links = try outgoing.filter { $0.topic == .links }.map { record in
            (record.key, try JSON.decode(ActionLink.self, from: try #require(record.event.data)))
        }
        #expect(links.count == 2 && Set(links.map(\.0)).count == 2)
        for (handle, link) in links {
            #expect(link.actor.role == .follower && link.actor.id == link.number?.text)
            let address = "https://rivers.example.org/c#\(handle)"
            #expect(try requests(outgoing).contains { $0.text.hasSuffix(address) })
        }
    }

    @Test("every follow is counted, once for each number; what ends is counted, too")
    mutating func counted() throws {
        #expect(try count(take(Self.record(Self.follower))) == 1)
        #expect(try count(take(Self.record(Self.follower))) == 1)
        #expect(try count(take(Self.record(Self.follow("+86 000 0000 0802")))) == 2)
        #expect(try count(take(Self.record(Self.follower, isEnded: true))) == 1)
        #expect(try count(take(Self.record(Self.follower, isEnded: true))) == 1)
        _ = try take(Town.record(Town.received(Town.submission(words: nil, contactable: false))))
        let accepted = try take(Town.record(Town.fact(.accepted(.init(by: Town.chief)), version: 2)))
        #expect(try requests(accepted).map(\.recipient.phone.e164) == ["+8600000000802"])
    }

    @Test("who follows his own complaint is told once, as its complainant")
    mutating func own() throws {
        _ = try take(Town.record(Town.contact))
        _ = try take(Self.record(Self.follow("+86 000 0000 0777")))
        _ = try take(Town.record(Town.received(Town.submission(words: nil))))
        let outgoing = try take(Town.record(Town.fact(.accepted(.init(by: Town.chief)), version: 2)))
        #expect(try requests(outgoing).isEmpty)
        #expect(outgoing.count(where: \.isRequest) == 1)
    }

    @Test("a number that no message reaches is not asked for; a broken record goes to the dead letters")
    mutating func unreached() throws {
        _ = try take(Self.record(Self.follow("+86 571 8765 4321")))
        _ = try take(Town.record(Town.received(Town.submission(words: nil, contactable: false))))
        let outgoing = try take(Town.record(Town.fact(.accepted(.init(by: Town.chief)), version: 2)))
        #expect(try requests(outgoing).isEmpty)
        let other = Self.follow("+86 000 0000 0802")
        for (key, data) in [
            (Town.code.compact, JSON.encode(Self.follower)), ("x/y", JSON.encode(Self.follower)),
            (Self.follower.key.description, JSON.encode(other)),
            (Self.follower.key.description, Array("{}".utf8)),
        ] {
            let record = Town.written(.follows, key: key, data)
            guard
                case .done(let written, .refused) = try partition.take(
                    record, with: addressing, at: Town.start, caughtUp: true)
            else {
                Issue.record("\(key) was taken")
                continue
            }
            #expect(written.map(\.topic) == [.restrictedDeadLetters])
        }
    }

    @Test("beyond the limit nobody more is counted, and the state stays small")
    mutating func limited() throws {
        var count = 0
        for number in 0..<(AddressingState.followLimit + 2) {
            let follow = Self.follow("+86 000 000 \(10_000 + number)")
            count = try self.count(take(Self.record(follow)))
        }
        #expect(count == AddressingState.followLimit)
        let state = try #require(try partition.state(of: Town.code.compact))
        #expect(state.stored.count < 100_000)
        #expect(try AddressingState(stored: state.stored) == state)
    }
}
