import Models
import Store

/// Makes what was erased unreadable in the files, too.
///
/// SQLite leaves what was deleted in three places:
/// 1. In the page where it stood. `Database` has it overwritten there.
/// 2. In the write-ahead log, which holds former versions of pages until it is written over (`LogTidying`).
/// 3. In other pages: when SQLite divides or joins pages it moves rows, and may leave their bytes behind in
///    the unused part of a page. Of 1500 erased texts one or none was still there. `VACUUM` writes the whole
///    file anew, and nothing else removes them.
///
/// The first is done at once, the second at the end of the batch. The third costs as much as the file is
/// large, so it is done once a day at the most; that something waits for it is stored in the file.
final class Erasure {
    private let log: LogTidying
    private let vacuum: Statement
    private let count: Statement
    private let add: Statement
    private let clear: Statement
    private let interval: Duration
    private var compactedAt: ContinuousClock.Instant?

    static let daily: Duration = .seconds(86_400)

    init(_ database: borrowing Database, every interval: Duration = Erasure.daily) throws {
        log = try LogTidying(database, within: .zero)
        vacuum = try database.prepare("VACUUM")
        count = try database.prepare("SELECT erased FROM model")
        add = try database.prepare("UPDATE model SET erased = erased + 1")
        clear = try database.prepare("UPDATE model SET erased = 0")
        self.interval = interval
    }

    /// Something was erased in the transaction that is open.
    func note() throws {
        try add.run()
        log.note()
    }

    /// Something that was never shown was removed: the log is emptied, and no more is done.
    func noteRemoval() { log.note() }

    /// What is due, outside of any transaction. What readers of the file hold up is due again next time.
    ///
    /// - Parameter onUncompacted: hears why the file could not be compacted, most likely for want of room.
    ///   That is no reason to show the public nothing.
    func finish(_ onUncompacted: (StoreError) -> Void) throws {
        if try isCompactionDue() {
            compactedAt = .now
            do {
                try vacuum.run()
                try clear.run()
            } catch {
                onUncompacted(error)
            }
            log.note()
        }
        if log.isDue { try log.truncate() }
    }

    private func isCompactionDue() throws -> Bool {
        if let compactedAt, .now - compactedAt < interval { return false }
        return try count.first { $0.integer(0) > 0 } ?? false
    }
}
