/// Header fields in the order in which they arrived; names compare without case (RFC 9110, 5.1).
public struct Headers: Hashable, Sendable, Sequence, ExpressibleByArrayLiteral {
    private struct Field: Hashable {
        let name: String
        let value: String
    }

    private var fields: [Field] = []

    public init() {}

    public init(arrayLiteral fields: (String, String)...) {
        for (name, value) in fields { add(name, value) }
    }

    /// The first value under this name. Setting replaces all values; setting nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { isSameName($0.name, name) }?.value }
        set {
            fields.removeAll { isSameName($0.name, name) }
            if let newValue { add(name, newValue) }
        }
    }

    /// Every value under this name, for fields that may be repeated.
    public func all(_ name: String) -> [String] {
        fields.filter { isSameName($0.name, name) }.map(\.value)
    }

    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    public mutating func append(_ field: (String, String)) {
        add(field.0, field.1)
    }

    public func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        fields.lazy.map { ($0.name, $0.value) }.makeIterator()
    }
}

/// Whether two ASCII names differ only in case.
private func isSameName(_ left: String, _ right: String) -> Bool {
    let left = left.utf8
    let right = right.utf8
    return left.count == right.count && zip(left, right).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A") <= byte && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}
