import Text

/// The rules that texts and links from outside share.
///
/// Characters are counted as code points, as JSON Schema's `maxLength` does (RFC 8259 §1). Swift's
/// `Character` is no measure: one may hold any number of combining marks. A code point has at most four bytes
/// (RFC 3629 §3), so each limit in characters also limits the bytes.
enum TextRule {
    static func text(_ field: String, _ text: String) -> [FieldFault] {
        if isLonger(text, than: Limit.textCharacters) {
            return [
                FieldFault(
                    field, "is longer than \(Limit.textCharacters) characters", .tooLong,
                    limit: Limit.textCharacters)
            ]
        }
        return controlCharacters(field, text)
    }

    static func short(_ field: String, _ text: String?, characters: Int) -> [FieldFault] {
        guard let text else { return [] }
        if isLonger(text, than: characters) {
            return [FieldFault(field, "is longer than \(characters) characters", .tooLong, limit: characters)]
        }
        return controlCharacters(field, text)
    }

    static func media(_ field: String, _ media: [String]) -> [FieldFault] {
        var faults: [FieldFault] = []
        if media.count > Limit.mediaCount {
            faults.append(
                FieldFault(
                    field, "holds more than \(Limit.mediaCount) pictures", .tooManyLinks,
                    limit: Limit.mediaCount))
        }
        for (index, text) in media.enumerated() where PictureName(text) == nil && !isLink(text) {
            faults.append(
                FieldFault(
                    "\(field).\(index)",
                    "is neither an uploaded picture nor an https link of at most \(Limit.mediaBytes) bytes",
                    .notALink, limit: Limit.mediaBytes))
        }
        return faults
    }

    private static let scheme = "https://"

    /// Only https: a browser blocks pictures without it on a page that has it.
    private static func isLink(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count <= Limit.mediaBytes && text.hasPrefix(scheme)
            && bytes.count > scheme.utf8.count && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static func isLonger(_ text: String, than characters: Int) -> Bool {
        // Each code point takes at least one byte, so most texts need no counting.
        text.utf8.count > characters && text.unicodeScalars.count > characters
    }

    /// The characters of the general category Cc, a set that never changes (Unicode, Character Encoding
    /// Stability Policies, Property Value Stability).
    private static func controlCharacters(_ field: String, _ text: String) -> [FieldFault] {
        let forbidden = text.unicodeScalars.contains {
            ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) && $0 != "\n" && $0 != "\r" && $0 != "\t"
        }
        return forbidden ? [FieldFault(field, "holds control characters", .controlCharacters)] : []
    }
}
