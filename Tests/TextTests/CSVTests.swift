import Support
import Testing
import Text

@Suite("CSV (RFC 4180)")
struct CSVTests {
    private func table(_ text: String) throws -> CSVTable { try CSVTable(Array(text.utf8)) }

    private func faults(_ bytes: [UInt8]) -> [String] {
        CSVTable.read(bytes).faults.map { "\($0.line): \($0.detail)" }
    }

    private func faults(_ text: String) -> [String] { faults(Array(text.utf8)) }

    @Test("header and rows, each with its line", arguments: ["\n", "\r\n"])
    func lines(end: String) throws {
        let table = try table(["id,name", "a,甲", "b,乙", ""].joined(separator: end))
        #expect(table.header == ["id", "name"])
        #expect(table.rows.map(\.fields) == [["a", "甲"], ["b", "乙"]])
        #expect(table.rows.map(\.line) == [2, 3])
        #expect(table.column("name") == 1)
        #expect(table.column("phone") == nil)
    }

    @Test("the last line needs no end, and a byte order mark is no part of the header")
    func withoutEnd() throws {
        let table = try table("\u{FEFF}id,name\na,甲")
        #expect(table.header == ["id", "name"])
        #expect(table.rows.map(\.fields) == [["a", "甲"]])
    }

    @Test("quoted fields hold commas, line ends and quotes; lines are counted on")
    func quoted() throws {
        let table = try table(
            "id,text\na,\"one, two\"\nb,\"first\nsecond\r\nthird\"\nc,\"say \"\"water\"\"\"\nd,\"\"\n")
        #expect(table.rows.map(\.fields[1]) == ["one, two", "first\nsecond\r\nthird", "say \"water\"", ""])
        #expect(table.rows.map(\.line) == [2, 3, 6, 7])
    }

    @Test("a quoted header and a field of quotes only")
    func onlyQuotes() throws {
        let table = try table("\"id\",\"a \"\"name\"\"\"\n\"\"\"\"\"\",\"\"\"\"\n")
        #expect(table.header == ["id", "a \"name\""])
        #expect(table.rows.map(\.fields) == [["\"\"", "\""]])
    }

    @Test("empty fields are fields; empty lines are none")
    func empty() throws {
        let table = try table("\n\na,b,c\n\n,,\n\r\n1,,3\n\n")
        #expect(table.rows.map(\.fields) == [["", "", ""], ["1", "", "3"]])
        #expect(table.rows.map(\.line) == [5, 7])
    }

    @Test("every row of another width is told, and the others are read")
    func widths() {
        let (table, faults) = CSVTable.read(Array("a,b\n1\n1,2\n1,2,3\n\"x\ny\"\n3,4\n".utf8))
        #expect(table.rows.map(\.fields) == [["1", "2"], ["3", "4"]])
        #expect(faults.map(\.line) == [2, 4, 5])
        #expect(
            faults.map(\.detail) == [
                "has 1 fields, the header has 2", "has 3 fields, the header has 2",
                "has 1 fields, the header has 2",
            ])
    }

    @Test("what can't be read without guessing is a fault on its line")
    func malformed() {
        #expect(faults("") == ["1: the table has no header"])
        #expect(faults("\n\n") == ["1: the table has no header"])
        #expect(faults("a,a\n") == ["1: the header names \"a\" twice"])
        #expect(faults("a,,b\n") == ["1: column 2 has no name"])
        #expect(faults("a\n1\n\"2\n3\n") == ["3: a quoted field begins here and never ends"])
        #expect(faults("a,b\n1,2\n3,\"4\"5\n") == ["3: text follows a closing quote"])
        #expect(faults("a,b\n1,2\"\n") == ["2: holds a quote in the middle of a field that is not quoted"])
        #expect(faults("a,b\n1,2\r3,4\n") == ["2: holds a carriage return without a line feed"])
        #expect(faults("a,b\n1,2\r") == ["2: holds a carriage return without a line feed"])
        #expect(faults(Array("a,b\n1,2\n3,".utf8) + [0xFF, 0x0A]) == ["3: is not valid UTF-8"])
        #expect(faults(Array("a\n".utf8) + [0xE6, 0xB2]) == ["2: is not valid UTF-8"])
    }

    @Test("thrown, a fault names its line as the field")
    func thrown() {
        #expect(throws: Malformed("line 2", "has 1 fields, the header has 2")) { try table("a,b\n1\n") }
    }

    @Test("limits have names")
    func limits() {
        let long = String(repeating: "x", count: Limit.tableFieldBytes)
        #expect(faults("a\n\(long)\n") == [])
        #expect(faults("a\n\(long)x\n") == ["2: holds a field longer than 65536 bytes"])
        #expect(faults("a\n\"\(long)x\"\n") == ["2: holds a field longer than 65536 bytes"])
        let rows = String(repeating: "1\n", count: Limit.tableRows)
        #expect(faults("a\n\(rows)") == [])
        #expect(faults("a\n\(rows)1\n") == ["200002: the table has more than 200000 rows"])
        let wide = (1...Limit.tableColumns).map(String.init).joined(separator: ",")
        #expect(faults("\(wide)\n") == [])
        #expect(faults("\(wide),x\n") == ["1: has more than 512 fields"])
        #expect(faults("a,b\n" + String(repeating: "1\n", count: 500)).count == Limit.tableFaults)
    }

    @Test("whatever is written is read back")
    func roundTrip() throws {
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            let columns = Int.random(in: 1...6, using: &random)
            let rows = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                (0..<columns).map { _ in random.text(0...12) }
            }
            let end = random.once(in: 2) ? "\r\n" : "\n"
            let header = (1...columns).map { "c\($0)" }
            let text = ([header] + rows).map { row in
                row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
            }.joined(separator: end)
            #expect(try table(text).rows.map(\.fields) == rows, "seed \(seed)")
        }
    }

    @Test("any bytes are read or refused")
    func anyBytes() {
        let alphabet = Array("a,\"\n\r\u{FEFF}河".utf8)
        for seed in UInt64(0)..<2000 {
            var random = SplitMix64(seed: seed)
            let count = Int.random(in: 0...60, using: &random)
            let bytes =
                seed % 4 == 0 ? random.bytes(count) : (0..<count).map { _ in random.one(of: alphabet) }
            let (table, faults) = CSVTable.read(bytes)
            #expect(table.rows.allSatisfy { $0.fields.count == table.header.count }, "seed \(seed)")
            #expect((try? CSVTable(bytes)) == (faults.isEmpty ? table : nil), "seed \(seed)")
        }
    }
}
