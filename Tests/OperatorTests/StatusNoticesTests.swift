import Kafka
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu status: the notices of the last hour")
struct StatusNoticesTests {
    @Test("a notice counts by the last word about it within the hour; one on its way does not")
    func tally() throws {
        let code = TrackingCode(digest: Array("one complaint".utf8))
        var tally = NoticeTally(at: StatusSample.now)
        func take(_ event: NoticeEvent, minutesAgo: Int64 = 1) {
            tally.take(
                headers: CloudEvent(
                    id: "i", source: "s", type: "org.dayu.notice.\(event.kind.rawValue).v1",
                    trail: Trail(at: StatusSample.now), data: event.data
                ).headers, value: event.data, at: StatusSample.now - .seconds(60 * minutesAgo))
        }
        func attempt(_ reference: String) -> NoticeEvent.Attempt { .init(reference: reference, attempt: 1) }
        func deferred(_ reference: String) -> NoticeEvent {
            .deferred(.init(reference: reference, attempt: 1, until: StatusSample.now, reason: nil))
        }
        func accepted(_ reference: String) -> NoticeEvent {
            .accepted(.init(reference: reference, attempt: 1, gatewayReference: nil))
        }
        take(
            .attempted(
                .init(reference: "way", attempt: 1, about: .assigned, complaint: code, recipient: .chief)))
        take(.taken(attempt("way")))
        take(deferred("late"))
        take(accepted("late"))
        // Held back by a limit, and kept from a number that nobody confirmed: the gateway was not asked.
        take(.deferred(.init(reference: "held", attempt: 0, until: StatusSample.now, reason: nil)))
        take(.failed(.init(reference: "unconfirmed", attempt: 0, why: .unconfirmed)))
        take(.failed(.init(reference: "no room", attempt: 0, why: .limited)))
        take(accepted("not there"))
        take(.failed(.init(reference: "not there", attempt: 1, why: .undelivered)))
        take(.unanswered(attempt("silent")))
        take(deferred("again"))
        take(.delivered(attempt("phone")))
        take(deferred("long ago"), minutesAgo: 61)
        #expect(
            tally.notices == Status.Notices(passed: 2, deferred: 1, unanswered: 1, failed: 1, limited: 1))
    }

    @Test("none that gets through, or many that don't, are a fault; few of few are not")
    func share() {
        func notices(_ passed: Int, _ stuck: Int) -> Status.Notices {
            .init(passed: passed, deferred: stuck, unanswered: 0, failed: 0)
        }
        #expect(notices(0, 2).fault == nil)
        #expect(notices(0, 3).fault?.hasPrefix("3 of the last hour's 3 notices did not") == true)
        #expect(notices(1, 8).fault == nil && notices(1, 9).fault != nil)
        #expect(notices(8, 2).fault == nil)
        #expect(
            notices(7, 3).fault?.hasPrefix("3 of the last hour's 10 notices did not get through") == true)
        var limited = notices(9, 0)
        limited.limited = 2
        #expect(limited.fault?.hasPrefix("2 notices of the last hour went out in no message: ") == true)
        var status = StatusSample.calm
        status.notices = notices(0, 10)
        #expect(!status.isWell && status.text.contains("Notices       0 of the last hour's 10 got through"))
    }
}
