import Crypto
import Foundation
import Gzip
import HTTP
import Models

/// The pages: the files of a folder, and one page for every address that the page's own router knows.
///
/// All files are read at the start, compressed once, and served below a name that is made of their content:
/// `/site/3f9c0a17/app.js`. So a browser may keep them for ever, and other content has other addresses. No
/// request can reach a file that was not there at the start, whatever its path says.
struct Site: Sendable {
    /// A file as it is sent.
    struct Asset: Sendable, Equatable {
        let path: String
        let bytes: [UInt8]
        /// Nil if it does not become smaller, like a picture.
        let gzipped: [UInt8]?

        init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
            let gzipped = Gzip.compress(bytes, effort: .best)
            self.gzipped = gzipped.count < bytes.count ? gzipped : nil
        }
    }

    /// The addresses that the page's own router knows.
    static let pages = [
        "/", "/rivers/{id}", "/reaches/{id}", "/complaints", "/complaints/{code}", "/c", "/act",
        "/report", "/ranking", "/review", "/news", "/about", "/trends", "/bulletins", "/bulletins/{month}",
        "/enterprises", "/enterprises/{id}",
    ]

    /// Only officials have these.
    static let deskPages = ["/desk", "/desk/figures", "/desk/{code}"]

    private static let indexName = "index.html"

    /// Below it the files are found. It names the content of all of them.
    let base: String
    let index: Asset
    let assets: [Asset]
    let policy: ContentPolicy

    /// - Parameter leaflet: the folder of Leaflet; its files are found in the folder `leaflet` of the site.
    init(folder: String, leaflet: String, policy: ContentPolicy) throws {
        self.policy = policy
        let own = try Self.files(in: folder).map { (path: $0, bytes: try Self.read("\(folder)/\($0)")) }
        let map = try Self.files(in: leaflet).filter(Self.isOfTheMap)
            .map { (path: "leaflet/\($0)", bytes: try Self.read("\(leaflet)/\($0)")) }
        let all = own + map
        // The lengths belong to it, so that no two folders give the same message.
        let content = all.flatMap { Array("\($0.path)\n\($0.bytes.count)\n".utf8) + $0.bytes }
        base = "/site/" + SHA256.hash(content).prefix(8).hexadecimal
        assets = all.filter { $0.path != Self.indexName }.map { Asset(path: $0.path, bytes: $0.bytes) }
        let page = String(decoding: own.first { $0.path == Self.indexName }?.bytes ?? [], as: UTF8.self)
        index = Asset(
            path: Self.indexName,
            bytes: Array(
                page.replacing("\"/site/", with: "\"\(base)/")
                    .replacing(
                        Self.intake, with: Self.intake.dropLast(2) + Self.escaped(policy.intake) + "\">"
                    ).utf8))
    }

    /// Where the page says at which address Intake is: who has no session can't ask the desk for it.
    private static let intake = #"<meta name="dayu-intake" content="">"#

    /// In an attribute's value between quotation marks (WHATWG HTML §13.3).
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
    }

    func register(in router: inout Router, for audience: Audience = .everybody) {
        let page = page(status: 200)
        for path in Self.pages + (audience == .officials ? Self.deskPages : []) {
            router.on(.get, path) { _ in .now(page) }
        }
        for asset in assets {
            let response = response(for: asset)
            router.on(.get, "\(base)/\(asset.path)") { _ in .now(response) }
        }
        refuseTheRest(in: &router)
    }

    /// The page names the files, so a browser must ask for it each time.
    private func page(status: Int) -> Response {
        var response = Response.html(String(decoding: index.bytes, as: UTF8.self), status: status)
        response.gzipped = index.gzipped
        response.headers["Cache-Control"] = "no-cache"
        response.headers["ETag"] = "W/\"\(base.suffix(16))\""
        for (name, value) in policy.headers { response.headers[name] = value }
        return response
    }

    private func response(for asset: Asset) -> Response {
        var response = Response.bytes(asset.bytes, named: asset.path)
        response.gzipped = asset.gzipped
        // A year is as long as for ever (RFC 9111 §1.2.2); nobody needs to ask whether it has changed
        // (RFC 8246).
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        for (name, value) in policy.headers { response.headers[name] = value }
        return response
    }

    /// Deeper than any address of ours; for longer paths the server's own 404 is the answer.
    private static let depth = 4

    /// Where a program asks, the answer is JSON; elsewhere a person asks, and gets a page. A file under
    /// another name of the site is of another version, which is not here any more.
    private func refuseTheRest(in router: inout Router) {
        let unknown = Problem(status: 404, detail: "The API has no such path.").response
        let gone = Problem(status: 404, detail: "The site has no such file.").response
        let page = page(status: 404)
        for count in 1...Self.depth {
            let path = (1...count).map { "/{part\($0)}" }.joined()
            router.on(.get, path) { _ in .now(page) }
            router.on(.get, "/api" + path) { _ in .now(unknown) }
            router.on(.get, "/site" + path) { _ in .now(gone) }
        }
        router.on(.get, "/api") { _ in .now(unknown) }
    }

    // MARK: The folders

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The page uses these; Debian's package also has maps for debuggers and other builds.
    private static func isOfTheMap(_ path: String) -> Bool {
        path == "leaflet.min.js" || path == "leaflet.css" || path.hasPrefix("images/")
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
