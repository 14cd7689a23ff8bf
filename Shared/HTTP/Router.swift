/// Decides which closure answers a method and a path.
///
/// A pattern is a path whose segments are literal or `{name}`. The most specific pattern wins: segment by
/// segment, a literal before a parameter before the rest of a folder.
public struct Router: Sendable {
    private var patterns: [Pattern] = []

    public init() {}

    /// Every GET also answers HEAD, and every pattern answers OPTIONS, unless they are registered themselves.
    ///
    /// - Parameters:
    ///   - multipartBytes: the limit of a body in `multipart/form-data`, if it is another one.
    ///   - anyCharset: whether the query may have values in another charset than UTF-8
    ///     (`Request.queryBytes`).
    ///   - admission: is asked before the body is read, with a request without body. If it returns a
    ///     response, that is the answer, and the body is dropped.
    public mutating func on(
        _ method: Method, _ pattern: String, limit bodyBytes: Int? = nil,
        multipart multipartBytes: Int? = nil, anyCharset: Bool = false,
        admission: (@Sendable (Request) -> Response?)? = nil,
        handler: @escaping @Sendable (Request) -> Answer
    ) {
        insert(
            Pattern(pattern),
            Route(
                method: method, pattern: pattern, bodyBytes: bodyBytes, multipartBytes: multipartBytes,
                takesAnyCharset: anyCharset, admission: admission, run: handler))
    }

    /// The files of a folder under a prefix; a folder in it is answered with its `index.html`.
    ///
    /// Names that begin with a dot stay hidden. Symbolic links are followed: whoever may write into the
    /// folder decides what is public.
    public mutating func files(under prefix: String, from folder: String) {
        let root = Pattern(prefix)
        let text = (prefix == "/" ? "" : prefix) + "/*"
        let depth = root.pieces.count
        let route = Route(method: .get, pattern: text, bodyBytes: nil, admission: nil) { request in
            // Without the slash, the page's own relative addresses would be wrong.
            if depth > 0, request.segments.count == depth {
                return .now(Response(status: 308, headers: [("Location", prefix + "/")]))
            }
            guard let path = relativePath(request.segments.dropFirst(depth)) else {
                return .now(Problem(status: 404).response)
            }
            return .now(.file(folder + "/" + path))
        }
        insert(Pattern(text: text, pieces: root.pieces + [.rest]), route)
    }

    /// How a path under a prefix is refused that no route has, or a method that its routes do not have. A
    /// standard may have a form of its own for that. Files under a shorter prefix are not asked.
    public mutating func refuse(under prefix: String, _ refusal: @escaping Refusal) {
        let root = Pattern(prefix)
        var pattern = Pattern(text: prefix + "/*", pieces: root.pieces + [.rest])
        pattern.refusal = refusal
        insert(pattern)
    }

    public typealias Refusal = @Sendable (Problem, Request) -> Response

    private mutating func insert(_ pattern: Pattern, _ route: Route) {
        if let index = patterns.firstIndex(where: { $0.isSame(as: pattern) }) {
            let taken = patterns[index].routes.contains { $0.method == route.method }
            precondition(!taken, "\(route.method.rawValue) \(route.pattern) is registered twice")
            patterns[index].routes.append(route)
        } else {
            var pattern = pattern
            pattern.routes = [route]
            insert(pattern)
        }
    }

    private mutating func insert(_ pattern: Pattern) {
        let index = patterns.firstIndex { pattern.isMoreSpecific(than: $0) } ?? patterns.endIndex
        patterns.insert(pattern, at: index)
    }

    enum Resolution {
        case route(Route, parameters: [String: String])
        /// The path exists but the method is not allowed; these methods are. The pattern is the first that
        /// has the path.
        case notAllowed([Method], pattern: String, Refusal?)
        case notFound(Refusal?)

        var takesAnyCharset: Bool {
            if case .route(let route, _) = self { route.takesAnyCharset } else { false }
        }
    }

