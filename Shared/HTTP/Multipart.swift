import Glibc

/// A body of `multipart/form-data` (RFC 7578), cut into its parts.
///
/// The parts are slices of the body, so that pictures are not copied.
public struct Multipart: Sendable {
    public struct Part: Sendable {
        public let name: String
        /// The name of the file, as the client calls it; nil if the part is a field.
        public let fileName: String?
        /// The media type without its parameters, in lower case.
        public let type: String
        public let body: ArraySlice<UInt8>
    }

    /// The head of a part is a few short lines.
    private static let headBytes = 4096
    /// RFC 2046 §5.1.1.
    private static let boundaryBytes = 1...70

    public let parts: [Part]

    /// - Throws: 400 for what is no such body, and for more than `most` parts.
    public init(_ body: [UInt8], type: String, most: Int) throws(Problem) {
        guard let boundary = Self.boundary(of: type) else {
            throw Self.malformed("The media type names no boundary.")
        }
        // Each boundary stands at the beginning of a line; the line break before it belongs to it.
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let first = delimiter.dropFirst(2)
        var rest = body[...]
        if !rest.starts(with: first) {
            guard let preamble = rest.position(of: delimiter) else {
                throw Self.malformed("The body does not hold its boundary.")
            }
            rest = rest[preamble...].dropFirst(2)
        }
        rest = rest.dropFirst(first.count)
        var parts: [Part] = []
        while true {
            if rest.starts(with: "--".utf8) { break }
            // Blanks may follow a boundary (RFC 2046 §5.1.1, transport-padding).
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.starts(with: "\r\n".utf8) else {
                throw Self.malformed("A boundary does not end with its line.")
            }
            guard parts.count < most else {
                throw Self.malformed("The body has more than \(most) parts.")
            }
            rest = rest.dropFirst(2)
            guard let end = rest.position(of: delimiter) else {
                throw Self.malformed("The body ends inside a part.")
            }
            parts.append(try Self.part(rest[..<end]))
            rest = rest[end...].dropFirst(delimiter.count)
        }
        self.parts = parts
    }

    private static func malformed(_ detail: String) -> Problem { Problem(status: 400, detail: detail) }

    /// Nil if it is another media type, or has no boundary that may be one.
    static func boundary(of type: String) -> String? {
        let fields = HeaderFields(type)
        guard fields.value == "multipart/form-data", let boundary = fields.parameters["boundary"],
            boundaryBytes.contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !boundary.hasSuffix(" ")
        else { return nil }
        return boundary
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws(Problem) -> Part {
        let blank = Array("\r\n\r\n".utf8)
        // A part without any header begins with the blank line itself.
        let head: ArraySlice<UInt8>
        let body: ArraySlice<UInt8>
        if bytes.starts(with: "\r\n".utf8) {
            (head, body) = ([], bytes.dropFirst(2))
        } else {
            guard let end = bytes.prefix(headBytes).position(of: blank) else {
                throw malformed("The head of a part has no end, or more than \(headBytes) bytes.")
            }
            (head, body) = (bytes[..<end], bytes[end...].dropFirst(blank.count))
        }
        guard let text = String(validating: head, as: UTF8.self) else {
            throw malformed("The head of a part is not UTF-8.")
        }
        var headers = Headers()
        for line in text.split(separator: "\r\n") {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw malformed("The head of a part has a line without a colon.") }
            headers.add(String(sides[0]), String(sides[1]))
        }
        let disposition = HeaderFields(headers["Content-Disposition"] ?? "")
        guard disposition.value == "form-data", let name = disposition.parameters["name"] else {
            throw malformed("A part has no name.")
        }
        return Part(
            name: name, fileName: disposition.parameters["filename"],
            type: HeaderFields(headers["Content-Type"] ?? "text/plain").value, body: body)
    }
}

extension Headers {
    /// Whether the body is, as the client says, `multipart/form-data`.
    public var tellOfMultipart: Bool {
        self["Content-Type"].map { HeaderFields($0).value == "multipart/form-data" } ?? false
    }
}

/// A header's value with its parameters: `form-data; name="picture"; filename="a;b.jpg"` (RFC 9110 §5.6.6).
struct HeaderFields {
    /// In lower case.
    let value: String
    /// By name, in lower case; the first of a name counts.
    let parameters: [String: String]

    init(_ text: String) {
        var pieces: [[Character]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                pieces[pieces.count - 1].append(character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ";", !isQuoted {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        func trimmed(_ piece: some Sequence<Character>) -> String {
            let text = String(Array(piece).drop { $0 == " " || $0 == "\t" })
            let end = text.lastIndex { $0 != " " && $0 != "\t" }
            return end.map { String(text[...$0]) } ?? ""
        }
        value = trimmed(pieces[0]).lowercased()
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            guard let sign = piece.firstIndex(of: "=") else { continue }
            let name = trimmed(piece[..<sign]).lowercased()
            // Names are compared; a long one would cost time, and nobody asks for it.
            guard name.utf8.count <= 32, name.utf8.allSatisfy({ $0 < 0x80 }), parameters[name] == nil else {
                continue
            }
            parameters[name] = trimmed(piece[piece.index(after: sign)...])
        }
        self.parameters = parameters
    }
}

extension ArraySlice<UInt8> {
    /// Where the pattern first stands. Only places with its first byte are compared: a search by slices
    /// would take seconds for a picture.
    fileprivate func position(of pattern: [UInt8]) -> Int? {
        unsafe withUnsafeBytes { hay in
            guard let base = hay.baseAddress, let first = pattern.first else { return nil }
            var begin = 0
            while hay.count - begin >= pattern.count {
                let places = hay.count - begin - pattern.count + 1
                guard let found = unsafe memchr(base + begin, Int32(first), places) else { return nil }
                begin = unsafe UnsafeRawPointer(found) - base
                if unsafe hay[begin..<(begin + pattern.count)].elementsEqual(pattern) {
                    return startIndex + begin
                }
                begin += 1
            }
            return nil
        }
    }
}
