import Host
import Models
import Processing
import Store
import Text

/// What became of an action that Intake took.
struct ActionOutcome: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable {
        /// Routing has not decided it yet.
        case pending
        case done, refused
    }

    var state: State
    var reason: ActionRefusal.Reason?
    var detail: String?
    var at: Instant?

    static let pending = ActionOutcome(state: .pending)
}

/// Remembers what Routing decided about each action, so that the sender always gets an answer.
///
/// It is read from the log like everything else: facts name the action that led to them, and refusals have a
/// topic of their own.
final class Outcomes: Projection {
    static let topics: [Topic] = [.events, .refusals]

    static let version = 2

    static let schema = [
        """
        CREATE TABLE outcomes (
            action TEXT PRIMARY KEY, complaint TEXT NOT NULL, at INTEGER NOT NULL, outcome BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX outcomes_at ON outcomes (at);
        """,
        // The complaints of which the operator erased who complained.
        "CREATE TABLE erased (complaint TEXT PRIMARY KEY) WITHOUT ROWID",
    ]

    private let insert: Statement
    private let expire: Statement
    private let erase: Statement
    private var taken = 0

    /// How long one can ask, and after how many records expired outcomes are removed.
    private static let keptFor: Duration = .seconds(30 * 86_400)
    private static let expireEvery = 1000

    init(_ database: borrowing Database) throws {
        insert = try database.prepare(
            """
            INSERT INTO outcomes VALUES (?, ?, ?, ?)
            ON CONFLICT (action) DO UPDATE SET outcome = excluded.outcome, at = excluded.at
            """)
        expire = try database.prepare("DELETE FROM outcomes WHERE at < ?")
        erase = try database.prepare("INSERT OR IGNORE INTO erased VALUES (?)")
    }

    func apply(_ record: Record) throws {
        if let complaint = Self.erased(record) { try erase.run(.text(complaint.compact)) }
        guard let (action, complaint, outcome) = Self.read(record), let at = outcome.at else { return }
        try insert.run(
            .text(action), .text(complaint.compact), .integer(at.millisecondsSince1970),
            .blob(JSON.encode(outcome)))
        taken += 1
        // Measured by the log's time and not by a clock, so that reading the log again gives the same result.
        if taken % Self.expireEvery == 0 {
            try expire.run(.integer((at + (.zero - Self.keptFor)).millisecondsSince1970))
        }
    }

    /// The complaint of which the record says that it was erased.
    private static func erased(_ record: Record) -> TrackingCode? {
        guard record.topic == .events, let event = try? record.cloudEvent(),
            event.type == erasedType
        else { return nil }
        return event.subject.flatMap { TrackingCode($0) }
    }

    private static let erasedType = EventType("complaint", ComplaintEvent.Kind.erased.rawValue).description

    private static func read(_ record: Record) -> (action: String, TrackingCode, ActionOutcome)? {
        guard let event = try? record.cloudEvent(), let cause = event.trail.cause,
            let action = action(of: cause),
            let complaint = event.subject.flatMap({ TrackingCode($0) })
        else { return nil }
        switch record.topic {
        case .events: return (action, complaint, ActionOutcome(state: .done, at: event.time))
        case .refusals:
            guard let data = event.data, let refusal = try? JSON.decode(ActionRefusal.self, from: data) else {
                return nil
            }
            let outcome = ActionOutcome(
                state: .refused, reason: refusal.reason, detail: refusal.detail, at: refusal.at)
            return (action, complaint, outcome)
        default: return nil
        }
    }

    /// The part of a cause that names an action which Intake took; nil if the cause is something else.
    private static func action(of cause: String) -> String? {
        let prefix = "\(Reception.source)/\(Reception.actionPrefix)"
        return cause.hasPrefix(prefix) ? String(cause.dropFirst(prefix.count)) : nil
    }
}

/// Lets the threads of the server ask for outcomes.
struct OutcomeReader: Sendable {
    private let file: ProjectionReader

    init(path: String) { file = ProjectionReader(path: path) }

    /// What became of an action on this complaint. An unknown action is pending, because it may be under way.
    func outcome(of action: String, on complaint: TrackingCode) -> ActionOutcome {
        let found = try? file.read { database in
            try database.prepare("SELECT outcome FROM outcomes WHERE action = ? AND complaint = ?")
                .first(.text(action), .text(complaint.compact)) { $0.blob(0) }
                .map { try JSON.decode(ActionOutcome.self, from: $0) }
        }
        return (found ?? nil) ?? .pending
    }

    /// If the file can't be read, the answer is no: Routing refuses what a citizen does after an erasure.
    func isErased(_ complaint: TrackingCode) -> Bool {
        let found = try? file.read { database in
            try database.prepare("SELECT 1 FROM erased WHERE complaint = ?")
                .first(.text(complaint.compact)) { _ in true }
        }
        return found == .some(true)
    }
}

extension Outcomes {
    static let name = "dayu-intake.outcomes"

    static func loop(_ context: HostContext) -> ProjectionLoop<Outcomes> {
        ProjectionLoop(
            context, name: name, topics: topics, sharing: .everything, isVital: false,
            make: { try Outcomes($0) })
    }
}
