import HTTP
import Host
import Models
import Text

/// Whether this instance asks sources, and with which credentials.
struct SourceSettings: Sendable {
    let atOnce: Int
    /// The header to send, by the name of its variable.
    let credentials: [String: SourceCredential]

    /// Nil if this instance asks none.
    init?(from reader: inout SettingsReader) {
        atOnce = reader.integer(
            "DAYU_SOURCES_AT_ONCE", preset: 4, in: 0...64,
            help: "sources of sources.csv that are asked at once; 0: this instance asks none")
        var credentials: [String: SourceCredential] = [:]
        let texts = reader.secrets(
            prefix: Source.credentialPrefix, form: "<NAME>",
            help: """
                a header that is sent to the sources whose row in sources.csv names this variable, such as \
                Authorization: Bearer …
                """)
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            guard Source.isCredential(name) else {
                reader.fault("\(name): its name is not capital letters, digits and _")
                continue
            }
            guard let credential = SourceCredential(text) else {
                // Never shows the secret itself.
                reader.fault("\(name): is not a header such as Authorization: Bearer …")
                continue
            }
            credentials[name] = credential
        }
        self.credentials = credentials
        reader.refuseUnknown(prefix: "DAYU_SOURCES_")
        if atOnce == 0 { return nil }
    }
}

/// A header that proves to a source who asks, as `curl --header` takes it: `X-Key: …`.
struct SourceCredential: Hashable, Sendable {
    let name: String
    let value: String

    private static let longest = 8192

    init?(_ text: String) {
        guard text.utf8.count <= Self.longest, let colon = text.firstIndex(of: ":") else { return nil }
        let name = text[..<colon]
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        // A token and a value of RFC 9110 §5.5 and §5.6.2; letters, digits and the usual marks are enough.
        guard !name.isEmpty, !value.isEmpty, value.last != " ",
            name.utf8.allSatisfy({ $0.isLetterOrDigit || "-_.".utf8.contains($0) }),
            value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        self.name = String(name)
        self.value = String(value)
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
