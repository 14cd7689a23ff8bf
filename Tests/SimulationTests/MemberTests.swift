import FoundationEssentials
import Kafka
import Links
import Models
import Processing
import Support
import Testing
import Text

@testable import Host
@testable import Notification
@testable import Routing

/// What the simulation found once, told as a story each.
@Suite struct MemberTests {
    private let complaint = TrackingCode(digest: Array("one complaint".utf8))
    private let routing = Routing(registry: Town.registry)

    @Test func aMemberThatWasGivenUpEscalatesNothing() throws {
        let stage = Stage(routing)
        let frozen = stage.start("a")
        try stage.settle(frozen)
        stage.submit(complaint)
        try stage.settle(frozen)
        #expect(stage.versions() == [1, 2])

        let heir = stage.start("b")
        stage.giveUp(frozen)
        stage.skew = .seconds(5 * 3600)
        try stage.settle(heir)
        #expect(stage.versions() == [1, 2, 3, 4])
        // It wakes, has heard of nothing, and its wake-up is due.
        try frozen.turn()
        stage.cluster.markAll()
        #expect(stage.versions() == [1, 2, 3, 4])
    }

    @Test(arguments: 1...10)
    func whoTakesOverKnowsWhatWasUnderWay(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed)
        let frozen = stage.start("a")
        try stage.settle(frozen)
        stage.submit(complaint)
        // Frozen in its commit: the positions are pending, the records have not arrived yet.
        frozen.log.meet = { (point) throws(SimulatedFailure) in
            guard point == .commit else { return }
            frozen.log.meet = { _ in }
            let heir = stage.start("b")
            heir.log.wait = { () throws(SimulatedFailure) in
                stage.cluster.advance(milliseconds: 10)
                frozen.log.deliverOne()
                stage.cluster.markAll()
            }
            stage.giveUp(frozen)
            #expect(throws: Never.self) { try stage.settle(heir) }
            stage.accept(complaint)
            #expect(throws: Never.self) { try stage.settle(heir) }
        }
        try stage.settle(frozen)
        #expect(stage.versions() == [1, 2, 3])
    }

    @Test(arguments: 1...200)
    func anAbortedBatchIsReadAgainBeforeWhatRefersToIt(_ seed: UInt64) throws {
        let stage = Stage(Town.addressing, seed: seed)
        let process = stage.start("a")
        try stage.settle(process)
        let contact = Contact(name: nil, phone: try CallableNumber("+86 000 0000 1001", country: nil))
        stage.cluster.append(
            .contacts, key: Array(complaint.compact.utf8), value: JSON.encode(contact), headers: [])
        let facts = stage.received(complaint)
        for fact in facts {
            stage.cluster.append(Outgoing(topic: .events, key: complaint.compact, event: fact))
        }
        process.log.meet = { (point) throws(SimulatedFailure) in
            guard point == .commit else { return }
            process.log.meet = { _ in }
            throw .abort("refused")
        }
        try stage.settle(process)
        #expect(stage.cluster.committedRecords(.noticeRequests).count == 1)
    }

    /// Contact and words are read after the fact that needs both: it waits for both, and not for one.
    @Test(arguments: 1...50)
    func whatAFactRefersToIsReadOnAllTopicsBeforeIt(_ seed: UInt64) throws {
        // Without links: where a page has the words, a message may have no room for them.
        let addressing = Addressing(
            registry: Town.registry, language: .en, numbers: Town.numbers, mobiles: Town.mobiles)
        let stage = Stage(addressing, seed: seed, batchRecords: 1)
        let process = stage.start("a")
        try stage.settle(process)
        let contact = Contact(name: nil, phone: try CallableNumber("+86 000 0000 1001", country: nil))
        stage.cluster.append(
            .contacts, key: Array(complaint.compact.utf8), value: JSON.encode(contact), headers: [])
        let place = WordsKey(complaint: complaint, cause: "web/2")
        stage.cluster.append(
            .words, key: Array(place.description.utf8), value: JSON.encode(Words(text: "cleaned")),
            headers: [])
        let resolved = ComplaintFact(
            complaint: complaint, version: 2, trail: Trail(at: stage.now, cause: "web/2"),
            event: .resolved(
                .init(
                    by: Actor(role: .office, id: "town"), closesAt: stage.now, words: Outline(text: true))))
        for event in stage.received(complaint) + [resolved.cloudEvent(source: "dayu-routing")] {
            stage.cluster.append(Outgoing(topic: .events, key: complaint.compact, event: event))
        }
        for _ in 0..<3 { try stage.settle(process) }
        let texts = try stage.cluster.committedRecords(.noticeRequests).map {
            try JSON.decode(NoticeRequest.self, from: $0.value ?? []).text
        }
        #expect(texts.count == 2 && texts.last?.contains("“cleaned”") == true)
    }

    @Test func whatLiesOnAnotherPartitionThanItsKeysIsSetAside() throws {
        let stage = Stage(routing, partitions: 2)
        let process = stage.start("a")
        try stage.settle(process)
        let home = stage.cluster.partition(of: Array(complaint.compact.utf8), .submissions).partition
        stage.submit(complaint, at: TopicPartition(.submissions, 1 - home))
        try stage.settle(process)
        #expect(stage.versions() == [])
        let letter = try #require(stage.cluster.committedRecords(.deadLetters).first?.value)
        #expect(
            try JSON.decode(DeadLetter.self, from: letter).reason
                == "is on partition \(1 - home), but its key belongs on \(home) of 2 (murmur2)")
    }

    /// The topics were given more partitions, and the caches are gone.
    @Test func whoseOwnLogLiesElsewhereDoesNotWork() throws {
        let stage = Stage(routing, partitions: 2)
        let key = Array(complaint.compact.utf8)
        let home = stage.cluster.partition(of: key, .events).partition
        for fact in stage.received(complaint) {
            stage.cluster.append(
                Outgoing(topic: .events, key: complaint.compact, event: fact),
                at: TopicPartition(.events, 1 - home))
        }
        #expect(throws: LayoutFault.self) { try stage.settle(stage.start("a")) }
    }

    @Test func whoeverIsNewIsFoundInTheRegistryAsItIsNow() throws {
        let stage = Stage(
            Addressing(registry: Registry(), language: .en, numbers: Town.numbers, mobiles: Town.mobiles))
        let process = stage.start("a")
        process.member.registryRead = Position(next: 0)
        stage.cluster.append(.registry, key: Array("all".utf8), value: [], headers: [])
        try stage.settle(process)
        let fact = try #require(stage.assigned(complaint, to: "village"))
        stage.cluster.append(Outgoing(topic: .events, key: complaint.compact, event: fact))
        try stage.settle(process)
        #expect(process.member.awaitsRegistry, "and the turns go on meanwhile")
        #expect(stage.cluster.committedRecords(.noticeRequests).isEmpty)
        process.member.adopt(Town.registry)
        process.member.registryRead = Position(next: 1)
        try stage.settle(process)
        #expect(!process.member.awaitsRegistry)
        let told = stage.cluster.committedRecords(.noticeRequests)
        let request = try JSON.decode(NoticeRequest.self, from: try #require(told.first?.value))
        #expect(told.count == 1 && request.recipient.key == "chief/village")
        #expect(try told[0].keyText() == Town.numbers.handle(of: request.recipient.phone).text)
    }

    @Test(arguments: 1...20)
    func whatIsDecidedIsSentWhileTheRestIsDecided(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed)
        let process = stage.start("a")
        try stage.settle(process)
        for key in ["one", "two", "three"] {
            stage.submit(TrackingCode(digest: Array("\(key) complaint".utf8)))
        }
        var decided: [Int] = []
        process.log.meet = { (point) throws(SimulatedFailure) in
            if point == .send { decided.append(process.member.owned[0]?.changeCount ?? 0) }
        }
        try stage.settle(process)
        // Two records a complaint; a batch may end anywhere, and then the count begins again.
        #expect(decided.count == 6 && decided.first == 1 && decided[1] == 1)
        #expect(stage.versions().sorted() == [1, 1, 1, 2, 2, 2])
    }

    @Test func whoWasGivenUpWhileHeRestoredLosesNoRequestWhenHeComesBack() throws {
        let stage = Stage(Dispatch())
        let frozen = stage.start("a")
        var kept: (any StateStore)?
        stage.plant = { [unowned frozen] store, log in
            guard log === frozen.log else { return store }
            kept = kept ?? store
            return kept ?? store
        }
        // He stands still between asking how far the one topic goes and how far the other.
        var asked = 0
        frozen.log.meet = { (point) throws(SimulatedFailure) in
            asked += point == .watermarks ? 1 : 0
            guard asked == 2 else { return }
            frozen.log.meet = { _ in }
            stage.giveUp(frozen)
            let heir = stage.start("b")
            #expect(throws: Never.self) { try stage.settle(heir) }
            stage.request("one")
            #expect(throws: Never.self) { try stage.settle(heir) }
            #expect(stage.attempts() == [1])
            stage.giveUp(heir)
        }
        for _ in 0..<3 { try? frozen.turn() }
        frozen.log.isDeaf = false
        try stage.settle(frozen)
        // The gateway was asked and did not answer: it is attempted again, by the one who now has it.
        stage.take("one")
        try stage.settle(frozen)
        stage.skew = Dispatch.answerWithin
        try stage.settle(frozen)
        stage.skew = stage.skew + Dispatch.pauses[0]
        try stage.settle(frozen)
        #expect(stage.attempts() == [1, 2])
    }

    @Test(arguments: 1...20)
    func whoIsAskedForHisPartitionsWhileHeRestoresGivesThemUp(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed, partitions: 2)
        let first = stage.start("a")
        try stage.settle(first)
        for number in 0..<40 { stage.submit(TrackingCode(digest: Array("\(number) complaint".utf8))) }
        while stage.versions().count < 80 { try stage.settle(first) }
        stage.giveUp(first)

        let second = stage.start("b")
        while !second.log.hasRestoreUnderWay { try second.turn() }
        #expect(second.member.owned.isEmpty, "it works on nothing before its states are whole")
        let third = stage.start("c")
        for _ in 0..<40 {
            try second.turn()
            try third.turn()
            stage.cluster.markAll()
        }
        // Each has one partition, restored to its end: nothing is decided a second time.
        #expect(second.member.owned.count == 1 && third.member.owned.count == 1)
        #expect(second.member.owned.keys.sorted() != third.member.owned.keys.sorted())
        #expect(stage.versions().count == 80)
        stage.accept(TrackingCode(digest: Array("7 complaint".utf8)))
        for _ in 0..<10 {
            try second.turn()
            try third.turn()
            stage.cluster.markAll()
        }
        #expect(stage.versions().sorted().suffix(1) == [3])
    }

    @Test(arguments: 1...6)
    func whatIsInHandIsTakenOnceWhenRetentionWasFaster(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed)
        let process = stage.start("a")
        try stage.settle(process)
        for _ in 1...3 {
            stage.cluster.append(.submissions, key: [1], value: [2], headers: [])
            stage.cluster.append(.actions, key: [1], value: [2], headers: [])
        }
        stage.cluster.trim(TopicPartition(.actions, 0), below: 2)
        try stage.settle(process)
        let letters = try stage.cluster.committedRecords(.deadLetters).map {
            try JSON.decode(DeadLetter.self, from: $0.value ?? [])
        }
        #expect(letters.count { $0.lost == nil } == 4)
        #expect(letters.compactMap(\.lost?.records) == [2], "and two that nobody saw are told of")
    }

    @Test(arguments: 1...6)
    func whatWasGoneBeforeAGroupBeganIsToldOnce(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed)
        for _ in 1...3 { stage.cluster.append(.submissions, key: [1], value: [2], headers: []) }
        stage.cluster.trim(TopicPartition(.submissions, 0), below: 3)
        func letters() throws -> [DeadLetter] {
            try stage.cluster.committedRecords(.deadLetters).map {
                try JSON.decode(DeadLetter.self, from: $0.value ?? [])
            }
        }
        let process = stage.start("a")
        try stage.settle(process)
        #expect(try letters().map(\.origin.description) == ["complaints.submissions/0/0"])
        #expect(try letters().map(\.lost?.records) == [3])
        // The group's position went with the letter, so nobody tells of it again.
        stage.giveUp(process)
        try stage.settle(stage.start("b"))
        #expect(try letters().count == 1)
    }

    @Test func aStoreThatHasNothingMissesWhatItsOwnLogLost() throws {
        let stage = Stage(routing)
        stage.cluster.append(.events, key: [1], value: [2], headers: [])
        stage.cluster.trim(TopicPartition(.events, 0), below: 1)
        try stage.settle(stage.start("a"))
        let letters = try stage.cluster.committedRecords(.deadLetters).map {
            try JSON.decode(DeadLetter.self, from: $0.value ?? [])
        }
        #expect(letters.map(\.origin.description) == ["complaints.events/0/0"])
    }
}

