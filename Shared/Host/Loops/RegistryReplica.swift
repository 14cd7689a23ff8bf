import Kafka
public import Models
import Processing
import Text

/// A copy of the registry topic. The loop that owns it keeps it up to date.
///
/// How far it has read counts as a loop's standing does: a copy that stands still while a record waits makes
/// the service not ready.
public final class RegistryReplica {
    public private(set) var registry = Registry()
    private let reader: TopicReader
    private let snapshot: RegistrySnapshot?
    private let standing: Standing
    private let log: Log
    private let place: TopicPartition

    /// Reads the topic to its end.
    ///
    /// - Parameters:
    ///   - loop: the loop that owns it.
    ///   - snapshot: stores everything that is read.
    public init(
        _ context: HostContext, loop: String, worker: Int = 0, snapshot: RegistrySnapshot? = nil
    ) throws {
        let name = "\(loop).registry" + (worker == 0 ? "" : "-\(worker)")
        reader = try TopicReader(context, purpose: "registry")
        standing = Standing(context, loop: name)
        place = TopicPartition(topic: context.topics.name(of: .registry), partition: 0)
        self.snapshot = snapshot
        log = context.log
        let start = try reader.start(of: .registry)
        context.health.note(name, Self.gap(start[place] ?? .nothingRead))
        func readAll() throws {
            try reader.read(from: start, stop: context.stop) { try apply($0) }
        }
        if let snapshot { try snapshot.replace(readAll) } else { try readAll() }
        log.info("registry read", ["entities": .of(registry.entities.count)])
        tell()
    }

    deinit { standing.withdraw() }

    /// Compaction leaves a log's first offset as it is. So if it is not the first of all, retention or a
    /// broker in memory has removed entities that are still meant to be there.
    static func gap(_ start: Position) -> String? {
        guard start > .nothingRead else { return nil }
        return
            "the offsets before \(start) of the registry are gone, and what was published there may be missing: "
            + "dayu registry publish brings it back"
    }

    /// How far it goes; nil before anything was read.
    var position: Position? { reader.reached[place] }

    /// Applies what has arrived since, without waiting. Returns whether there was anything.
    public func refresh() throws -> Bool { try refresh(isAwaited: false) }

    /// - Parameter isAwaited: a record waits for what is new in the registry.
    func refresh(isAwaited: Bool) throws -> Bool {
        defer { tidy() }
        let count = try reader.readAvailable(isAwaited: isAwaited) { try apply($0) }
        tell()
        return count > 0
    }

    private func tell() { standing.tell(reader.reached) { reader.knownEnd(of: $0) } }

    /// An untidy file is no reason to stop: a registry that is up to date matters more.
    private func tidy() {
        do { try snapshot?.tidy() } catch {
            log.warning("the registry's file could not be tidied", ["reason": .text("\(error)")])
        }
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
