import Links
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu erase")
struct ErasureTests {
    private static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let code = TrackingCode(digest: [UInt8](0..<8))
    private static let other = TrackingCode(digest: [UInt8](1..<9))
    private static let said = WordsKey(complaint: code, cause: "dayu-intake/1.submission")
    private static let noted = WordsKey(complaint: code, cause: "dayu-intake/action/2")
    private static let handle = "AAECAwQFBgcICQoLDA0ODw"

    private struct Line {
        let topic: Topic
        let key: String
        let value: [UInt8]?
    }

    private static func words(_ key: WordsKey, _ text: String? = "话") -> Line {
        Line(topic: .words, key: key.description, value: text.map { JSON.encode(Words(text: $0)) })
    }

    private static func contact(_ code: TrackingCode, _ phone: String?) throws -> Line {
        let contact = try phone.map { Contact(name: "王某", phone: try CallableNumber($0, country: .china)) }
        return Line(topic: .contacts, key: code.compact, value: contact.map { JSON.encode($0) })
    }

    private static func link(revokedAt: Instant? = nil, expiresAt: Instant = now + .seconds(60)) -> Line {
        let link = ActionLink(
            complaint: code, actor: .citizen, expiresAt: expiresAt, revokedAt: revokedAt)
        return Line(topic: .links, key: handle, value: JSON.encode(link))
    }

    private func erasure(_ lines: [Line], _ codes: [TrackingCode] = [code]) -> Erasure {
        var erasure = Erasure(codes, at: Self.now)
        for line in lines {
            erasure.take(line.topic, key: Array(line.key.utf8), value: line.value, partition: 3)
        }
        return erasure
    }

