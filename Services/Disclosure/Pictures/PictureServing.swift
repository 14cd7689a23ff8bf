import Dispatch
import HTTP
import Media
import Models
import Store
import Synchronization

/// Serves stored pictures: `/pictures/<name>`, and `/pictures/<name>/small` for the thumbnail.
///
/// A picture is served as long as the page of its complaint shows it. The question is asked for every
/// request, also for one that only asks whether its copy is still good. So a picture that is withheld or
/// erased disappears as soon as the copies in caches are too old.
final class PictureServing: Sendable {
    static let prefix = "/pictures"

    private let readers: Readers
    private let store: any MediaStore
    private let openness: Openness
    private let onFailure: @Sendable (String) -> Void
    private let queue = DispatchQueue(label: "pictures", attributes: .concurrent)
    private let underWay = Atomic<Int>(0)

    /// How long a cache may show a picture without asking again. Withholding must work within an hour.
    private static let freshSeconds = 600
    /// Questions to a store that is not on this machine. Each holds a thread.
    private static let mostUnderWay = 32

    init(
        _ readers: Readers, _ store: any MediaStore, _ openness: Openness,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        (self.readers, self.store, self.openness, self.onFailure) = (readers, store, openness, onFailure)
    }

    func register(in router: inout Router) {
        router.on(.get, "\(Self.prefix)/{name}") { self.answer(to: $0, .full) }
        router.on(.get, "\(Self.prefix)/{name}/small") { self.answer(to: $0, .small) }
    }

    private func answer(to request: Request, _ size: PictureSize) -> HTTP.Answer {
        guard let name = request.parameters["name"].flatMap({ PictureName($0) }) else {
            return .now(Self.absent)
        }
        do {
            guard try readers.read({ reader, _, _ in try reader.shows(name) }) else {
                return .now(Self.absent)
            }
        } catch {
            onFailure("\(error)")
            return .now(Self.later)
        }
        if store.answersAtOnce { return .now(response(name, size)) }
        guard underWay.add(1, ordering: .relaxed).newValue <= Self.mostUnderWay else {
            underWay.subtract(1, ordering: .relaxed)
            return .now(Self.later)
        }
        return .later { promise in
            self.queue.async {
                promise.answer(self.response(name, size))
                self.underWay.subtract(1, ordering: .relaxed)
            }
        }
    }

    private func response(_ name: PictureName, _ size: PictureSize) -> Response {
        let content: MediaContent?
        do throws(MediaFault) { content = try store.content(of: name, size) } catch {
            onFailure(error.description)
            return Self.later
        }
        guard let content else { return Self.absent }
        var headers: Headers = [
            ("Content-Type", "image/jpeg"), ("X-Content-Type-Options", "nosniff"),
            // What officials alone may see stays in no cache that others use.
            (
                "Cache-Control",
                openness.showsHidden ? "private, no-cache" : "public, max-age=\(Self.freshSeconds)"
            ),
            ("Content-Security-Policy", "default-src 'none'"),
        ]
        switch content {
        // The server adds the tag of a file.
        case .file(let path): return Response(status: 200, headers: headers, body: .file(path))
        case .bytes(let bytes):
            // Under a name there is never another picture.
            headers.add("ETag", "\"\(name)-\(size.rawValue)\"")
            return Response(status: 200, headers: headers, body: bytes)
        }
    }

    private static let absent = Problem(
        status: 404, detail: "No picture has this name, or it is no longer shown.",
        headers: [("Cache-Control", "no-cache")]
    ).response

    private static let later = Problem(
        status: 503, detail: "The picture can't be read now.", headers: [("Retry-After", "5")]
    ).response
}

extension Reader {
    /// Whether some page shows the picture.
    func shows(_ name: PictureName) throws -> Bool {
        let codes = try database.prepare("SELECT key FROM pictures WHERE picture = ?")
            .all(.text(name.text)) { try? WordsKey($0.text(0)).complaint }
        return try Set(codes.compactMap(\.self)).contains { code in
            try shows(name, in: try complaint(code)?.said)
                || timeline(of: code).contains { shows(name, in: $0.said) }
        }
    }

    private func shows(_ name: PictureName, in said: Said?) -> Bool {
        said?.words?.media.contains(name.text) ?? false
    }
}

extension Words {
    /// Where the pictures are found: those on other sites there, ours below the site's address.
    ///
    /// - Parameter site: empty for addresses without a host.
    func addresses(at site: String = "") -> [String] {
        media.map { PictureName($0) == nil ? $0 : "\(site)\(PictureServing.prefix)/\($0)" }
    }
}
