/// What a request asks for: the path in decoded segments, and the query (RFC 9112, 3.2; RFC 3986, 3.3 and
/// 3.4).
///
/// The path is split before it is decoded, so `%2F` stays inside its segment and never becomes a separator.
package struct Target: Hashable, Sendable {
    /// `/` has no segment; a trailing slash leaves an empty last one.
    package let segments: [String]
    /// The values that are UTF-8.
    package let query: [String: String]
    /// The decoded bytes of the other values.
    package let queryBytes: [String: [UInt8]]
    /// `OPTIONS *` asks about the server as a whole (RFC 9110, 9.3.7).
    let isAsterisk: Bool

    /// Says why a target is refused, in words for the client.
    package struct Malformed: Error, Hashable {
        package let detail: String

        init(detail: String) { self.detail = detail }

        init(notUTF8 what: String) { self.init(detail: "The \(what) is not valid UTF-8.") }
    }

    package init(parsing raw: some Collection<UInt8>) throws(Malformed) {
        let raw = Array(raw)
        guard raw.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Malformed(detail: "The request target holds white space or a control character.")
        }
        isAsterisk = raw.elementsEqual("*".utf8)
        if isAsterisk {
            (segments, query, queryBytes) = ([], [:], [:])
            return
        }
        let rest = try Target.withoutAuthority(raw[...])
        let mark = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        segments = try Target.segments(of: rest[..<mark])
        (query, queryBytes) = try Target.query(in: rest[mark...].dropFirst())
    }

    /// Absolute form (`http://host/path`) is accepted and its authority ignored (RFC 9112, 3.2.2).
    private static func withoutAuthority(
        _ raw: ArraySlice<UInt8>
    ) throws(Malformed) -> ArraySlice<UInt8> {
        if raw.first == UInt8(ascii: "/") { return raw }
        for scheme in ["http://", "https://"] where raw.starts(with: scheme.utf8) {
            let authority = raw.dropFirst(scheme.utf8.count)
            let end = authority.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            return end.map { authority[$0...] } ?? []
        }
        throw Malformed(detail: "The request target must be a path that begins with a slash.")
    }

    private static func segments(of path: ArraySlice<UInt8>) throws(Malformed) -> [String] {
        let trimmed = path.first == UInt8(ascii: "/") ? path.dropFirst() : path
        if trimmed.isEmpty { return [] }
        var segments: [String] = []
        for part in trimmed.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let segment = try decode(part, plusIsSpace: false, what: "path")
            guard !segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw Malformed(detail: "The path holds a control character.")
            }
            // Clients resolve dot segments before they ask (RFC 3986, 5.2.4). A target that still has them is
            // an attack.
            guard !segment.utf8.elementsEqual(".".utf8), !segment.utf8.elementsEqual("..".utf8) else {
                throw Malformed(detail: "The path holds a dot segment.")
            }
            segments.append(segment)
        }
        return segments
    }

    /// Longer than any name of ours.
    private static let nameBytes = 64

    /// The first value of a repeated name counts, `+` is a space (WHATWG URL,
    /// application/x-www-form-urlencoded).
    ///
    /// A name that is long or not ASCII is refused, because no route asks for it: the time to look up a name
    /// with many combining marks grows with the square of its length.
    private static func query(
        in text: ArraySlice<UInt8>
    ) throws(Malformed) -> (texts: [String: String], bytes: [String: [UInt8]]) {
        var query: [String: String] = [:]
        var others: [String: [UInt8]] = [:]
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let sign = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = try decode(pair[..<sign], plusIsSpace: true, what: "query")
            let value = try bytes(pair[sign...].dropFirst(), plusIsSpace: true, what: "query")
            guard name.utf8.count <= nameBytes, name.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw Malformed(
                    detail: "A name in the query is longer than \(nameBytes) bytes or not in ASCII.")
            }
            guard query[name] == nil, others[name] == nil else { continue }
            if let text = String(validating: value, as: UTF8.self) {
                query[name] = text
            } else {
                others[name] = value
            }
        }
        return (query, others)
    }

    /// `name=value`, both encoded with `%` and `+` (WHATWG URL, application/x-www-form-urlencoded).
    static func pair(
        _ bytes: ArraySlice<UInt8>, what: String
    ) throws(Malformed) -> (name: String, value: [UInt8]) {
        let sign = bytes.firstIndex(of: UInt8(ascii: "=")) ?? bytes.endIndex
        return (
            try decode(bytes[..<sign], plusIsSpace: true, what: what),
            try self.bytes(bytes[sign...].dropFirst(), plusIsSpace: true, what: what)
        )
    }

    private static func decode(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, what: String
    ) throws(Malformed) -> String {
        let decoded = try self.bytes(bytes, plusIsSpace: plusIsSpace, what: what)
        guard let text = String(validating: decoded, as: UTF8.self) else { throw Malformed(notUTF8: what) }
        return text
    }

    private static func bytes(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, what: String
    ) throws(Malformed) -> [UInt8] {
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+")) })
        else { return Array(bytes) }
        guard let decoded = percentDecoded(bytes, plusIsSpace: plusIsSpace) else {
            throw Malformed(detail: "The \(what) holds a percent sign without two hexadecimal digits.")
        }
        return decoded
    }

    private static func percentDecoded(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool
    ) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimalDigit),
                    let low = rest.popFirst().flatMap(hexadecimalDigit)
                else { return nil }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        return decoded
    }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