    @Test("a tombstone for each key, on its partition; the links are taken back; a line for the timeline")
    func all() throws {
        let another = WordsKey(complaint: Self.other, cause: "dayu-intake/1.submission")
        let erasure = erasure([
            Self.words(Self.said), Self.words(Self.noted), Self.words(another),
            try Self.contact(Self.code, "+86 000 0000 0701"), try Self.contact(Self.other, "12345"),
            Self.link(),
        ])
        let removals = erasure.removals
        let erased = removals.filter { $0.record.event.data == nil }.map(\.record)
        #expect(Set(erased.map(\.key)) == [Self.said.description, Self.noted.description, Self.code.compact])
        #expect(removals.allSatisfy { $0.partition == 3 } && removals.count == 4)
        let link = try #require(removals.first { $0.record.topic == .links })
        #expect(link.record.key == Self.handle)
        let revoked = try JSON.decode(ActionLink.self, from: try #require(link.record.event.data))
        #expect(revoked.revokedAt == Self.now && revoked.complaint == Self.code)
        #expect(!link.record.event.headers.contains { $0.value.contains(Self.handle) })
        let action = try #require(erasure.actions.first)
        #expect(erasure.actions.count == 1 && action.key == Self.code.compact)
        let asked = try JSON.decode(ComplaintAction.self, from: try #require(action.event.data))
        #expect(asked.verb == .erase(until: Self.now) && asked.by == .system)
    }

    private static func notice(_ kind: Recipient.Kind, bare: String?, complaint: TrackingCode = code) throws
        -> Line
    {
        let handle = try #require(NumberHandle(Self.handle))
        let phone = try PhoneNumber("+86 000 0000 0701", country: nil)
        let request = NoticeRequest(
            reference: "\(complaint.compact).2/\(kind.rawValue)/x",
            recipient: Recipient(kind: kind, id: "x", phone: phone, handle: handle), complaint: complaint,
            about: .assigned, text: "「话」", bare: bare)
        return Line(topic: .noticeRequests, key: handle.text, value: JSON.encode(request))
    }

    @Test("a message that may wait is withdrawn, on its number's partition; not one that holds nothing")
    func notices() throws {
        let lines = [
            try Self.notice(.chief, bare: "b"), try Self.notice(.office, bare: nil),
            try Self.notice(.complainant, bare: nil),
            try Self.notice(.chief, bare: "b", complaint: Self.other),
        ]
        let removals = erasure(lines).removals
        #expect(removals.map(\.record.topic) == [.noticeRequests, .noticeRequests])
        let withdrawn = try removals.map {
            try JSON.decode(NoticeWithdrawal.self, from: try #require($0.record.event.data))
        }
        #expect(
            Set(withdrawn.map(\.reference)) == [
                "\(Self.code.compact).2/chief/x", "\(Self.code.compact).2/complainant/x",
            ])
        #expect(removals.allSatisfy { $0.record.key == Self.handle && $0.partition == 3 })
        #expect(Set(removals.map(\.record.event.id)).count == 2)
        #expect(erasure(lines + removals.map(Self.line)).removals.isEmpty)
    }

    private static func follow(_ phone: String, of code: TrackingCode, _ handle: String) throws -> Line {
        let number = try #require(NumberHandle(handle))
        let follow = Follow(
            complaint: code, phone: try PhoneNumber(phone, country: nil), handle: number)
        return Line(topic: .follows, key: follow.key.description, value: JSON.encode(follow))
    }

    @Test("with a complaint go the numbers that follow it; with a number goes whatever it follows")
    func follows() throws {
        let (mine, theirs) = ("AAECAwQFBgcICQoLDA0ODw", "EBESExQVFhcYGRobHB0eHw")
        let number = try PhoneNumber("+86 000 0000 0701", country: nil)
        func link(_ handle: String, of code: TrackingCode) throws -> Line {
            let link = ActionLink(
                complaint: code, actor: Actor(role: .follower, id: handle),
                expiresAt: Self.now + .seconds(60), number: NumberHandle(handle))
            return Line(topic: .links, key: handle, value: JSON.encode(link))
        }
        let lines = [
            try Self.follow("+86 000 0000 0701", of: Self.other, mine),
            try Self.follow("+86 000 0000 0702", of: Self.other, theirs),
            try Self.follow("+86 000 0000 0702", of: Self.code, theirs),
            try link(mine, of: Self.other), try link(theirs, of: Self.other),
            try Self.notice(.follower, bare: nil, complaint: Self.other),
        ]
        let whole = erasure(lines)
        #expect(whole.removals.map(\.record.key) == ["\(Self.code.compact)/\(theirs)"])
        #expect(whole.removals.allSatisfy { $0.record.event.data == nil && $0.partition == 3 })
        var erasure = Erasure([], following: number, at: Self.now)
        for line in lines {
            erasure.take(line.topic, key: Array(line.key.utf8), value: line.value, partition: 3)
        }
        #expect(!erasure.isEmpty && erasure.actions.isEmpty, "the complaint of somebody else stays as it is")
        #expect(
            erasure.removals.map(\.record.topic) == [.follows, .links, .noticeRequests]
                && erasure.removals.first?.record.key == "\(Self.other.compact)/\(mine)")
        let text = ErasureText(erasure, at: Self.now).lines.joined()
        #expect(text.contains("\(Self.other): follows it no longer") && !text.contains("0701"))
        var again = Erasure([], following: number, at: Self.now)
        // One topic after the other, as the command reads them.
        let later = lines + erasure.removals.map(Self.line)
        for topic in [Topic.follows, .links, .noticeRequests] {
            for line in later where line.topic == topic {
                again.take(topic, key: Array(line.key.utf8), value: line.value, partition: 3)
            }
        }
        #expect(again.isEmpty)
    }

    private static func line(_ removal: Erasure.Removal) -> Line {
        Line(topic: removal.record.topic, key: removal.record.key, value: removal.record.event.data)
    }

    @Test("done once more there is nothing left to do, and nothing is said to have happened")
    func again() throws {
        let lines = [
            Self.words(Self.said), try Self.contact(Self.code, "12345"), Self.link(),
            try Self.notice(.chief, bare: "b"),
        ]
        let first = erasure(lines)
        let second = erasure(lines + first.removals.map(Self.line))
        #expect(!first.complaints.isEmpty && second.complaints.isEmpty)
        #expect(second.removals.isEmpty && second.actions.isEmpty)
        #expect(ErasureText(second, at: Self.now).lines.count == 1)
    }

    @Test("a link that has expired or was taken back is left alone")
    func links() {
        for line in [Self.link(revokedAt: Self.now), Self.link(expiresAt: Self.now)] {
            #expect(erasure([line]).removals.isEmpty)
        }
    }

    @Test("a key that is broken erases nothing and stops nothing")
    func broken() {
        var erasure = erasure([Self.words(Self.said)])
        for topic in [Topic.words, .contacts, .links] {
            erasure.take(topic, key: nil, value: [1], partition: 0)
            erasure.take(topic, key: [0xFF], value: [1], partition: 0)
            erasure.take(topic, key: Array("x".utf8), value: [1], partition: 0)
        }
        #expect(erasure.removals.count == 1)
    }

    @Test("the complaints of a number, however it is written; one that was erased already is none")
    func number() throws {
        var search = ComplaintsOfNumber(try CallableNumber("000 0000 0701", country: .china))
        let third = TrackingCode(digest: [UInt8](2..<10))
        let lines = [
            try Self.contact(Self.code, "+86 000 0000 0701"),
            try Self.contact(Self.other, "+86 000 0000 0702"),
            try Self.contact(third, "+86 000 0000 0701"), try Self.contact(third, nil),
        ]
        for line in lines { search.take(key: Array(line.key.utf8), value: line.value) }
        #expect(search.complaints == [Self.code])
    }

    @Test("says what it did, and until when Kafka keeps what; never whose it was")
    func text() throws {
        let found = erasure(
            [Self.words(Self.said), try Self.contact(Self.code, "+86 000 0000 0701"), Self.link()],
            [Self.code, Self.other])
        let text = ErasureText(found, at: Self.now).lines.joined(separator: "\n")
        #expect(text.contains("\(Self.code): 1 words, the contact, 0 follows erased; 1 links taken back"))
        #expect(text.contains("\(Self.other): the log holds no"))
        // Two days after 2027-01-15T08:00:00.000Z: a segment's time, then the compaction's.
        #expect(
            text.contains("complaints.words, complaints.contacts")
                && text.contains("2027-01-17T08:00:00.000Z"))
        #expect(text.contains("sms.jobs") && text.contains("2027-01-22T08:00:00.000Z"))
        #expect(text.contains("dead-letters.restricted") && text.contains("2027-04-15T08:00:00.000Z"))
        #expect(!text.contains("0701") && !text.contains("王") && !text.contains(Self.handle))
    }

    @Test("the command needs a complaint or a number; a number that can't be read is not repeated")
    func misuse() throws {
        #expect(throws: Arguments.Misuse.self) {
            try EraseCommand.codes(try Arguments(["X"], options: [], operands: ["[CODE...]"]))
        }
        let surroundings = Surroundings(environment: [:])
        let arguments = try Arguments(
            ["--number", "0000x7"], options: Command.erase.options, operands: Command.erase.operands)
        do throws(Arguments.Misuse) {
            _ = try EraseCommand.number(arguments, surroundings)
            Issue.record("0000x7 is no number")
        } catch {
            #expect(!error.what.contains("0000x7"))
        }
    }
}
