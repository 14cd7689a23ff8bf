/// Why a picture is not taken.
public enum PictureFault: UInt8, Error, CaseIterable, Sendable, CustomStringConvertible {
    /// The raw values are the first byte of what the child process answers; 0 is success.
    case unknownFormat = 1
    case tooManyPixels = 2
    /// The file ends before the picture does.
    case cutOff = 3
    case broken = 4
    /// The child process crashed, used too much memory or took too long.
    case costly = 5
    /// No child process could be started.
    case noProcess = 6

    public var description: String {
        switch self {
        case .unknownFormat: "is not a JPEG, PNG or WebP picture"
        case .tooManyPixels: "has more than \(PictureLimit.pixels) pixels"
        case .cutOff: "is cut off"
        case .broken: "can't be decoded"
        case .costly: "takes too much memory or time to decode"
        case .noProcess: "can't be decoded now"
        }
    }
}

/// The limits of one picture.
public enum PictureLimit {
    /// 64 MiPx: the cameras of phones give up to 9248 × 6944.
    public static let pixels = 67_108_864
    /// Of the file as it was sent.
    public static let bytes = 20_971_520
    /// The longer side of what is stored, and of its thumbnail.
    public static let longestSide = 2048
    public static let thumbnailSide = 480
    /// Of both results together. A picture of 2048 × 2048 pixels of noise has 3 MB.
    static let resultBytes = 16_777_216
    /// The child's address space. A picture of 64 MiPx takes 4 bytes a pixel, and a progressive JPEG up to 6
    /// more while it is decoded; the program itself takes about 200 MB.
    static let addressSpace: UInt = 1_073_741_824
    static let processorSeconds: UInt = 10
    /// From the start of the child to its last byte; on a busy machine it gets little of the processor.
    public static let patience: Duration = .seconds(60)
}
