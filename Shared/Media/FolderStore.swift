import Foundation
import Glibc
public import Models

/// Pictures in a folder that Intake and Disclosure share: `5f/5f….jpg` and `5f/5f….small.jpg`.
///
/// A file gets its name when it is whole and on the disk. The thumbnail comes first and goes last, so where
/// the picture is, its thumbnail is, too.
///
/// If the group of the folder may read the folder, it may also read what is put there: so Intake writes as
/// one user, and Disclosure reads as another one of the same group.
public struct FolderStore: MediaStore {
    private let folder: String

    private static let fileMode: mode_t = 0o600
    private static let folderMode: mode_t = 0o700
    private static let groupMayRead: mode_t = 0o040
    private static let (fileForGroup, folderForGroup): (mode_t, mode_t) = (0o640, 0o750)
    /// Files that are being written begin with it; `PictureName` has none such.
    private static let unfinished = ".new-"

    public let answersAtOnce = true

    public init(_ folder: String) {
        self.folder = folder
    }

    private func shelf(of name: PictureName) -> String { "\(folder)/\(name.text.prefix(2))" }

    private func path(of name: PictureName, _ size: PictureSize) -> String {
        "\(shelf(of: name))/\(name.file(size))"
    }

    public func put(_ name: PictureName, picture: [UInt8], thumbnail: [UInt8]) throws(MediaFault) {
        let shelf = shelf(of: name)
        for path in [folder, shelf] {
            guard mkdir(path, Self.folderMode) == 0 || errno == EEXIST || Self.makeParents(of: path) else {
                throw fault("make the folder")
            }
        }
        let isForGroup = isForGroup
        // The mask of the process may take away what `mkdir` and `open` ask for; it does not concern `chmod`.
        if isForGroup, chmod(shelf, Self.folderForGroup) != 0 { throw fault("open the folder to its group") }
        try write(thumbnail, to: path(of: name, .small), in: shelf, isForGroup)
        try write(picture, to: path(of: name, .full), in: shelf, isForGroup)
    }

    private var isForGroup: Bool {
        var found = stat()
        return stat(folder, &found) == 0 && found.st_mode & Self.groupMayRead != 0
    }

    /// For a first start with a path of which more than the last part is missing.
    private static func makeParents(of path: String) -> Bool {
        guard errno == ENOENT else { return false }
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: NSNumber(value: folderMode)])
        return access(path, W_OK) == 0
    }

    private func write(
        _ bytes: [UInt8], to path: String, in shelf: String, _ isForGroup: Bool
    ) throws(MediaFault) {
        let draft = "\(shelf)/\(Self.unfinished)\(UUID().uuidString)"
        let file = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, Self.fileMode)
        guard file >= 0 else { throw fault("make a file") }
        var isWhole =
            bytes.withUnsafeBytes { Self.write($0, to: file) }
            && (!isForGroup || fchmod(file, Self.fileForGroup) == 0) && fsync(file) == 0
        isWhole = close(file) == 0 && isWhole
        guard isWhole, rename(draft, path) == 0 else {
            let fault = fault("write a file")
            unlink(draft)
            throw fault
        }
        // The name is on the disk when the folder is (rename(2), fsync(2)).
        let shelf = open(shelf, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard shelf >= 0 else { throw fault("open the folder") }
        defer { close(shelf) }
        guard fsync(shelf) == 0 else { throw fault("write the folder") }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    public func renew(_ name: PictureName, changedAfter moment: Instant) throws(MediaFault) -> Bool {
        let path = path(of: name, .full)
        guard let status = Self.status(of: path), status.changedAt > moment else { return false }
        // NULL: the time is now (utimensat(2)).
        if utimensat(AT_FDCWD, path, nil, 0) == 0 { return true }
        guard errno == ENOENT else { throw fault("renew a file") }
        return false
    }

    public func content(of name: PictureName, _ size: PictureSize) throws(MediaFault) -> MediaContent? {
        let path = path(of: name, size)
        if access(path, R_OK) == 0 { return .file(path) }
        guard errno == ENOENT else { throw fault("read a file") }
        return nil
    }

    public func remove(_ name: PictureName) throws(MediaFault) {
        for size in [PictureSize.full, .small] {
            guard unlink(path(of: name, size)) == 0 || errno == ENOENT else { throw fault("remove a file") }
        }
    }

    public func forEach(_ body: (StoredFile) -> Bool) throws(MediaFault) {
        try forEachPath { path, file in
            guard let name = PictureName(file: file), let (bytes, changedAt) = Self.status(of: path) else {
                return true
            }
            return body(StoredFile(name: name, bytes: bytes, changedAt: changedAt))
        }
    }

    public func tidy(before moment: Instant) throws(MediaFault) {
        try forEachPath { path, file in
            let isLeft = file.hasPrefix(Self.unfinished)
            if isLeft, let status = Self.status(of: path), status.changedAt < moment { unlink(path) }
            return true
        }
    }

    private static func status(of path: String) -> (bytes: Int, changedAt: Instant)? {
        var found = stat()
        guard lstat(path, &found) == 0 else { return nil }
        let milliseconds = Int64(found.st_mtim.tv_sec) * 1000 + Int64(found.st_mtim.tv_nsec) / 1_000_000
        return (Int(found.st_size), Instant(millisecondsSince1970: milliseconds))
    }

    /// - Parameter body: gets the path, and the file's name alone.
    private func forEachPath(_ body: (String, String) -> Bool) throws(MediaFault) {
        let files = FileManager.default
        // Before the first picture there is no folder.
        guard files.fileExists(atPath: folder) else { return }
        do {
            for shelf in try files.contentsOfDirectory(atPath: folder) where shelf.utf8.count == 2 {
                let path = "\(folder)/\(shelf)"
                for file in try files.contentsOfDirectory(atPath: path) {
                    guard body("\(path)/\(file)", file) else { return }
                }
            }
        } catch {
            throw MediaFault("can't list the pictures: \(error.localizedDescription)")
        }
    }

    /// Why a call of the system failed, from `errno`. It names no picture.
    private func fault(_ what: String) -> MediaFault {
        MediaFault("can't \(what): \(String(cString: strerror(errno)))")
    }
}
