import Models
import Text

/// The content of a frame's data segment (HJ 212-2017 §6.3.3 and annex C), as stations in practice write it:
/// fields in any order, in the head or among the parameters, commas instead of semicolons, and makers' own
/// fields.
struct Packet: Equatable, Sendable {
    /// One of the values of `CP`: `w01018-Rtd=1.1`.
    struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    enum Limit {
        /// A longer name is not in the standard. The limit exists because names are compared.
        static let nameBytes = 64
    }

    /// The time of sending, which an answer repeats. It does not identify a packet: stations repeat it, or
    /// leave it out.
    var request: String?
    /// Whether it was among the parameters, as in HJ/T 212-2005.
    var hasRequestInside = false
    var system: String?
    var command: Int?
    var password: String?
    var device: String?
    var flag: Int?
    /// The fields of `CP`; fields joined by a comma are in one group.
    var items: [[Field]] = []
    /// Whether there is something in `CP` and none of it is a field of the standard, as when it is encrypted
    /// (HJ 212-2025 knows SM4).
    private(set) var isUnreadable = false

    init(_ data: [UInt8]) {
        let parts = Self.parts(of: data)
        for field in Self.fields(parts.head, between: [0x3B, 0x2C]) { readHead(field) }
        items += parts.inside.split(separator: 0x3B).map { Self.fields($0, between: [0x2C]) }
        for field in items.joined() {
            switch field.name {
            case "QN" where request == nil:
                request = field.value
                hasRequestInside = true
            case "MN" where device == nil: device = field.value
            default: break
            }
        }
        isUnreadable =
            parts.inside.contains { ![0x20, 0x09, 0x0D, 0x0A].contains($0) }
            && items.joined().allSatisfy { $0.name != "DataTime" && !$0.name.utf8.contains(0x2D) }
    }

    private mutating func readHead(_ field: Field) {
        switch field.name {
        case "QN": request = field.value
        case "ST": system = field.value
        case "CN": command = field.value.utf8.count == 4 ? Int(field.value) : nil
        case "PW": password = field.value
        case "MN": device = field.value
        case "Flag": flag = Int(field.value).flatMap { (0...255).contains($0) ? $0 : nil }
        // `DataTime` of some makers, and fields that we do not use.
        default: items.append([field])
        }
    }

    /// The text before `CP=&&`, and the text between it and the last `&&`.
    private static func parts(of data: [UInt8]) -> (head: ArraySlice<UInt8>, inside: ArraySlice<UInt8>) {
        let mark = Array("CP=".utf8)
        guard let start = data.indices.first(where: { data[$0...].starts(with: mark) }) else {
            return (data[...], [])
        }
        var inside = data[(start + mark.count)...]
        if inside.starts(with: [0x26, 0x26]) { inside = inside.dropFirst(2) }
        let last = inside.indices.dropLast().last { inside[$0] == 0x26 && inside[$0 + 1] == 0x26 }
        return (data[..<start], last.map { inside[..<$0] } ?? inside)
    }

    /// None of these marks is a part of a character of GBK or UTF-8, so unreadable text damages only its own
    /// field.
    private static func fields(_ bytes: ArraySlice<UInt8>, between marks: [UInt8]) -> [Field] {
        bytes.split { marks.contains($0) }.compactMap { bytes in
            guard let equals = bytes.firstIndex(of: 0x3D) else { return nil }
            let name = bytes[..<equals].trimmed
            guard !name.isEmpty, name.count <= Limit.nameBytes else { return nil }
            return Field(
                name: String(decoding: name, as: UTF8.self),
                value: String(decoding: bytes[bytes.index(after: equals)...].trimmed, as: UTF8.self))
        }
    }

    /// The first value of a parameter.
    func value(of name: String) -> String? { items.joined().first { $0.name == name }?.value }

    // MARK: Flag

    /// Whether the sender waits for an answer.
    var asksForAnswer: Bool { (flag ?? 0) & 1 == 1 }

    /// Only the bits of the version.
    var version: Int { (flag ?? 0) & ~3 }

    /// HJ 1404-2024 and the earlier protocol for surface water. HJ 212-2025 has the same version in its flag,
    /// but other system numbers.
    var isOfSurfaceWater: Bool { version == 8 && system == "21" }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmed: Self {
        let start = drop { $0 <= 0x20 }
        return start.lastIndex { $0 > 0x20 }.map { start[...$0] } ?? []
    }
}

// MARK: - What we send

/// A frame that we send.
struct StationMessage: Equatable, Sendable {
    enum Command: Int, Sendable {
        case setInstrumentTime = 1012
        case setLoggerTime = 1015
        case hours = 2061
        /// Says whether a request can be done (`QnRtn`).
        case requestAnswer = 9011
        case noticeAnswer = 9013
        case dataAnswer = 9014
    }

    /// Why we refused a packet (HJ 212-2017 table 10, `QnRtn`).
    enum Refusal: Int, Sendable {
        case refused = 2
        case password = 3
        case device = 4
        case system = 5
        case command = 8
        case sum = 9
        /// For surface water 9 means "busy", so a wrong sum has its own code.
        case sumOfSurfaceWater = 99
    }

    /// The system number for interaction between systems.
    private static let interaction = "91"

    let bytes: [UInt8]

    /// The answer to a packet: it repeats the packet's request, password and device.
    init(_ command: Command, to packet: Packet, refusal: Refusal? = nil) {
        var inside = refusal.map { ["QnRtn=\($0.rawValue)"] } ?? []
        if packet.hasRequestInside, let request = packet.request { inside.insert("QN=\(request)", at: 0) }
        self.init(
            request: packet.hasRequestInside ? nil : packet.request, system: Self.interaction, command,
            password: packet.password, device: packet.device,
            flag: packet.flag == nil ? nil : packet.version, inside: inside.joined(separator: ";"))
    }

    init(
        request: String?, system: String?, _ command: Command, password: String?, device: String?, flag: Int?,
        inside: String
    ) {
        let fields: [(String, String?)] = [
            ("QN", request), ("ST", system), ("CN", String(command.rawValue)), ("PW", password),
            ("MN", device), ("Flag", flag.map(String.init)),
        ]
        let head = fields.compactMap { name, value in value.map { "\(name)=\($0);" } }.joined()
        let data = Array("\(head)CP=&&\(inside)&&".utf8)
        let digits = String(data.count)
        let length = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        bytes = Array("##\(length)".utf8) + data + Array("\(FrameFault.text(FrameSum.of(data)))\r\n".utf8)
    }
}
