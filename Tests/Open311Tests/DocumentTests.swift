import Foundation
import Open311
import Testing
import Text

@Suite("Answers of GeoReport v2")
struct DocumentTests {
    private func text(_ document: Document, _ format: Format) -> String {
        String(decoding: document.written(as: format), as: UTF8.self)
    }

    private let requests = Document(
        "service_requests",
        .list(
            of: "request",
            [
                .fields([
                    .init("service_request_id", "7KQ2"), .init("status_notes", nil as String?),
                    .init("lat", 30.25), .init("long", 120.0), .init("metadata", true),
                ])
            ]))

    @Test("JSON drops the root, keeps one child an array, and says null for what is empty")
    func json() {
        let request =
            #"{"service_request_id":"7KQ2","status_notes":null,"lat":30.25,"long":120,"metadata":true}"#
        #expect(text(requests, .json) == "[\(request)]")
        #expect(text(Document("services", .list(of: "service", [])), .json) == "[]")
        #expect(
            text(
                Document("discovery", .fields([.init("formats", .list(of: "format", [.text("a/b")]))])), .json
            )
                == #"{"formats":["a/b"]}"#)
    }

    @Test("XML names its encoding and every element")
    func xml() {
        #expect(
            text(requests, .xml)
                == "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service_requests><request>"
                + "<service_request_id>7KQ2</service_request_id><status_notes/><lat>30.25</lat>"
                + "<long>120</long><metadata>true</metadata></request></service_requests>")
        #expect(text(Document("services", .list(of: "service", [])), .xml).hasSuffix("\n<services/>"))
    }

    @Test("every text comes back from a parser as it was, but for what XML does not allow")
    func escaping() throws {
        let all =
            (0..<0x300).compactMap { Unicode.Scalar($0 as UInt32) } + ["\u{FFFE}", "\u{FFFF}", "水", "🐟"]
        let said = String(String.UnicodeScalarView(all)) + "]]>&amp;\r\n<a b=\"c\">"
        let parser = XMLReader()
        let bytes = Document("a", .fields([.init("b", said)])).written(as: .xml)
        let read = try #require(try parser.text(of: "b", in: bytes))
        let expected = String(
            String.UnicodeScalarView(
                said.unicodeScalars.map { scalar in
                    let isForbidden =
                        (scalar < " " && !["\t", "\n", "\r"].contains(scalar))
                        || scalar == "\u{FFFE}" || scalar == "\u{FFFF}"
                    return isForbidden ? " " : scalar
                }))
        #expect(Array(read.utf8) == Array(expected.utf8))
    }

    @Test("an address ends with its format")
    func format() {
        #expect(Format.cut("001.json")?.name == "001" && Format.cut("001.json")?.format == .json)
        #expect(Format.cut("a.b.xml")?.name == "a.b" && Format.cut("a.b.xml")?.format == .xml)
        for text in ["001", "001.", "001.JSON", "json", "001.html"] { #expect(Format.cut(text) == nil) }
    }

    @Test("errors have a code and a description, one for each fault")
    func faults() {
        let fault = Fault(
            Malformed([FieldFault("contact.phone", "is too short"), FieldFault("", "no body")]),
            fields: ["contact.phone": "phone"])
        let phone = #"{"code":"400","description":"phone is too short"}"#
        let body = #"{"code":"400","description":"no body"}"#
        #expect(text(fault.document, .json) == "[\(phone),\(body)]")
        let error = "<error><code>404</code><description>There is no such service.</description></error>"
        #expect(
            text(Fault(404, "There is no such service.").document, .xml)
                .hasSuffix("<errors>\(error)</errors>"))
    }
}

/// A parser that we did not write: Python's.
private struct XMLReader {
    func text(of element: String, in bytes: [UInt8]) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sys, xml.etree.ElementTree as tree
            root = tree.fromstring(sys.stdin.buffer.read())
            sys.stdout.buffer.write(root.find(sys.argv[1]).text.encode())
            """, element,
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
        try input.fileHandleForWriting.close()
        let read = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(data: read, encoding: .utf8)
    }
}
