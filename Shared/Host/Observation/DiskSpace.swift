import Glibc

/// The space on the disk that holds a folder.
struct DiskSpace: Equatable {
    /// The space that a process without privileges may still use.
    let free: Int64
    let total: Int64

    init(free: Int64, total: Int64) {
        self.free = free
        self.total = total
    }

    /// Nil if the system does not tell.
    init?(of folder: String) {
        var found = statvfs()
        guard statvfs(folder, &found) == 0 else { return nil }
        let block = Int64(clamping: found.f_frsize)
        self.init(
            free: Int64(clamping: found.f_bavail) * block, total: Int64(clamping: found.f_blocks) * block)
    }

    /// How much must be free: what was asked for, or a twentieth of a small disk.
    func least(_ asked: Int64) -> Int64 { min(asked, total / 20) }

    func isNearlyFull(least asked: Int64) -> Bool { free < least(asked) }
}

/// Checks whether the disk is nearly full, each time somebody asks for the process's health or figures.
struct DiskWatch: Sendable {
    private let folder: String
    private let asked: Int64
    private let health: Health
    private let free: Metrics.Gauge
    private let least: Metrics.Gauge

    static let bytesPerMegabyte: Int64 = 1_000_000

    /// - Parameter megabytes: how much should be free at least.
    init(_ context: HostContext, megabytes: Int) {
        folder = context.dataFolder
        asked = Int64(megabytes) * Self.bytesPerMegabyte
        health = context.health
        free = context.metrics.gauge(
            "dayu_disk_free_bytes", help: "Room on the disk of the data folder.")
        least = context.metrics.gauge(
            "dayu_disk_least_bytes", help: "With less free room than this the disk counts as nearly full.")
    }

    func look() {
        guard let space = DiskSpace(of: folder) else { return }
        free.set(space.free)
        least.set(space.least(asked))
        health.note("disk", Self.note(space, least: asked))
    }

    static func note(_ space: DiskSpace, least asked: Int64) -> String? {
        guard space.isNearlyFull(least: asked) else { return nil }
        return
            "nearly full: \(space.free / bytesPerMegabyte) of \(space.total / bytesPerMegabyte) MB are free, but "
            + "\(space.least(asked) / bytesPerMegabyte) MB should be"
    }
}
