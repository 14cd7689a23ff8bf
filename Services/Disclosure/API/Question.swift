import HTTP
import Models
import Text

/// The limits of what one question may ask for.
enum PageLimit {
    static let preset = 50
    static let complaints = 500
    static let indicators = 500
    /// A month of hourly readings.
    static let readings = 1000
    /// A table to be downloaded: a year of hourly readings.
    static let tableRows = 10_000
    /// Parts of former reports, shown with the readings they belonged to.
    static let formerParts = 10_000
}

/// A request's parameters, read by name. All faults are collected, so that one answer names them all.
struct Question {
    private let request: Request
    private var faults: [Problem.FieldFault] = []

    init(_ request: Request) {
        self.request = request
    }

    /// Nil if it is absent or empty; a value that `read` refuses is a fault.
    mutating func value<Value>(_ name: String, _ form: String, read: (String) -> Value?) -> Value? {
        guard let text = request.query[name], !text.isEmpty else { return nil }
        let value = read(text)
        if value == nil { faults.append(Problem.FieldFault(name, "is not \(form)")) }
        return value
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        value(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.utf8.count <= Limit.wordBytes ? Choice(rawValue: $0) : nil
        }
    }

    mutating func id<Entity>(_ name: String) -> EntityID<Entity>? {
        value(name, "an identifier: a-z, 0-9, '.' and '-', at most \(Limit.identifierBytes)") { EntityID($0) }
    }

    mutating func instant(_ name: String) -> Instant? {
        value(name, "an RFC 3339 date-time with an offset") { Instant(rfc3339: $0) }
    }

    /// False if it is absent.
    mutating func flag(_ name: String) -> Bool {
        value(name, "true or false") { text in text == "true" ? true : text == "false" ? false : nil }
            ?? false
    }

    mutating func limit(preset: Int = PageLimit.preset, most: Int) -> Int {
        value("limit", "a whole number in 1…\(most)") { text in
            Int(text).flatMap { (1...most).contains($0) ? $0 : nil }
        } ?? preset
    }

    mutating func refuse(_ name: String, _ detail: String) {
        faults.append(Problem.FieldFault(name, detail))
    }

    /// Throws if anything was wrong. Call it after everything has been read.
    func check() throws(Problem) {
        guard faults.isEmpty else {
            throw Problem(status: 400, detail: "A parameter is wrong.", errors: faults)
        }
    }

    /// The identifier in the path; a text that can't be an identifier names nothing, so the answer is 404.
    func path<Entity>(_ kind: String) throws(Problem) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(request.parameters["id"] ?? "") else { throw .unknown(kind) }
        return id
    }

    func trackingCode() throws(Problem) -> TrackingCode {
        guard let code = TrackingCode(request.parameters["code"] ?? "") else { throw .unknown("complaint") }
        return code
    }
}

extension Problem {
    static func unknown(_ kind: String) -> Problem {
        Problem(status: 404, detail: "There is no such \(kind).")
    }
}
