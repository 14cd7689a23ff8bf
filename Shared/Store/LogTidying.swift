/// Empties a file's write-ahead log when something was written to the file.
///
/// The log holds former versions of pages until it is written over, and with them what was replaced or
/// deleted. A file is overwritten there at once (`secure_delete`), its log only by this.
public final class LogTidying {
    private let checkpoint: Statement
    private let within: Duration
    /// Since when the log may hold former versions; nil where it holds none.
    private var untidySince: ContinuousClock.Instant?

    /// It is due from the start: the process before us may have died with a full log.
    ///
    /// - Parameter within: how long the bytes of what was deleted may outlive it; each time costs two waits
    ///   for the disk.
    public init(_ database: borrowing Database, within: Duration) throws(StoreError) {
        checkpoint = try database.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
        self.within = within
        untidySince = .now
    }

    /// Something was written.
    public func note() { untidySince = untidySince ?? .now }

    public var isDue: Bool { untidySince.map { .now - $0 >= within } ?? false }

    /// Brings everything from the log into the file and cuts the log to nothing; not inside a transaction.
    /// While somebody reads the file the log can't be cut. Then it stays due.
    public func truncate() throws {
        let isHeldUp = try checkpoint.first { $0.integer(0) != 0 } ?? false
        if !isHeldUp { untidySince = nil }
    }

    /// Does it if it is due. What the disk or a reader prevents is done a while later.
    public func tidy() throws {
        guard isDue else { return }
        do {
            try truncate()
        } catch let error as StoreError where error.isOfDisk {}
        if untidySince != nil { untidySince = .now }
    }
}
