import Kafka
import Models

extension Command {
    private static let exitCodes = """
        Exit codes: 0 nothing differs; 2 something differs, and dayu topics apply changes all of it; 1 something differs
        that must be changed by hand, or the cluster could not be asked.
        """

    static let topicsCheck = Command(
        name: ["topics", "check"],
        summary: "says whether the topics on the cluster are as they should be",
        details: """
            Compares the suite's topics on the cluster with what the suite needs: partitions, copies, how long records are
            kept, compaction, min.insync.replicas. dayu topics diff shows each difference. It changes nothing.

            \(exitCodes)
            """,
        options: TopicComparison.Wanted.options
    ) { arguments, surroundings in
        let comparison = try TopicsCommand.compare(arguments, surroundings)
        Terminal.say("\(comparison.verdict) (\(comparison.heading))")
        return comparison.exitCode
    }

    static let topicsDiff = Command(
        name: ["topics", "diff"],
        summary: "shows what about the topics on the cluster is not as it should be",
        details: """
            Prints a line for each difference between the suite's topics on the cluster and what the suite needs, then how to
            change what dayu topics apply does not change, then the settings that somebody else gave these topics. It changes
            nothing.

            \(exitCodes)
            """,
        options: TopicComparison.Wanted.options
    ) { arguments, surroundings in
        let comparison = try TopicsCommand.compare(arguments, surroundings)
        for difference in comparison.differences { Terminal.say(difference.text) }
        for line in comparison.advice + comparison.others { Terminal.say(line) }
        Terminal.say("\(comparison.verdict) (\(comparison.heading))")
        return comparison.exitCode
    }

    static let topicsApply = Command(
        name: ["topics", "apply"],
        summary: "changes the topics on the cluster to what they should be",
        details: """
            Creates the topics that are missing and sets what differs of how long records are kept, of compaction and of
            min.insync.replicas. It never changes the number of partitions or of copies: it says how, and exits with 1.
            While a number of partitions differs, it creates nothing. Settings that the suite does not name stay as they are.
            A shorter time for which records are kept removes records for good: see what changes with dayu topics diff first.

            Exit codes: 0 nothing differs any more; 1 something is left to be changed by hand, or a change failed.
            """,
        options: TopicComparison.Wanted.options,
        targets: { $0.targets(shown: ["--partitions", "--replication", "--gateway"]) }
    ) { arguments, surroundings in
        let comparison = try TopicsCommand.compare(arguments, surroundings)
        let cluster = try surroundings.openCluster()
        try TopicsCommand.apply(comparison, to: cluster)
        let left = try TopicsCommand.compare(arguments, surroundings)
        for difference in left.differences { Terminal.complain("still differs: \(difference.text)") }
        for line in left.advice { Terminal.complain(line) }
        Terminal.say("\(left.verdict) (\(left.heading))")
        return left.differences.isEmpty ? .done : .fault
    }
}

extension TopicsCommand {
    fileprivate static func compare(
        _ arguments: Arguments, _ surroundings: Surroundings
    ) throws -> TopicComparison {
        let wanted = try TopicComparison.Wanted(arguments)
        let cluster = try surroundings.openCluster()
        return try TopicComparison(wanted, in: cluster, prefix: surroundings.prefix)
    }

    /// Prints each change when it is made.
    fileprivate static func apply(_ comparison: TopicComparison, to cluster: borrowing Cluster) throws {
        let wait = Surroundings.answerWithinMilliseconds
        var settings: [String: [String: String]] = [:]
        var missing: Set<String> = []
        var hasOtherPartitions = false
        for difference in comparison.differences {
            switch difference.what {
            case .missing: missing.insert(difference.topic)
            case .setting(let name, _, let should): settings[difference.topic, default: [:]][name] = should
            case .partitions: hasOtherPartitions = true
            case .copies: break
            }
        }
        let plans = comparison.catalogue.plans.filter { missing.contains($0.name) }
        if hasOtherPartitions, !plans.isEmpty {
            Terminal.complain(
                "topics are missing, and nothing is created while a number of partitions differs")
        } else {
            let created = try cluster.createTopics(plans, timeoutMilliseconds: wait)
            for name in created.sorted() { Terminal.say("created \(name)") }
            let late = try late(of: comparison.catalogue, in: cluster)
            if !late.isEmpty {
                Terminal.complain("partitions without a leader yet: \(late.joined(separator: ", "))")
            }
        }
        for (topic, changes) in settings.sorted(by: { $0.key < $1.key }) {
            try cluster.set(changes, of: topic, timeoutMilliseconds: wait)
            let list = changes.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            Terminal.say("\(topic): set \(list)")
        }
    }
}
