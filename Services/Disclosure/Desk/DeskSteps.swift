import Models
import Store

/// Something that counts in a supervisor's figures: what was done in time or too late, and what people think
/// of it.
///
/// What is in time is decided by `Lapses`, as in the public's figures. Those count by the day on which a
/// complaint was received, these by the day on which something happened.
struct DeskStep: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A new complaint got its first owner.
        case arrived
        case acceptedInTime = "accepted-in-time"
        /// The deadline passed, whether or not somebody accepted it later.
        case acceptMissed = "accept-missed"
        case resolvedInTime = "resolved-in-time"
        case resolveMissed = "resolve-missed"
        case reopened
        case satisfied
        case dissatisfied
    }

    let kind: Kind
    let at: Instant
    /// Whose deed it is, or whose deadline passed.
    let holder: String

    /// Nil if the fact counts nowhere.
    init?(_ fact: ComplaintFact, before: PublicComplaint?, _ past: DeskPast) {
        guard let (kind, holder) = Self.found(fact.event, holder: before?.holder?.description, past) else {
            return nil
        }
        self.init(kind: kind, at: fact.at, holder: holder)
    }

    init(kind: Kind, at: Instant, holder: String) {
        (self.kind, self.at, self.holder) = (kind, at, holder)
    }

    private static func found(
        _ event: ComplaintEvent, holder: String?, _ past: DeskPast
    ) -> (Kind, String)? {
        switch event {
        case .assigned(let assigned): holder == nil ? (Kind.arrived, name(assigned.assignee)) : nil
        case .accepted: holder.flatMap { past.isDecided($0) ? nil : (Kind.acceptedInTime, $0) }
        // What a checker has to check counts when he has checked it, or has let his time pass.
        case .resolved(let resolved): resolved.checker == nil ? Self.resolved(holder, past) : nil
        case .verified(let verified): verified.passed ? Self.resolved(holder, past) : nil
        case .unchecked: Self.resolved(holder, past)
        case .escalated(let escalated): missed(escalated.deadline, name(escalated.from), past)
        case .lapsed(let lapsed): missed(lapsed.deadline, name(lapsed.assignee), past)
        case .reopened: holder.map { (Kind.reopened, $0) }
        case .rated(let rated):
            holder.map { (rated.grade.isSatisfied ? Kind.satisfied : Kind.dissatisfied, $0) }
        default: nil
        }
    }

    /// A deadline that passed has been counted, so what is done after it counts no more.
    private static func resolved(_ holder: String?, _ past: DeskPast) -> (Kind, String)? {
        holder.flatMap { past.lapses.isInTime(.resolve, of: $0) ? (Kind.resolvedInTime, $0) : nil }
    }

    /// A checker's delay, and the end of a complaint that nobody rates, are nobody's delay in it.
    private static func missed(
        _ deadline: Deadline, _ holder: String, _ past: DeskPast
    ) -> (Kind, String)? {
        switch deadline {
        case .accept: past.isDecided(holder) ? nil : (Kind.acceptMissed, holder)
        case .resolve: past.lapses.isInTime(.resolve, of: holder) ? (Kind.resolveMissed, holder) : nil
        case .verify, .close: nil
        }
    }

    private static func name(_ assignee: Assignee) -> String { "\(assignee.kind.rawValue)/\(assignee.id)" }
}

/// What has been counted of one complaint: the fold of its steps.
struct DeskPast: Equatable, Sendable {
    private(set) var lapses = Lapses<String>()
    private var accepted: Set<String> = []

    mutating func take(_ kind: DeskStep.Kind, of holder: String) {
        switch kind {
        case .acceptedInTime: accepted.insert(holder)
        case .acceptMissed: lapses.note(.accept, under: holder)
        case .resolveMissed: lapses.note(.resolve, under: holder)
        case .reopened: lapses.reopen()
        case .arrived, .resolvedInTime, .satisfied, .dissatisfied: break
        }
    }

