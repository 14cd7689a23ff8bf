/// Any JSON value, for code that reads what people wrote: it reads field by field, so that every wrong field
/// is named.
public enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// - Throws: if the bytes are not a JSON text, or if an object in it has a name twice. RFC 8259 §4 does
    ///   not say which of the two counts, and the author meant one of them.
    public init(_ bytes: [UInt8]) throws(Malformed) {
        self = try JSONNode.whole(bytes).value()
    }
}

extension JSONNode {
    fileprivate func value() throws(Malformed) -> JSONValue {
        switch kind {
        case .null: return .null
        case .yes: return .flag(true)
        case .no: return .flag(false)
        case .number: return .number(try number())
        case .string: return .text(try string())
        case .array:
            var values: [JSONValue] = []
            for element in children { values.append(try element.value()) }
            return .list(values)
        case .object:
            var members: [String: JSONValue] = [:]
            var name: String?
            for child in children {
                guard let known = name else {
                    name = try child.word()
                    continue
                }
                guard members.updateValue(try child.value(), forKey: known) == nil else {
                    throw Malformed(known, "is there twice")
                }
                name = nil
            }
            return .object(members)
        }
    }
}
