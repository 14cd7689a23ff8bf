import Kafka
public import Models
import Processing

/// This process's copy of the registry topic, kept up to date by whoever owns it.
public final class RegistryReplica {
    public private(set) var registry = Registry()
    private let reader: TopicReader
    private let log: Log

    public init(_ context: HostContext) throws {
        reader = try TopicReader(context, purpose: "registry")
        log = context.log
        let start = try reader.start(of: .registry)
        try reader.read(from: start, stop: context.stop) { apply($0) }
        log.info("registry read", ["entities": .of(registry.entities.count)])
    }

    /// Takes in what has arrived since, without waiting; says whether anything has.
    public func refresh() throws -> Bool {
        try reader.readAvailable { apply($0) } > 0
    }

    private func apply(_ record: Record) {
        guard let key = (try? record.keyText()).flatMap(RegistryKey.init) else { return }
        guard let data = record.value else { return registry.remove(key) }
        do throws(Malformed) {
            registry.put(try RegistryEntity(kind: key.kind, data: data))
        } catch {
            log.warning("a registry record is malformed", ["key": .of(key), "reason": .of(error)])
        }
    }
}
