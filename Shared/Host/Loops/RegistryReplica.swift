import Kafka
public import Models
import Processing
import Text

/// A copy of the registry topic. The loop that owns it keeps it up to date.
public final class RegistryReplica {
    public private(set) var registry = Registry()
    private let reader: TopicReader
    private let snapshot: RegistrySnapshot?
    private let log: Log

    /// Reads the topic to its end.
    ///
    /// - Parameter snapshot: stores everything that is read.
    public init(_ context: HostContext, snapshot: RegistrySnapshot? = nil) throws {
        reader = try TopicReader(context, purpose: "registry")
        self.snapshot = snapshot
        log = context.log
        let start = try reader.start(of: .registry)
        func readAll() throws {
            try reader.read(from: start, stop: context.stop) { try apply($0) }
        }
        if let snapshot { try snapshot.replace(readAll) } else { try readAll() }
        log.info("registry read", ["entities": .of(registry.entities.count)])
    }

    /// Applies what has arrived since, without waiting. Returns whether there was anything.
    public func refresh() throws -> Bool {
        defer { tidy() }
        return try reader.readAvailable { try apply($0) } > 0
    }

    /// An untidy file is no reason to stop: a registry that is up to date matters more.
    private func tidy() {
        do { try snapshot?.tidy() } catch {
            log.warning("the registry's file could not be tidied", ["reason": .text("\(error)")])
        }
    }

    /// Applies everything that is published at this moment, and waits until all of it is applied.
    func catchUp(stop: StopFlag) throws {
        try reader.readOn(stop: stop) { try apply($0) }
    }

    private func apply(_ record: Record) throws {
        guard let key = (try? record.keyText()).flatMap(RegistryKey.init) else { return }
        guard let data = record.value else {
            registry.remove(key)
            try snapshot?.put(key, nil)
            return
        }
        do throws(Malformed) {
            registry.put(try RegistryEntity(kind: key.kind, data: data))
        } catch {
            log.warning("a registry record is malformed", ["key": .of(key), "reason": .of(error)])
            return
        }
        try snapshot?.put(key, data)
    }
}
