import Foundation
import Glibc
import Kafka

/// The folder of a process's caches, held by a lock: two processes in one folder would damage each other's
/// files.
struct DataFolder {
    private let path: String
    private let lock: Int32

    struct InUse: Error, CustomStringConvertible {
        let path: String
        var description: String { "the data folder \(path) is in use by another process" }
    }

    struct Open: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "the data folder \(path) is open to other users, and its mode can't be changed"
        }
    }

    /// The caches belong to another log: their content did not happen on this one.
    struct Foreign: Error, CustomStringConvertible {
        let path: String
        let former: String
        let present: String

        var description: String {
            """
            the data folder \(path) was made for \(former), but this is \(present). Use another folder, or start once with \
            --rebuild
            """
        }
    }

    init(path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // Also for a folder that somebody else made, or a former version.
        guard chmod(path, 0o700) == 0 else { throw Open(path: path) }
        self.path = path
        lock = open("\(path)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw InUse(path: path) }
    }

    func release() { close(lock) }

    /// Removes what can be read again: one folder for each loop. The spool and the instance's name are files
    /// beside these folders, and they stay.
    func forgetCaches() throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: path) {
            var isFolder: ObjCBool = false
            if files.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder), isFolder.boolValue {
                try files.removeItem(atPath: "\(path)/\(name)")
            }
        }
        try? files.removeItem(atPath: clusterFile)
        try? files.removeItem(atPath: PartitionWatch.file(in: path))
    }

    /// Notes which log the caches belong to, and refuses caches of another log.
    ///
    /// If the cluster does not answer now, that is no reason to refuse: without the cluster nothing is read
    /// either.
    func claim(for context: HostContext) throws {
        let cluster = try Cluster(context.cluster, clientID: context.name)
        guard let id = cluster.clusterID(timeoutMilliseconds: Self.askMilliseconds) else { return }
        let present = "cluster \(id), prefix \(context.topics.prefix)"
        if let former = try? String(contentsOfFile: clusterFile, encoding: .utf8), former != present {
            throw Foreign(path: path, former: former, present: present)
        }
        try present.write(toFile: clusterFile, atomically: true, encoding: .utf8)
    }

    private var clusterFile: String { "\(path)/cluster" }

    private static let askMilliseconds: Int32 = 3000
}
