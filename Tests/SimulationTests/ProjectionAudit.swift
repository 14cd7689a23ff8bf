import Host
import Models
import Processing
import Store
import Text

@testable import Analytics
@testable import Disclosure

/// Whether the read models say what a recount of the log says.
struct ProjectionAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    /// What erased texts begin with.
    private let gone: Set<String>

    init(_ auditor: Auditor, _ cluster: SimulatedCluster, gone: Set<String>) {
        self.auditor = auditor
        self.cluster = cluster
        self.gone = gone
    }

    func run(_ lives: [String: [ComplaintFact]]) {
        do {
            try auditTallies(lives)
            try auditPublicPages(lives)
        } catch {
            auditor.expect(false, "a projection failed: \(error)")
        }
    }

    private func auditTallies(_ lives: [String: [ComplaintFact]]) throws {
        let database = try Database(path: ":memory:")
        try database.migrate(Tallies.steps)
        let tallies = try Tallies(database)
        for record in cluster.committedRecords(.events) { try tallies.apply(record) }
        var counted = Tally()
        for outgoing in try tallies.pending() {
            let indicator = try JSON.decode(Indicator.self, from: outgoing.event.data ?? [])
            if indicator.scope == .city { counted = counted + indicator.tally }
        }
        let recount = Self.recount(lives)
        auditor.expect(
            counted.received == recount.received && counted.open == recount.open
                && counted.resolved == recount.resolved && counted.rated == recount.rated
                && counted.satisfied == recount.satisfied && counted.escalated == recount.escalated
                && counted.supervised == recount.supervised && counted.reopened == recount.reopened,
            "the figures are \(counted), a recount gives \(recount)")
    }

    private static func recount(_ lives: [String: [ComplaintFact]]) -> Tally {
        var tally = Tally()
        for life in lives.values {
            tally.received += 1
            var isResolved = false
            var isOver = false
            for fact in life {
                switch fact.event {
                case .resolved(let resolved): isResolved = resolved.checker == nil
                case .verified(let verified): isResolved = verified.passed
                case .unchecked: isResolved = true
                case .reopened:
                    (isResolved, isOver) = (false, false)
                    tally.reopened += 1
                case .escalated, .lapsed: tally.escalated += 1
                case .supervised: tally.supervised += 1
                case .parted: isOver = false
                case .closed, .rejected, .merged: isOver = true
                default: break
                }
            }
            tally.resolved += isResolved ? 1 : 0
            tally.open += isOver || isResolved ? 0 : 1
            let grades = life.compactMap { fact in
                if case .rated(let rated) = fact.event { rated.grade } else { nil }
            }
            tally.rated += grades.isEmpty ? 0 : 1
            tally.satisfied += grades.last?.isSatisfied == true ? 1 : 0
        }
        return tally
    }

    private func auditPublicPages(_ lives: [String: [ComplaintFact]]) throws {
        let database = try Database(path: ":memory:")
        try database.migrate(ReadModel.steps)
        let model = try ReadModel(database)
        for record in cluster.history([.words, .events]) { try model.apply(record) }
        let shown = try database.prepare("SELECT complaint FROM complaints").all { $0.blob(0) }
        auditor.expect(shown.count == lives.count, "\(lives.count) complaints, \(shown.count) shown")
        let said = try database.prepare("SELECT said FROM words WHERE said IS NOT NULL").all { $0.blob(0) }
        for words in said {
            auditor.expect(!gone.contains(where: words.holds), "the public is shown erased words")
        }
        for page in shown {
            auditor.expect(!page.holds(Workload.wordMark), "a public page holds words that can't be erased")
            let complaint = try JSON.decode(PublicComplaint.self, from: page)
            let last = lives[complaint.code.compact]?.last
            auditor.expect(complaint.version == last?.version, "\(complaint.code) is shown as it was")
            auditor.expect(!page.namesCitizen, "a public page holds a citizen's name or phone")
        }
    }
}
