import FoundationEssentials
public import Models
import Text

/// A record that was set aside: its bytes as they were read, where it came from, and why it was set aside.
public struct DeadLetter: Hashable, Sendable, Codable {
    public struct Origin: Hashable, Sendable, Codable, CustomStringConvertible {
        public let topic: Topic
        public let partition: Int32
        public let offset: Int64

        public init(topic: Topic, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }

        /// Reads what `description` writes: `complaints.actions/2/17`.
        public init?(_ text: some StringProtocol) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, let topic = Topic(rawValue: String(parts[0])),
                let partition = Int32(parts[1]), let offset = Int64(parts[2]), partition >= 0, offset >= 0
            else { return nil }
            self.init(topic: topic, partition: partition, offset: offset)
        }

        public var description: String { "\(topic.rawValue)/\(partition)/\(offset)" }
    }

    public struct Header: Hashable, Sendable, Codable {
        public let name: String
        /// Base64, as are key and value: a record that could not be understood may hold any bytes.
        public let value: String
    }

    public let origin: Origin
    public let key: String?
    public let value: String?
    public let headers: [Header]
    public let reason: String
    public let refusedBy: String
    public let refusedAt: Instant
    /// The bytes of key, headers and value for which there was no room. If not 0, the letter only shows the
    /// record, which can't be sent again.
    public let omittedBytes: Int
    /// Nil: the letter is about one record. Otherwise it is about records that nobody read, from the origin
    /// on.
    public let lost: Lost?

    /// Records that were removed before they were read.
    public struct Lost: Hashable, Sendable, Codable {
        /// The largest possible number: the ends of transactions have offsets, too. Nil if nobody knows.
        public let records: Int64?

        public init(records: Int64?) { self.records = records }
    }

    /// A letter must fit into a record, however large the record is that it is about: a letter that no broker
    /// takes would stop its partition for ever. Base64 makes four bytes out of three, so the largest records
    /// are cut.
    private static let room = 700_000
    private static let reasonCharacters = 1000
    /// The cost of a header besides its name and value, and the most that JSON makes of one byte: `\u0001`.
    private static let headerCost = 40
    private static let escapedCost = 6

    public init(_ record: Record, reason: String, refusedBy: String, at now: Instant) {
        var room = Self.room
        var omitted = 0
        func kept(_ bytes: [UInt8]) -> String {
            let part = bytes.prefix(room / 4 * 3)
            room -= (part.count + 2) / 3 * 4
            omitted += bytes.count - part.count
            return Data(part).base64EncodedString()
        }
        origin = Origin(topic: record.topic, partition: record.partition, offset: record.offset)
        key = record.key.map(kept)
        var headers: [Header] = []
        for header in record.headers {
            let cost = header.name.utf8.count * Self.escapedCost + Self.headerCost
            if cost <= room {
                room -= cost
                headers.append(Header(name: header.name, value: kept(header.value)))
            } else {
                omitted += header.name.utf8.count + header.value.count
            }
        }
        self.headers = headers
        value = record.value.map(kept)
        self.reason = reason.excerpt(Self.reasonCharacters)
        self.refusedBy = refusedBy
        refusedAt = now
        omittedBytes = omitted
        lost = nil
    }

    /// The letter about records that were removed before `reader` had read them.
    public init(_ lost: Lost, from origin: Origin, reason: String, reader: String, at now: Instant) {
        self.origin = origin
        key = nil
        value = nil
        headers = []
        self.reason = reason
        refusedBy = reader
        refusedAt = now
        omittedBytes = 0
        self.lost = lost
    }

    /// The origin is the key, so that the same record refused twice is one dead letter. A letter about a
    /// record of a restricted topic goes to a restricted topic.
    ///
    /// - Parameter trail: nil if no single record led to the letter.
    public func outgoing(_ trail: Trail? = nil) -> Outgoing {
        Outgoing(
            origin.topic.deadLetters, key: origin.description, id: "\(refusedBy)/\(origin)",
            source: refusedBy, type: EventType("dead-letter", "refused"),
            trail: trail ?? Trail(at: refusedAt), data: JSON.encode(self))
    }
}

extension Record {
    /// The dead letter about this record. The letter continues the record's trace.
    public func setAside(because reason: String, by reader: String, at now: Instant) -> Outgoing {
        DeadLetter(self, reason: reason, refusedBy: reader, at: now)
            .outgoing(Trail(at: now, traceparent: traceparent))
    }
}
