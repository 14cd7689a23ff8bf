import Kafka
import Models
import Processing
import Support
import Text

extension Workload {
    /// Something that its reader must set aside.
    func sendMalformed(_ prng: inout SplitMix64) {
        marks.hit(.malformed)
        let topic = prng.one(of: [
            Topic.submissions, .actions, .contacts, .words, .follows, .receipts, .jobs, .urgentJobs,
            .messages,
            .reports,
            .assessments,
        ])
        let known = citizens.randomElement(using: &prng)?.code.compact ?? "nobody"
        let key = topic == .contacts || prng.once(in: 2) ? "not-a-complaint" : known
        let honest = cluster.committedRecords(topic).randomElement(using: &prng)
        let record: Record
        if let honest, let value = honest.value, value.count > 2, topic != .contacts, topic != .words {
            // A record that broke on its way.
            record = cluster.append(
                topic, key: honest.key ?? [], value: Array(value.prefix(value.count / 2)),
                headers: honest.headers)
        } else {
            record = cluster.append(topic, key: Array(key.utf8), value: prng.bytes(5) + [0xFF], headers: [])
        }
        auditor.sentMalformed(record)
    }

    /// A copy that a writer with another partitioner puts on another partition than its key's; where there is
    /// none, it sends something malformed.
    func sendMisplaced(_ prng: inout SplitMix64) {
        let topic = prng.one(of: [Topic.submissions, .actions, .receipts])
        let count = cluster.partitions[topic] ?? 1
        guard count > 1, let honest = cluster.committedRecords(topic).randomElement(using: &prng),
            let key = honest.key
        else { return sendMalformed(&prng) }
        marks.hit(.misplaced)
        let home = cluster.partition(of: key, topic)
        let other = (home.partition + Int32.random(in: 1..<count, using: &prng)) % count
        auditor.sentMalformed(
            cluster.append(
                topic, key: key, value: honest.value, headers: honest.headers,
                at: TopicPartition(topic, other)))
    }

    /// A tool that copies topics between clusters delivers at least once.
    func mirrorTwice(_ prng: inout SplitMix64) {
        guard let record = cluster.committedRecords(.events).randomElement(using: &prng), let key = record.key
        else {
            return
        }
        marks.hit(.mirroredTwice)
        cluster.append(.events, key: key, value: record.value, headers: record.headers)
    }
}
