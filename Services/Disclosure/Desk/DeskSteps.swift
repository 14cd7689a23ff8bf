import Models
import Store

/// Something that counts in a supervisor's figures: what was done in time or too late, and what people think
/// of it.
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
    let owner: String

    /// Nil if the fact counts nowhere.
    ///
    /// A missed deadline leads to an event of its own, and the complaint then has a new one. So whoever acts
    /// in the new time is in time, and whoever had it before is not.
    init?(_ fact: ComplaintFact, before: PublicComplaint?, after: PublicComplaint) {
        let holder = before?.assignee.map(Self.name)
        let found: (Kind, String)?
        switch fact.event {
        case .assigned(let assigned) where before?.assignee == nil:
            found = (.arrived, Self.name(assigned.assignee))
        case .accepted:
            let isInTime = before?.due.map { fact.at <= $0.accept } ?? true
            found = holder.map { (isInTime ? .acceptedInTime : .acceptMissed, $0) }
        case .resolved:
            let isInTime = before?.due.map { fact.at <= $0.resolve } ?? true
            found = holder.map { (isInTime ? .resolvedInTime : .resolveMissed, $0) }
        case .escalated(let escalated):
            found = Self.missed(escalated.deadline).map { ($0, Self.name(escalated.from)) }
        case .lapsed(let lapsed):
            found = Self.missed(lapsed.deadline).map { ($0, Self.name(lapsed.assignee)) }
        case .reopened: found = holder.map { (.reopened, $0) }
        case .rated(let rated):
            found = holder.map { (rated.grade.isSatisfied ? .satisfied : .dissatisfied, $0) }
        default: found = nil
        }
        guard let (kind, owner) = found else { return nil }
        (self.kind, self.owner, at) = (kind, owner, fact.at)
    }

    init(kind: Kind, at: Instant, owner: String) {
        (self.kind, self.at, self.owner) = (kind, at, owner)
    }

    private static func name(_ assignee: Assignee) -> String { "\(assignee.kind.rawValue)/\(assignee.id)" }

    /// A checker's delay, and the end of a complaint that nobody rates, are nobody's delay in it.
    private static func missed(_ deadline: Deadline) -> Kind? {
        switch deadline {
        case .accept: .acceptMissed
        case .resolve: .resolveMissed
        case .verify, .close: nil
        }
    }
}

/// The steps of all complaints, by time.
final class DeskSteps {
    static let schema = """
        CREATE TABLE desk_steps (
            code TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
            region TEXT NOT NULL, owner TEXT NOT NULL,
            PRIMARY KEY (code, version)
        ) WITHOUT ROWID;
        CREATE INDEX desk_steps_by_time ON desk_steps (at, region, owner, kind)
        """

    private let insert: Statement

    init(_ database: borrowing Database) throws {
        insert = try database.prepare("INSERT OR IGNORE INTO desk_steps VALUES (?, ?, ?, ?, ?, ?)")
    }

    func take(_ fact: ComplaintFact, before: PublicComplaint?, after: PublicComplaint) throws {
        guard let step = DeskStep(fact, before: before, after: after) else { return }
        let region = before?.region ?? after.region
        try insert.run([
            .text(fact.complaint.compact), .integer(fact.version), .text(step.kind.rawValue),
            .integer(step.at.millisecondsSince1970), .text(region?.rawValue ?? ""), .text(step.owner),
        ])
    }
}

extension Reader {
    func steps(_ scope: DeskPerson.Scope, in span: Range<Instant>) throws -> [DeskStep] {
        let condition = scope.condition(["owner"])
        let sql = """
            SELECT kind, at, owner FROM desk_steps
            WHERE at >= ? AND at < ? \(condition.map { "AND \($0.sql)" } ?? "")
            """
        let ends: [Value] = [
            .integer(span.lowerBound.millisecondsSince1970), .integer(span.upperBound.millisecondsSince1970),
        ]
        return try database.prepare(sql).all(ends + (condition?.values ?? [])) { row in
            DeskStep.Kind(rawValue: row.text(0)).map {
                DeskStep(kind: $0, at: Instant(millisecondsSince1970: row.integer(1)), owner: row.text(2))
            }
        }.compactMap(\.self)
    }

    /// What is open now: how many of each owner, and of which age.
    func openNow(_ scope: DeskPerson.Scope, at now: Instant) throws -> [DeskFigures.Open] {
        let condition = scope.condition()
        let sql = """
            SELECT owner, received, overdue FROM desk
            WHERE open = 1 \(condition.map { "AND \($0.sql)" } ?? "")
            """
        return try database.prepare(sql).all(condition?.values ?? []) { row in
            DeskFigures.Open(
                owner: row.text(0), age: now - Instant(millisecondsSince1970: row.integer(1)),
                isOverdue: row.integer(2) != 0)
        }
    }
}
