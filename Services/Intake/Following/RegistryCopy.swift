import Dispatch
import Host
import Models
import Synchronization

/// The registry as it is now, for the threads of the server.
///
/// While Kafka is away it is the one that was read last, from disk: a place is in the city and a category is
/// known as they were then, and the spool takes the complaint. Only where there never was one nothing can be
/// checked, and every complaint is answered with 503.
final class RegistryCopy: Sendable {
    private let current = Mutex(Atlas())

    var atlas: Atlas { current.withLock { $0 } }
    private var registry: Registry { atlas.registry }

    func run(_ context: HostContext) throws {
        let health = context.health.part("registry")
        let snapshot = try RegistrySnapshot(context)
        adopt(try snapshot.registry())
        tell(health, unread: "not read yet")
        while !context.stop.isRaised {
            do {
                try follow(try RegistryReplica(context, snapshot: snapshot), health, context.stop)
            } catch {
                guard !context.stop.isRaised else { return }
                context.log.warning("the registry can't be read", ["reason": .text("\(error)")])
                tell(health, unread: "\(error)")
                context.stop.wait(for: Self.pause)
            }
        }
    }

    private static let pause = DispatchTimeInterval.seconds(1)

    private func follow(_ replica: RegistryReplica, _ health: Health.Part, _ stop: StopFlag) throws {
        while !stop.isRaised {
            adopt(replica.registry)
            if registry.isEmpty { health.notReady("nothing is published yet") } else { health.ready() }
            while !(try replica.refresh()), !stop.wait(for: .milliseconds(100)) {}
        }
    }

    /// The indexes are made beside those in use; nobody waits for them.
    private func adopt(_ registry: Registry) {
        var fresh = atlas
        fresh.adopt(registry)
        current.withLock { $0 = fresh }
    }

    private func tell(_ health: Health.Part, unread reason: String) {
        if registry.isEmpty {
            health.notReady("it was never read, and now: \(reason)")
        } else {
            health.ready("as it was last read: \(reason)")
        }
    }
}
