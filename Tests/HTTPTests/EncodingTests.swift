import Testing

@testable import HTTP

/// A body that comes in two forms (RFC 9110 §12.5.3).
@Suite("Compressed answers")
struct EncodingTests {
    @Test(
        "gzip is for those who take it",
        arguments: [
            ("gzip", true), ("br, gzip;q=0.5", true), ("GZIP", true), ("x-gzip", true), ("*", true),
            ("gzip ; q=1.0", true), ("", false), ("identity", false), ("br", false), ("gzip;q=0", false),
            ("gzip;q=0.000, br", false), ("*;q=0", false), ("*, gzip;q=0", false), ("gzip;q=0, *", false),
            ("notgzip", false),
        ])
    func taken(_ offer: String, _ isTaken: Bool) {
        #expect(([("Accept-Encoding", offer)] as Headers).takeGzip == isTaken)
    }

    @Test("without the header nobody said that he takes it")
    func silent() {
        #expect(!Headers().takeGzip)
    }

    @Test("one address has both forms, and caches are told what decides")
    func chosen() throws {
        let server = try serve { router in
            router.on(.get, "/") { _ in
                var response = Response.text("plain")
                response.headers["ETag"] = "W/\"7\""
                response.gzipped = Array("small".utf8)
                return .now(response)
            }
            router.on(.get, "/one") { _ in .now(.text("plain")) }
        }
        let plain = try curl("-i", server.url("/"))
        #expect(plain.hasSuffix("\r\n\r\nplain") && plain.contains("Vary: Accept-Encoding\r\n"))
        #expect(!plain.contains("Content-Encoding"))
        let small = try curl("-i", "-H", "Accept-Encoding: gzip", server.url("/"))
        #expect(small.hasSuffix("\r\n\r\nsmall") && small.contains("Vary: Accept-Encoding\r\n"))
        #expect(small.contains("Content-Encoding: gzip\r\n") && small.contains("Content-Length: 5\r\n"))
        let head = try curl("--head", "-H", "Accept-Encoding: gzip", server.url("/"))
        #expect(head.contains("Content-Encoding: gzip\r\n") && head.contains("Content-Length: 5\r\n"))
        let again = try curl(
            "-i", "-H", "Accept-Encoding: gzip", "-H", "If-None-Match: W/\"7\"", server.url("/"))
        #expect(again.hasPrefix("HTTP/1.1 304 ") && again.hasSuffix("\r\n\r\n"))
        #expect(!again.contains("Content-Encoding"))
        #expect(try !curl("-i", "-H", "Accept-Encoding: gzip", server.url("/one")).contains("Vary: Accept"))
    }
}
