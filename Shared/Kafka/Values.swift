/// One partition of one topic: the unit of order, of assignment and of ownership.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)/\(partition)" }

    /// Only the number is hashed: a client has few topics, and a partition is looked up for every record.
    public func hash(into hasher: inout Hasher) { hasher.combine(partition) }

    public static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// The index of a record in its partition. It is never the place to go on reading: that is a `Position`.
public struct Offset: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(_ value: Int64) {
        precondition(value >= 0, "an offset is not negative: \(value)")
        self.value = value
    }

    /// The position after this record: what a group commits once the record is done.
    public var following: Position { Position(next: value + 1) }
    /// The position that reads this record.
    public var position: Position { Position(next: value) }
    public var description: String { String(value) }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// The next offset to read.
public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let next: Int64

    public init(next: Int64) {
        precondition(next >= 0, "a position is not negative: \(next)")
        self.next = next
    }

    private init(logical: Int64) { next = logical }

    /// The present beginning of the log. Retention may have removed offset 0, so this is a question to the
    /// broker and not a number (`RD_KAFKA_OFFSET_BEGINNING`). It sorts before every number.
    public static let beginning = Position(logical: -2)

    public var isBeginning: Bool { self == .beginning }
    public var description: String { isBeginning ? "beginning" : String(next) }

    public static func < (left: Self, right: Self) -> Bool { left.next < right.next }
}

/// The first position that a partition still has, and the one after its last record, open transactions
/// included.
public struct Watermarks: Hashable, Sendable {
    public let low: Position
    public let high: Position

    public init(low: Position, high: Position) {
        self.low = low
        self.high = high
    }

    public var isEmpty: Bool { low == high }
}

/// A named value beside the value of a record. Names may repeat; the order is kept.
public struct Header: Hashable, Sendable {
    public let name: String
    public let value: [UInt8]

    public init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
}

/// A record to send. No value means a tombstone; no partition means that the key decides.
public struct OutgoingRecord: Hashable, Sendable {
    public var topic: String
    public var partition: Int32?
    public var key: [UInt8]?
    public var value: [UInt8]?
    public var headers: [Header]

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Whether a reader waits for transactions to end and skips aborted records.
public enum Isolation: String, Sendable {
    case readCommitted = "read_committed"
    case readUncommitted = "read_uncommitted"
}

/// A line that librdkafka wants logged. `level` is syslog's: 0 is the worst, 7 is debug.
public struct LogLine: Hashable, Sendable {
    public let level: Int32
    public let facility: String
    public let message: String

    init(level: Int32, facility: String, message: String) {
        self.level = level
        self.facility = facility
        self.message = message
    }
}

/// Limits of what this module does by itself.
enum Limit {
    /// A full queue is polled this many times, for this long each, before `send` gives up: five seconds in
    /// all.
    static let sendAttempts = 50
    static let sendPollMilliseconds: Int32 = 100
    static let sendsPerPoll = 100
    /// A commit or an abort that takes longer is resumed.
    static let sliceMilliseconds: Int32 = 2_000
    static let flushSliceMilliseconds: Int32 = 200
    /// How much longer to wait for a transaction when the process is asked to stop.
    static let stopMilliseconds = 3_000
    /// Kafka's own preset. `LoopSettings.producer` gives the reasons for it.
    static let transactionMilliseconds: Int32 = 60_000
    /// How long one request waits for its answer. With librdkafka's preset of a minute, or with all of the
    /// transaction's time, no time would be left to replace a frozen broker.
    static let socketMilliseconds: Int32 = 10_000
    /// The longest pause between two tries to connect to a broker.
    static let reconnectMilliseconds: Int32 = 1_000
    static let closePollMilliseconds: Int32 = 20
    static let leaveMilliseconds = 2_000
    static let errorTextBytes = 512
}
