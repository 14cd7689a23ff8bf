import Foundation
import Testing

@testable import HTTP

@Suite("Bodies of forms")
struct MultipartTests {
    private func parts(
        _ body: String, boundary: String = "xx", most: Int = 10
    ) throws -> [Multipart.Part] {
        try Multipart(
            Array(body.replacing("\n", with: "\r\n").utf8), type: "multipart/form-data; boundary=\(boundary)",
            most: most
        ).parts
    }

    @Test("parts come with their names, file names and types, and their bytes as they were")
    func parts() throws {
        let parts = try parts(
            """
            preamble
            --xx
            Content-Disposition: form-data; name="complaint"
            Content-Type: application/json; charset=utf-8

            {"a":1}
            --xx \t
            content-disposition: Form-Data; name=picture; filename="a; \\"b\\".jpg"
            Content-Type: image/JPEG

            \u{FF}\u{D8}

            --x
            --xx

            --xx--
            epilogue
            """.replacing(
                "--xx\n\n--xx--", with: "--xx\nContent-Disposition: form-data; name=\"\"\n\n\n--xx--"))
        #expect(parts.map(\.name) == ["complaint", "picture", ""])
        #expect(parts.map(\.fileName) == [nil, "a; \"b\".jpg", nil])
        #expect(parts.map(\.type) == ["application/json", "image/jpeg", "text/plain"])
        #expect(String(decoding: parts[0].body, as: UTF8.self) == "{\"a\":1}")
        #expect(String(decoding: parts[1].body, as: UTF8.self) == "\u{FF}\u{D8}\r\n\r\n--x")
        #expect(parts[2].body.isEmpty)
    }

    @Test(
        "what is no such body is refused",
        arguments: [
            "", "--xx", "--xx\n", "no boundary at all",
            "--xx\nContent-Disposition: form-data; name=a\n\nno end",
            "--xx\nContent-Disposition: form-data; name=a\n--xx--", "--xx\n\nno name\n--xx--",
            "--xx\nContent-Disposition: attachment; name=a\n\nb\n--xx--", "--xx\nno colon\n\nb\n--xx--",
            "--xxy\nContent-Disposition: form-data; name=a\n\nb\n--xx--",
        ])
    func malformed(_ body: String) {
        #expect(throws: Problem.self) { try parts(body) }
    }

    @Test("the number of parts and the head of each have a limit")
    func limits() {
        let one = "--xx\nContent-Disposition: form-data; name=a\n\nb\n"
        #expect(throws: Never.self) { try parts(String(repeating: one, count: 3) + "--xx--", most: 3) }
        #expect(throws: Problem.self) { try parts(String(repeating: one, count: 4) + "--xx--", most: 3) }
        let long = "--xx\nX: \(String(repeating: "y", count: 5000))\n\nb\n--xx--"
        #expect(throws: Problem.self) { try parts(long) }
    }

    @Test(
        "the boundary is found as clients write it",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;Boundary=\"a b\"", "a b"),
            ("multipart/form-data; charset=utf-8; boundary=----WebKit1", "----WebKit1"),
            ("multipart/form-data", nil), ("multipart/mixed; boundary=abc", nil),
            ("multipart/form-data; boundary=", nil), ("multipart/form-data; boundary=\"a \"", "a"),
            ("multipart/form-data; boundary=\(String(repeating: "a", count: 71))", nil),
        ])
    func boundary(_ type: String, _ boundary: String?) {
        #expect(Multipart.boundary(of: type) == boundary)
    }

    @Test("curl's own form is read, with a file that holds everything")
    func curlForm() throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } + Array("\r\n--".utf8)
        let folder = try TemporaryFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/p.jpg"))
        let got = Inbox<(String, [UInt8])>()
        let server = try serve { router in
            router.on(.post, "/", limit: 1_000_000) { request in
                got.put((request.headers["Content-Type"] ?? "", request.body))
                return .now(.empty)
            }
        }
        _ = try curl(
            "-F", "complaint={};type=application/json", "-F", "picture=@\(folder.path)/p.jpg", server.url("/")
        )
        let (type, body) = try got.take()[0]
        let parts = try Multipart(body, type: type, most: 2).parts
        #expect(parts.map(\.name) == ["complaint", "picture"])
        #expect(
            parts[1].fileName == "p.jpg" && parts[1].type == "image/jpeg" && Array(parts[1].body) == bytes)
    }

    @Test("fields are decoded, a name may come twice, and their number has a limit")
    func fields() throws {
        let form = try FormFields(parsing: "a=1&b=%E6%B0%B4+%2B&a=2&c&=d&attribute%5Bx%5D=y".utf8, most: 6)
        #expect(form.fields.map(\.name) == ["a", "b", "a", "c", "", "attribute[x]"])
        #expect(form.fields.map(\.value) == ["1", "水 +", "2", "", "d", "y"])
        #expect(try FormFields(parsing: "".utf8, most: 1).fields.isEmpty)
        for body in ["a=%", "a=%F", "a=%FF", "%ZZ=1"] {
            #expect(throws: Problem.self, "\(body)") { try FormFields(parsing: body.utf8, most: 6) }
        }
        #expect(throws: Problem.self) { try FormFields(parsing: "a&b&c".utf8, most: 2) }
        let bytes = try FormFields.bytes(parsing: "a=%CA%D5+%E6%B0%B4&b".utf8, most: 2)
        #expect(bytes.map(\.name) == ["a", "b"])
        #expect(bytes.map(\.value) == [[0xCA, 0xD5, 0x20, 0xE6, 0xB0, 0xB4], []])
        #expect(throws: Problem.self) { try FormFields.bytes(parsing: "%CA=1".utf8, most: 2) }
    }
}
