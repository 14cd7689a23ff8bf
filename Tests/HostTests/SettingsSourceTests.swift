import Foundation
import Testing

@testable import Host

@Suite("Settings come from the environment and from a folder of credentials")
final class SettingsSourceTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "credentials-\(UUID().uuidString)"
    ).path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func file(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func source(_ variables: [String: String] = [:]) -> SettingsSource {
        SettingsSource(environment: variables.merging(["CREDENTIALS_DIRECTORY": folder]) { $1 })
    }

    @Test("a file is a setting of its name, without the line feed at its end; other files are not")
    func files() throws {
        try file("DAYU_LINK_KEY", "00ff\n".utf8)
        try file("KAFKA_SSL_KEY_PEM", "-----BEGIN\nkey\n-----END".utf8)
        try file("DAYU_PADDED", " a \n\n".utf8)
        try file("other", "x".utf8)
        let source = source(["DAYU_SITE": "http://a"])
        #expect(source.faults.isEmpty)
        #expect(source.variables["DAYU_LINK_KEY"] == "00ff")
        #expect(source.variables["KAFKA_SSL_KEY_PEM"] == "-----BEGIN\nkey\n-----END")
        #expect(source.variables["DAYU_PADDED"] == " a \n", "no more than one line feed is the editor's")
        #expect(source.variables["DAYU_SITE"] == "http://a")
        #expect(source.variables["other"] == nil)
    }

    @Test("a setting in both places with two values is a fault that shows neither")
    func twice() throws {
        try file("DAYU_LINK_KEY", "secret-a\n".utf8)
        let faults = source(["DAYU_LINK_KEY": "secret-b"]).faults
        #expect(faults.count == 1)
        #expect(faults.allSatisfy { $0.hasPrefix("DAYU_LINK_KEY: ") && !$0.contains("secret-") })
        #expect(source(["DAYU_LINK_KEY": "secret-a"]).faults.isEmpty)
        #expect(source(["DAYU_LINK_KEY": ""]).variables["DAYU_LINK_KEY"] == "secret-a")
    }

    @Test("what is no text, too long, or no file is a fault; so is a folder that is not there")
    func unreadable() throws {
        try file("DAYU_A", [0xff, 0xfe])
        try file("DAYU_B", [UInt8](repeating: 0x61, count: SettingsSource.fileBytes + 1))
        try file("DAYU_D", [UInt8](repeating: 0x61, count: SettingsSource.fileBytes))
        try FileManager.default.createDirectory(
            atPath: "\(folder)/DAYU_C", withIntermediateDirectories: false)
        let source = source()
        #expect(source.faults.map { $0.prefix(7) } == ["DAYU_A:", "DAYU_B:", "DAYU_C:"])
        #expect(source.variables["DAYU_D"]?.count == SettingsSource.fileBytes)
        #expect(SettingsSource(environment: ["CREDENTIALS_DIRECTORY": "/nowhere"]).faults.count == 1)
        #expect(SettingsSource(environment: ["CREDENTIALS_DIRECTORY": ""]).faults.isEmpty)
    }

    @Test("a reader sees what is in the files, and their faults among the others")
    func reader() throws {
        try file("DAYU_TIME", "5m\n".utf8)
        try file("DAYU_BROKEN", [0xff])
        var reader = SettingsReader(source(["DAYU_PORT": "x"]))
        #expect(reader.duration("DAYU_TIME", preset: .seconds(1), help: "") == .seconds(300))
        _ = reader.port("DAYU_PORT", preset: 1, help: "")
        #expect(reader.faults.map { $0.prefix(9) } == ["DAYU_BROK", "DAYU_PORT"])
    }
}
