public import Text

/// Values of a few parameters, in the order of the parameters' codes.
///
/// A dictionary hashes a parameter whenever a value is added to a sum, and is sorted whenever it is written.
/// A reading has about ten parameters. To look through ten takes less time than that, and each reading of a
/// year is added up and written.
public struct ByParameter<Value> {
    public struct Entry {
        public let parameter: Parameter
        public var value: Value

        init(_ parameter: Parameter, _ value: Value) {
            self.parameter = parameter
            self.value = value
        }
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    public init(_ values: [Parameter: Value]) {
        entries = values.map { Entry($0.key, $0.value) }.sorted {
            $0.parameter.rawValue < $1.parameter.rawValue
        }
    }

    private init(sorted entries: [Entry]) { self.entries = entries }

    /// - Parameter values: mostly in the order of the codes, as everything that was written here.
    public init(inOrder values: some Collection<(Parameter, Value)>) {
        entries.reserveCapacity(values.count)
        for (parameter, value) in values { put(value, parameter) }
    }

    /// What is read from the log or a store comes in the order of the codes.
    mutating func put(_ value: Value, _ parameter: Parameter) {
        let last = entries.last?.parameter.rawValue
        if last.map({ $0 < parameter.rawValue }) ?? true {
            entries.append(Entry(parameter, value))
        } else {
            self[parameter] = value
        }
    }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// Nil: there is no value. Setting nil removes it.
    public subscript(parameter: Parameter) -> Value? {
        get { place(of: parameter).map { entries[$0].value } }
        set {
            guard let newValue else {
                if let place = place(of: parameter) { entries.remove(at: place) }
                return
            }
            if let place = place(of: parameter) {
                entries[place].value = newValue
            } else {
                insert(newValue, parameter)
            }
        }
    }

    private func place(of parameter: Parameter) -> Int? {
        entries.firstIndex { $0.parameter == parameter }
    }

    private mutating func insert(_ value: Value, _ parameter: Parameter) {
        let code = parameter.rawValue
        let before = entries.lastIndex { $0.parameter.rawValue < code }
        entries.insert(Entry(parameter, value), at: before.map { $0 + 1 } ?? entries.startIndex)
    }

    public func mapValues<Other>(_ transform: (Value) -> Other) -> ByParameter<Other> {
        ByParameter<Other>(
            sorted: entries.map { ByParameter<Other>.Entry($0.parameter, transform($0.value)) })
    }

    /// Changes the values of parameters, and leaves out those that are then nil.
    ///
    /// - Parameter change: gets the value that is known so far, and the other one.
    mutating func merge<Other>(
        _ others: ByParameter<Other>, _ change: (Parameter, Value?, Other) -> Value?
    ) {
        // Mostly both have the same parameters, so the next one is looked for where it is expected.
        var expected = entries.startIndex
        for other in others.entries {
            let isThere = expected < entries.endIndex && entries[expected].parameter == other.parameter
            guard let known = isThere ? expected : place(of: other.parameter) else {
                if let value = change(other.parameter, nil, other.value) { insert(value, other.parameter) }
                continue
            }
            if let value = change(other.parameter, entries[known].value, other.value) {
                entries[known].value = value
                expected = known + 1
            } else {
                entries.remove(at: known)
                expected = known
            }
        }
    }
}

extension ByParameter: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (Parameter, Value)...) {
        self.init()
        for (parameter, value) in elements { self[parameter] = value }
    }
}

extension ByParameter: Sendable where Value: Sendable {}
extension ByParameter.Entry: Sendable where Value: Sendable {}
extension ByParameter: Equatable where Value: Equatable {}
extension ByParameter.Entry: Equatable where Value: Equatable {}
extension ByParameter: Hashable where Value: Hashable {}
extension ByParameter.Entry: Hashable where Value: Hashable {}

// An object with a member for each parameter, in the order of the codes, as of `[Parameter: Value]`.

extension ByParameter: Encodable where Value: Encodable {
    public func encode(to encoder: any Encoder) throws {
        try Dictionary(uniqueKeysWithValues: entries.map { ($0.parameter, $0.value) }).encode(to: encoder)
    }
}

extension ByParameter: Decodable where Value: Decodable {
    public init(from decoder: any Decoder) throws { self.init(try [Parameter: Value](from: decoder)) }
}

extension ByParameter: JSONWritable where Value: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            for entry in entries { json.member(entry.parameter.rawValue, entry.value) }
        }
    }
}

extension ByParameter: JSONReadable where Value: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init()
        try json.eachParameter { (parameter, value) throws(Malformed) in put(try Value(value), parameter) }
    }
}