/// What the world outside sends, and what it sees.
extension Stage {
    private func submission(_ complaint: TrackingCode, contactable: Bool) -> Submission? {
        CategoryCode("odour").map {
            Submission(
                complaint: complaint, category: $0, place: Town.places[0], channel: .web,
                contactable: contactable, submittedAt: now)
        }
    }

    private func append(
        _ topic: Topic, key: String, id: String, type: EventType, _ data: [UInt8],
        at place: TopicPartition? = nil
    ) {
        cluster.append(
            Outgoing(topic, key: key, id: id, source: "web", type: type, trail: Trail(at: now), data: data),
            at: place)
    }

    func submit(_ complaint: TrackingCode, at place: TopicPartition? = nil) {
        guard let submission = submission(complaint, contactable: false) else { return }
        append(
            .submissions, key: complaint.compact, id: complaint.compact,
            type: EventType("complaint", "submitted"), JSON.encode(submission), at: place)
    }

    func accept(_ complaint: TrackingCode) {
        let action = ComplaintAction(
            complaint: complaint, by: Actor(role: .office, id: "town"), verb: .accept)
        append(
            .actions, key: complaint.compact, id: "accept", type: EventType("action", "accept"),
            JSON.encode(action))
    }

    func received(_ complaint: TrackingCode) -> [CloudEvent] {
        guard let submission = submission(complaint, contactable: true) else { return [] }
        let fact = ComplaintFact(
            complaint: complaint, version: 1, trail: Trail(at: now, cause: "web/1"),
            event: .received(.init(submission: submission)))
        return [fact.cloudEvent(source: "dayu-routing")]
    }

