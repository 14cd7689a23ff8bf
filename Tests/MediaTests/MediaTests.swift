import Crypto
import Foundation
import Glibc
import Models
import Testing

@testable import Media

@Suite("Requests to S3 are signed as AWS documents it")
struct S3SignatureTests {
    private let signature = S3Signature(
        region: "us-east-1", keyID: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private let time = "20130524T000000Z"
    private let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// The examples of <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
    @Test("the examples: GET with a range, PUT, a bucket's lifecycle, a list")
    func examples() {
        let host = [("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", time)]
        func sign(_ request: S3Signature.Request) -> Substring? {
            signature.authorization(of: request, at: time).split(separator: "=").last
        }
        #expect(
            sign(
                S3Signature.Request(
                    method: "GET", path: "/test.txt",
                    headers: host + [("range", "bytes=0-9"), ("x-amz-content-sha256", nothing)],
                    bodyHash: nothing)) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        let body = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        #expect(SHA256.hash("Welcome to Amazon S3.").hexadecimal == body)
        #expect(
            sign(
                S3Signature.Request(
                    method: "PUT", path: "/test$file.text",
                    headers: host + [
                        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                        ("x-amz-content-sha256", body),
                    ], bodyHash: body)) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(
            sign(
                S3Signature.Request(
                    method: "GET", path: "/", query: [("lifecycle", "")],
                    headers: host + [("x-amz-content-sha256", nothing)], bodyHash: nothing))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            sign(
                S3Signature.Request(
                    method: "GET", path: "/", query: [("prefix", "J"), ("max-keys", "2")],
                    headers: host + [("x-amz-content-sha256", nothing)], bodyHash: nothing))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test("a moment has the form of x-amz-date")
    func times() throws {
        for text in ["2013-05-24T00:00:00Z", "2013-05-24T00:00:00.999Z", "2013-05-24T08:00:00+08:00"] {
            #expect(S3Signature.time(of: try #require(Instant(rfc3339: text))) == time)
        }
    }

    @Test("a place is a bucket and a prefix")
    func places() {
        #expect(S3Place.parse("s3://city/pictures")?.prefix == "pictures/")
        #expect(S3Place.parse("s3://city/a/b/")?.prefix == "a/b/")
        #expect(S3Place.parse("s3://city")?.bucket == "city" && S3Place.parse("s3://city")?.prefix == "")
        for text in [
            "s3://", "s3://a", "s3://City", "s3://city/..", "s3://city/a b", "https://city", "/var/x",
        ] {
            #expect(S3Place.parse(text) == nil, "\(text)")
        }
        let place = S3Place(
            endpoint: "https://s3.example.org", bucket: "city", prefix: "p/", region: "r", keyID: "k",
            secret: "hidden")
        #expect(!"\(place) \(MediaPlace.s3(place))".contains("hidden"))
    }

    @Test("a page of the list, and where the next one begins")
    func pages() {
        let page = S3Page(
            """
            <ListBucketResult><Name>city</Name><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>
            <Contents><Key>p/a.jpg</Key><LastModified>2026-11-30T08:00:00.000Z</LastModified><Size>12</Size></Contents>
            <Contents><Key>p/&amp;.jpg</Key><LastModified>yesterday</LastModified><Size>7</Size></Contents>
            <NextContinuationToken>a&amp;b=</NextContinuationToken></ListBucketResult>
            """)
        #expect(page.objects.map(\.key) == ["p/a.jpg"] && page.objects.first?.bytes == 12)
        #expect(page.next == "a&b=")
        #expect(
            S3Page("<IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>").next
                == nil)
    }
}

@Suite("Pictures in a folder")
struct FolderStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "media-\(UUID())/in/it"
    ).path
    private let name = PictureName(digest: SHA256.hash("one"))
    private let start = Instant(millisecondsSince1970: 500_000)
    private var store: FolderStore { FolderStore(folder) }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("what was put is there with its thumbnail, for its own user alone; what was removed is not")
    func life() throws {
        #expect(try store.content(of: name, .full) == nil)
        #expect(try !store.renew(name, changedAfter: start))
        try store.put(name, picture: [1, 2, 3], thumbnail: [4])
        for (size, bytes) in [(PictureSize.full, Data([1, 2, 3])), (.small, Data([4]))] {
            guard case .file(let path)? = try store.content(of: name, size) else {
                Issue.record("\(size) is not there")
                continue
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
            #expect(try mode(path) == 0o600)
        }
        #expect(try mode("\(folder)/\(name.text.prefix(2))") == 0o700)
        #expect(try store.renew(name, changedAfter: start))
        try store.put(name, picture: [1, 2, 3], thumbnail: [4])
        try store.remove(name)
        try store.remove(name)
        #expect(try store.content(of: name, .full) == nil && store.content(of: name, .small) == nil)
    }

    @Test("in a folder that its group may read, the group may read everything, whatever the process masks")
    func group() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let former = umask(0o077)
        defer { umask(former) }
        try store.put(name, picture: [1, 2, 3], thumbnail: [4])
        #expect(try mode("\(folder)/\(name.text.prefix(2))") == 0o750)
        for size in [PictureSize.full, .small] {
            guard case .file(let path)? = try store.content(of: name, size) else {
                Issue.record("\(size) is not there")
                continue
            }
            #expect(try mode(path) == 0o640)
        }
    }

    @Test("the list has both files of each picture with their times, and nothing else that lies there")
    func list() throws {
        try store.forEach { _ in
            Issue.record("there is no folder yet")
            return true
        }
        let before = Instant(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000) - 60_000)
        try store.put(name, picture: [1, 2, 3], thumbnail: [4])
        let shelf = "\(folder)/\(name.text.prefix(2))"
        for other in ["notes.txt", ".new-\(UUID())"] {
            try Data([9]).write(to: URL(fileURLWithPath: "\(shelf)/\(other)"))
        }
        var found: [StoredFile] = []
        try store.forEach {
            found.append($0)
            return true
        }
        #expect(found.map(\.name) == [name, name] && found.map(\.bytes).sorted() == [1, 3])
        #expect(found.allSatisfy { $0.changedAt > before })
        // What somebody writes at this moment stays; what was left behind goes; a foreign file is not ours.
        try store.tidy(before: before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).count == 4)
        try store.tidy(before: Instant(millisecondsSince1970: .max / 2))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: shelf).sorted().first
                == "\(name.text.dropLast(4)).jpg")
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).count == 3)
    }

    @Test("a picture that is renewed counts as new")
    func renewing() throws {
        try store.put(name, picture: [1], thumbnail: [4])
        guard case .file(let path)? = try store.content(of: name, .full) else {
            Issue.record("not there")
            return
        }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: path)
        #expect(try !store.renew(name, changedAfter: Instant(millisecondsSince1970: 1_000_001)))
        #expect(try store.renew(name, changedAfter: start))
        var newest = Instant(millisecondsSince1970: 0)
        try store.forEach {
            newest = max(newest, $0.changedAt)
            return true
        }
        #expect(newest.millisecondsSince1970 > 1_000_000_000_000)
    }

    @Test("a disk that does not take it is said to be")
    func broken() {
        #expect(throws: MediaFault.self) {
            try FolderStore("/proc/nothing").put(name, picture: [1], thumbnail: [2])
        }
    }
}
