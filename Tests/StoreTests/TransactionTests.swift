import Store
import Testing

@Suite("A transaction happens whole or not at all")
struct TransactionTests {
    private struct Interrupted: Error {}

    @Test("what throws inside rolls everything back, and the connection goes on")
    func rollsBack() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")

        #expect(throws: Interrupted.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1), (2)")
                throw Interrupted()
            }
        }
        #expect(try database.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 0)

        let answer = try database.transaction {
            try database.execute("INSERT INTO t VALUES (3)")
            return "kept"
        }
        #expect(answer == "kept")
        #expect(try database.prepare("SELECT k FROM t").all { $0.integer(0) } == [3])
    }

    @Test("a constraint broken half way undoes the half before it")
    func constraint() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        let insert = try database.prepare("INSERT INTO t VALUES (?)")

        #expect(throws: StoreError.self) {
            try database.transaction {
                try insert.run(.integer(1))
                try insert.run(.integer(1))
            }
        }
        #expect(try database.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 0)
        try insert.run(.integer(1))
        #expect(database.changes == 1)
    }

    @Test("a constraint that is checked only at the commit rolls back too")
    func deferredConstraint() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute(
            """
            CREATE TABLE parent (k INTEGER PRIMARY KEY);
            CREATE TABLE child (p INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)
            """)

        #expect(throws: StoreError.self) {
            try database.transaction { try database.execute("INSERT INTO child VALUES (7)") }
        }
        #expect(try database.prepare("SELECT count(*) FROM child").first { $0.integer(0) } == 0)
        // And no transaction was left open behind the failed commit.
        try database.transaction { try database.execute("INSERT INTO parent VALUES (7)") }
    }

    @Test("a transaction inside another is refused and harms neither the connection nor the file")
    func nested() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER)")

        #expect(throws: StoreError.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1)")
                try database.transaction { try database.execute("INSERT INTO t VALUES (2)") }
            }
        }
        #expect(try database.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 0)
        try database.transaction { try database.execute("INSERT INTO t VALUES (3)") }
    }
}
