import Models
import Text

extension NoticeRequest {
    /// The gateway's reason, made fit for a topic that is not restricted: some gateways repeat the number or
    /// the message.
    func told(_ reason: String?) -> String? {
        // The part that is cut off is not checked, so it must not be passed on either.
        guard let reason = reason?.excerpt(Self.readCharacters) else { return nil }
        return repeats(reason)
            ? "withheld: it repeats the message" : reason.visible.excerpt(Self.reasonCharacters)
    }

    /// Whether the reason holds as many digits as a phone number, or a piece of the message. A short piece of
    /// Chinese already reveals much; a short piece in Latin letters may match by chance, so only a long one
    /// counts.
    private func repeats(_ reason: String) -> Bool {
        if reason.count(where: \.isNumber) >= Self.tellingDigits { return true }
        func pieces(_ text: String, of length: Int) -> Set<ArraySlice<Unicode.Scalar>> {
            let scalars = Array(text.unicodeScalars)
            guard scalars.count >= length else { return [] }
            return Set((0...scalars.count - length).map { scalars[$0..<$0 + length] })
        }
        let short = pieces(text, of: 3).filter { $0.allSatisfy { !$0.isASCII } }
        return !short.isDisjoint(with: pieces(reason, of: 3))
            || !pieces(text, of: 12).isDisjoint(with: pieces(reason, of: 12))
    }

    private static let tellingDigits = 7
    private static let readCharacters = 2000
    private static let reasonCharacters = 200
}
