import Glibc
import Kafka
import Testing

@testable import Host

@Suite("Progress: records wait and a loop reads none") struct ProgressTests {
    private static let partition = TopicPartition(topic: "dayu.complaints.submissions", partition: 3)
    private static let place = Progress.Place(loop: "dayu-routing", partition: partition)
    private let start = ContinuousClock.now

    /// What is stuck after a loop was seen at these positions, one every ten seconds.
    private func stuck(_ seen: [(at: Int64, end: Int64)]) -> [Progress.Stuck] {
        var progress = Progress(patience: .seconds(30))
        var last: [Progress.Stuck] = []
        for (step, seen) in seen.enumerated() {
            last = progress.stuck(
                [Self.place: Position(next: seen.at)], ends: [Self.partition: Position(next: seen.end)],
                at: start + .seconds(10 * step))
        }
        return last
    }

    @Test("a loop that stands still while records wait is stuck after its time, and no sooner")
    func standsStill() {
        #expect(stuck([(5, 9), (5, 9), (5, 9)]).isEmpty)
        #expect(stuck([(5, 9), (5, 9), (5, 20), (5, 444)]) == [.init(place: Self.place, waiting: 439)])
    }

    @Test("a loop that reads, however slowly, is not stuck")
    func readsSlowly() {
        #expect(stuck([(5, 99), (5, 99), (6, 99), (6, 99), (6, 99), (7, 99), (7, 99)]).isEmpty)
    }

    @Test("a loop with nothing to read is not stuck; its time counts from the first record that waits")
    func nothingToRead() {
        #expect(stuck([(5, 5), (5, 5), (5, 5), (5, 5), (5, 5)]).isEmpty)
        #expect(stuck([(5, 5), (5, 5), (5, 5), (5, 5), (5, 6), (5, 6)]).isEmpty)
    }

    @Test("a stuck loop that reads again is forgiven at once, and its time begins anew")
    func readsAgain() {
        #expect(stuck([(5, 9), (5, 9), (5, 9), (5, 9), (6, 9)]).isEmpty)
        #expect(stuck([(5, 9), (5, 9), (5, 9), (5, 9), (6, 9), (6, 9), (6, 9), (6, 9)]).count == 1)
    }

    @Test("a partition that was given back is nobody's fault, nor one whose end is not known")
    func gone() {
        var progress = Progress(patience: .seconds(30))
        let (at, end) = ([Self.place: Position(next: 5)], [Self.partition: Position(next: 9)])
        #expect(progress.stuck(at, ends: end, at: start).isEmpty)
        #expect(progress.stuck([:], ends: end, at: start + .seconds(10)).isEmpty)
        #expect(progress.stuck(at, ends: end, at: start + .seconds(40)).isEmpty)
        #expect(progress.stuck(at, ends: [:], at: start + .seconds(80)).isEmpty)
    }

    @Test("partitions without a leader are asked last, few of them in a round, and the others are judged")
    func withoutLeader() {
        let places = (0..<9).map { TopicPartition(topic: "dayu.complaints.events", partition: $0) }
        var ends = Ends()
        var asked: [Int32] = []
        // Partitions 0 to 3 have no leader.
        func round() -> Int {
            asked = []
            return ends.ask(for: places) { place in
                asked.append(place.partition)
                return place.partition < 4 ? nil : Position(next: 7)
            }.count
        }
        #expect(round() == 0, "three answers did not come, and nobody waits for more")
        #expect(round() == 5)
        #expect(asked == [3, 4, 5, 6, 7, 8, 0, 1])
        #expect(round() == 5)
        #expect(asked == [4, 5, 6, 7, 8, 0, 1, 2])
    }

    @Test("a service that hears no broker says so, stays as ready as it was, and forgets it when one answers")
    func silence() throws {
        let broker = try MockBroker(topics: [(Self.partition.topic, 4)])
        let context = HostContext.testing(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), prefix: "dayu.", folder: "")
        context.standings.replace([], by: [Self.partition: Position(next: 0)], loop: "reader")
        ProgressWatch(context, patience: .milliseconds(300)).start()
        defer { context.stop.raise() }
        func waitFor(_ isSaid: Bool) {
            let end = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < end, context.health.notes.isEmpty == isSaid {
                usleep(50_000)
            }
            #expect(context.health.notes.isEmpty != isSaid)
        }
        broker.setDown()
        waitFor(true)
        #expect(context.health.reasons.isEmpty)
        #expect(context.health.notes.first?.hasPrefix("brokers: no broker has told") == true)
        broker.setUp()
        waitFor(false)
        withExtendedLifetime(broker) {}
    }

    @Test("a loop's standings are those of the partitions that it has")
    func standings() {
        let context = HostContext.testing(ClusterSettings(bootstrapServers: ""), prefix: "dayu.", folder: "")
        let standing = Standing(context, loop: "dayu-routing")
        standing.tell(at: start, [Self.partition: Position(next: 7)]) { _ in nil }
        #expect(context.standings.all == [Self.place: Position(next: 7)])
        #expect(context.dispensable.standings.all.isEmpty)
        standing.withdraw()
        #expect(context.standings.all.isEmpty)
    }
}
