import FoundationEssentials
import Store
import Testing

@Suite("An error says which statement and never which values")
struct ErrorTests {
    private let phone = "+86 000 0000 0101"

    @Test("a statement that is no SQL is named")
    func syntax() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        for sql in ["SELEC 1", "SELECT * FROM nowhere", ""] {
            let error = #expect(throws: StoreError.self) { _ = try database.prepare(sql) }
            #expect(error?.sql == sql)
            #expect(error?.description.contains(sql) == true)
        }
    }

    @Test("a broken constraint shows the statement with its question marks, not the phone that was bound")
    func bound() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE contacts (phone TEXT UNIQUE CHECK (length(phone) < 40))")
        let insert = try database.prepare("INSERT INTO contacts VALUES (?)")
        try insert.run(.text(phone))

        for value in [phone, phone + String(repeating: "0", count: 40)] {
            let error = #expect(throws: StoreError.self) { try insert.run(.text(value)) }
            #expect(error?.sql == "INSERT INTO contacts VALUES (?)")
            #expect(error?.description.contains("0101") == false)
            #expect(error.map { "\($0)".contains("contacts") } == true)
        }
    }

    @Test("the statement works again after an error")
    func reusable() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        try database.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL)")
        let insert = try database.prepare("INSERT INTO t VALUES (?, ?)")

        #expect(throws: StoreError.self) { try insert.run(.integer(1), .null) }
        try insert.run(.integer(1), .text("a"))
        #expect(throws: StoreError.self) { try insert.run(.integer(1), .text("b")) }
        try insert.run(.integer(2), .text("c"))

        #expect(try database.prepare("SELECT v FROM t ORDER BY k").all { $0.text(0) } == ["a", "c"])
    }

    @Test("a file that is no database is refused when it is opened, by its path")
    func notADatabase() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("garbage.sqlite")
        try Data(repeating: 0x41, count: 4096).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { _ = try Database(path: path) }
        #expect(error?.description.contains("garbage.sqlite") == true)
    }

    @Test("fewer or more values than question marks is our own mistake, and stops the process")
    func wrongCount() async {
        await #expect(processExitsWith: .failure) {
            let database = try Database(path: ":memory:")
            try database.prepare("SELECT ?").run()
        }
    }
}
