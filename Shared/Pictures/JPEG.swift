/// The frame of a JPEG file (ITU-T T.81, annex B): segments of a marker and a length, then the picture's
/// data.
enum JPEG {
    private static let comment: UInt8 = 0xFE
    private static let startOfScan: UInt8 = 0xDA

    /// The same picture without the comments before its data: libgd names itself in one.
    static func withoutComments(_ file: [UInt8]) -> [UInt8] {
        var kept = Array(file.prefix(2))
        var place = 2
        while place + 4 <= file.count, file[place] == 0xFF, file[place + 1] != startOfScan {
            let end = place + 2 + (Int(file[place + 2]) << 8 | Int(file[place + 3]))
            guard end <= file.count else { break }
            if file[place + 1] != comment { kept += file[place..<end] }
            place = end
        }
        return kept + file[place...]
    }
}
