import Models
import Store

/// Makes erased data unreadable in the files, too.
///
/// SQLite leaves deleted data in three places:
/// 1. In the page that held it. `Database` lets SQLite overwrite it there.
/// 2. In the write-ahead log, which holds former versions of pages until it is overwritten (`LogTidying`).
/// 3. In other pages: when SQLite splits or joins pages it moves rows, and may leave their bytes in the
///    unused part of a page. In tests, one or none of 1500 erased texts was still there. `VACUUM` writes the
///    whole file again, and nothing else removes such bytes.
///
/// The first is done at once, the second at the end of the batch. The cost of the third grows with the size
/// of the file, so it is done at most once a day. The file itself stores that something waits for it.
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

    /// Call it when something was erased in the open transaction.
    func note() throws {
        try add.run()
        log.note()
    }

    /// Call it when something was removed that was never shown: then only the log is emptied.
    func noteRemoval() { log.note() }

    /// Does what is due; call it outside of any transaction. Work that readers of the file or a full disk
    /// prevent is due again next time.
    ///
    /// - Parameter onUncompacted: is told why the file could not be compacted, most likely for lack of space.
    ///   The public side goes on in that case.
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
        try log.tidy()
    }

    private func isCompactionDue() throws -> Bool {
        if let compactedAt, .now - compactedAt < interval { return false }
        return try count.first { $0.integer(0) > 0 } ?? false
    }
}
