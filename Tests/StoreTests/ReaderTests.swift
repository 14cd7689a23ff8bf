import FoundationEssentials
import Store
import Testing

@Suite("A reader beside a writer")
struct ReaderTests {
    @Test("sees what is committed and nothing else")
    func committedOnly() throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("a.sqlite"))
        try writer.execute("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (1)")
        let reader = try Database(path: folder.file("a.sqlite"), access: .readOnly)
        let count = try reader.prepare("SELECT count(*) FROM t")

        try writer.transaction {
            try writer.execute("INSERT INTO t VALUES (2)")
            #expect(try count.first { $0.integer(0) } == 1, "the reader saw an open transaction")
            #expect(try writer.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 2)
        }
        #expect(try count.first { $0.integer(0) } == 2)
    }

    @Test("keeps the picture it began with while the writer goes on")
    func snapshot() throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("a.sqlite"))
        try writer.execute("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (1)")
        let reader = try Database(path: folder.file("a.sqlite"), access: .readOnly)

        try reader.execute("BEGIN")
        #expect(try reader.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 1)
        try writer.execute("INSERT INTO t VALUES (2)")
        #expect(try reader.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 1)
        try reader.execute("COMMIT")
        #expect(try reader.prepare("SELECT count(*) FROM t").first { $0.integer(0) } == 2)
    }

    @Test("reads what was built before, which left nothing but the file")
    func built() throws {
        let folder = try TemporaryFolder()
        do {
            let building = try Database(path: folder.file("a.sqlite"), access: .building)
            try building.execute("BEGIN; CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (1), (2)")
            try building.execute("CREATE INDEX i ON t (k); COMMIT")
            for journal in ["-journal", "-wal"] {
                #expect(!FileManager.default.fileExists(atPath: folder.file("a.sqlite\(journal)")))
            }
        }
        let writer = try Database(path: folder.file("a.sqlite"))
        try writer.execute("INSERT INTO t VALUES (3)")
        let reader = try Database(path: folder.file("a.sqlite"), access: .readOnly)
        #expect(try reader.prepare("SELECT k FROM t ORDER BY k").all { $0.integer(0) } == [1, 2, 3])
    }

    @Test("can't write")
    func readOnly() throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("a.sqlite"))
        try writer.execute("CREATE TABLE t (k INTEGER)")
        let reader = try Database(path: folder.file("a.sqlite"), access: .readOnly)
        #expect(throws: StoreError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
    }

    @Test("does not make a file that isn't there, and names it")
    func missing() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("missing.sqlite")
        let error = #expect(throws: StoreError.self) { _ = try Database(path: path, access: .readOnly) }
        #expect(error?.description.contains("missing.sqlite") == true)
    }
}
