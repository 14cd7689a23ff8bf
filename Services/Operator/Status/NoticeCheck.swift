import Kafka
import Models

/// How many of the notices of the last hour got through: the fold of their events on the log.
///
/// The log shows what all instances and all gateways did, even if services were restarted meanwhile.
struct NoticeTally {
    private let since: Instant
    /// The last event of each notice.
    private var words: [String: NoticeEvent.Kind] = [:]
    /// Those that went out in no message, because their number or the city had had too many.
    private var limited: Set<String> = []

    static let period: Duration = .seconds(3600)

    init(at now: Instant) { since = now - Self.period }

    /// - Parameter time: when the record was written to the log.
    mutating func take(headers: CloudEvent.Headers, value: [UInt8]?, at time: Instant) {
        guard time >= since, let event = try? CloudEvent(headers: headers, data: value),
            let data = event.data,
            let type = try? EventType(event.type), let kind = NoticeEvent.Kind(rawValue: type.name),
            let notice = try? NoticeEvent(kind: kind, data: data)
        else { return }
        if notice.saysHowTheGatewayDoes { words[notice.reference] = kind }
        if case .failed(let failed) = notice, failed.why == .limited { limited.insert(failed.reference) }
    }

    var notices: Status.Notices {
        func count(_ kinds: NoticeEvent.Kind...) -> Int { words.values.count { kinds.contains($0) } }
        return Status.Notices(
            passed: count(.accepted, .delivered, .unknown), deferred: count(.deferred),
            unanswered: count(.unanswered),
            failed: count(.failed), limited: limited.count)
    }
}

extension NoticeEvent {
    /// False for notices that are on their way, and for those that one of the suite's own rules kept from the
    /// gateway.
    fileprivate var saysHowTheGatewayDoes: Bool {
        switch self {
        case .grouped, .attempted, .taken: false
        case .deferred(let deferred): deferred.attempt > 0
        case .failed(let failed):
            switch failed.why {
            case .limited, .unconfirmed, .erased, .stopped, .overtaken: false
            case .expired, .exhausted, .refused, .undelivered: true
            }
        case .unanswered, .accepted, .delivered, .unknown: true
        }
    }
}

struct NoticeCheck {
    private let surroundings: Surroundings

    /// How many of the newest offsets of each partition are read: enough for one screen.
    private static let newestOffsets: Int64 = 2000

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    func notices(at now: Instant) throws -> Status.Notices {
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let wait = Surroundings.answerWithinMilliseconds
        let topic = surroundings.name(of: .noticeEvents)
        let count = try cluster.partitionCount(of: topic, timeoutMilliseconds: wait) ?? 0
        let places = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
        let marks = try cluster.watermarks(of: places, timeoutMilliseconds: wait)
        var tally = NoticeTally(at: now)
        try LogReading(surroundings).read(
            from: marks.mapValues { Position(next: max($0.low.next, $0.high.next - Self.newestOffsets)) }
        ) { record in
            tally.take(
                headers: record.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
                value: record.valueBytes, at: Instant(millisecondsSince1970: record.timestampMilliseconds))
        }
        return tally.notices
    }
}

extension Status {
    /// The notices of the last hour that tell something about the gateway, by their last event.
    struct Notices: Hashable, Encodable {
        /// A gateway took them.
        let passed: Int
        let deferred: Int
        let unanswered: Int
        /// Refused, not delivered, or given up.
        let failed: Int
        /// For a day there was no room for them under a limit.
        var limited = 0

        /// With fewer notices, a share tells nothing about the gateway.
        private static let leastForShare = 10
        private static let worstShare = 0.2
        /// With fewer notices, the cause may be the numbers and not the gateway.
        private static let leastForNone = 3

        var all: Int { passed + stuck }
        var stuck: Int { deferred + unanswered + failed }

        var fault: String? {
            let faults = [faultOfGateways, faultOfLimits].compactMap(\.self)
            return faults.isEmpty ? nil : faults.joined(separator: "; ")
        }

        private var faultOfLimits: String? {
            limited == 0
                ? nil
                : "\(limited) notices of the last hour went out in no message: DAYU_SMS_PER_OFFICIAL, "
                    + "DAYU_SMS_PER_COMPLAINANT or DAYU_SMS_PER_CITY had no room for a day"
        }

        private var faultOfGateways: String? {
            let isDown = passed == 0 && all >= Self.leastForNone
            let isPoor = all >= Self.leastForShare && Double(stuck) > Self.worstShare * Double(all)
            guard isDown || isPoor else { return nil }
            return "\(stuck) of the last hour's \(all) notices did not get through: \(deferred) deferred, "
                + "\(unanswered) without an answer, \(failed) refused, given up or not delivered"
        }
    }
}
