import Dispatch
import Host
import Models
import Processing
import Store
import Synchronization

/// What became of an action that was taken here.
struct ActionOutcome: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable {
        /// Routing has not come to it yet.
        case pending
        case done, refused
    }

    var state: State
    var reason: ActionRefusal.Reason?
    var detail: String?
    var at: Instant?

    static let pending = ActionOutcome(state: .pending)
}

/// Remembers what Routing made of each action, so that whoever asked for it is never left without a word.
///
/// Read from the log like everything else: facts name the action that led to them, and refusals are on a
/// topic of their own.
final class Outcomes: Projection {
    static let topics: [Topic] = [.events, .refusals]

    static let schema = [
        """
        CREATE TABLE outcomes (
            action TEXT PRIMARY KEY, complaint TEXT NOT NULL, at INTEGER NOT NULL, outcome BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX outcomes_at ON outcomes (at);
        """
    ]

    private let insert: Statement
    private let expire: Statement
    private var taken = 0

    /// How long one can ask, and how many records pass between two looks for what has expired.
    private static let keptFor: Duration = .seconds(30 * 86_400)
    private static let expireEvery = 1000

    init(_ database: borrowing Database) throws {
        insert = try database.prepare(
            """
            INSERT INTO outcomes VALUES (?, ?, ?, ?)
            ON CONFLICT (action) DO UPDATE SET outcome = excluded.outcome, at = excluded.at
            """)
        expire = try database.prepare("DELETE FROM outcomes WHERE at < ?")
    }

    func apply(_ record: Record) throws {
        guard let (action, complaint, outcome) = Self.read(record), let at = outcome.at else { return }
        try insert.run(
            .text(action), .text(complaint.compact), .integer(at.millisecondsSince1970),
            .blob(JSON.encode(outcome)))
        taken += 1
        // By the log's time and not by a clock: reading it again leaves the same.
        if taken % Self.expireEvery == 0 {
            try expire.run(.integer((at + (.zero - Self.keptFor)).millisecondsSince1970))
        }
    }

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

    /// The part of a cause that names an action which was taken here; nil where it was something else.
    private static func action(of cause: String) -> String? {
        let prefix = "\(Reception.source)/\(Reception.actionPrefix)"
        return cause.hasPrefix(prefix) ? String(cause.dropFirst(prefix.count)) : nil
    }
}

/// Asks the outcomes from the threads of the server.
final class OutcomeReader: Sendable {
    private final class Connection {
        let database: Database

        init(path: String) throws { database = try Database(path: path, access: .readOnly) }
    }

    private let path: String
    /// Nil until it is first needed, and after any failure: the file appears only when the projection has
    /// made it.
    private let connection = Mutex<Connection?>(nil)

    init(path: String) { self.path = path }

    /// What became of an action on this complaint. One that is not known is pending: it may be under way.
    func outcome(of action: String, on complaint: TrackingCode) -> ActionOutcome {
        connection.withLock { place in
            do {
                let connection = try place ?? Connection(path: path)
                place = connection
                let found = try connection.database.prepare(
                    "SELECT outcome FROM outcomes WHERE action = ? AND complaint = ?"
                ).first(.text(action), .text(complaint.compact)) { $0.blob(0) }
                return try found.map { try JSON.decode(ActionOutcome.self, from: $0) } ?? .pending
            } catch {
                place = nil
                return .pending
            }
        }
    }
}

extension Outcomes {
    static let name = "dayu-intake.outcomes"

    /// Follows the log for as long as the service runs. Intake takes what it is given while Kafka is away,
    /// and so this is no condition of its readiness.
    static func follow(_ context: HostContext) {
        // Every worker is a part that readiness waits for; this one never keeps it waiting.
        context.health.part(name).ready()
        while !context.stop.isRaised {
            do {
                try ProjectionLoop(
                    context, name: name, topics: topics, sharing: .everything, isVital: false,
                    make: { try Outcomes($0) }
                ).run()
            } catch {
                context.log.warning("outcomes can't be read", ["reason": .text("\(error)")])
                context.stop.wait(for: pause)
            }
        }
    }

    private static let pause = DispatchTimeInterval.seconds(1)
}
