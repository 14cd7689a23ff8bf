import CMicroHTTPD

/// A response completed for the request that it answers, ready to be given to libmicrohttpd.
struct Reply: ~Copyable {
    private var response: Response
    private var file: OpenFile?
    private let isHead: Bool

    init(_ response: Response, to exchange: Exchange, _ settings: ServerSettings, closing: Bool) {
        self.response = response
        isHead = exchange.method == .head
        file = nil
        if case .file(let path) = response.body {
            file = OpenFile(path)
            openedFile()
        }
        let isRead = exchange.method == .get || exchange.method == .head
        if isRead, let condition = exchange.headers["If-None-Match"] { shorten(by: condition) }
        if let gzipped = self.response.gzipped { encode(gzipped, for: exchange.headers) }
        if let origin = settings.allowedOrigin { allow(origin, exchange) }
        // libmicrohttpd ends the body of an unknown length also where HEAD has none (0.9.75), so nothing may
        // follow.
        if case .stream = self.response.body, isHead { self.response.headers["Connection"] = "close" }
        if closing { self.response.headers["Connection"] = "close" }
    }

    private mutating func openedFile() {
        guard file != nil else {
            response = Problem(status: 404).response
            return
        }
        response.headers["ETag"] = file?.entityTag
    }

    /// The client has this version already if the condition names its tag, compared weakly (RFC 9110,
    /// 13.1.2).
    private mutating func shorten(by condition: String) {
        guard response.status == 200, let tag = response.headers["ETag"] else { return }
        let names = condition.split(whereSeparator: { $0 == "," || $0 == " " })
        guard names.contains(where: { $0 == "*" || opaque($0) == opaque(tag[...]) }) else { return }
        response.status = 304
        response.body = .bytes([])
        file = nil
    }

    /// A cache must ask again for a client that takes other encodings (RFC 9110 §12.5.5).
    private mutating func encode(_ gzipped: [UInt8], for headers: Headers) {
        response.headers.add("Vary", "Accept-Encoding")
        guard response.status != 304, headers.takeGzip else { return }
        response.headers["Content-Encoding"] = "gzip"
        response.body = .bytes(gzipped)
    }

    /// Everything that a preflight asks for is granted to the allowed origins (WHATWG Fetch, 3.2). An answer
    /// names one of them: that of the page which asks, or else the first.
    private mutating func allow(_ origins: String, _ exchange: Exchange) {
        let known = origins.split(separator: " ")
        let asking = exchange.headers["Origin"]
        guard
            let origin = (known.first { $0.utf8.elementsEqual((asking ?? "").utf8) } ?? known.first).map(
                String.init)
        else { return }
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "ETag, Location, Retry-After"
        if origin != "*" { response.headers.add("Vary", "Origin") }
        let isPreflight =
            exchange.method == .options && exchange.headers["Access-Control-Request-Method"] != nil
        guard isPreflight, let methods = response.headers["Allow"] else { return }
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = exchange.headers["Access-Control-Request-Headers"]
        response.headers["Access-Control-Max-Age"] = "600"
    }

    /// Hands the response over. Returns its status and the number of body bytes to be sent. Nil if
    /// libmicrohttpd refuses it, for example for a header that would split the response in two.
    consuming func queue(on connection: borrowing Connection) -> (status: Int, bytes: Int)? {
        guard let (raw, bytes) = unsafe makeRaw() else { return nil }
        defer { unsafe MHD_destroy_response(raw) }
        for (name, value) in response.headers {
            guard unsafe MHD_add_response_header(raw, name, value) == MHD_Result.YES else { return nil }
        }
        let isQueued =
            unsafe MHD_queue_response(connection.raw, UInt32(response.status), raw) == MHD_Result.YES
        return isQueued ? (response.status, isHead ? 0 : bytes) : nil
    }

    private mutating func makeRaw() -> (raw: OpaquePointer, bytes: Int)? {
        if let file = file.take() {
            let bytes = file.bytes
            // libmicrohttpd closes the descriptor with the response.
            guard let raw = unsafe MHD_create_response_from_fd64(bytes, file.release()) else { return nil }
            return unsafe (raw, Int(bytes))
        }
        if case .stream(let stream) = response.body {
            return unsafe stream.makeRaw().map { unsafe ($0, 0) }
        }
        guard case .bytes(var body) = response.body else { return nil }
        return unsafe body.withUnsafeMutableBytes { body in
            unsafe MHD_create_response_from_buffer(body.count, body.baseAddress, .RESPMEM_MUST_COPY)
                .map { unsafe ($0, body.count) }
        }
    }
}

/// An entity tag without the mark of a weak tag.
private func opaque(_ tag: Substring) -> Substring {
    tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
}
