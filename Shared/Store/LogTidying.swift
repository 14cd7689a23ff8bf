/// Empties a file's write-ahead log after something was written to the file.
///
/// The write-ahead log holds former versions of pages until it is overwritten, and with them values that were
/// replaced or deleted. In the file itself they are overwritten at once (`secure_delete`), in its log only by
/// this.
public final class LogTidying {
    private let checkpoint: Statement
    private let within: Duration
    /// The time since when the log may hold former versions; nil if it holds none.
    private var untidySince: ContinuousClock.Instant?

    /// It is due from the start: the former process may have died before it emptied the log.
    ///
    /// - Parameter within: how long the bytes of deleted values may stay in the log. Each tidying costs two
    ///   waits for the disk.
    public init(_ database: borrowing Database, within: Duration) throws(StoreError) {
        checkpoint = try database.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
        self.within = within
        untidySince = .now
    }

    /// Call it after something was written.
    public func note() { untidySince = untidySince ?? .now }

    public var isDue: Bool { untidySince.map { .now - $0 >= within } ?? false }

    /// Brings everything from the log into the file and cuts the log to zero bytes. Do not call it inside a
    /// transaction. While a reader uses the file the log can't be cut; then the work stays due.
    public func truncate() throws {
        let isHeldUp = try checkpoint.first { $0.integer(0) != 0 } ?? false
        if !isHeldUp { untidySince = nil }
    }

    /// Truncates the log if that is due. If the disk or a reader prevents it, it is tried again a while
    /// later.
    public func tidy() throws {
        guard isDue else { return }
        do {
            try truncate()
        } catch let error as StoreError where error.isOfDisk {}
        if untidySince != nil { untidySince = .now }
    }
}