    func resolve(_ method: Method, _ segments: [String]) -> Resolution {
        var others: Set<Method> = []
        var first: String?
        var refusal: Refusal?
        for pattern in patterns where pattern.matches(segments) {
            if let route = pattern.route(for: method) {
                return .route(route, parameters: pattern.parameters(in: segments))
            }
            others.formUnion(pattern.routes.map(\.method))
            first = first ?? pattern.routes.first?.pattern
            refusal = pattern.refusal
            if refusal != nil { break }
        }
        guard let first else { return .notFound(refusal) }
        if others.contains(.get) { others.insert(.head) }
        others.insert(.options)
        return .notAllowed(Method.allCases.filter(others.contains), pattern: first, refusal)
    }
}

struct Route: Sendable {
    let method: Method
    let pattern: String
    let bodyBytes: Int?
    var multipartBytes: Int?
    var takesAnyCharset = false
    let admission: (@Sendable (Request) -> Response?)?
    let run: @Sendable (Request) -> Answer

    /// Nil if the server's own limit counts.
    func limit(for headers: Headers) -> Int? {
        headers.tellOfMultipart ? multipartBytes ?? bodyBytes : bodyBytes
    }
}

private struct Pattern: Sendable {
    enum Piece: Hashable, Sendable {
        case literal(String)
        case parameter(String)
        case rest

        /// A smaller rank is more specific.
        var rank: Int {
            switch self {
            case .literal: 0
            case .parameter: 1
            case .rest: 2
            }
        }
    }

    let text: String
    let pieces: [Piece]
    var routes: [Route] = []
    var refusal: Router.Refusal?

    init(text: String, pieces: [Piece]) {
        self.text = text
        self.pieces = pieces
    }

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "pattern \(text) does not begin with a slash")
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let pieces = text == "/" ? [] : parts.map(Pattern.piece)
        self.init(text: text, pieces: pieces)
    }

    private static func piece(_ part: Substring) -> Piece {
        guard part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 else {
            precondition(!part.contains { $0 == "{" || $0 == "}" }, "segment \(part) is half a parameter")
            return .literal(String(part))
        }
        return .parameter(String(part.dropFirst().dropLast()))
    }

    func matches(_ segments: [String]) -> Bool {
        let endsInRest = pieces.last == .rest
        guard endsInRest ? segments.count >= pieces.count - 1 : segments.count == pieces.count else {
            return false
        }
        return zip(pieces, segments).allSatisfy { piece, segment in
            switch piece {
            // Compared as bytes: comparing text takes long when many combining marks stand on one letter.
            case .literal(let text): segment.utf8.elementsEqual(text.utf8)
            case .parameter: !segment.isEmpty
            case .rest: true
            }
        }
    }

    func parameters(in segments: [String]) -> [String: String] {
        var parameters: [String: String] = [:]
        for (piece, segment) in zip(pieces, segments) {
            if case .parameter(let name) = piece { parameters[name] = segment }
        }
        return parameters
    }

    func route(for method: Method) -> Route? {
        let exact = routes.first { $0.method == method }
        return exact ?? (method == .head ? routes.first { $0.method == .get } : nil)
    }

    func isSame(as other: Pattern) -> Bool {
        pieces == other.pieces
    }

    func isMoreSpecific(than other: Pattern) -> Bool {
        pieces.map(\.rank).lexicographicallyPrecedes(other.pieces.map(\.rank))
    }
}

/// The segments below a mounted folder as a path that can't leave it; nil if the path would leave it, or is
/// hidden.
private func relativePath(_ segments: ArraySlice<String>) -> String? {
    let isFolder = segments.last?.isEmpty ?? true
    let names = isFolder ? segments.dropLast() + ["index.html"] : segments
    let isSafe = names.allSatisfy {
        !$0.isEmpty && $0.utf8.first != UInt8(ascii: ".") && !$0.utf8.contains(UInt8(ascii: "/"))
    }
    return isSafe ? names.joined(separator: "/") : nil
}
