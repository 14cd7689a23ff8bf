import Models
import Processing

/// Whether what a person wrote or is, and what somebody can act with, stands only where it belongs.
struct PrivacyAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster

    init(_ auditor: Auditor, _ cluster: SimulatedCluster) {
        self.auditor = auditor
        self.cluster = cluster
    }

    func run() {
        for topic in Topic.allCases {
            for record in cluster.committedRecords(topic) { audit(record, topic) }
        }
    }

    private func audit(_ record: Record, _ topic: Topic) {
        let parts = [record.value ?? [], record.key ?? []] + record.headers.map(\.value)
        func holdsNone(_ what: String, _ test: ([UInt8]) -> Bool) {
            auditor.expect(!parts.contains(where: test), "\(topic.rawValue) holds \(what)")
        }
        holdsNone("a citizen's identity") { $0.holdsIdentity(of: auditor.capabilities) }
        switch topic {
        case .words: holdsNone("a citizen's name or phone", \.namesCitizen)
        // A notice quotes, names who can be called back, and bears a link.
        case .noticeRequests, .jobs, .urgentJobs: break
        case .messages: holdsNone("a link") { $0.holds(Workload.site) }
        case .contacts, .follows:
            holdsNone("words") { $0.holds(Workload.wordMark) }
            holdsNone("a link") { $0.holds(Workload.site) }
        case .registry, .gateway, .submissions, .actions, .events, .refusals, .reports, .assessments,
            .alarms, .summaries, .breaches, .noticeEvents, .jobWithdrawals, .receipts, .links, .followCounts,
            .sources,
            .indicators, .publications, .access, .deadLetters, .restrictedDeadLetters:
            holdsNone("a citizen's name or phone", \.namesCitizen)
            holdsNone("words") { $0.holds(Workload.wordMark) }
            holdsNone("a link") { $0.holds(Workload.site) }
        }
    }
}

extension [UInt8] {
    /// Whether one of these UUIDs stands in the bytes.
    fileprivate func holdsIdentity(of identities: Set<String>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        let (hyphens, length) = ([8, 13, 18, 23], 36)
        guard count >= length else { return false }
        var index = 0
        while index + length <= count {
            guard let place = self[(index + hyphens[0])...].firstIndex(of: hyphen) else { return false }
            let start = place - hyphens[0]
            if start + length <= count, hyphens.allSatisfy({ self[start + $0] == hyphen }),
                identities.contains(String(decoding: self[start..<start + length], as: UTF8.self))
            {
                return true
            }
            index = start + 1
        }
        return false
    }
}
