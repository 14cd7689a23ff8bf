import FoundationEssentials
import Glibc
public import Models
import Text

/// Writes one JSON object a line to standard error. It never holds a phone number, a name or a text that a
/// citizen wrote. Of any other text from outside, only the beginning is written, without invisible
/// characters.
public struct Log: Sendable {
    public enum Level: String, CaseIterable, Sendable, Comparable {
        case debug, info, warning, error

        private var weight: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }

        public static func < (left: Level, right: Level) -> Bool { left.weight < right.weight }
    }

    /// What a field may hold.
    public enum Field: Hashable, Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral
    {
        case text(String)
        case integer(Int64)
        case number(Double)

        /// The most characters of a text: a line must fit into the programs that collect the lines.
        public static let textCharacters = 2000

        public init(stringLiteral value: String) { self = .text(value) }
        public init(integerLiteral value: Int64) { self = .integer(value) }

        public static func of(_ value: some CustomStringConvertible) -> Field { .text(value.description) }
        public static func of(_ value: some BinaryInteger) -> Field { .integer(Int64(clamping: value)) }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let value): try container.encode(value.visible.excerpt(Self.textCharacters))
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            }
        }
    }

    private struct Line: Encodable {
        let time: Instant
        let level: String
        let service: String
        let message: String
        let fields: [String: Field]

        private struct Key: CodingKey {
            let stringValue: String
            let intValue: Int? = nil

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(time, forKey: Key(stringValue: "time"))
            try container.encode(level, forKey: Key(stringValue: "level"))
            try container.encode(service, forKey: Key(stringValue: "service"))
            try container.encode(message, forKey: Key(stringValue: "message"))
            for (name, value) in fields { try container.encode(value, forKey: Key(stringValue: name)) }
        }
    }

    private let service: String
    private let threshold: Level

    public init(service: String, threshold: Level = .info) {
        self.service = service
        self.threshold = threshold
    }

    /// The fields are computed only if the line is written.
    public func debug(_ message: String, _ fields: @autoclosure () -> [String: Field] = [:]) {
        write(.debug, message, fields)
    }
    public func info(_ message: String, _ fields: @autoclosure () -> [String: Field] = [:]) {
        write(.info, message, fields)
    }
    public func warning(_ message: String, _ fields: @autoclosure () -> [String: Field] = [:]) {
        write(.warning, message, fields)
    }
    public func error(_ message: String, _ fields: @autoclosure () -> [String: Field] = [:]) {
        write(.error, message, fields)
    }

    private func write(_ level: Level, _ message: String, _ fields: () -> [String: Field]) {
        guard level >= threshold else { return }
        let line = Line(
            time: .now, level: level.rawValue, service: service, message: message, fields: fields())
        // One write for a whole line, so that lines of several threads do not mix.
        let bytes = JSON.encode(line) + [UInt8(ascii: "\n")]
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension Instant {
    /// The wall clock: only Host reads it, and handed to the cores as an argument.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension [String: Log.Field] {
    static func + (left: Self, right: Self) -> Self { left.merging(right) { $1 } }
}
