import Dispatch
import Host
import Models
import Synchronization

/// The present registry, for the threads of the server.
///
/// While Kafka is away, this is the registry that was last read, from disk: places and categories are checked
/// against it, and the spool takes the complaint. Only if no registry was ever read can nothing be checked,
/// and then every complaint is answered with 503.
///
/// For the same reason Intake stays ready, with a note, while a new record of the registry can't be read, for
/// example because it waits behind an open transaction: a door that is closed helps nobody.
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
                let replica = try RegistryReplica(
                    context, loop: context.name, isVital: false, snapshot: snapshot)
                try follow(replica, health, context.stop)
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
            if registry.isEmpty { health.notReady("no registry is published yet") } else { health.ready() }
            while !(try replica.refresh()), !stop.wait(for: .milliseconds(100)) {}
        }
    }

    /// The new indexes are built beside those in use, so nobody waits for them.
    private func adopt(_ registry: Registry) {
        var fresh = atlas
        fresh.adopt(registry)
        current.withLock { $0 = fresh }
    }

    private func tell(_ health: Health.Part, unread reason: String) {
        if registry.isEmpty {
            health.notReady("the registry was never read: \(reason)")
        } else {
            health.ready("uses the registry as last read: \(reason)")
        }
    }
}
