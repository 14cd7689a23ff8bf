import Crypto
import FoundationEssentials
import Models
import Text

/// What an uploaded picture is called by who uploaded it: `upload-` and 32 hexadecimal digits.
///
/// It is a capability: with it the picture can be used in a complaint or an action. The picture's name for
/// everybody else is derived from it one-way. So nobody can use another's picture, and the erasure of a
/// complaint erases exactly the pictures of who complained.
struct UploadName: Hashable, Sendable, CustomDebugStringConvertible {
    static let prefix = "upload-"
    private static let digits = 32

    let text: String

    init?(_ text: String) {
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard text.utf8.count == Self.prefix.utf8.count + Self.digits, text.hasPrefix(Self.prefix),
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.text = text
    }

    /// - Parameter digest: the first sixteen bytes are taken.
    init(digest: [UInt8]) {
        text = Self.prefix + digest.prefix(Self.digits / 2).hexadecimal
    }

    var picture: PictureName { PictureName(digest: SHA256.hash("dayu picture\n\(text)")) }

    /// Hidden, so that no log and no error text can show it by accident.
    var debugDescription: String { "upload withheld" }
}

extension Form {
    /// The pictures of a complaint or an action: uploaded ones become their public names, links stay.
    mutating func media(_ field: String) -> [String] {
        texts(field).enumerated().map { index, text in
            if let upload = UploadName(text) { return upload.picture.text }
            if PictureName(text) != nil {
                add(
                    "\(field).\(index)", "is a picture's public name; the name from its upload is needed",
                    .pictureUnknown)
            }
            return text
        }
    }
}
