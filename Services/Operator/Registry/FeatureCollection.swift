import Models

/// The features of a GeoJSON text (RFC 7946 §3.3), each with the line where it begins.
struct FeatureCollection {
    struct Feature {
        let line: Int
        /// The property `id`: which row the shape belongs to.
        let id: String
        /// Nil where it could not be read, which is told among the faults.
        let geometry: Geometry?
    }

    struct Fault: Error {
        let line: Int
        let what: String
    }

    private(set) var features: [Feature] = []
    private(set) var faults: [Fault] = []
    /// Whether every feature told whose it is.
    private(set) var isWhole = true

    init(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes)
        do throws(Fault) {
            for (line, range) in try scanner.elements(of: "features") {
                take(Array(bytes[range]), line: line)
            }
        } catch {
            faults.append(error)
            isWhole = false
        }
    }

    private mutating func take(_ bytes: [UInt8], line: Int) {
        do throws(Malformed) {
            let whole = try JSON.decode(Whole.self, from: bytes)
            features.append(Feature(line: line, id: whole.properties.id, geometry: whole.geometry))
        } catch {
            // Whose shape it is can be told all the same, and then it is not said to be missing.
            if let id = try? JSON.decode(Named.self, from: bytes).properties.id {
                faults.append(Fault(line: line, what: "\(id): \(error)"))
                features.append(Feature(line: line, id: id, geometry: nil))
            } else {
                faults.append(Fault(line: line, what: error.description))
                isWhole = false
            }
        }
    }

    private struct Properties: Decodable {
        let id: String
    }

    private struct Named: Decodable {
        let properties: Properties
    }

    private struct Whole: Decodable {
        let properties: Properties
        let geometry: Geometry
    }
}

/// Walks over JSON (RFC 8259) without keeping any of it, to tell on which line a part of it stands.
///
/// It checks how the parts are put together; what the parts hold is left to the decoder, who has no lines to
/// tell.
private struct JSONScanner {
    private let bytes: [UInt8]
    private var index: Int
    private var line = 1

    private static let depthLimit = 32

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Where each element of an array stands that is a member of the outermost object.
    mutating func elements(of name: String) throws(FeatureCollection.Fault) -> [(
        line: Int, range: Range<Int>
    )] {
        var elements: [(line: Int, range: Range<Int>)]?
        try expect("{", "a JSON object")
        try list(until: "}") { scanner throws(FeatureCollection.Fault) in
            let key = try scanner.key()
            guard key.elementsEqual(name.utf8) else { return try scanner.skipValue(depth: 1) }
            var found: [(line: Int, range: Range<Int>)] = []
            try scanner.expect("[", "an array of \(name)")
            try scanner.list(until: "]") { scanner throws(FeatureCollection.Fault) in
                scanner.skipSpace()
                let (line, start) = (scanner.line, scanner.index)
                try scanner.skipValue(depth: 2)
                found.append((line, start..<scanner.index))
            }
            elements = found
        }
        skipSpace()
        guard index == bytes.count else { throw fault("text follows the end of the JSON object") }
        guard let elements else {
            throw FeatureCollection.Fault(line: 1, what: "is not a FeatureCollection: it has no \"\(name)\"")
        }
        return elements
    }

    private mutating func skipValue(depth: Int) throws(FeatureCollection.Fault) {
        skipSpace()
        guard index < bytes.count else { throw fault("the text ends too soon") }
        guard depth < Self.depthLimit else { throw fault("is nested more than \(Self.depthLimit) deep") }
        switch bytes[index] {
        case UInt8(ascii: "{"):
            index += 1
            try list(until: "}") { scanner throws(FeatureCollection.Fault) in
                _ = try scanner.key()
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            index += 1
            try list(until: "]") { scanner throws(FeatureCollection.Fault) in
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "\""): _ = try string()
        default:
            let start = index
            while index < bytes.count, Self.isOfNumberOrWord(bytes[index]) { index += 1 }
            if index == start { throw fault("a value is missing") }
        }
    }

    /// Elements with commas between them; the opening bracket is read already.
    private mutating func list(
        until end: Unicode.Scalar, _ element: (inout Self) throws(FeatureCollection.Fault) -> Void
    ) throws(FeatureCollection.Fault) {
        if skip(end) { return }
        repeat { try element(&self) } while skip(",")
        try expect(end, "a comma or the end of the list")
    }

    private mutating func key() throws(FeatureCollection.Fault) -> ArraySlice<UInt8> {
        skipSpace()
        let key = try string()
        try expect(":", "a colon after a name")
        return key
    }

    private mutating func string() throws(FeatureCollection.Fault) -> ArraySlice<UInt8> {
        try expect("\"", "a quoted text")
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\n") { throw fault("a quoted text does not end on its line") }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { throw fault("a quoted text does not end") }
        index += 1
        return bytes[start..<index - 1]
    }

    private mutating func expect(_ character: Unicode.Scalar, _ what: String) throws(FeatureCollection.Fault)
    {
        if !skip(character) { throw fault("here should be \(what)") }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return
            }
            index += 1
        }
    }

    private func fault(_ what: String) -> FeatureCollection.Fault {
        FeatureCollection.Fault(line: line, what: "is not JSON: \(what)")
    }

    /// Numbers, `true`, `false` and `null`; the decoder knows which.
    private static func isOfNumberOrWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
