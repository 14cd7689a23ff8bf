import Foundation
import Testing

@testable import HTTP

@Suite struct FilesTests {
    private let folder: TemporaryFolder
    private let server: Server

    init() throws {
        let folder = try TemporaryFolder([
            "site/index.html": "<h1>河长</h1>", "site/app/main.js": "1", "site/map.geojson": "{}",
            "site/.hidden": "no", "site/app/index.html": "app", "secret": "no", "site/empty.txt": "",
        ])
        self.folder = folder
        server = try serve { [path = folder.path] router in
            router.files(under: "/", from: path + "/site")
            router.files(under: "/static", from: path + "/site")
            router.on(.get, "/complaints/{code}") { _ in .now(.file(path + "/site/index.html")) }
            router.on(.get, "/gone") { _ in .now(.file(path + "/site/gone.html")) }
        }
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8", "<h1>河长</h1>"),
        ("/index.html", "text/html; charset=utf-8", "<h1>河长</h1>"),
        ("/static/", "text/html; charset=utf-8", "<h1>河长</h1>"),
        ("/static/app/main.js", "text/javascript; charset=utf-8", "1"),
        ("/static/app/", "text/html; charset=utf-8", "app"),
        ("/map.geojson", "application/geo+json; charset=utf-8", "{}"),
        ("/empty.txt", "text/plain; charset=utf-8", ""),
        ("/complaints/7KQ2", "text/html; charset=utf-8", "<h1>河长</h1>"),
    ])
    func aFileComesWithItsType(path: String, type: String, text: String) throws {
        let reply = try server.get(path)
        #expect(reply.status == 200)
        #expect(reply.headers["Content-Type"] == type)
        #expect(reply.text == text)
    }

    @Test func aVersionTheClientHasIsNotSentAgain() throws {
        let first = try server.get("/index.html")
        let tag = try #require(first.headers["ETag"])
        let output = try curl("-i", "-H", "If-None-Match: \"x\", W/\(tag)", server.url("/index.html"))
        #expect(output.hasPrefix("HTTP/1.1 304 "))
        #expect(output.hasSuffix("\r\n\r\n"))
        #expect(try curl("-H", "If-None-Match: \"x\"", server.url("/index.html")) == "<h1>河长</h1>")
        let head = try curl("--head", server.url("/complaints/7"))
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(head.contains("ETag: \(tag)"))
        #expect(head.contains("Content-Length: 15"))
    }

    @Test func aRoutesOwnTagCountsToo() throws {
        let server = try serve { router in
            router.on(.get, "/") { _ in
                .now(Response(status: 200, headers: [("ETag", "\"7\"")], body: Array("seven".utf8)))
            }
        }
        #expect(try server.get("/", headers: [("If-None-Match", "\"6\"")]).text == "seven")
        #expect(try server.get("/", headers: [("If-None-Match", "\"7\"")]).status == 304)
    }

    @Test(arguments: [
        "/../secret", "/static/../../secret", "/%2e%2e/secret", "/static/%2e%2e/%2e%2e/secret",
        "/..%2fsecret",
        "/static/..%2f..%2fsecret", "//etc/passwd", "/%2fetc/passwd", "/static//etc/passwd", "/.hidden",
        "/static/.hidden", "/app", "/nothing", "/gone", "/static/app", "/..%5csecret",
        "/index.html%00",
        "/index.html/", "/%2e/index.html", "/secret",
    ])
    func nothingElseIsServed(path: String) throws {
        let status = try curl(
            "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", server.url(path))
        #expect(status == "404" || status == "400", "\(path)")
    }

    @Test func aFolderIsNamedWithItsSlash() throws {
        let output = try curl("-i", server.url("/static"))
        #expect(output.hasPrefix("HTTP/1.1 308 "))
        #expect(output.contains("Location: /static/\r\n"))
    }

    @Test func aNamedPipeHoldsNoThread() throws {
        #expect(mkfifo(folder.path + "/site/pipe", 0o600) == 0)
        #expect(try server.get("/pipe").status == 404)
    }
}
