internal import CSQLite

/// A connection to one SQLite file.
///
/// Not Sendable, and without a lock: only the thread that opens it uses it. So SQLite runs in its
/// multi-thread mode (<https://www.sqlite.org/threadsafe.html>) and needs no mutex.
@safe public struct Database: ~Copyable {
    private let raw: OpaquePointer

    public enum Access: Sendable {
        case readWrite
        /// Reads while another connection writes: write-ahead logging lets both go on.
        case readOnly
        /// A new file that is thrown away unless it is completed. Nothing in it can be rolled back, so each
        /// page is written once; a commit returns when the whole file is on the disk.
        case building
    }

    /// Opens or creates the file, in WAL mode unless it is being built.
    ///
    /// With `synchronous = NORMAL` all commits survive a crash of the process, but a power cut may lose the
    /// last ones. That is enough for a store, which is a cache of the log and reads them there again
    /// (<https://www.sqlite.org/pragma.html#pragma_synchronous>). Deleted values are overwritten in the file;
    /// `LogTidying` removes them from the write-ahead log.
    public init(path: String, access: Access = .readWrite) throws(StoreError) {
        var handle: OpaquePointer?
        let flags =
            SQLITE_OPEN_NOMUTEX
            | (access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard let opened = unsafe handle else {
            throw StoreError(code: code, message: "out of memory", sql: nil)
        }
        unsafe sqlite3_busy_timeout(opened, Self.busyMilliseconds)
        let set = code == SQLITE_OK ? unsafe sqlite3_exec(opened, access.setUp, nil, nil, nil) : code
        guard set == SQLITE_OK else {
            let error = unsafe StoreError(
                code: set, message: String(cString: sqlite3_errmsg(opened)), sql: path)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe raw = opened
    }

    deinit {
        // v2 waits for statements that are still alive, so the order of closing does not matter.
        unsafe sqlite3_close_v2(raw)
    }

    private static let busyMilliseconds: Int32 = 5000

    /// Runs statements that have no parameters and return no rows.
    public func execute(_ sql: String) throws(StoreError) {
        let code = unsafe sqlite3_exec(raw, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, sql) }
    }

    public func prepare(_ sql: String) throws(StoreError) -> Statement {
        var handle: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(raw, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let statement = unsafe handle else { throw error(code, sql) }
        return unsafe Statement(statement, of: raw)
    }

    /// Runs `body` in one transaction. If `body` throws, the transaction is rolled back.
    public func transaction<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// How many rows the last statement changed.
    public var changes: Int { unsafe Int(sqlite3_changes(raw)) }

    private func error(_ code: Int32, _ sql: String) -> StoreError {
        unsafe StoreError(code: code, message: String(cString: sqlite3_errmsg(raw)), sql: sql)
    }
}

extension Database.Access {
    fileprivate var setUp: String {
        switch self {
        case .readWrite: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \(Self.both)"
        case .readOnly: ""
        case .building: "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; \(Self.both)"
        }
    }

    /// A file may hold what a person wrote. When a value is replaced or deleted, its bytes are overwritten,
    /// too (<https://www.sqlite.org/pragma.html#pragma_secure_delete>).
    private static let both = "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON"
}

/// What SQLite refused. The values that were bound are not part of it: they may be personal data.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    public let message: String
    public let sql: String?

    /// The disk is full or can't be written (<https://www.sqlite.org/rescode.html>). The transaction is
    /// rolled back, and the same work may succeed when there is room again.
    public var isOfDisk: Bool { [SQLITE_FULL, SQLITE_IOERR].contains(code & 0xff) }

    public var description: String { "SQLite \(code): \(message)" + (sql.map { " [\($0)]" } ?? "") }
}
