import Models
import Testing

@Suite("How many partitions topics have")
struct TopicLayoutTests {
    @Test("topics of one family have the same number; those with one partition, and gateways', need not")
    func differences() throws {
        let gateway = try #require(GatewayID("app"))
        let right = TopicLayout([
            .events: 4, .actions: 4, .jobs: 2, .receipts: 2, .registry: 1, .indicators: 3,
            .gateway(gateway): 9,
        ])
        #expect(right.differences == [] && right.counts[.gateway(gateway)] == nil)
        #expect(
            right.merging(TopicLayout([.words: 8])).differences == [
                "topics that belong together have different numbers of partitions: complaints.actions 4, complaints.events 4, "
                    + "complaints.words 8"
            ])
    }

    @Test("another number than before is a change; a topic that was not known, or is away, is none")
    func changes() {
        let former = TopicLayout([.events: 4, .actions: 4])
        #expect(TopicLayout([.events: 4, .jobs: 7]).changes(since: former) == [])
        #expect(
            TopicLayout([.events: 8]).changes(since: former) == [
                "complaints.events has 8 partitions, but had 4 when the caches were made"
            ])
    }
}
