internal import CSQLite

/// What SQLite stores.
public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    public static func integer(_ value: Int) -> Value { .integer(Int64(value)) }
    public static func text(orNull value: String?) -> Value { value.map(Value.text) ?? .null }
    public static func integer(orNull value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    public static func real(orNull value: Double?) -> Value { value.map(Value.real) ?? .null }
}

/// A prepared statement that can run many times with other values.
@safe public struct Statement: ~Copyable {
    private let raw: OpaquePointer
    private let database: OpaquePointer

    /// Takes over a statement that was just prepared.
    @unsafe init(_ raw: OpaquePointer, of database: OpaquePointer) {
        unsafe self.raw = raw
        unsafe self.database = database
    }

    deinit {
        unsafe sqlite3_finalize(raw)
    }

    /// Runs the statement to its end; rows are dropped.
    public func run(_ values: Value...) throws(StoreError) {
        try run(values)
    }

    public func run(_ values: [Value]) throws(StoreError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// Calls `body` for each row.
    public func forEach(_ values: Value..., body: (borrowing Row) throws -> Void) throws {
        try forEach(values, body: body)
    }

    public func forEach(_ values: [Value], body: (borrowing Row) throws -> Void) throws {
        defer { reset() }
        try bind(values)
        while try step() { try unsafe body(Row(raw)) }
    }

    /// The result of `read` for the first row; nil if there is none.
    public func first<Result>(_ values: Value..., read: (borrowing Row) throws -> Result) throws -> Result? {
        defer { reset() }
        try bind(values)
        return try step() ? try unsafe read(Row(raw)) : nil
    }

    /// The results of `read` for all rows.
    public func all<Result>(_ values: Value..., read: (borrowing Row) throws -> Result) throws -> [Result] {
        try all(values, read: read)
    }

    public func all<Result>(_ values: [Value], read: (borrowing Row) throws -> Result) throws -> [Result] {
        var results: [Result] = []
        try forEach(values) { results.append(try read($0)) }
        return results
    }

    private func step() throws(StoreError) -> Bool {
        switch unsafe sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    private func reset() {
        unsafe sqlite3_reset(raw)
        unsafe sqlite3_clear_bindings(raw)
    }

    private func bind(_ values: [Value]) throws(StoreError) {
        let expected = unsafe Int(sqlite3_bind_parameter_count(raw))
        precondition(values.count == expected, "\(values.count) values for \(expected) parameters")
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, a cast that the importer cannot follow: SQLite takes its own copy.
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return unsafe sqlite3_bind_null(raw, index)
        case .integer(let number): return unsafe sqlite3_bind_int64(raw, index, number)
        case .real(let number): return unsafe sqlite3_bind_double(raw, index, number)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text has no address, and SQLite would read that as NULL.
                    guard let start = characters.baseAddress else {
                        return unsafe sqlite3_bind_text(raw, index, "", 0, copied)
                    }
                    return unsafe sqlite3_bind_text(raw, index, start, Int32(characters.count), copied)
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return unsafe sqlite3_bind_zeroblob(raw, index, 0) }
            return unsafe bytes.withUnsafeBytes {
                unsafe sqlite3_bind_blob(raw, index, $0.baseAddress, Int32($0.count), copied)
            }
        }
    }

    private func error(_ code: Int32) -> StoreError {
        unsafe StoreError(
            code: code, message: String(cString: sqlite3_errmsg(database)),
            sql: sqlite3_sql(raw).map { unsafe String(cString: $0) })
    }
}

/// The current row of a statement. It is valid only inside the closure that gets it.
@safe public struct Row: ~Copyable {
    private let raw: OpaquePointer

    @unsafe init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    public func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(raw, column) == SQLITE_NULL }

    public func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(raw, column) }

    public func real(_ column: Int32) -> Double { unsafe sqlite3_column_double(raw, column) }

    public func text(_ column: Int32) -> String { String(decoding: blob(column), as: UTF8.self) }

    public func textIfPresent(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    public func integerIfPresent(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    public func blob(_ column: Int32) -> [UInt8] {
        // The pointer first, then the count: the order that the manual asks for (c3ref/column_blob.html).
        guard let start = unsafe sqlite3_column_blob(raw, column) else { return [] }
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column))))
    }
}
