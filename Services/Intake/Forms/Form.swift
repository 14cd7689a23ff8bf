import Geo
import Models
import Text

/// Reads the fields of a JSON object and collects what is wrong with them.
struct Form {
    private let fields: [String: JSONValue]
    private let path: String
    private(set) var faults: [FieldFault] = []
    /// The names that were asked for.
    private var asked: Set<String> = []

    /// Enough to see what is wrong with an object.
    private static let unknownNames = 20

    /// - Throws: if the bytes are not a JSON object.
    init(_ body: [UInt8]) throws(Malformed) {
        guard case .object(let fields) = try JSONValue(body) else {
            throw Malformed("", "the body is not a JSON object")
        }
        self.init(fields, path: "")
    }

    init(_ fields: [String: JSONValue], path: String) {
        self.fields = fields
        self.path = path
    }

    mutating func add(_ field: String, _ detail: String, _ code: FaultCode? = nil) {
        faults.append(FieldFault(path + field, detail, code))
    }

    /// What is wrong with the value of a field that was read by itself.
    mutating func add(_ field: String, _ malformed: Malformed) {
        faults.append(malformed.fault(of: path + field))
    }

    mutating func add(_ others: [FieldFault]) {
        faults += others
    }

    mutating func require<Value>(_ field: String, _ value: Value?) -> Value? {
        // A field that is present but wrong already has a fault.
        if value == nil, isAbsent(field) { add(field, "is missing", .missing) }
        return value
    }

    /// A fault for each field that nobody has asked for: a misspelled name must not be a default in silence.
    mutating func refuseUnknown() {
        let unknown = fields.keys.filter { !asked.contains($0) }.sorted()
        for name in unknown.prefix(Self.unknownNames) { add(name.excerpt(Limit.wordBytes), "is unknown") }
    }

    private mutating func value(_ field: String) -> JSONValue? {
        asked.insert(field)
        return fields[field]
    }

    mutating func text(_ field: String) -> String? {
        switch value(field) {
        case nil, .null: return nil
        case .text(let text): return text
        default:
            add(field, "is not a text", .missing)
            return nil
        }
    }

    mutating func number(_ field: String) -> Double? {
        switch value(field) {
        case nil, .null: return nil
        case .number(let number): return number
        default:
            add(field, "is not a number")
            return nil
        }
    }

    mutating func flag(_ field: String) -> Bool? {
        switch value(field) {
        case nil, .null: return nil
        case .flag(let flag): return flag
        default:
            add(field, "is not true or false")
            return nil
        }
    }

    mutating func texts(_ field: String) -> [String] {
        guard let list = list(field) else { return [] }
        return list.enumerated().compactMap { index, value in
            if case .text(let text) = value { return text }
            add("\(field).\(index)", "is not a text")
            return nil
        }
    }

    mutating func list(_ field: String) -> [JSONValue]? {
        switch value(field) {
        case nil, .null: return nil
        case .list(let list): return list
        default:
            add(field, "is not a list")
            return nil
        }
    }

    /// The form of an inner object; return its faults with `add`.
    mutating func form(_ field: String) -> Form? {
        switch value(field) {
        case nil, .null: return nil
        case .object(let fields): return Form(fields, path: "\(path)\(field).")
        default:
            add(field, "is not an object")
            return nil
        }
    }

    /// - Parameter closed: values that a caller may not choose. The fault does not offer them either.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable & Equatable>(
        _ field: String, of type: Choice.Type, except closed: [Choice] = []
    ) -> Choice? {
        guard let text = text(field) else { return nil }
        if text.utf8.count <= Limit.wordBytes, let choice = Choice(rawValue: text), !closed.contains(choice) {
            return choice
        }
        let open = Choice.allCases.filter { !closed.contains($0) }
        add(field, "must be one of \(open.map(\.rawValue).joined(separator: ", "))", .choiceWrong)
        return nil
    }

    mutating func id<Entity>(_ field: String, of type: Entity.Type) -> EntityID<Entity>? {
        guard let text = text(field) else { return nil }
        if let id = EntityID<Entity>(text) { return id }
        add(field, "is not an identifier", .unknown)
        return nil
    }

    /// A time of RFC 3339 with its offset.
    mutating func moment(_ field: String) -> Instant? {
        guard let text = text(field) else { return nil }
        if let moment = Instant(rfc3339: text) { return moment }
        add(field, "is not a time such as 2026-01-31T12:00:00+08:00", .timeWrong)
        return nil
    }

    /// `{"longitude": …, "latitude": …, "datum": "wgs84"}`, and the datum in which it was given.
    ///
    /// A place read in the wrong datum would be some hundred metres away. So an unknown datum is refused and
    /// never guessed.
    mutating func place(_ field: String) -> (place: Coordinate?, datum: Datum) {
        guard var within = form(field) else { return (nil, .wgs84) }
        let place = within.coordinate()
        for other in ["crs", "srs"] where within.names.contains(other) {
            within.add(other, "is unknown; name the datum in place.datum")
        }
        let datum = within.choice("datum", of: Datum.self) ?? .wgs84
        add(within.faults)
        return (place.map { datum.place(shownAt: $0) }, datum)
    }

    /// This object's own `longitude` and `latitude`.
    mutating func coordinate() -> Coordinate? {
        let longitude = number("longitude")
        let latitude = number("latitude")
        let both = (require("longitude", longitude), require("latitude", latitude))
        guard let longitude = both.0, let latitude = both.1 else { return nil }
        return Coordinate(longitude: longitude, latitude: latitude)
    }

    /// The idempotency key in the body: the same request with the same key is a repetition. A door may have
    /// the key from another place.
    mutating func idempotencyKey() -> String? {
        guard let key = text("idempotencyKey") else { return nil }
        if let fault = IdempotencyKey.fault(of: key) { add("idempotencyKey", fault) }
        return key
    }

    var names: [String] { fields.keys.sorted() }

    private func isAbsent(_ field: String) -> Bool {
        switch fields[field] {
        case nil, .null: true
        default: false
        }
    }
}

/// The rule for idempotency keys.
enum IdempotencyKey {
    /// Nil if the key has no fault.
    static func fault(of key: String) -> String? {
        key.isEmpty || key.utf8.count > Limit.idempotencyKeyBytes
            ? "is empty or longer than \(Limit.idempotencyKeyBytes) bytes" : nil
    }
}
