import Text

/// The topics of the suite, and their properties, in one place.
public enum Topic: Hashable, Sendable {
    case registry
    /// The records of one gateway that speaks Kafka; nobody else writes there.
    case gateway(GatewayID)
    case submissions, contacts, words, actions, events, refusals
    case reports, assessments, alarms, summaries
    /// Values of outfalls beyond their permits, and the complaints that they became.
    case breaches
    case noticeRequests, noticeEvents, jobs, urgentJobs, receipts
    /// Jobs that still wait and must not be sent: what they say was erased.
    case jobWithdrawals
    /// Messages that phones send, and proofs that a number belongs to somebody.
    case messages
    case links
    /// Who wants to hear of which complaint, and how many those are.
    case follows, followCounts
    /// What Intake knows of the sources that it asks. Its partitions say which instance asks which source.
    case sources
    case indicators
    /// What an office has released to the public.
    case publications
    /// Which official looked at which contact.
    case access
    case deadLetters, restrictedDeadLetters

    public enum Retention: Hashable, Sendable {
        case forever
        case days(Int)
        case compacted
        /// Compacted; a key that is not written again for this many days is removed.
        case compactedFor(days: Int)
    }

    public var retention: Retention {
        switch self {
        case .registry, .contacts, .words, .follows, .followCounts, .sources, .summaries, .indicators,
            .publications:
            .compacted
        // A link is valid for a year at most (`ActionLink.validAtMost`).
        case .links: .compactedFor(days: 400)
        case .events, .assessments, .alarms, .breaches, .noticeEvents: .forever
        case .reports, .access: .days(400)
        case .submissions, .actions, .refusals: .days(30)
        case .noticeRequests, .jobs, .urgentJobs, .jobWithdrawals, .receipts, .messages, .gateway: .days(7)
        case .deadLetters, .restrictedDeadLetters: .days(90)
        }
    }

    /// Whether all writers of the topic use transactions. If so, the marker that ends a transaction may
    /// follow any record, and the marker has an offset of its own.
    ///
    /// Five write without transactions: Intake's writer, which also takes the reports of SMS gateways, the
    /// counting of indicators, the officials' desk, the operator who publishes, and a gateway.
    public var isWrittenInTransactionsOnly: Bool {
        switch self {
        case .events, .refusals, .assessments, .alarms, .summaries, .breaches, .noticeRequests,
            .noticeEvents, .jobs, .urgentJobs, .jobWithdrawals, .followCounts, .sources,
            .restrictedDeadLetters:
            true
        case .registry, .gateway, .contacts, .words, .links, .follows, .submissions, .actions, .reports,
            .receipts, .messages, .indicators, .publications, .access, .deadLetters:
            false
        }
    }

    /// Topics of one family have the same number of partitions, so that one instance owns everything about a
    /// key.
    public enum Family: String, CaseIterable, Sendable {
        case complaint, number, section, link, source, gateway, single
    }

    public var family: Family {
        switch self {
        case .submissions, .contacts, .words, .actions, .events, .refusals, .follows, .followCounts:
            .complaint
        case .noticeRequests, .noticeEvents, .jobs, .urgentJobs, .jobWithdrawals, .receipts, .messages:
            .number
        case .reports, .assessments, .alarms, .summaries, .breaches: .section
        case .links: .link
        case .sources: .source
        case .gateway: .gateway
        case .registry, .indicators, .publications, .access, .deadLetters, .restrictedDeadLetters: .single
        }
    }

    /// The topics that hold what a person wrote or who a person is, or something that somebody can act with.
    /// No service of the public side may read them. The one exception: Disclosure reads words to show them
    /// redacted.
    public var isRestricted: Bool {
        switch self {
        case .contacts, .words, .refusals, .noticeRequests, .jobs, .urgentJobs, .messages, .links, .follows,
            .gateway, .access, .restrictedDeadLetters:
            true
        case .registry, .submissions, .actions, .events, .reports, .assessments, .alarms, .summaries,
            .breaches, .noticeEvents, .jobWithdrawals, .receipts, .followCounts, .sources, .indicators,
            .publications, .deadLetters:
            false
        }
    }

    /// The part of a key that chooses the partition, in every topic: the part before its first slash. So the
    /// words of a complaint are on the partition of the complaint.
    ///
    /// Compared by bytes, as Kafka does: one visible character of Swift may begin with a slash.
    public static func partitionKey(of key: String) -> Substring {
        Substring(key.utf8.prefix { $0 != UInt8(ascii: "/") })
    }

    /// Where records of this topic go that can't be understood.
    public var deadLetters: Topic { isRestricted ? .restrictedDeadLetters : .deadLetters }

    /// The name on the cluster; the prefix lets one cluster serve several cities.
    public func name(prefix: String) -> String { prefix + rawValue }
}

extension Topic: CaseIterable {
    /// The topics that every city has; the topics of gateways come and go with the registry.
    public static let allCases: [Topic] = [
        .registry, .submissions, .contacts, .words, .actions, .events, .refusals, .reports, .assessments,
        .alarms, .summaries, .breaches, .noticeRequests, .noticeEvents, .jobs, .urgentJobs, .jobWithdrawals,
        .receipts, .messages, .links, .follows, .followCounts, .sources, .indicators, .publications, .access,
        .deadLetters, .restrictedDeadLetters,
    ]
}

extension Topic: RawRepresentable, Codable {
    public var rawValue: String {
        switch self {
        case .registry: "registry"
        case .gateway(let id): Self.gatewayPrefix + id.rawValue
        case .submissions: "complaints.submissions"
        case .contacts: "complaints.contacts"
        case .words: "complaints.words"
        case .actions: "complaints.actions"
        case .events: "complaints.events"
        case .refusals: "complaints.refusals"
        case .reports: "readings.reports"
        case .assessments: "readings.assessments"
        case .alarms: "readings.alarms"
        case .summaries: "readings.summaries"
        case .breaches: "readings.breaches"
        case .noticeRequests: "notices.requests"
        case .noticeEvents: "notices.events"
        case .jobs: "sms.jobs"
        case .urgentJobs: "sms.jobs.urgent"
        case .jobWithdrawals: "sms.jobs.withdrawn"
        case .receipts: "sms.receipts"
        case .messages: "sms.messages"
        case .links: "links"
        case .follows: "follows"
        case .followCounts: "follows.counts"
        case .sources: "sources"
        case .indicators: "indicators"
        case .publications: "publications"
        case .access: "access"
        case .deadLetters: "dead-letters"
        case .restrictedDeadLetters: "dead-letters.restricted"
        }
    }

    public init?(rawValue: String) {
        // Checked before the text is hashed or compared: see `Limit.wordBytes`.
        guard rawValue.utf8.count <= Self.gatewayPrefix.utf8.count + Limit.identifierBytes else { return nil }
        if let topic = Self.byName[rawValue] {
            self = topic
        } else if rawValue.hasPrefix(Self.gatewayPrefix),
            let id = GatewayID(String(rawValue.dropFirst(Self.gatewayPrefix.count)))
        {
            self = .gateway(id)
        } else {
            return nil
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
    private static let gatewayPrefix = "gateways."
}
