import Models
import Processing
import Readings
import Testing
import Text

@Suite("A table's encoding is found by rules")
struct TableTextTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let text = "断面,时间,pH\n街口,2026-07-09 00:00,7\n"

    private func table(_ bytes: [UInt8], _ charset: TableEncoding? = nil) throws(Malformed) -> ReadingTable {
        var options = ReadingTable.Options()
        options.charset = charset
        return try ReadingTable(bytes, sections: Sections.book, now: now, options: options)
    }

    private static let notUTF8 = "is not valid UTF-8; if it is GB18030, say charset=gb18030 or nothing"

    private func fault(_ bytes: [UInt8], _ charset: TableEncoding? = nil) -> String {
        do throws(Malformed) {
            let table = try table(bytes, charset)
            return "read as \(table.encoding.rawValue)"
        } catch {
            return error.description
        }
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { place in
            UInt8(hexadecimal.dropFirst(place).prefix(2), radix: 16)
        }
    }

    private static func utf16(_ text: String, isBig: Bool) -> [UInt8] {
        text.utf16.flatMap {
            isBig ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)]
        }
    }

    /// What Python's gb18030 codec made of it, a character of four bytes among them.
    @Test("what Excel and WPS write in China")
    func gb18030() throws {
        let table = try table(
            bytes(
                "b6cfc3e6c3fbb3c62cbce0b2e2cab1bce42cb0b1b5aaa3a86d672f4ca3a92cc0b4d4b40d0abdd6bfda2c32303236c4ea39"
                    + "d4c232c8d520383a30332c302e352c8139ee39d1f9c0fd0d0acda9c2ae2c323032362d392d3220383a30332c3c302e3032"
                    + "352cd1f9c0fd0d0a"))
        #expect(table.encoding == .gb18030)
        #expect(table.reports.map(\.section.rawValue) == ["jiekou", "tonglu"])
        #expect(table.reports.map(\.source) == ["㐀样例", "样例"])
        #expect(table.reports.allSatisfy { $0.observedAt.description == "2026-09-02T00:03:00.000Z" })
        #expect(
            table.reports[1].measurements[.ammoniaNitrogen] == Measurement(.below(0.025), written: "<0.025"))
    }

    @Test("UTF-16 with a mark and without one, in either order", arguments: [false, true], ["\u{FEFF}", ""])
    func utf16(isBig: Bool, mark: String) throws {
        let table = try table(Self.utf16(mark + Self.text, isBig: isBig))
        #expect(table.encoding == (isBig ? .utf16BigEndian : .utf16LittleEndian))
        #expect(table.reports.map(\.section.rawValue) == ["jiekou"])
        // 一 has a zero byte of its own, and 上 one that looks like a line feed's other half.
        let odd = Self.utf16(mark + "断面,时间,pH,来源\n街口,2026-07-09 00:00,7,一上\u{0A0A}Ā\n", isBig: isBig)
        #expect(try self.table(odd).reports.first?.source == "一上\u{0A0A}Ā")
    }

    @Test("UTF-8 with a mark and without one")
    func utf8() throws {
        for mark in ["", "\u{FEFF}"] {
            let table = try table(Array((mark + Self.text).utf8))
            #expect(table.encoding == .utf8 && table.reports.count == 1)
        }
    }

    @Test("a mark counts more than what the sender says, and that more than the bytes")
    func order() throws {
        #expect(try table(Array("\u{FEFF}\(Self.text)".utf8), .gb18030).encoding == .utf8)
        #expect(try table(Self.utf16(Self.text, isBig: false), .utf16LittleEndian).reports.count == 1)
        let gb18030 = bytes("b6cfc3e62ccab1bce42c70480abdd6bfda2c323032362d30372d30392030303a30302c370a")
        #expect(try table(gb18030).reports.count == 1)
        #expect(try table(gb18030, .gb18030).reports.count == 1)
        #expect(fault(gb18030, .utf8) == "line 1: \(Self.notUTF8)")
        // 联通 in GB 2312 is famous for passing as UTF-8 with careless readers.
        #expect(
            fault(Array("section,time,pH\n".utf8) + bytes("c1aacda8") + Array(",2026-07-09 00:00,7\n".utf8))
                == "line 2, section: \"联通\" is not a section of the registry")
    }

    @Test("what is in no encoding known here is refused with its line")
    func broken() {
        let table = Array(Self.text.utf8)
        #expect(fault(table + [0xFF, 0x0A]) == "line 3: is neither valid UTF-8 nor valid GB18030")
        #expect(fault([0xEF, 0xBB, 0xBF] + table + [0xFF]) == "line 3: \(Self.notUTF8)")
        #expect(fault([0xFF, 0xFE] + [0x61]) == "line 1: is not valid UTF-16")
        let lone = Self.utf16(Self.text, isBig: false) + [0x00, 0xD8]
        #expect(fault(lone) == "line 3: is not valid UTF-16")
        #expect(fault([0] + table) == "holds zero bytes and is not UTF-16; save it as CSV UTF-8")
        #expect(fault(table + [0]).hasPrefix("holds zero bytes, but read as UTF-16 it has no known header"))
        // "Température" in Latin 1 is GB18030 by chance, and no header.
        #expect(
            fault(Array("section,time,Temp".utf8) + [0xE9] + Array("rature\nbridge".utf8))
                == "line 1: there is no column for a parameter, such as 氨氮(mg/L)")
        #expect(
            fault(Array("site_id,Temp".utf8) + [0xE9] + Array("rature\nbridge".utf8))
                .hasPrefix("line 1: is not UTF-8, but read as GB18030 it has no known header"))
    }

    @Test("a spreadsheet is refused, and the fault says what to do")
    func spreadsheets() {
        for (bytes, name) in [
            ([0x50, 0x4B, 0x03, 0x04, 0x14, 0], ".xlsx"),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], ".xls"),
            (Array("\u{FEFF}<html><table>".utf8), "HTML"), (Array("  <?xml version=\"1.0\"?>".utf8), "XML"),
        ] as [([UInt8], String)] {
            let fault = fault(bytes)
            #expect(fault.contains(name) && fault.contains("save it as CSV UTF-8"), "\(fault)")
        }
    }

    @Test("a table has a limit in bytes")
    func limit() {
        let long = [UInt8](repeating: 0x61, count: Limit.tableBytes + 1)
        #expect(fault(long) == "is longer than 8388608 bytes; send it in parts")
    }
}
