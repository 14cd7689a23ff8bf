import Dispatch
import HTTP
import Media
import Models
import Store
import Synchronization
import Text

/// Serves stored pictures: `/pictures/<name>`, and `/pictures/<name>/small` for the thumbnail.
///
/// A picture is served as long as whoever asks is shown it on the page of its complaint. The question is
/// asked for every request, also for one that only asks whether its copy is still good. So a picture that is
/// withheld or erased disappears as soon as the copies in caches are too old.
final class PictureServing: Sendable {
    static let prefix = "/pictures"

    /// Whether whoever sent the request is shown the picture.
    typealias Right = @Sendable (PictureName, Request) throws -> Bool

    private let isShown: Right
    private let store: any MediaStore
    /// Whether it shows what the public does not see.
    private let isPrivate: Bool
    private let onFailure: @Sendable (String) -> Void
    private let queue = DispatchQueue(label: "pictures", attributes: .concurrent)
    private let underWay = Atomic<Int>(0)

    /// How long a cache may show a picture without asking again. Withholding must work within an hour.
    private static let freshSeconds = 600
    /// Questions to a store that is not on this machine. Each holds a thread.
    private static let mostUnderWay = 32

    init(
        _ store: any MediaStore, isPrivate: Bool, isShown: @escaping Right,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        (self.isShown, self.store, self.isPrivate, self.onFailure) = (isShown, store, isPrivate, onFailure)
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
            guard try isShown(name, request) else { return .now(Self.absent) }
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
                isPrivate ? "private, no-cache" : "public, max-age=\(Self.freshSeconds)"
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
    func shows(_ name: PictureName) throws -> Bool { try !complaints(showing: name).isEmpty }

    /// The complaints whose pages show the picture, with this reader's openness.
    func complaints(showing name: PictureName) throws -> [PublicComplaint] {
        let codes = try database.prepare("SELECT key FROM pictures WHERE picture = ?")
            .all(.text(name.text)) { try? WordsKey($0.text(0)).complaint }
        return try Set(codes.compactMap(\.self)).compactMap { code in
            guard let found = try complaint(code) else { return nil }
            let isShown =
                try shows(name, in: found.said) || timeline(of: code).contains { shows(name, in: $0.said) }
            return isShown ? found.value : nil
        }
    }

    private func shows(_ name: PictureName, in said: Said) -> Bool {
        said.words?.media.contains(name.text) ?? false
    }

    /// Uploaded pictures of these words that an office withholds where else they were said, with its reason.
    ///
    /// Only who uploaded a picture can use it again. What is on it stays the same, so one decision holds for
    /// all its places until that office releases it.
    ///
    /// - Parameter key: of the words.
    func withheldElsewhere(_ words: Words, under key: String) throws -> [String: Passage.Reason] {
        let others = try database.prepare(
            """
            SELECT said, withholding FROM pictures
            JOIN words ON words.key = pictures.key JOIN withholdings ON withholdings.key = pictures.key
            WHERE picture = ? AND pictures.key <> ? AND said IS NOT NULL ORDER BY pictures.key
            """)
        var found: [String: Passage.Reason] = [:]
        for (_, name) in words.pictures {
            try others.forEach(.text(name.text), .text(key)) { row in
                let other = try JSON.decode(Words.self, from: row.blob(0))
                let withholding = try JSON.decode(Withholding.self, from: row.blob(1))
                for (place, medium) in other.media.enumerated() where medium == name.text {
                    if case .withheld(let reason)? = withholding.verdict(on: .picture(place + 1)) {
                        found[name.text] = reason
                    }
                }
            }
        }
        return found
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
