import Foundation
import Testing

@testable import Host

@Suite("A file of lines")
struct LineFileTests {
    private let path = NSTemporaryDirectory() + "dayu-\(UUID().uuidString).log"

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("grows by a line at a time, for its owner's eyes alone")
    func append() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(
            atPath: path, contents: Data("before\n".utf8), attributes: [.posixPermissions: 0o644])
        let file = try LineFile(path: path)
        try file.append(Array("one".utf8))
        try file.append(Array("two".utf8))
        #expect(try text(path) == "before\none\ntwo\n")
        #expect(try mode(path) == 0o600)
    }

    @Test("renamed or removed, it is made anew with the next line")
    func rotated() throws {
        let former = path + ".1"
        defer { for path in [path, former] { try? FileManager.default.removeItem(atPath: path) } }
        let file = try LineFile(path: path)
        try file.append(Array("one".utf8))
        try FileManager.default.moveItem(atPath: path, toPath: former)
        try file.append(Array("two".utf8))
        #expect(try text(former) == "one\n" && text(path) == "two\n")
        #expect(try mode(path) == 0o600)
        try FileManager.default.removeItem(atPath: path)
        try file.append(Array("three".utf8))
        #expect(try text(path) == "three\n")
    }

    @Test("a file that can't be written is told at the start, and a link is not followed")
    func refused() throws {
        #expect(throws: WriteFailure.self) { try LineFile(path: path + "/none/security.log") }
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".target")
        #expect(throws: WriteFailure.self) { try LineFile(path: path) }
    }
}
