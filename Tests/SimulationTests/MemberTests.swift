import FoundationEssentials
import Kafka
import Models
import Processing
import Support
import Testing

@testable import Host
@testable import Notification
@testable import Routing

/// What the simulation found once, told as a story each.
@Suite struct MemberTests {
    private let complaint = ComplaintID(gateway: "web", idempotencyKey: "one")
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
        let stage = Stage(Addressing(registry: Town.registry, language: .en), seed: seed)
        let process = stage.start("a")
        try stage.settle(process)
        let contact = Contact(name: nil, phone: "+86 199 0001")
        stage.cluster.append(
            .contacts, key: Array(complaint.description.utf8), value: JSON.encode(contact), headers: [])
        let facts = stage.received(complaint)
        for fact in facts {
            stage.cluster.append(Outgoing(topic: .events, key: fact.subject ?? "", event: fact))
        }
        process.log.meet = { (point) throws(SimulatedFailure) in
            guard point == .commit else { return }
            process.log.meet = { _ in }
            throw .abort("refused")
        }
        try stage.settle(process)
        #expect(stage.cluster.committedRecords(.noticeRequests).count == 1)
    }

    @Test func whoeverIsNewIsFoundInTheRegistryAsItIsNow() throws {
        let stage = Stage(Addressing(registry: Registry(), language: .en))
        let process = stage.start("a")
        process.member.newestRegistry = { Town.registry }
        try stage.settle(process)
        let fact = try #require(stage.assigned(complaint, to: "village"))
        stage.cluster.append(Outgoing(topic: .events, key: fact.subject ?? "", event: fact))
        try stage.settle(process)
        let told = stage.cluster.committedRecords(.noticeRequests)
        #expect(try told.map { try $0.keyText() } == ["chief/village"])
    }

    @Test(arguments: 1...20)
    func whatIsDecidedIsSentWhileTheRestIsDecided(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed)
        let process = stage.start("a")
        try stage.settle(process)
        for key in ["one", "two", "three"] { stage.submit(ComplaintID(gateway: "web", idempotencyKey: key)) }
        var decided: [Int] = []
        process.log.meet = { (point) throws(SimulatedFailure) in
            if point == .send { decided.append(process.member.owned[0]?.partition.changeCount ?? 0) }
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
        // No receipt came: it is attempted again, by the one who now has it.
        stage.skew = Dispatch.receiptWithin
        try stage.settle(frozen)
        #expect(stage.attempts() == [1, 2])
    }

    @Test(arguments: 1...20)
    func whoIsAskedForHisPartitionsWhileHeRestoresGivesThemUp(_ seed: UInt64) throws {
        let stage = Stage(routing, seed: seed, partitions: 2)
        let first = stage.start("a")
        try stage.settle(first)
        for number in 0..<40 { stage.submit(ComplaintID(gateway: "web", idempotencyKey: "\(number)")) }
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
        stage.accept(ComplaintID(gateway: "web", idempotencyKey: "7"))
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
        #expect(stage.cluster.committedRecords(.deadLetters).count == 4)
    }
}

/// What the world outside sends, and what it sees.
extension Stage {
    func submit(_ id: ComplaintID, contactable: Bool = false) {
        guard let category = CategoryCode("odour") else { return }
        let submission = Submission(
            complaint: id, category: category, text: "smells", place: Town.places[0], channel: .web,
            gateway: "web", contactable: contactable, submittedAt: now)
        cluster.append(
            Outgoing(
                topic: .submissions, key: id.description,
                event: CloudEvent(
                    id: "\(id)", source: "web", type: EventType("complaint", "submitted").description,
                    time: now,
                    data: JSON.encode(submission))))
    }

    func accept(_ id: ComplaintID) {
        let action = ComplaintAction(complaint: id, by: Actor(role: .office, id: "town"), verb: .accept)
        cluster.append(
            Outgoing(
                topic: .actions, key: id.description,
                event: CloudEvent(
                    id: "accept", source: "web", type: EventType("action", "accept").description,
                    time: now,
                    data: JSON.encode(action))))
    }

    func received(_ id: ComplaintID) -> [CloudEvent] {
        guard let category = CategoryCode("odour") else { return [] }
        let submission = Submission(
            complaint: id, category: category, text: "smells", place: Town.places[0], channel: .web,
            gateway: "web", contactable: true, submittedAt: now)
        let fact = ComplaintFact(
            complaint: id, version: 1, at: now, cause: "web/1",
            event: .received(.init(submission: submission)))
        return [fact.cloudEvent(source: "dayu-routing")]
    }

    func assigned(_ id: ComplaintID, to chief: String) -> CloudEvent? {
        guard let region = RegionID("east"), let known = ChiefID(chief).flatMap({ Town.registry.chiefs[$0] })
        else { return nil }
        let assigned = ComplaintEvent.Assigned(
            assignee: Assignee(known), river: nil, reach: nil, region: region, why: .replaced,
            distanceMetres: nil, due: Due(accept: now, resolve: now))
        return ComplaintFact(
            complaint: id, version: 2, at: now, cause: "reviewed", event: .assigned(assigned)
        ).cloudEvent(source: "dayu-routing")
    }

    func request(_ reference: String) {
        let recipient = Recipient(kind: .chief, id: "village", phone: "+86 199 0001")
        let request = NoticeRequest(
            reference: reference, recipient: recipient, complaint: TrackingCode(ComplaintID(UUID())),
            about: .assigned, text: "New complaint")
        cluster.append(
            Outgoing(
                topic: .noticeRequests, key: recipient.key,
                event: CloudEvent(
                    id: reference, source: "addressing", type: EventType("notice", "requested").description,
                    time: now, data: JSON.encode(request))))
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
