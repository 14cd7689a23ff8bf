import Text

/// Another system that Intake asks for readings, at regular times.
public struct Source: Hashable, Sendable, Codable {
    /// The form of its answer: that of `POST /v1/readings`.
    public enum Shape: String, CaseIterable, Sendable, Codable {
        case json, csv
    }

    public let id: SourceID
    /// Whose readings these are. The scopes of the gateway say of which sections it may bring some.
    public let gateway: GatewayID
    public let address: Address
    public let interval: Interval
    public let shape: Shape
    /// The environment variable of Intake that holds the header with the credential. The registry itself
    /// holds no secret.
    public let credential: String?
    /// Whether rows of sections that are not known here are left out.
    public let skipsUnknown: Bool
    /// Whether rows with a fault are left out.
    public let skipsFaults: Bool
    /// What the columns of its table mean (`ColumnMap`).
    public let columns: String?

    /// A credential's variable begins with this. So no row of the registry can send another secret of Intake
    /// to somebody else.
    public static let credentialPrefix = "DAYU_SOURCE_"

    public init(
        id: SourceID, gateway: GatewayID, address: Address, interval: Interval, shape: Shape,
        credential: String? = nil, skipsUnknown: Bool = false, skipsFaults: Bool = false,
        columns: String? = nil
    ) {
        self.id = id
        self.gateway = gateway
        self.address = address
        self.interval = interval
        self.shape = shape
        self.credential = credential
        self.skipsUnknown = skipsUnknown
        self.skipsFaults = skipsFaults
        self.columns = columns
    }

    public static func isCredential(_ name: String) -> Bool {
        name.utf8.count <= Limit.wordBytes && name.hasPrefix(credentialPrefix)
            && name.utf8.count > credentialPrefix.utf8.count
            && name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}

extension Source {
    /// An http or https address without a user and without a fragment, in ASCII.
    public struct Address: Hashable, Sendable, Codable, LosslessStringConvertible {
        public let description: String
        private let host: Substring

        /// Scheme, host and port: who is asked.
        public var origin: Substring {
            let scheme = description.prefix { $0 != "/" }.count + 2
            let path = description.dropFirst(scheme).firstIndex { $0 == "/" || $0 == "?" }
            return description[..<(path ?? description.endIndex)]
        }

        public var isEncrypted: Bool { description.hasPrefix("https:") }
        /// Whether what is sent stays on this machine.
        public var isLoopback: Bool {
            host == "localhost" || host == "[::1]" || host.hasPrefix("127.") && !host.contains { $0.isLetter }
        }

        public init?(_ text: String) {
            let schemes = ["https://", "http://"]
            guard text.utf8.count <= Limit.mediaBytes,
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#""<>\^`{|}#"#.utf8.contains($0) }),
                let scheme = schemes.first(where: text.hasPrefix)
            else { return nil }
            let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
            let host =
                authority.hasPrefix("[")
                ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
            let port = authority.dropFirst(host.count)
            guard !host.isEmpty, host != "[]", !authority.contains("@"),
                port.isEmpty || port.first == ":" && (UInt16(port.dropFirst()) ?? 0) > 0
            else { return nil }
            description = text
            self.host = Substring(host)
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let address = Self(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an address")
            }
            self = address
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }

    /// How often a source is asked: `30s`, `10m`, `2h`, `1d`.
    public struct Interval: Hashable, Sendable, Codable, LosslessStringConvertible {
        public let seconds: Int

        private static let units: [(suffix: Character, seconds: Int)] = [
            ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
        ]
        /// Nothing that is measured in rivers is published more often, and a month is the rarest.
        private static let bounds = 1...31 * 86_400

        public var duration: Duration { .seconds(seconds) }

        public init?(_ text: String) {
            guard let unit = Self.units.first(where: { text.last == $0.suffix }), text.utf8.count <= 8,
                text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int(text.dropLast()), Self.bounds.contains(count * unit.seconds)
            else { return nil }
            seconds = count * unit.seconds
        }

        public var description: String {
            let unit = Self.units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
            return "\(seconds / unit.seconds)\(unit.suffix)"
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let interval = Self(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "not an interval such as 10m")
            }
            self = interval
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }
}
