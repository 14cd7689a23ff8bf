public import Processing
public import Store

/// A read model of topics: its positions are kept in the same SQLite transaction as what it made of the
/// records, so it needs no Kafka transaction, and a record is applied once.
///
/// Everything it knows comes from the topics; deleting the file makes the next start read them from the
/// beginning.
public protocol Projection: AnyObject {
    /// The version of the reader: raised with every change of its tables, or of what it makes of a record. A
    /// file of another version is deleted, and the topics are read into a new one.
    static var version: Int { get }

    /// The statements that make its tables. They find a table `positions` (`topic`, `partition`, `next`).
    static var schema: [String] { get }

    /// Prepares its statements on a database whose schema is up to date.
    init(_ database: borrowing Database) throws

    /// Takes in one record; the loop has opened the transaction. What can't be understood is skipped, never
    /// thrown: a public page must not stop for one bad record. It throws for a failing store alone.
    func apply(_ record: Record) throws

    /// After the commit: snapshots to publish under compacted keys. Sent again if the process dies before
    /// `published`.
    func pending() throws -> [Outgoing]
    func published() throws
}

extension Projection {
    /// Every step of a projection's file.
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
