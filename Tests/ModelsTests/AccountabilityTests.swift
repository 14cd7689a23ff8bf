import Models
import Testing
import Text

@Suite("Accountability")
struct AccountabilityTests {
    private static func one(
        _ id: String, _ level: Level? = .town, _ change: (inout Tally) -> Void
    ) -> Accountability {
        var tally = Tally()
        change(&tally)
        return Accountability(
            scope: Scope(kind: .chief, id: id), level: level, tally: tally,
            backlog: Backlog(on: Day(daysSince1970: 20_000)))
    }

    @Test("the rates count what never happened, and the score is their mean by weight")
    func rates() throws {
        let one = Self.one("a") {
            ($0.received, $0.accepted, $0.acceptedOnTime, $0.unanswered) = (10, 8, 6, 2)
            ($0.resolved, $0.resolvedOnTime, $0.overdue, $0.reopened) = (6, 5, 4, 2)
            ($0.rated, $0.satisfied) = (4, 3)
        }
        #expect(one.onTimeToAccept == 0.6, "the two that nobody ever answered are late")
        #expect(one.onTimeToResolve == 0.5, "what is overdue is late")
        #expect(one.satisfaction == 0.75)
        #expect(one.lasting == 0.75)
        // (0.6·35 + 0.5·35 + 0.75·20 + 0.75·10) / 100
        #expect(abs(try #require(one.score) - 61) < 1e-9)
        #expect(Accountability.Part.allCases.reduce(0) { $0 + $1.weight } == 100)
    }

    @Test("a rate without a case is left out, and the others weigh accordingly")
    func partial() throws {
        let one = Self.one("a") { ($0.received, $0.accepted, $0.acceptedOnTime) = (5, 5, 4) }
        #expect(one.satisfaction == nil && one.onTimeToResolve == nil)
        #expect(abs(try #require(one.score) - 80) < 1e-9)
        #expect(Self.one("b") { $0.received = 7 }.score == nil)
    }

    @Test("ranks are among the same level only; few complaints and no level have none")
    func ranks() {
        func good(_ id: String, _ level: Level?, _ onTime: Int, received: Int = 10) -> Accountability {
            Self.one(id, level) { ($0.received, $0.accepted, $0.acceptedOnTime) = (received, 10, onTime) }
        }
        let all = Accountability.ranking([
            good("a", .town, 5), good("b", .town, 9), good("c", .town, 5), good("d", .town, 2),
            good("few", .town, 10, received: Accountability.leastReceived - 1), good("e", .village, 1),
            good("f", .district, 3), good("gone", nil, 10),
        ])
        #expect(all.map(\.scope.id) == ["f", "b", "a", "c", "d", "few", "e", "gone"])
        #expect(all.map(\.rank) == [1, 1, 2, 2, 4, nil, 1, nil])
        #expect(all.map(\.ranked) == [1, 4, 4, 4, 4, 4, 1, 0])
    }

    @Test("open complaints by their age")
    func backlog() {
        let today = Day(daysSince1970: 20_000)
        let ages = [0: 1, 3: 2, 4: 4, 7: 8, 8: 16, 30: 32, 31: 64, 400: 128]
        let open = Dictionary(uniqueKeysWithValues: ages.map { (today.adding(days: -$0.key), $0.value) })
        let backlog = Backlog(open, on: today)
        #expect(Backlog.Age.allCases.map(backlog.count) == [3, 12, 48, 192])
        #expect(backlog.all == 255)
    }

    @Test("a tally reads and writes the same in both ways, and one without the later figures as before")
    func coding() throws {
        var tally = Tally()
        tally.received = 3
        let former = JSON.encode(tally)
        #expect(!String(decoding: former, as: UTF8.self).contains("unanswered"))
        #expect(former == JSON.encodeByCodable(tally))
        (tally.unanswered, tally.neutral, tally.acceptedOnTime) = (1, 2, 3)
        tally.timesToAccept.add(77)
        #expect(JSON.encode(tally) == JSON.encodeByCodable(tally))
        #expect(try JSON.decode(Tally.self, from: JSON.encode(tally)) == tally)
        #expect(try JSON.decodeByCodable(Tally.self, from: JSON.encode(tally)) == tally)
        #expect(tally - tally == Tally() && (tally + tally).unanswered == 2)
        #expect(tally.isPlausible && !(Tally() - tally).isPlausible)
    }
}
