import Crypto
import Foundation
import HTTP
import Links
import Models
import Pictures
import Processing
import Testing
import Text

@testable import Intake

@Suite("Pictures with complaints and actions")
struct PictureTests {
    private let counter = Counter()
    private let upload = UploadName(digest: SHA256.hash("somebody's"))

    /// The body of a request in parts, with a boundary that no part holds.
    private func form(_ parts: [(name: String, bytes: [UInt8])], boundary: String = "b") -> Request {
        var body: [UInt8] = []
        for part in parts {
            body +=
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"; filename=\"a\"\r\n\r\n"
                .utf8
            body += part.bytes + Array("\r\n".utf8)
        }
        body += "--\(boundary)--\r\n".utf8
        return Request(
            method: .post, headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
            body: body)
    }

    private let complaint = Array(
        #"{"category": "odour", "text": "河水发臭", "reach": "west-lake.xihu", "idempotencyKey": "k"}"#.utf8)

    @Test("a picture's public name does not lead back to its upload, and can't be used")
    func names() throws {
        #expect(upload.picture.text != upload.text && PictureName(upload.text) == nil)
        #expect(UploadName(upload.picture.text) == nil && UploadName(upload.text) == upload)
        for text in ["", "upload-", "upload-\(String(repeating: "A", count: 32))", upload.text + "0"] {
            #expect(UploadName(text) == nil)
        }
        #expect(
            !"\(upload)".contains(upload.text.suffix(32)) && !"\([upload])".contains(upload.text.suffix(32)))
        var form = try Form(Array(#"{"media": ["\#(upload.text)", "https://example.org/1.jpg"]}"#.utf8))
        #expect(form.media("media") == [upload.picture.text, "https://example.org/1.jpg"])
        #expect(form.faults.isEmpty)
        form = try Form(Array(#"{"media": ["\#(upload.picture.text)"]}"#.utf8))
        _ = form.media("media")
        #expect(form.faults.map(\.field) == ["media.0"])
    }

    @Test("the same request in parts has the same identity and names; another picture makes another")
    func identity() throws {
        func read(_ pictures: [[UInt8]], boundary: String = "b") throws -> PictureRequest {
            try PictureRequest(
                form([("complaint", complaint)] + pictures.map { ("picture", $0) }, boundary: boundary),
                part: "complaint")
        }
        let first = try read([[1, 2], [3]])
        #expect(try read([[1, 2], [3]], boundary: "other").content == first.content)
        for other in [[[1, 2]], [[3], [1, 2]], [[1, 2], [4]], [[1, 2], [3], [3]]] as [[[UInt8]]] {
            #expect(try read(other).content != first.content, "\(other)")
        }
        let identities = Identities(key: [UInt8](repeating: 7, count: 32))
        let request = Identities.Request(sender: "", idempotencyKey: "k", content: first.content)
        let chances = [UUID(), UUID()]
        let names = chances.map { identities.upload(0, request, chance: $0) }
        #expect(names[0] == names[1] && names[0] != identities.upload(1, request, chance: chances[0]))
        let keyless = Identities.Request(sender: "", idempotencyKey: nil, content: [])
        #expect(
            identities.upload(0, keyless, chance: chances[0])
                != identities.upload(0, keyless, chance: chances[1]))
    }

    @Test("parts that are missing, unknown, too many or too large are refused; an empty file is none")
    func parts() throws {
        func refusal(_ parts: [(name: String, bytes: [UInt8])]) -> Int? {
            do throws(Problem) {
                _ = try PictureRequest(form(parts), part: "complaint")
                return nil
            } catch { return error.status }
        }
        #expect(refusal([("complaint", complaint), ("picture", []), ("picture", [1])]) == nil)
        #expect(refusal([("picture", [1])]) == 400)
        #expect(refusal([("complaint", complaint), ("complaint", complaint)]) == 400)
        #expect(refusal([("complaint", complaint), ("photo", [1])]) == 400)
        #expect(refusal([("complaint", complaint)] + (0..<10).map { _ in ("picture", [1]) }) == 422)
        #expect(refusal([("complaint", [UInt8](repeating: 32, count: 70_000))]) == 413)
        #expect(Limit.pictureBytes == PictureLimit.bytes)
        let large = [UInt8](repeating: 0, count: PictureLimit.bytes + 1)
        #expect(refusal([("complaint", complaint), ("picture", large)]) == 422)
    }

    @Test("links can be switched off; uploaded pictures stay")
    func links() throws {
        var reception = counter.reception
        reception.takesLinks = false
        func faults(_ media: [String]) -> [String] {
            let draft = ComplaintDraft(
                category: CategoryCode("odour"), words: Words(text: "x", media: media),
                reach: ReachID("canal-1"))
            do throws(TurnedAway) {
                _ = try reception.take(
                    .complaint(draft),
                    from: Sender(
                        proof: .none, channel: .web, idempotencyKey: nil, content: [], traceparent: nil),
                    in: Circumstances(now: Counter.now, identity: UUID(), trace: UUID(), span: 1))
                return []
            } catch {
                guard case .malformed(let malformed) = error else { return ["\(error)"] }
                return malformed.faults.map(\.field).filter { $0.hasPrefix("media") }
            }
        }
        #expect(faults([upload.picture.text]) == [])
        #expect(faults([upload.picture.text, "https://example.org/1.jpg"]) == ["media.1"])
    }

    @Test("unused pictures are limited for each address and for all; what is used makes room")
    func room() throws {
        let unused = UnusedPictures(.init(all: 1_000_000, address: 300_000))
        let (one, other) = (IPAddress("192.0.2.1"), IPAddress("192.0.2.2"))
        let names = (0..<30).map { PictureName(digest: SHA256.hash("\($0)")) }
        let then = Instant(millisecondsSince1970: 1000)
        #expect(unused.refusal(of: one) == nil)
        unused.add(names[0], bytes: 200_000, of: one, at: then)
        // The same again counts once; a small one counts as more.
        unused.add(names[0], bytes: 200_000, of: one, at: then)
        #expect(unused.bytes == 200_000 && unused.refusal(of: one) == nil)
        unused.add(names[1], bytes: 1, of: one, at: then)
        unused.add(names[2], bytes: 40_000, of: one, at: then)
        #expect(unused.bytes == 200_000 + 2 * UnusedPictures.leastBytes)
        #expect(unused.refusal(of: one)?.status == 429 && unused.refusal(of: other) == nil)
        unused.remove([names[0], names[20]])
        #expect(unused.refusal(of: one) == nil && unused.bytes == 2 * UnusedPictures.leastBytes)
        // A look into the store finds one of them gone, one that nobody knew, and misses one that is newer.
        unused.add(names[3], bytes: 100_000, of: other, at: Instant(millisecondsSince1970: 3000))
        unused.adopt([names[1]: 1, names[4]: 900_000], lookedAt: Instant(millisecondsSince1970: 2000))
        #expect(unused.bytes == UnusedPictures.leastBytes + 900_000 + 100_000)
        #expect(unused.refusal(of: other)?.status == 503)
    }
}
