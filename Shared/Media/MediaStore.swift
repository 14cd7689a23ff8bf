public import Models

/// Where the bytes of pictures are, outside of the log (the claim check): Intake puts them there, Disclosure
/// serves them. A picture has one name, and under a name there is never another picture.
public protocol MediaStore: Sendable {
    /// Whether `content` only looks at this machine's own disks.
    var answersAtOnce: Bool { get }

    /// When it returns, the picture is safe. Again for the same name it changes nothing but the time.
    func put(_ name: PictureName, picture: [UInt8], thumbnail: [UInt8]) throws(MediaFault)

    /// Somebody uses the picture now, so its time of waiting begins anew. False if it is not there, or has
    /// waited since before this moment.
    func renew(_ name: PictureName, changedAfter moment: Instant) throws(MediaFault) -> Bool

    /// Nil if it is not there.
    func content(of name: PictureName, _ size: PictureSize) throws(MediaFault) -> MediaContent?

    /// Also if it is not there.
    func remove(_ name: PictureName) throws(MediaFault)

    /// Calls `body` with each file that it has, in no order, until it returns false.
    func forEach(_ body: (StoredFile) -> Bool) throws(MediaFault)

    /// Removes what attempts that were broken off have left before this moment.
    func tidy(before moment: Instant) throws(MediaFault)
}

public enum PictureSize: String, CaseIterable, Sendable {
    case full, small
}

public enum MediaContent: Equatable, Sendable {
    case file(String)
    case bytes([UInt8])
}

/// One file of a picture.
public struct StoredFile: Equatable, Sendable {
    public let name: PictureName
    public let bytes: Int
    /// When it was put, or last renewed.
    public let changedAt: Instant
}

/// Why the store did not do it. Whoever asked may try again later.
public struct MediaFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Where the store is, as the settings name it.
public enum MediaPlace: Equatable, Sendable {
    case folder(String)
    case s3(S3Place)

    public func store() -> any MediaStore {
        switch self {
        case .folder(let path): FolderStore(path)
        case .s3(let place): S3Store(place)
        }
    }
}

extension PictureName {
    /// The name of a file: `5f….jpg`, or `5f….small.jpg`.
    func file(_ size: PictureSize) -> String {
        switch size {
        case .full: text
        case .small: "\(text.dropLast(Self.suffixLength)).small.jpg"
        }
    }

    /// Nil for a file that is none of ours.
    init?(file: String) {
        self.init(
            file.hasSuffix(".small.jpg") ? String(file.dropLast(".small.jpg".utf8.count)) + ".jpg" : file)
    }

    private static var suffixLength: Int { ".jpg".utf8.count }
}
