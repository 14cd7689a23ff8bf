import Dispatch
import Host
import Store
import Synchronization

/// Runs a projection for as long as Intake runs. Intake takes complaints also while Kafka is away, so this
/// does not affect its readiness: a loop that fails is started again after a moment, unless keys lie on other
/// partitions than their known state.
func follow<P: Projection>(
    _ loop: () -> ProjectionLoop<P>, name: String, _ context: HostContext
) throws {
    // Readiness waits for every worker. This one reports ready at once, so it never delays that.
    context.health.part(name).ready()
    while !context.stop.isRaised {
        do {
            try loop().run()
        } catch let fault as LayoutFault {
            // What Intake knows of complaints is wrong then, and what it takes may go astray.
            throw fault
        } catch {
            context.log.warning(
                "a topic can't be followed", ["loop": .text(name), "reason": .text("\(error)")])
        }
        if !context.stop.isRaised { context.stop.wait(for: DispatchTimeInterval.seconds(1)) }
    }
}

/// Lets the threads of the server read the file of a projection.
final class ProjectionReader: Sendable {
    private final class Connection {
        let database: Database

        init(path: String) throws { database = try Database(path: path, access: .readOnly) }
    }

    private let path: String
    /// Nil until it is first needed, and after any failure: the file exists only after the projection has
    /// made it.
    private let connection = Mutex<Connection?>(nil)

    init(path: String) { self.path = path }

    func read<Result: Sendable>(
        _ body: @Sendable (borrowing Database) throws -> Result
    ) throws -> Result {
        try connection.withLock { place in
            do {
                let connection = try place ?? Connection(path: path)
                place = connection
                return try body(connection.database)
            } catch {
                place = nil
                throw error
            }
        }
    }
}
