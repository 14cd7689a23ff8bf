public import Models

// How the city writes to people. Notification and Intake both do.
extension SettingsReader {
    public mutating func messageLanguage() -> Language {
        choice("DAYU_NOTIFICATION_LANGUAGE", preset: Language.zh, help: "the language of the messages")
    }

    public mutating func signature() -> Signature {
        let text = text(
            "DAYU_NOTIFICATION_SIGNATURE", preset: Signature.preset,
            help: "the sender's name before each message, in Chinese and in English, or none")
        guard let signature = Signature(text) else {
            fault("DAYU_NOTIFICATION_SIGNATURE: must be \(Signature.form)")
            return .usual
        }
        return signature
    }
}
