import HTTP
import Host
import Models
import Synchronization

/// How much of the store the pictures take that were uploaded and that nobody has used yet. Anybody may
/// upload, so this is limited for each address and for all.
///
/// It is counted in memory: after a restart nobody knows which address a picture came from, and only the
/// limit for all counts it.
final class UnusedPictures: Sendable {
    /// Nil: no limit.
    struct Limits: Sendable {
        var all: Int?
        var address: Int?
    }

    private struct Upload {
        let bytes: Int
        let owner: IPAddress?
        let at: Instant
    }

    private struct State {
        var uploads: [PictureName: Upload] = [:]
        var all = 0
        var byOwner: [IPAddress: Int] = [:]

        mutating func add(_ name: PictureName, _ upload: Upload) {
            remove(name)
            uploads[name] = upload
            all += upload.bytes
            if let owner = upload.owner { byOwner[owner, default: 0] += upload.bytes }
        }

        mutating func remove(_ name: PictureName) {
            guard let upload = uploads.removeValue(forKey: name) else { return }
            all -= upload.bytes
            guard let owner = upload.owner else { return }
            let left = byOwner[owner, default: 0] - upload.bytes
            byOwner[owner] = left > 0 ? left : nil
        }
    }

    /// A small picture counts as this many bytes, so that there can't be too many to count.
    static let leastBytes = 65_536
    private static let retryAfterSeconds = "3600"

    private let limits: Limits
    private let state = Mutex(State())

    init(_ limits: Limits) {
        self.limits = limits
    }

    var bytes: Int { state.withLock { $0.all } }

    /// Why this address may not upload now; nil if it may.
    func refusal(of owner: IPAddress?) -> Problem? {
        let (all, own) = state.withLock { state in (state.all, owner.flatMap { state.byOwner[$0] } ?? 0) }
        if let limit = limits.address, own >= limit {
            return Problem(
                status: 429,
                detail: "the pictures that this address has uploaded and not used take too much room",
                headers: [("Retry-After", Self.retryAfterSeconds)])
        }
        if let limit = limits.all, all >= limit {
            return Problem(
                status: 503, detail: "the pictures that were uploaded and not used take too much room",
                headers: [("Retry-After", Self.retryAfterSeconds)])
        }
        return nil
    }

    func add(_ name: PictureName, bytes: Int, of owner: IPAddress?, at moment: Instant) {
        state.withLock {
            $0.add(name, Upload(bytes: max(bytes, Self.leastBytes), owner: owner, at: moment))
        }
    }

    func remove(_ names: some Sequence<PictureName>) {
        state.withLock { state in names.forEach { state.remove($0) } }
    }

    /// What a look into the store has found. Uploads since it began are kept, too.
    func adopt(_ found: [PictureName: Int], lookedAt moment: Instant) {
        state.withLock { state in
            for (name, upload) in state.uploads where found[name] == nil && upload.at < moment {
                state.remove(name)
            }
            for (name, bytes) in found where state.uploads[name] == nil {
                state.add(name, Upload(bytes: max(bytes, Self.leastBytes), owner: nil, at: moment))
            }
        }
    }
}
