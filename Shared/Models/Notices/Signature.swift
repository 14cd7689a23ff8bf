/// The languages of a message; Chinese always comes first.
public enum Language: String, CaseIterable, Sendable {
    case zh, en, both

    /// - Parameter chosen: the one that a recipient chose; nil: the city's.
    public func spoken(_ chosen: Contact.Language?) -> Language {
        switch chosen {
        case .zh: .zh
        case .en: .en
        case nil: self
        }
    }
}

/// The name of the sender, which stands before each message.
public struct Signature: Equatable, Sendable {
    public let zh: String
    public let en: String

    public static let usual = Signature(zh: "大禹", en: "Dayu")
    /// How the usual one is written as a setting.
    public static let preset = "大禹/Dayu"
    /// What gateways approve has at most 12 characters.
    static let most = 12
    public static let form = "a name of at most 12 characters without 【】[], two with / between, or none"
    public static let none = Signature(zh: "", en: "")

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    /// `大禹/Dayu`: the name in Chinese and in English; one name alone is both; `none` if the gateway puts it
    /// there.
    public init?(_ text: String) {
        if text == "none" {
            self = .none
            return
        }
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(names.count),
            names.allSatisfy({ name in
                (1...Self.most).contains(name.count) && !name.contains(where: "【】[]\n".contains)
            })
        else { return nil }
        self.init(zh: names[0], en: names[names.count - 1])
    }

    public func signed(_ text: String, in language: Language) -> String {
        switch language {
        case .zh, .both: zh.isEmpty ? text : "【\(zh)】\(text)"
        case .en: en.isEmpty ? text : "[\(en)] \(text)"
        }
    }
}
