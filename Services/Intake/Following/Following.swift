import Dispatch
import Host
import Store
import Synchronization

/// A projection that Intake follows for as long as it runs. Intake takes what it is given while Kafka is
/// away, so this is no condition of its readiness: what fails is begun again after a moment.
func follow<P: Projection>(
    _ loop: () -> ProjectionLoop<P>, name: String, _ context: HostContext
) {
    // Every worker is a part that readiness waits for; this one never keeps it waiting.
    context.health.part(name).ready()
    while !context.stop.isRaised {
        do {
            try loop().run()
        } catch {
            context.log.warning(
                "a topic can't be followed", ["loop": .text(name), "reason": .text("\(error)")])
        }
        if !context.stop.isRaised { context.stop.wait(for: DispatchTimeInterval.seconds(1)) }
    }
}

/// Reads the file of a projection from the threads of the server.
final class ProjectionReader: Sendable {
    private final class Connection {
        let database: Database

        init(path: String) throws { database = try Database(path: path, access: .readOnly) }
    }

    private let path: String
    /// Nil until it is first needed, and after any failure: the file appears only when the projection has
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
