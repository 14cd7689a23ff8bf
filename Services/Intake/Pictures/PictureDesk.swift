import HTTP
import Host
import Media
import Models
import Pictures
import Text

/// What stands between a request with pictures and the log: it has the pictures decoded and stored, and looks
/// whether those that a request names are there.
final class PictureDesk: Sendable {
    let bench = PictureBench()
    let unused: UnusedPictures
    let store: any MediaStore
    private let work: PictureWork
    private let kept: Duration
    private let taken: Metrics.Counter
    private let refused: [PictureFault: Metrics.Counter]

    init(
        _ store: any MediaStore, _ work: PictureWork, _ limits: UnusedPictures.Limits, kept: Duration,
        _ metrics: Metrics
    ) {
        (self.store, self.work, self.kept) = (store, work, kept)
        unused = UnusedPictures(limits)
        func counter(_ outcome: String) -> Metrics.Counter {
            metrics.counter(
                "dayu_pictures_total", ["outcome": outcome],
                help: "Pictures that were sent, by what became of them."
            )
        }
        taken = counter("stored")
        let costly = counter("costly")
        let bad = counter("refused")
        refused = Dictionary(
            uniqueKeysWithValues: PictureFault.allCases.map { fault in
                switch fault {
                case .costly, .noProcess: (fault, costly)
                case .unknownFormat, .tooManyPixels, .cutOff, .broken: (fault, bad)
                }
            })
    }

    /// Does what the plan needs before its records may be written. When it returns, every picture that the
    /// records name is safe.
    ///
    /// - Parameter owner: whose limit for unused pictures counts them; nil: nobody's.
    func prepare(_ plan: API.Plan, of owner: IPAddress?, at now: Instant) throws(Problem) {
        // What is not there is found before anything is decoded.
        for use in plan.uses {
            guard try isThere(use.name, at: now) else {
                throw Problem(fields: Malformed(use.field, Self.absence, .pictureUnknown))
            }
        }
        // All are decoded before the first is stored, so a request that is refused leaves nothing behind.
        var prepared: [(CarriedPicture, PreparedPicture)] = []
        for carried in plan.pictures { prepared.append((carried, try decode(carried))) }
        for (carried, picture) in prepared {
            do throws(MediaFault) {
                try store.put(carried.name, picture: picture.picture, thumbnail: picture.thumbnail)
            } catch {
                throw Self.later(error.description)
            }
            taken.add()
            if plan.stages.isEmpty {
                let bytes = picture.picture.count + picture.thumbnail.count
                unused.add(carried.name, bytes: bytes, of: owner, at: now)
            }
        }
    }

    private func decode(_ carried: CarriedPicture) throws(Problem) -> PreparedPicture {
        do throws(PictureFault) { return try work.prepare(carried.bytes) } catch {
            refused[error]?.add()
            if error == .noProcess { throw Self.later(error.description) }
            throw Problem(fields: Malformed(carried.field, error.description, error.code))
        }
    }

    static let absence = "names no picture that is here; upload it again"

    /// Whether the picture can be used; then it can for a while longer.
    private func isThere(_ name: PictureName, at now: Instant) throws(Problem) -> Bool {
        do throws(MediaFault) { return try store.renew(name, changedAfter: now - kept) } catch {
            throw Self.later(error.description)
        }
    }

    /// For a door that can't ask its sender to come again. While the store does not answer, the picture
    /// counts as there: else a complaint would be refused for nothing.
    func mayBeThere(_ name: PictureName, at now: Instant) -> Bool {
        (try? store.renew(name, changedAfter: now - kept)) ?? true
    }

    private static func later(_ reason: String) -> Problem {
        Problem(
            status: 503, detail: "pictures can't be taken now (\(reason)); send the same request again later")
    }
}

extension PictureFault {
    /// What the site says of it.
    fileprivate var code: FaultCode? {
        switch self {
        case .unknownFormat: .pictureFormat
        case .tooManyPixels: .picturePixels
        case .cutOff: .pictureCutOff
        case .broken, .costly: .pictureBroken
        case .noProcess: nil
        }
    }
}
