public import Text

/// An answer of GeoReport v2, which every endpoint gives as XML and as JSON.
///
/// The JSON is the XML by the Spark convention (GeoReport v2, "JSON and XML Conversion"): the root element
/// falls away, an element whose children are all of one name is an array, even with one child or none, and
/// an empty element is null.
public struct Document: Equatable, Sendable {
    public let root: String
    public let content: Content

    public indirect enum Content: Equatable, Sendable {
        case text(String)
        /// A number as it is to be written, with as many digits as it needs.
        case number(Double)
        case flag(Bool)
        case empty
        /// Elements of different names. One without content is null in JSON.
        case fields([Field])
        /// Elements of one name.
        case list(of: String, [Content])
    }

    public struct Field: Equatable, Sendable {
        public let name: String
        public let content: Content
    }

    public init(_ root: String, _ content: Content) {
        self.root = root
        self.content = content
    }
}

extension Document.Field {
    public init(_ name: String, _ text: String?) { self.init(name, text.map { .text($0) } ?? .empty) }
    public init(_ name: String, _ number: Double?) { self.init(name, number.map { .number($0) } ?? .empty) }
    public init(_ name: String, _ flag: Bool) { self.init(name, .flag(flag)) }

    public init(_ name: String, _ content: Document.Content) {
        self.name = name
        self.content = content
    }
}

/// The two forms of an answer; the end of an address names one.
public enum Format: String, CaseIterable, Sendable {
    case xml, json

    public var mediaType: String {
        switch self {
        case .xml: "text/xml; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        }
    }

    /// The last part of an address, cut: `001.json` is `001` in JSON. Nil if it ends with no format.
    public static func cut(_ segment: String) -> (name: String, format: Format)? {
        guard let dot = segment.lastIndex(of: "."),
            let format = Format(rawValue: String(segment[segment.index(after: dot)...]))
        else { return nil }
        return (String(segment[..<dot]), format)
    }
}

extension Document {
    public func written(as format: Format) -> [UInt8] {
        switch format {
        case .json: JSON.encode(content)
        case .xml:
            Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".utf8) + content.element(named: root)
        }
    }
}

extension Document.Content: JSONWritable {
    public func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.text(text)
        case .number(let number): number.write(to: &json)
        case .flag(let flag): flag.write(to: &json)
        case .empty: json.bare("null")
        case .list(_, let items): json.array(items)
        case .fields(let fields):
            json.object { json in
                for field in fields { json.member(field.name, field.content) }
            }
        }
    }

    fileprivate func element(named name: String) -> [UInt8] {
        let content = inner
        return content.isEmpty
            ? Array("<\(name)/>".utf8) : Array("<\(name)>".utf8) + content + "</\(name)>".utf8
    }

    private var inner: [UInt8] {
        switch self {
        case .text(let text): Self.escaped(text)
        case .number, .flag: JSON.encode(self)
        case .empty: []
        case .list(let name, let items): items.flatMap { $0.element(named: name) }
        case .fields(let fields): fields.flatMap { $0.content.element(named: $0.name) }
        }
    }

    /// What XML 1.0 (§2.2) does not allow at all, not even escaped, becomes a blank.
    private static func escaped(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            switch scalar {
            case "&": Array("&amp;".utf8)
            case "<": Array("&lt;".utf8)
            case ">": Array("&gt;".utf8)
            // A parser would turn a bare one into a line feed (XML 1.0 §2.11).
            case "\r": Array("&#13;".utf8)
            case "\t", "\n": Array(String(scalar).utf8)
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": [UInt8(ascii: " ")]
            default: Array(String(scalar).utf8)
            }
        }
    }
}
