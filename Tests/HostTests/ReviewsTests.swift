import Models
import Testing

@testable import Host

@Suite("How far the reviews have come")
struct ReviewsTests {
    private let start = Instant(millisecondsSince1970: 1_800_000_000_000)
    private let never: (Instant) -> Instant? = { _ in nil }

    @Test("every partition is reviewed from its first key on, until fewer keys come than were asked for")
    func keys() {
        var reviews = Reviews()
        #expect(!reviews.isUnderWay)
        reviews.begin([0, 1], at: start, next: never)
        #expect(reviews.lastKeys == [0: "", 1: ""])
        reviews.reviewed(["a", "b"], of: 0, limit: 2)
        reviews.reviewed(["c"], of: 1, limit: 2)
        #expect(reviews.lastKeys == [0: "b"])
        reviews.reviewed([], of: 0, limit: 2)
        #expect(!reviews.isUnderWay)
    }

    @Test("a copy that is thrown away has reviewed nothing")
    func aborted() {
        var reviews = Reviews()
        reviews.begin([0], at: start, next: never)
        var work = reviews
        work.reviewed(["a", "b"], of: 0, limit: 2)
        #expect(reviews.lastKeys == [0: ""] && work.lastKeys == [0: "b"])
    }

    @Test("time alone begins the next one when it is due, and not before")
    func due() {
        var reviews = Reviews()
        let next: (Instant) -> Instant? = { now in
            now < self.start + .seconds(60) ? self.start + .seconds(60) : nil
        }
        reviews.begin([0], at: start, next: next)
        reviews.reviewed([], of: 0, limit: 1)
        reviews.tick([0], at: start + .seconds(59), next: next)
        #expect(!reviews.isUnderWay)
        reviews.tick([0, 1], at: start + .seconds(60), next: next)
        #expect(reviews.lastKeys == [0: "", 1: ""])
        reviews.clear()
        reviews.tick([0], at: start + .seconds(600), next: next)
        #expect(!reviews.isUnderWay, "nothing is due any more")
    }

    @Test("a clock that is put back comes by the same moment again")
    func putBack() {
        var reviews = Reviews()
        let due = start + .seconds(60)
        let next: (Instant) -> Instant? = { $0 < due ? due : nil }
        reviews.begin([0], at: due + .seconds(5), next: next)
        reviews.reviewed([], of: 0, limit: 1)
        reviews.tick([0], at: start, next: next)
        #expect(!reviews.isUnderWay)
        reviews.tick([0], at: due, next: next)
        #expect(reviews.isUnderWay)
    }
}
