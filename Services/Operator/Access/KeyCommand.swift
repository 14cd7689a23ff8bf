import Links
import Models

extension Command {
    static let keyNew = Command(
        name: ["key", "new"],
        summary: "makes a key for a gateway and prints it once",
        details: """
            Makes a key of 256 bits and prints it, its SHA-256, and the row to add to gateway-keys.csv. Nothing is written
            anywhere: publish the row with dayu registry publish, and hand the key to whoever runs the gateway. Nobody can
            read a key from its hash, so a key that is lost is replaced by a new one.

            A gateway may have several keys: add the new row, hand the new key over, then take the old row away. The last
            field of a row ends a key by itself, such as 2027-01-01T00:00:00+08:00; empty: the key has no end.

            Programs that look for leaked secrets find keys with the pattern
              \(GatewayKeyText.pattern)
            The last six characters are the CRC-32 of all before them, in base 62 with the digits 0-9A-Za-z.
            """,
        options: [Option(name: "--gateway", value: "ID", help: "whose key it is to be, for the row")],
        targets: { $0.targets(shown: ["--gateway"]) }
    ) { arguments, _ in
        let gateway = arguments.text("--gateway")
        if let gateway, GatewayID(gateway) == nil {
            throw Arguments.Misuse(what: "--gateway \"\(Terminal.harmless(gateway))\" is not an identifier")
        }
        var random = SystemRandomNumberGenerator()
        let secret = (0..<GatewayKeyText.secretBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        Terminal.say(NewKey(GatewayKeyText(secret: secret), gateway: gateway).text)
        return .done
    }
}

/// The text about a new key that the operator sees.
struct NewKey {
    let text: String

    init(_ key: GatewayKeyText, gateway: String?) {
        let rows = [
            ["key", key.text], ["key_sha256", key.hash.description],
            ["row of gateway-keys.csv", "\(gateway ?? "GATEWAY"),\(key.hash),"],
        ]
        text = Terminal.aligned(rows).joined(separator: "\n")
    }
}
