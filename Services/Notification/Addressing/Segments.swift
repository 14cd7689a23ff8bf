/// The parts that a short message is sent and paid in.
enum Segments {
    /// How many a text needs (3GPP TS 23.040 §9.2.3.16 and §9.2.3.24.1): one of 160 characters of the GSM
    /// alphabet or 153 in each of several; with any other character one of 70 units of UCS-2 or 67 in each.
    static func count(_ text: String) -> Int {
        if let characters = gsmCharacters(text) { return parts(characters, alone: 160, each: 153) }
        return parts(text.utf16.count, alone: 70, each: 67)
    }

    /// Whether every character is in the GSM alphabet, which is then the coding of the message.
    static func isGSM(_ text: String) -> Bool { gsmCharacters(text) != nil }

    private static func parts(_ length: Int, alone: Int, each: Int) -> Int {
        length <= alone ? 1 : (length + each - 1) / each
    }

    /// Nil if a character is in neither table of the alphabet. One of the second table counts twice.
    private static func gsmCharacters(_ text: String) -> Int? {
        var count = 0
        for scalar in text.unicodeScalars {
            if usual.contains(scalar) {
                count += 1
            } else if extended.contains(scalar) {
                count += 2
            } else {
                return nil
            }
        }
        return count
    }

    /// 3GPP TS 23.038 §6.2.1.
    private static let usual = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            .unicodeScalars
    ).union("abcdefghijklmnopqrstuvwxyzäöñüà".unicodeScalars)
    /// §6.2.1.1.
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}
