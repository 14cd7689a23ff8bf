import Links
import Models

extension Command {
    static let keyNew = Command(
        name: ["key", "new"],
        summary: "makes a key for a gateway and prints it once",
        details: """
            Makes a key of 256 bits. Prints the key, its SHA-256, and the row to add to gateway-keys.csv. It saves nothing:
            publish the row with dayu registry publish, and give the key to the people who run the gateway. Nobody can get
            a key back from its hash. If a key is lost, make a new one.

            A gateway may have several keys. To replace a key, add the new row, give the new key to the gateway, then
            remove the old row. The last field of a row says when the key ends, such as 2027-01-01T00:00:00+08:00. If it is
            empty, the key never ends.

            Programs that look for leaked secrets find keys with the pattern
              \(GatewayKeyText.pattern)
            The last six characters are the CRC-32 of all characters before them, in base 62 (digits 0-9A-Za-z).
            """,
        options: [
            Option(name: "--gateway", value: "ID", help: "the gateway that gets the key; printed in the row")
        ],
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
