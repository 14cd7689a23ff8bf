/// The topics of the suite and what is true of each, in one place.
public enum Topic: String, CaseIterable, Sendable, Codable {
    case registry
    case submissions = "complaints.submissions"
    case contacts = "complaints.contacts"
    case actions = "complaints.actions"
    case events = "complaints.events"
    case refusals = "complaints.refusals"
    case reports = "readings.reports"
    case assessments = "readings.assessments"
    case alarms = "readings.alarms"
    case noticeRequests = "notices.requests"
    case noticeEvents = "notices.events"
    case jobs = "sms.jobs"
    case receipts = "sms.receipts"
    case indicators
    case deadLetters = "dead-letters"

    public enum Retention: Hashable, Sendable {
        case forever
        case days(Int)
        case compacted
    }

    public var retention: Retention {
        switch self {
        case .registry, .contacts, .indicators: .compacted
        case .events, .reports, .assessments, .alarms, .noticeEvents: .forever
        case .submissions, .actions, .refusals: .days(30)
        case .noticeRequests, .jobs, .receipts: .days(7)
        case .deadLetters: .days(90)
        }
    }

    /// Topics of a family have the same number of partitions, so that one instance owns everything about a
    /// key.
    public enum Family: String, CaseIterable, Sendable {
        case complaint, recipient, section, single
    }

    public var family: Family {
        switch self {
        case .submissions, .contacts, .actions, .events, .refusals: .complaint
        case .noticeRequests, .noticeEvents, .jobs, .receipts: .recipient
        case .reports, .assessments, .alarms: .section
        case .registry, .indicators, .deadLetters: .single
        }
    }

    /// The topics that hold a citizen's name or phone: no service of the public side may read them.
    public var isRestricted: Bool {
        switch self {
        case .contacts, .refusals, .noticeRequests, .jobs: true
        default: false
        }
    }

    /// The name on the cluster; the prefix lets one cluster serve several cities.
    public func name(prefix: String) -> String { prefix + rawValue }
}
