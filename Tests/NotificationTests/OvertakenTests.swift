import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("Notices that have nothing more to say")
struct OvertakenTests {
    private static let quiet = QuietHours(from: 0, until: 24 * 60 - 1, zone: .beijing)
    private static let wang = Actor(role: .chief, id: "wang")
    private static let other = TrackingCode(digest: Array("another complaint".utf8))

    private func request(
        _ number: Int, _ about: ComplaintEvent.Kind, _ overtakes: NoticeManner.Overtaking?,
        of complaint: TrackingCode = Town.code, waits: Bool = true, question: NoticeQuestion? = nil
    ) -> NoticeRequest {
        let recipient = Desk.recipient
        return NoticeRequest(
            reference: "\(complaint.compact).\(number)/\(recipient.key)", recipient: recipient,
            complaint: complaint, about: about, text: "text \(number)",
            manner: NoticeManner(
                isDigest: waits, quiet: waits ? Self.quiet : nil, gist: "催办", overtakes: overtakes),
            question: question)
    }

    private func settle(_ desk: inout Desk, isOver: Bool, by actor: Actor = wang) throws -> [NoticeEvent] {
        let settlement = NoticeSettlement(
            handle: Desk.recipient.handle, complaint: Town.code, by: actor,
            fact: "\(Town.code.compact).9", isOver: isOver)
        return try desk.take(
            Record(
                Outgoing(
                    .noticeRequests, key: Desk.key, id: "settled", source: "test",
                    type: NoticeSettlement.type, trail: Trail(at: desk.now, traceparent: "00-trace"),
                    data: JSON.encode(settlement)), offset: 0))
    }

    private func isOvertaken(_ event: NoticeEvent?, _ number: Int) -> Bool {
        guard case .failed(let failed)? = event else { return false }
        return failed.why == .overtaken && failed.attempt == 0
            && failed.reference == "\(Town.code.compact).\(number)/\(Desk.recipient.key)"
    }

    private func isRestored(_ desk: Desk) throws -> Bool {
        var (desk, restored) = (desk, Partition<Dispatch>(load: { _ in nil }))
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        return try restored.state(of: Desk.key) == desk.state
    }

    @Test("a notice that waits is dropped when a later one about the same complaint leaves it nothing to say")
    func overtaken() throws {
        var desk = Desk()
        #expect(try desk.request(request(1, .accepted, nil)).map(\.kind) == [.deferred])
        let told = try desk.request(request(2, .resolved, .all, waits: false))
        #expect(told.map(\.kind) == [.failed, .attempted] && isOvertaken(told.first, 1))
        #expect(desk.jobs.map(\.text) == ["text 2"] && desk.raised.isEmpty)
        #expect(try desk.wait(.seconds(86_400 / 2)).allSatisfy { $0.reference != told[0].reference })
        #expect(desk.partition.takeCounts()["notice.overtaken"] == 1)
        #expect(try isRestored(desk))
    }

    @Test("a reminder overtakes reminders, and the assignment stays")
    func reminders() throws {
        var desk = Desk()
        try desk.request(request(1, .assigned, .all))
        try desk.request(request(2, .warned, .reminders))
        let told = try desk.request(request(3, .urged, .reminders))
        #expect(told.map(\.kind) == [.failed, .deferred] && isOvertaken(told.first, 2))
        #expect(desk.state?.held(about: Town.code).count == 2)
        #expect(try isRestored(desk))
    }

    @Test(
        "nothing else is overtaken: another complaint, another recipient, a dead number, what was attempted")
    func others() throws {
        var desk = Desk()
        try desk.confirm()
        try desk.request(request(1, .accepted, nil, of: Self.other))
        try desk.request(request(2, .unreached, nil))
        try desk.request(request(3, .accepted, nil, waits: false))
        let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")
        try desk.ask(4, for: citizen, manner: NoticeManner(isDigest: true))
        #expect(try desk.request(request(5, .closed, .all)).map(\.kind) == [.deferred])
    }

    @Test("what waits for somebody else on the same number is not dropped with it")
    func anothers() throws {
        var desk = Desk(answers: .all)
        try desk.confirm()
        let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")
        try desk.ask(4, for: citizen, manner: NoticeManner(isDigest: true))
        try desk.request(request(1, .assigned, .all))
        let dropped = try settle(&desk, isOver: true)
        #expect(dropped.count == 1 && isOvertaken(dropped.first, 1))
        #expect(desk.state?.held(about: Town.code).map(\.request.recipient.kind) == [.complainant])
    }

    @Test("who did it himself is told nothing that still waits, and asked nothing more")
    func settled() throws {
        var desk = Desk(answers: .all)
        let act = NoticeQuestion(.act, by: Self.wang)
        try desk.request(request(1, .assigned, .all, waits: false, question: act))
        try desk.request(request(2, .warned, .reminders, question: act))
        #expect(desk.state?.conversation.asked.map(\.isAccepted) == [false])
        #expect(isOvertaken(try settle(&desk, isOver: false).first, 2))
        #expect(desk.state?.conversation.asked.map(\.isAccepted) == [true])
        #expect(
            try settle(&desk, isOver: false) == [] && desk.answers.count == 1, "a repetition decides nothing")
        #expect(try settle(&desk, isOver: true, by: Actor(role: .chief, id: "li")) == [], "another's")
        #expect(desk.state?.conversation.asked.count == 1)
        _ = try settle(&desk, isOver: true)
        #expect(desk.state?.conversation.asked == [] && desk.answers.map(\.outcome) == [.settled, .settled])
        #expect(desk.partition.takeCounts()["answer.settled"] == nil, "nobody answered")
        #expect(try isRestored(desk))
    }
}