    func assigned(_ complaint: TrackingCode, to chief: String) -> CloudEvent? {
        guard let region = RegionID("east"), let known = ChiefID(chief).flatMap({ Town.registry.chiefs[$0] })
        else { return nil }
        let assigned = ComplaintEvent.Assigned(
            assignee: Assignee(known), river: nil, reach: nil, region: region, why: .replaced,
            distanceMetres: nil, due: Due(accept: now, resolve: now))
        return ComplaintFact(
            complaint: complaint, version: 2, trail: Trail(at: now, cause: "reviewed"),
            event: .assigned(assigned)
        ).cloudEvent(source: "dayu-routing")
    }

    func request(_ reference: String) {
        let request = NoticeRequest(
            reference: reference, recipient: Self.recipient,
            complaint: TrackingCode(digest: Array(reference.utf8) + [0, 0, 0, 0, 0, 0, 0]),
            about: .assigned, text: "New complaint")
        append(
            .noticeRequests, key: Self.recipient.handle.text, id: reference,
            type: EventType("notice", "requested"), JSON.encode(request))
    }

    /// The pusher takes the job of a notice's first attempt.
    func take(_ reference: String) {
        let receipt = SMSReceipt(
            handle: Self.recipient.handle, reference: reference, attempt: 1, outcome: .taken)
        append(
            .receipts, key: receipt.handle.text, id: "\(reference)/1/taken",
            type: EventType("sms", "receipt"), JSON.encode(receipt))
    }

    private static var recipient: Recipient {
        guard let phone = PhoneNumber(e164: "+8600000010011") else { preconditionFailure("no number") }
        return Recipient(
            kind: .chief, id: "village", phone: phone, handle: Town.numbers.handle(of: phone))
    }

    /// The number of each attempt, in the order of the log.
    func attempts() -> [Int] {
        cluster.committedRecords(.noticeEvents).compactMap { record in
            guard let event = try? record.cloudEvent(), let data = event.data,
                let happened = try? NoticeEvent(kind: .attempted, data: data),
                case .attempted(let attempted) = happened
            else { return nil }
            return attempted.attempt
        }
    }

    func versions() -> [Int] {
        cluster.committedRecords(.events).compactMap { try? $0.cloudEvent().version }
    }
}
