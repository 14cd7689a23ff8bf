import Foundation
import Kafka
import Models
import Version

/// The moment of a backup: where each log ends, and where each group stands.
///
/// The log goes on while a backup is made. So the ends are asked for once, and only what lies before them is
/// read. They must fit together:
///
/// - A group's positions are asked for before the ends. So everything that is marked as processed has its
///   outcome in the backup. What was processed in between is processed again after a restore, and decides
///   nothing: every event names its cause.
/// - A job for an SMS gateway is not like that: to take it a second time is to send it a second time. So the
///   topics of messages and the groups that write them must stand still: two rounds of questions, one after
///   the other, get the same answers, and no transaction is open on these topics. Then all answers are true
///   for one moment, the one between the rounds.
struct BackupCut {
    struct Round: Equatable {
        var positions: [String: [TopicPartition: Position]] = [:]
        var marks: [TopicPartition: Watermarks] = [:]
        /// Beyond the last stable offset there is an open transaction.
        var stable: [TopicPartition: Position] = [:]
    }

    private static let attempts = 20
    private static let pause: TimeInterval = 1

    struct Restless: Error, CustomStringConvertible {
        var description: String {
            """
            messages are being sent all the time, so there is no moment at which nothing is under way: stop \
            dayu-notification until this command says that it reads, and start it again
            """
        }
    }

    /// Topics on which a job or its outcome is written, and the loops that do so.
    static let still: Set<Topic> = [.noticeEvents, .jobs, .urgentJobs, .jobWithdrawals, .receipts]
    static let stillLoops = Set(
        ServiceLoop.all.filter { $0.kind == .processor && !still.isDisjoint(with: $0.writes) }.map(\.name))

    /// Whether two rounds show one moment for everything about messages.
    static func isStill(_ first: Round, _ second: Round, prefix: String) -> Bool {
        for loop in stillLoops where first.positions[loop] != second.positions[loop] { return false }
        let names = Set(still.map { $0.name(prefix: prefix) })
        for (place, marks) in second.marks where names.contains(place.topic) {
            guard first.marks[place] == marks, first.stable[place] == marks.high,
                second.stable[place] == marks.high
            else { return false }
        }
        return true
    }

    static func manifest(_ surroundings: Surroundings) throws -> BackupManifest {
        let questions = try Questions(surroundings)
        for attempt in 0..<attempts {
            if attempt > 0 { Thread.sleep(forTimeInterval: pause) }
            let first = try questions.round()
            let second = try questions.round()
            guard isStill(first, second, prefix: surroundings.prefix) else { continue }
            return questions.manifest(first, second)
        }
        throw Restless()
    }

    /// Everything that a round asks.
    private final class Questions {
        let surroundings: Surroundings
        let cluster: Cluster
        let committed: Cluster
        let topics: [Topic]
        let counts: [String: Int32]

        private static let wait = Surroundings.answerWithinMilliseconds

        init(_ surroundings: Surroundings) throws {
            self.surroundings = surroundings
            cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
            committed = try Cluster(
                surroundings.cluster, clientID: Surroundings.clientID, isolation: .readCommitted)
            counts = try cluster.topics(timeoutMilliseconds: Self.wait)
            let gateways = TopicsCommand.gateways(in: counts.keys, prefix: surroundings.prefix)
            var topics: [Topic] = []
            for topic in Topic.allCases + gateways {
                guard counts[surroundings.name(of: topic)] != nil else {
                    throw BackupFolder.Unfit(
                        description: "there is no topic \(surroundings.name(of: topic)): see dayu topics diff"
                    )
                }
                topics.append(topic)
            }
            self.topics = topics
        }

        private func places(of topic: Topic) -> [TopicPartition] {
            let name = surroundings.name(of: topic)
            return (0..<(counts[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
        }

        func round() throws -> Round {
            var round = Round()
            for loop in ServiceLoop.all where loop.kind == .processor {
                let inputs = loop.inputs + (loop.readsGateways ? topics.filter { $0.family == .gateway } : [])
                let places = inputs.flatMap(places(of:))
                guard !places.isEmpty else { continue }
                let group = try Consumer(
                    surroundings.cluster, clientID: Surroundings.clientID,
                    group: surroundings.prefix + loop.name)
                round.positions[loop.name] = try group.committed(places, timeoutMilliseconds: Self.wait)
            }
            let all = topics.flatMap(places(of:))
            round.stable = try committed.watermarks(of: all, timeoutMilliseconds: Self.wait)
                .mapValues(\.high)
            round.marks = try cluster.watermarks(of: all, timeoutMilliseconds: Self.wait)
            return round
        }

        func manifest(_ first: Round, _ second: Round) -> BackupManifest {
            func name(_ place: TopicPartition) -> String {
                String(place.topic.dropFirst(surroundings.prefix.count))
            }
            let groups = first.positions.sorted { $0.key < $1.key }.map { loop, positions in
                BackupManifest.Group(
                    name: loop,
                    places: positions.sorted { $0.key < $1.key }.map { place, position in
                        .init(topic: name(place), partition: place.partition, next: position.next)
                    })
            }
            let parts = topics.map { topic in
                BackupManifest.Topic(
                    name: topic.rawValue, holdsPersonalData: topic.isRestricted,
                    partitions: places(of: topic).map { place in
                        let begin = second.marks[place]?.low.next ?? 0
                        return .init(
                            partition: place.partition, begin: begin,
                            end: max(begin, second.stable[place]?.next ?? begin))
                    })
            }
            return BackupManifest(
                version: Version.text(of: "dayu"), prefix: surroundings.prefix,
                clusterID: cluster.clusterID(timeoutMilliseconds: Self.wait), cutAt: .now, topics: parts,
                groups: groups)
        }
    }
}
