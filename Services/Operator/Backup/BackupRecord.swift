import Kafka

/// A record as a backup keeps it: everything that a consumer sees.
struct BackupRecord: Hashable {
    /// Where it stood in its partition. A restored record has another offset.
    var offset: Int64
    /// Milliseconds since 1970.
    var timestamp: Int64
    var key: [UInt8]?
    /// Nil is a tombstone.
    var value: [UInt8]?
    var headers: [Header]

    /// The same but for the offset. A topic whose brokers stamp the records gives each a new time.
    func isSame(as other: BackupRecord, byTime: Bool) -> Bool {
        key == other.key && value == other.value && headers == other.headers
            && (!byTime || timestamp == other.timestamp)
    }
}

extension BackupRecord {
    init(_ record: borrowing FetchedRecord) {
        self.init(
            offset: record.offset.value, timestamp: record.timestampMilliseconds, key: record.keyBytes,
            value: record.valueBytes, headers: record.headers)
    }
}

// MARK: - As bytes

/// The numbers are little-endian. A text or bytes begin with their length, four bytes; a length of
/// 0xFFFFFFFF stands for none.
extension BackupRecord {
    private static let none = UInt32.max

    func append(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
        Self.append(UInt64(bitPattern: offset), to: &bytes)
        Self.append(UInt64(bitPattern: timestamp), to: &bytes)
        Self.append(key, to: &bytes)
        Self.append(value, to: &bytes)
        Self.append(UInt32(headers.count), to: &bytes)
        for header in headers {
            Self.append(Array(header.name.utf8), to: &bytes)
            Self.append(header.value, to: &bytes)
        }
        let length = UInt32(bytes.count - start - 4)
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }

    private static func append<N: FixedWidthInteger & UnsignedInteger>(_ number: N, to bytes: inout [UInt8]) {
        for index in 0..<(N.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }

    private static func append(_ part: [UInt8]?, to bytes: inout [UInt8]) {
        guard let part else { return append(none, to: &bytes) }
        append(UInt32(part.count), to: &bytes)
        bytes.append(contentsOf: part)
    }

    /// All records of a file's body; nil if it is not what `append` writes.
    static func records(in body: ArraySlice<UInt8>) -> [BackupRecord]? {
        var fields = Fields(bytes: body)
        var records: [BackupRecord] = []
        while !fields.bytes.isEmpty {
            guard let length = fields.number(UInt32.self), let part = fields.take(Int(length)),
                let record = BackupRecord(part)
            else { return nil }
            records.append(record)
        }
        return records
    }

    private init?(_ bytes: ArraySlice<UInt8>) {
        var fields = Fields(bytes: bytes)
        guard let offset = fields.number(UInt64.self), let timestamp = fields.number(UInt64.self),
            let key = fields.part(), let value = fields.part(), let count = fields.number(UInt32.self)
        else { return nil }
        var headers: [Header] = []
        for _ in 0..<count {
            guard case .some(.some(let name)) = fields.part(), case .some(.some(let value)) = fields.part()
            else { return nil }
            headers.append(Header(String(decoding: name, as: UTF8.self), Array(value)))
        }
        guard fields.bytes.isEmpty else { return nil }
        self.init(
            offset: Int64(bitPattern: offset), timestamp: Int64(bitPattern: timestamp),
            key: key.map(Array.init),
            value: value.map(Array.init), headers: headers)
    }

    private struct Fields {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= bytes.count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func number<N: FixedWidthInteger & UnsignedInteger>(_: N.Type) -> N? {
            guard let taken = take(N.bitWidth / 8) else { return nil }
            return taken.reversed().reduce(0) { $0 << 8 | N($1) }
        }

        /// Nil if the bytes end too early; `.some(nil)` for none.
        mutating func part() -> ArraySlice<UInt8>?? {
            guard let length = number(UInt32.self) else { return nil }
            guard length != none else { return .some(nil) }
            guard let taken = take(Int(length)) else { return nil }
            return taken
        }
    }
}