    /// Whether he has accepted it, or let the time for that pass. It is decided once for each who has it.
    fileprivate func isDecided(_ holder: String) -> Bool {
        accepted.contains(holder) || !lapses.isInTime(.accept, of: holder)
    }
}

/// The steps of all complaints, by time.
final class DeskSteps {
    static let schema = """
        CREATE TABLE desk_steps (
            code TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
            -- As in `desk`, when it happened. The holder's deed it is.
            region TEXT NOT NULL, owner TEXT NOT NULL, holder TEXT NOT NULL,
            PRIMARY KEY (code, version)
        ) WITHOUT ROWID;
        CREATE INDEX desk_steps_by_time ON desk_steps (at, region, owner, holder, kind)
        """

    private let insert: Statement
    private let select: Statement

    init(_ database: borrowing Database) throws {
        insert = try database.prepare("INSERT OR IGNORE INTO desk_steps VALUES (?, ?, ?, ?, ?, ?, ?)")
        select = try database.prepare("SELECT kind, holder FROM desk_steps WHERE code = ? ORDER BY version")
    }

    func take(_ fact: ComplaintFact, before: PublicComplaint?, after: PublicComplaint) throws {
        guard fact.event.mayCount else { return }
        var past = DeskPast()
        try select.forEach(.text(fact.complaint.compact)) { row in
            if let kind = DeskStep.Kind(rawValue: row.text(0)) { past.take(kind, of: row.text(1)) }
        }
        guard let step = DeskStep(fact, before: before, past) else { return }
        let region = before?.region ?? after.region
        try insert.run([
            .text(fact.complaint.compact), .integer(fact.version), .text(step.kind.rawValue),
            .integer(step.at.millisecondsSince1970), .text(region?.rawValue ?? ""),
            .text((before?.owner ?? after.owner)?.description ?? ""), .text(step.holder),
        ])
    }
}

extension ComplaintEvent {
    /// Whether it can be a step, so that nothing is read for the others.
    fileprivate var mayCount: Bool {
        switch self {
        case .assigned, .accepted, .resolved, .verified, .unchecked, .escalated, .lapsed, .reopened, .rated:
            true
        default: false
        }
    }
}

extension Reader {
    /// By time.
    func steps(_ scope: DeskPerson.Scope, in span: Range<Instant>) throws -> [DeskStep] {
        let condition = scope.condition
        let sql = """
            SELECT kind, at, holder FROM desk_steps
            WHERE at >= ? AND at < ? \(condition.map { "AND \($0.sql)" } ?? "") ORDER BY at
            """
        let ends: [Value] = [
            .integer(span.lowerBound.millisecondsSince1970), .integer(span.upperBound.millisecondsSince1970),
        ]
        return try database.prepare(sql).all(ends + (condition?.values ?? [])) { row in
            DeskStep.Kind(rawValue: row.text(0)).map {
                DeskStep(kind: $0, at: Instant(millisecondsSince1970: row.integer(1)), holder: row.text(2))
            }
        }.compactMap(\.self)
    }

    /// What is open now: how many of each owner, by their age on a day.
    func openNow(_ scope: DeskPerson.Scope, on day: Day, in zone: Zone) throws -> [DeskFigures.Open] {
        // An age begins with the first moment of its oldest day.
        let begins = Backlog.Age.allCases.compactMap(\.last).map { zone.start(of: day.adding(days: -$0)) }
        let ages = begins.map { _ in "(received < ?)" }.joined(separator: " + ")
        let condition = scope.condition
        let sql = """
            SELECT owner, \(ages) AS age, overdue, count(*) FROM desk
            WHERE open = 1 \(condition.map { "AND \($0.sql)" } ?? "") GROUP BY owner, age, overdue
            """
        let values = begins.map { Value.integer($0.millisecondsSince1970) } + (condition?.values ?? [])
        return try database.prepare(sql).all(values) { row in
            DeskFigures.Open(
                owner: row.text(0), age: Backlog.Age.allCases[Int(row.integer(1))],
                isOverdue: row.integer(2) != 0, count: Int(row.integer(3)))
        }
    }
}
