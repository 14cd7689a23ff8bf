import Kafka
public import Models
import Processing
import Store
import Text

/// A copy of the registry topic. The loop that owns it keeps it up to date.
///
/// How far it has read counts as a loop's standing does: a copy that stands still while a record waits makes
/// the service not ready, unless the service can do without what is new.
public final class RegistryReplica {
    public private(set) var registry = Registry()
    private let reader: TopicReader
    private let snapshot: RegistrySnapshot?
    private let standing: Standing
    private let log: Log
    private let health: Health
    private let name: String
    private let place: TopicPartition
    /// Where the log began when this was made.
    private let start: Position
    private var renewal: RegistryRenewal?
    /// What the snapshot does not have yet; nil: everything.
    private var unsaved: [RegistryKey: [UInt8]?]?
    /// When to try again, after a snapshot that could not be written.
    private var savesAt: ContinuousClock.Instant?

    /// Reads the topic to its end.
    ///
    /// - Parameters:
    ///   - loop: the loop that owns it.
    ///   - isVital: whether the service is not ready while this stands still although a record waits.
    ///   - snapshot: stores everything that is read. While it can't be written, a note says so; nothing
    ///     else changes, and the topic is not read again.
    public init(
        _ context: HostContext, loop: String, worker: Int = 0, isVital: Bool = true,
        snapshot: RegistrySnapshot? = nil
    ) throws {
        name = "\(loop).registry" + (worker == 0 ? "" : "-\(worker)")
        reader = try TopicReader(context, purpose: "registry")
        standing = Standing(isVital ? context : context.dispensable, loop: name)
        place = TopicPartition(topic: context.topics.name(of: .registry), partition: 0)
        self.snapshot = snapshot
        log = context.log
        health = context.health
        let start = try reader.start(of: .registry)
        self.start = start[place] ?? .nothingRead
        try reader.read(from: start, stop: context.stop) { apply($0) }
        try save()
        log.info("registry read", ["entities": .of(registry.entities.count)])
        tell()
    }

    deinit { standing.withdraw() }

    /// How far it goes; nil before anything was read.
    var position: Position? { reader.reached[place] }

    /// Applies what has arrived since, without waiting. Returns whether there was anything.
    public func refresh() throws -> Bool { try refresh(isAwaited: false) }

    /// - Parameter isAwaited: a record waits for what is new in the registry.
    func refresh(isAwaited: Bool) throws -> Bool {
        defer { tidy() }
        let count = try reader.readAvailable(isAwaited: isAwaited) { apply($0) }
        try save()
        tell()
        return count > 0
    }

    private func tell() {
        standing.tell(reader.reached) { reader.knownEnd(of: $0) }
        health.note(name, RegistryRenewal.gap(before: start.next, after: renewal))
    }

    /// An untidy file is no reason to stop: a registry that is up to date matters more.
    private func tidy() {
        do { try snapshot?.tidy() } catch {
            log.warning("the registry's file could not be tidied", ["reason": .text("\(error)")])
        }
    }

    private func save() throws {
        guard let snapshot, unsaved?.isEmpty != true, savesAt.map({ $0 <= .now }) ?? true else { return }
        do {
            if let unsaved {
                for (key, data) in unsaved { try snapshot.put(key, data) }
            } else {
                try snapshot.replace {
                    for entity in registry.entities { try snapshot.put(entity.key, entity.data) }
                }
            }
            unsaved = [:]
            savesAt = nil
            health.note("\(name), file", nil)
        } catch let error as StoreError where error.isOfDisk {
            // Nobody knows how much of it was written.
            unsaved = nil
            if savesAt == nil {
                log.error("the registry's file can't be written", ["reason": .text("\(error)")])
            }
            health.note("\(name), file", "can't be written: \(error)")
            savesAt = .now + pause
            pause = min(pause * 2, Self.longestPause)
            return
        }
        pause = Self.firstPause
    }

    private var pause = firstPause
    private static let firstPause: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(60)

    private func apply(_ record: Record) {
        if let data = record.value, (try? record.keyText()) == RegistryRenewal.key {
            renewal = (try? JSON.decode(RegistryRenewal.self, from: data)) ?? renewal
            return
        }
        guard let key = (try? record.keyText()).flatMap(RegistryKey.init) else { return }
        guard let data = record.value else {
            registry.remove(key)
            unsaved?[key] = .some(nil)
            return
        }
        do throws(Malformed) {
            registry.put(try RegistryEntity(kind: key.kind, data: data))
        } catch {
            log.warning("a registry record is malformed", ["key": .of(key), "reason": .of(error)])
            return
        }
        unsaved?[key] = data
    }
}
