import Store
import Testing

@Suite("A store gives back what it was given")
struct ValueTests {
    @Test(
        "every kind of value, with the edges of each",
        arguments: [
            Value.null, .integer(0), .integer(Int64.min), .integer(Int64.max), .real(0), .real(-1.5e300),
            .real(.infinity),
            .text(""), .text("投诉 e\u{301} 🐟"), .text("it's; DROP TABLE t --"), .text("before\u{0}after"),
            .blob([]), .blob([0, 255, 0]),
        ])
    func roundTrip(_ value: Value) throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (v)")

        try database.prepare("INSERT INTO t VALUES (?)").run(value)

        let read = try database.prepare("SELECT v, typeof(v) FROM t").first { row in
            (read(row), row.text(1), row.isNull(0))
        }
        let (back, type, isNull) = try #require(read)
        #expect(type == name(of: value), "SQLite took \(value) for another type")
        #expect(isNull == (value == .null))
        func read(_ row: borrowing Row) -> Value {
            switch value {
            case .null: row.textIfPresent(0).map(Value.text) ?? .null
            case .integer: .integer(row.integer(0))
            case .real: .real(row.real(0))
            case .text: .text(row.text(0))
            case .blob: .blob(row.blob(0))
            }
        }
        #expect(back == value)
    }

    @Test("a blob longer than any page")
    func longBlob() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let back = try database.prepare("SELECT ?").first(.blob(bytes)) { $0.blob(0) }
        #expect(back == bytes, "the blob changed on its way")
    }

    private func name(of value: Value) -> String {
        switch value {
        case .null: "null"
        case .integer: "integer"
        case .real: "real"
        case .text: "text"
        case .blob: "blob"
        }
    }

    @Test("an empty text is not NULL, and an absent one is")
    func emptyIsNotNull() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (a TEXT NOT NULL, b TEXT, c INTEGER, d REAL)")

        let absent: String? = nil
        try database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)")
            .run(.text(""), .text(orNull: absent), .integer(orNull: nil), .real(orNull: nil))

        let row = try database.prepare("SELECT a, b, c, d FROM t").first { row in
            (row.textIfPresent(0), row.textIfPresent(1), row.integerIfPresent(2), row.isNull(3))
        }
        #expect(row?.0 == "")
        #expect(row?.1 == nil && row?.2 == nil && row?.3 == true)
    }

    @Test("a statement run again keeps nothing of the values before")
    func bindingsAreCleared() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER, v TEXT)")
        let insert = try database.prepare("INSERT INTO t VALUES (?, ?)")

        try insert.run(.integer(1), .text("first"))
        try insert.run(.integer(2), .null)

        let rows = try database.prepare("SELECT v FROM t ORDER BY k").all { $0.textIfPresent(0) }
        #expect(rows == ["first", nil])
    }

    @Test("rows come in order, one by one; what a reader throws ends the reading and frees the statement")
    func rows() throws {
        struct Enough: Error {}
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (1), (2), (3)")
        let select = try database.prepare("SELECT k FROM t WHERE k >= ? ORDER BY k")

        var seen: [Int64] = []
        #expect(throws: Enough.self) {
            try select.forEach(.integer(1)) { row in
                seen.append(row.integer(0))
                if seen.count == 2 { throw Enough() }
            }
        }
        #expect(seen == [1, 2])
        #expect(try select.all(.integer(2)) { $0.integer(0) } == [2, 3])
        #expect(try select.first(.integer(9)) { $0.integer(0) } == nil)
        // A statement still standing on a row would keep the table from being dropped.
        try database.execute("DROP TABLE t")
    }
}
