/// Media types of what we serve. Text names its charset, because a browser that has to guess takes the one of
/// its region.
enum MediaType {
    static let json = "application/json; charset=utf-8"
    static let problem = "application/problem+json"
    static let plain = "text/plain; charset=utf-8"
    static let html = "text/html; charset=utf-8"
    static let unknown = "application/octet-stream"

    static func of(fileNamed name: String) -> String {
        let last = name.split(separator: "/").last ?? ""
        guard let dot = last.lastIndex(of: ".") else { return unknown }
        return byExtension[last[last.index(after: dot)...].lowercased()] ?? unknown
    }

    private static let byExtension: [String: String] = [
        "css": "text/css; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "geojson": "application/geo+json; charset=utf-8",
        "gif": "image/gif",
        "html": html,
        "ico": "image/x-icon",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "js": "text/javascript; charset=utf-8",
        "json": json,
        "map": json,
        "md": "text/markdown; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "pdf": "application/pdf",
        "png": "image/png",
        "svg": "image/svg+xml; charset=utf-8",
        "txt": plain,
        "wasm": "application/wasm",
        "webmanifest": "application/manifest+json; charset=utf-8",
        "webp": "image/webp",
        "woff2": "font/woff2",
        "xml": "application/xml; charset=utf-8",
    ]
}
