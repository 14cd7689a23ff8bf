import Foundation
import HTTP

/// The pages: the files of a folder, and one page for every address that the page's own router knows.
///
/// The files are listed at the start, and each gets an address of its own: no request can reach a file that
/// is not in the list, whatever its path says.
struct Site: Sendable {
    let folder: String
    let leaflet: String
    let policy: ContentPolicy

    /// The addresses that the page's own router knows.
    static let pages = [
        "/", "/rivers/{id}", "/reaches/{id}", "/complaints", "/complaints/{code}", "/act", "/report",
        "/ranking", "/review", "/about",
    ]

    var index: String { "\(folder)/index.html" }

    func register(in router: inout Router) {
        for page in Self.pages { router.on(.get, page) { _ in .now(self.response(index)) } }
        for (prefix, folder) in [("", folder), ("/leaflet", leaflet)] {
            for path in Self.files(in: folder) {
                router.on(.get, "\(prefix)/\(path)") { _ in .now(self.response("\(folder)/\(path)")) }
            }
        }
        refuseTheRest(in: &router)
    }

    func response(_ path: String, status: Int = 200) -> Response {
        var response = Response.file(path)
        response.status = status
        for (name, value) in policy.headers { response.headers[name] = value }
        return response
    }

    /// Deeper than any address of ours; for longer paths the server's own 404 is the answer.
    private static let depth = 4

    /// Under `/api` a program asks, so the answer is JSON; elsewhere a person asks, and gets a page.
    private func refuseTheRest(in router: inout Router) {
        let unknown = Problem(status: 404, detail: "The API has no such path.").response
        for count in 1...Self.depth {
            let path = (1...count).map { "/{part\($0)}" }.joined()
            router.on(.get, path) { _ in .now(self.response(index, status: 404)) }
            router.on(.get, "/api" + path) { _ in .now(unknown) }
        }
        router.on(.get, "/api") { _ in .now(unknown) }
    }

    /// Every file below a folder that is not hidden; empty if there is no such folder.
    static func files(in folder: String) -> [String] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return paths.sorted().filter { path in
            var isFolder: ObjCBool = false
            let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
            return !isHidden && !path.contains { $0 == "{" || $0 == "}" }
                && FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }
}

/// What a browser may do on our pages (CSP level 3): run and show our own files, draw the map's tiles, post
/// to Intake. No other page may frame them, and links do not tell other sites which page they came from.
struct ContentPolicy: Sendable, Equatable {
    let intake: String
    let tiles: String?

    var headers: [(name: String, value: String)] {
        [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ]
    }

    private var policy: String {
        let images = ["'self'", "data:"] + (tiles.flatMap(Self.origin).map { [$0] } ?? [])
        let connections = ["'self'"] + (Self.origin(of: intake).map { [$0] } ?? [])
        return [
            "default-src 'self'", "img-src \(images.joined(separator: " "))",
            "connect-src \(connections.joined(separator: " "))", "object-src 'none'", "base-uri 'none'",
            "form-action 'self'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// Scheme, host and port of an address; the `{s}` in a tile server's template stands for any name. Nil if
    /// the result would not be a single source in a policy.
    static func origin(of address: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: address.hasPrefix) else { return nil }
        let host = address.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let source = host.replacing("{s}", with: "*")
        let isOne = source.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                || "-.:*[]".utf8.contains(byte)
        }
        return isOne && !source.isEmpty ? scheme + source : nil
    }
}
