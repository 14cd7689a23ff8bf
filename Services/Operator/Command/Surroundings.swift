import Foundation
import Kafka
import Models

/// Where the log is: the settings that the operator's command shares with the services, under the same names.
struct Surroundings: Sendable {
    let cluster: ClusterSettings
    let prefix: String
    /// For settings that only one command needs.
    let environment: [String: String]

    static let clientID = "dayu"

    init(environment: [String: String]) {
        func setting(_ name: String, preset: String) -> String {
            environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? preset
        }
        var cluster = ClusterSettings(
            bootstrapServers: setting("DAYU_KAFKA", preset: "127.0.0.1:9092"), environment: environment)
        // Only errors are logged, unless a setting says otherwise: the operator need not read that a broker
        // lacks some feature.
        cluster.passedThrough["log_level"] = cluster.passedThrough["log_level"] ?? "3"
        self.cluster = cluster
        prefix = setting("DAYU_PREFIX", preset: "dayu.")
        self.environment = environment
    }

    static let usage = """
        Settings are environment variables:
          DAYU_KAFKA
              Kafka's bootstrap servers, host:port separated by commas; default: 127.0.0.1:9092
          DAYU_PREFIX
              the first part of the name of every topic; default: dayu.
          DAYU_SECURITY_LOG
              the file in which this command records who changed what; without it, nothing is recorded. If the file
              can't be written, the command changes nothing
          KAFKA_…
              passed on to librdkafka (KAFKA_SECURITY_PROTOCOL is its security.protocol)
        A setting may also be a file of its name in the folder that CREDENTIALS_DIRECTORY names.
        """

    /// A connection that tells the operator why it fails. The error that a call throws says only that no
    /// broker could be reached, and not, for example, that a certificate was refused.
    func openCluster() throws(KafkaError) -> Cluster {
        let told = ToldLines()
        return try Cluster(cluster, clientID: Self.clientID) { told.tell($0) }
    }

    func name(of topic: Topic) -> String { topic.name(prefix: prefix) }

    /// How long the cluster may take over one answer.
    static let answerWithinMilliseconds: Int32 = 10_000
    /// How long a new topic may take to appear after it was created, perhaps by somebody else.
    static let topicWithin: Duration = .seconds(5)
    /// How long the brokers may take to elect leaders of all partitions of new topics.
    static let leadersWithin: Duration = .seconds(30)

    /// Asks until there is an answer or the time is over; nil if there was no answer.
    static func ask<R>(within time: Duration, _ question: () throws -> R?) rethrows -> R? {
        var retrying = Retrying(.brief, until: ContinuousClock.now + time)
        while true {
            if let answer = try question() { return answer }
            guard let pause = retrying.pause(at: .now, chance: .random(in: 0...1)) else { return nil }
            Thread.sleep(forTimeInterval: pause / .seconds(1))
        }
    }
}

/// librdkafka's log lines, each said once: it tries again and again, and repeats what it said.
private final class ToldLines {
    private var known: Set<String> = []

    func tell(_ line: LogLine) {
        // "… Connection refused (after 0ms in state CONNECT, 3 identical error(s) suppressed)"
        let text = line.message.prefix { $0 != "(" }.trimmingCharacters(in: .whitespaces)
        if known.insert(text).inserted { Terminal.complain("Kafka: \(text)") }
    }
}

extension Instant {
    /// The one place where this command looks at a clock.
    static var now: Instant {
        Instant(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
