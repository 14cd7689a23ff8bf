import Store
import Testing

@Suite("A schema grows step by step")
struct MigrationTests {
    private let steps = [
        "CREATE TABLE t (k INTEGER)", "INSERT INTO t VALUES (1)", "ALTER TABLE t ADD v TEXT",
    ]

    @Test("each step is taken once, however often the file is opened")
    func once() throws {
        let folder = try TemporaryFolder()
        for _ in 1...3 {
            let database = try Database(path: folder.file("a.sqlite"))
            try database.migrate(steps)
        }
        let database = try Database(path: folder.file("a.sqlite"))
        #expect(try database.prepare("SELECT k, v FROM t").all { $0.integer(0) } == [1])
    }

    @Test("a file of an older version takes the steps it lacks")
    func grows() throws {
        let folder = try TemporaryFolder()
        try Database(path: folder.file("a.sqlite")).migrate(Array(steps.prefix(1)))

        let database = try Database(path: folder.file("a.sqlite"))
        try database.migrate(steps)

        #expect(try database.prepare("SELECT k, v FROM t").all { $0.textIfPresent(1) } == [nil])
    }

    @Test("a file made by a newer version is refused and left as it is")
    func newer() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.migrate(steps)

        let error = #expect(throws: StoreError.self) { try database.migrate(Array(steps.prefix(2))) }

        #expect(error?.description.contains("3") == true && error?.description.contains("newer") == true)
        #expect(try database.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 1)
    }

    @Test("a step that fails leaves the version before it, and can be tried again")
    func failingStep() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))

        #expect(throws: StoreError.self) {
            try database.migrate([
                "CREATE TABLE t (k INTEGER)", "CREATE TABLE u (k); INSERT INTO nowhere VALUES (1)",
            ])
        }
        #expect(try database.prepare("PRAGMA user_version").first { $0.integer(0) } == 1)

        try database.migrate(["CREATE TABLE t (k INTEGER)", "CREATE TABLE u (k)"])
        #expect(try database.prepare("SELECT count(*) FROM u").first { $0.integer(0) } == 0)
    }
}
