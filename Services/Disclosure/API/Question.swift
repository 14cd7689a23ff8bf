import HTTP
import Models
import Text

/// The limits of what one question may ask for.
enum PageLimit {
    static let preset = 50
    static let complaints = 500
    /// Values of one parameter that is a list.
    static let listed = 50
    static let indicators = 500
    static let news = 500
    /// A month of hourly readings.
    static let readings = 1000
    /// Readings before and after those that were asked for: two days of readings every five minutes.
    static let neighbours = 576
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

    /// The values of a list, with commas between them; empty if it is absent.
    mutating func list<Value>(_ name: String, _ form: String, read: (String) -> Value?) -> [Value] {
        value(name, "a list of at most \(PageLimit.listed) values, with commas between them, each \(form)") {
            text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let values = parts.prefix(PageLimit.listed).compactMap { read(String($0)) }
            return values.count == parts.count ? values : nil
        } ?? []
    }

    mutating func choices<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> [Choice] {
        list(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.utf8.count <= Limit.wordBytes ? Choice(rawValue: $0) : nil
        }
    }

    mutating func ids<Entity>(_ name: String) -> [EntityID<Entity>] {
        list(name, Self.identifier) { EntityID($0) }
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        value(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.utf8.count <= Limit.wordBytes ? Choice(rawValue: $0) : nil
        }
    }

    private static let identifier = "an identifier: a-z, 0-9, '.' and '-', at most \(Limit.identifierBytes)"

    mutating func id<Entity>(_ name: String) -> EntityID<Entity>? {
        value(name, Self.identifier) { EntityID($0) }
    }

    mutating func instant(_ name: String) -> Instant? {
        value(name, "an RFC 3339 date-time with an offset") { Instant(rfc3339: $0) }
    }

    /// A span of time. Each end is a moment, or a day of the city; a day as the end belongs to the span.
    mutating func span(_ from: String, _ to: String, in zone: Zone) -> ComplaintFilter.Span {
        let form = "a day such as 2026-11-01, or an RFC 3339 date-time with an offset"
        let span = ComplaintFilter.Span(
            from: value(from, form) { text in
                Day(text).map { zone.start(of: $0) } ?? Instant(rfc3339: text)
            },
            to: value(to, form) { text in
                Day(text).map { zone.start(of: $0.adding(days: 1)) } ?? Instant(rfc3339: text)
            })
        if let begin = span.from, let end = span.to, begin > end { refuse(from, "is after \(to)") }
        return span
    }

    /// As in GeoJSON: west, south, east, north (RFC 7946 §5).
    mutating func rectangle(_ name: String) -> ComplaintFilter.Rectangle? {
        value(name, "four numbers in degrees with commas between them: west, south, east, north") { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = parts.prefix(4).compactMap { Double($0) }.filter(\.isFinite)
            guard parts.count == 4, numbers.count == 4, numbers[1] <= numbers[3],
                [0, 2].allSatisfy({ (-180...180).contains(numbers[$0]) }),
                [1, 3].allSatisfy({ (-90...90).contains(numbers[$0]) })
            else { return nil }
            return ComplaintFilter.Rectangle(
                west: numbers[0], south: numbers[1], east: numbers[2], north: numbers[3])
        }
    }

    mutating func degrees(_ name: String, within limit: Double) -> Double? {
        value(name, "a number of degrees in \(-limit)…\(limit)") { text in
            guard text.utf8.count <= Limit.wordBytes, let number = Double(text), abs(number) <= limit else {
                return nil
            }
            return number
        }
    }

    /// False if it is absent.
    mutating func flag(_ name: String) -> Bool { choice(ofFlag: name) ?? false }

    mutating func choice(ofFlag name: String) -> Bool? {
        value(name, "true or false") { text in text == "true" ? true : text == "false" ? false : nil }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, "a whole number in \(range.lowerBound)…\(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func limit(preset: Int = PageLimit.preset, most: Int) -> Int {
        number("limit", in: 1...most) ?? preset
    }

    mutating func refuse(_ name: String, _ detail: String) {
        faults.append(Problem.FieldFault(name, detail))
    }

    /// A region that the registry has: whoever misspells one must not read that nothing happened there.
    mutating func region(of registry: Registry, _ name: String = "region") -> RegionID? {
        value(name, "a region of the registry") { text in
            RegionID(text).flatMap { registry.regions[$0]?.id }
        }
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
