public import Processing
public import Store

/// A read model of topics. It stores its positions in the same SQLite transaction as its tables, so each
/// record is applied once, and it needs no Kafka transaction.
///
/// Everything in it comes from the topics. If its file is deleted, the next start reads them from the
/// beginning.
public protocol Projection: AnyObject {
    /// The version of this projection. Raise it with every change of its tables, or of what it makes of a
    /// record. A file of another version is deleted, and the topics are read into a new one.
    static var version: Int { get }

    /// The statements that make its tables. The table `positions` (`topic`, `partition`, `next`) exists
    /// already.
    static var schema: [String] { get }

    /// Prepares its statements on a database whose schema is up to date.
    init(_ database: borrowing Database) throws

    /// Applies one record; the loop has opened the transaction. A record that can't be understood is skipped,
    /// because a public page must not stop for one bad record. Only a failing store throws.
    func apply(_ record: Record) throws

    /// Called after the commit: the snapshots to publish under compacted keys. If the process dies before
    /// `published`, they are sent again.
    func pending() throws -> [Outgoing]
    func published() throws
}

extension Projection {
    /// All migration steps of a projection's file.
    public static var steps: [String] {
        [
            """
            CREATE TABLE positions (
                topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
                PRIMARY KEY (topic, partition)
            ) WITHOUT ROWID
            """
        ] + schema
    }

    public static var version: Int { 1 }

    public func pending() throws -> [Outgoing] { [] }
    public func published() throws {}
}
