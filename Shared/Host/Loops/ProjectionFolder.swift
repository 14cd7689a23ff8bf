import Foundation

/// The folder of a projection's files.
///
/// A file's name contains the version of its projection. So a newer program makes a new file, and a process
/// that answers from the old file never opens one that is about to be deleted.
struct ProjectionFolder {
    private let folder: String
    private let version: Int
    private var ending: String { ".v\(version).sqlite" }

    init(in context: HostContext, of loop: String, version: Int) {
        folder = "\(context.dataFolder)/\(loop)"
        self.version = version
    }

    /// The letters about records that the projection's file will never hold.
    var losses: String { "\(folder)/losses.v\(version).json" }

    func path(of name: String) -> String { "\(folder)/\(name)\(ending)" }

    /// Makes the folder, and deletes the files of other versions and their write-ahead logs.
    func prepare() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in try files.contentsOfDirectory(atPath: folder)
        where file.contains(".sqlite") && !file.contains(ending) {
            try files.removeItem(atPath: "\(folder)/\(file)")
        }
    }
}
