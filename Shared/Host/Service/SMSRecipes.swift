/// How an SMS gateway is talked to. The outgoing side and the reports that come back share it.
public enum SMSRecipe: String, CaseIterable, Sendable {
    /// Appends to a file: for trying only.
    case file
    /// Any HTTP gateway, described by settings.
    case http
    case kannel, aliyun, tencent
    /// The gateway reads and writes the topics itself, and nothing is pushed.
    case kafka
}

/// A gateway by its place in the order and its recipe.
public struct SMSGatewayName: Hashable, Sendable, CustomStringConvertible {
    public let place: Int
    public let recipe: SMSRecipe

    public init(place: Int, recipe: SMSRecipe) {
        self.place = place
        self.recipe = recipe
    }

    /// `kannel-1`: stands in receipts and in the addresses of reports.
    public var description: String { "\(recipe.rawValue)-\(place)" }
}

extension SettingsReader {
    /// Reads the settings of each gateway, in the order in which they are tried.
    public mutating func smsGateways<Value>(
        _ read: (inout SettingsReader, SMSGatewayName) -> Value
    ) -> [(name: SMSGatewayName, value: Value)] {
        func one(_ reader: inout SettingsReader, _ place: Int) -> (SMSGatewayName, Value) {
            let recipe = reader.choice(
                "DAYU_SMS_GATEWAY", preset: SMSRecipe.file, help: "which gateway sends the messages")
            let name = SMSGatewayName(place: place, recipe: recipe)
            return (name, read(&reader, name))
        }
        return [one(&self, 1)]
            + [
                again("SMS", 2, help: "the second gateway, for when the first one fails") { one(&$0, 2) },
                again("SMS", 3, help: "the third gateway") { one(&$0, 3) },
            ].compactMap(\.self)
    }
}
