import Foundation

/// The folder of a projection's files.
///
/// A file has the version of its reader in its name. So a newer program makes a new file, and whoever answers
/// from the file never opens one that is about to be deleted.
struct ProjectionFolder {
    private let folder: String
    private let ending: String

    init(in context: HostContext, of loop: String, version: Int) {
        folder = "\(context.dataFolder)/\(loop)"
        ending = ".v\(version).sqlite"
    }

    func path(of name: String) -> String { "\(folder)/\(name)\(ending)" }

    /// Makes the folder, and deletes the files of other versions with their logs.
    func prepare() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in try files.contentsOfDirectory(atPath: folder)
        where file.contains(".sqlite") && !file.contains(ending) {
            try files.removeItem(atPath: "\(folder)/\(file)")
        }
    }
}
