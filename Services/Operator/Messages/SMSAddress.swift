import Host
import Links

/// The addresses of Intake that stand in a gateway's own settings.
enum SMSAddress {
    /// - Throws: a name that no gateway of the settings can have, such as one without its place.
    static func checked(_ gateway: String) throws(Arguments.Misuse) -> String {
        let names = SMSRecipe.allCases.flatMap { recipe in
            (1...places).map { SMSGatewayName(place: $0, recipe: recipe).description }
        }
        guard names.contains(gateway) else {
            throw Arguments.Misuse(
                what: "\(gateway) is no gateway: it is the recipe and the place in the settings, such as "
                    + "kannel-1 or aliyun-2 (\(SMSRecipe.allCases.map(\.rawValue).joined(separator: ", ")); "
                    + "1 to \(places))")
        }
        return gateway
    }

    /// As many gateways have settings.
    private static let places = 3

    static func ofReports(_ gateway: String, _ base: String, _ key: NumberKey) -> String {
        adding("job=\(GatewayToken.gateway(gateway).text(key))", to: base)
    }

    /// Intake takes messages beside the reports.
    ///
    /// - Parameter base: the address of the reports.
    static func ofMessages(
        _ gateway: String, beside base: String, _ key: NumberKey
    ) throws(Arguments.Misuse) -> String {
        let whole = base.split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
        guard whole.hasSuffix(reports) else {
            throw Arguments.Misuse(what: "DAYU_SMS_CALLBACK does not end with \(reports)")
        }
        let address = "\(whole.dropLast(reports.count))\(messages)"
        // Kannel fills in its own name of the message, the sender, the text with its charset and coding, and
        // the time (User Guide, "SMS-service group"). `%b` is the text as it came: `%a` makes one blank of
        // several, and in UTF-16 half a character can look like one.
        let escapes =
            gateway.hasPrefix("kannel-") ? "&id=%I&from=%p&text=%b&charset=%C&coding=%c&time=%T" : ""
        return adding("token=\(GatewayToken.messages(gateway).text(key))\(escapes)", to: address)
    }

    private static let reports = "/v1/receipts"
    private static let messages = "/v1/messages"

    private static func adding(_ query: String, to base: String) -> String {
        "\(base)\(base.contains("?") ? "&" : "?")\(query)"
    }
}
