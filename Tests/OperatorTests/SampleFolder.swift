import Foundation
import Models
import Testing

@testable import Operator

/// The folder that comes with the suite, as bytes to spoil.
struct SampleFolder {
    var texts: [String: [UInt8]]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        texts = [:]
        for file in RegistryReading.files {
            texts[file] = [UInt8](try Data(contentsOf: root.appendingPathComponent("deploy/sample/\(file)")))
        }
    }

    var reading: RegistryReading { RegistryReading(texts) }

    private func lines(_ file: String) -> [String] {
        String(decoding: texts[file, default: []], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Changes the one line of a file that begins with `start`, and says which it was.
    @discardableResult
    mutating func change(
        _ file: String, _ start: String, _ replace: (String) -> String?
    ) throws -> Int {
        var lines = lines(file)
        let index = try #require(lines.firstIndex { $0.hasPrefix(start) }, "\(file) has no line \(start)…")
        if let line = replace(lines[index]) { lines[index] = line } else { lines.remove(at: index) }
        texts[file] = Array(lines.joined(separator: "\n").utf8)
        return index + 1
    }

    /// Puts a line at the end, and says where it is.
    mutating func append(_ file: String, _ line: String) -> Int {
        var lines = lines(file).filter { !$0.isEmpty }
        lines.append(line)
        texts[file] = Array((lines.joined(separator: "\n") + "\n").utf8)
        return lines.count
    }
}

/// How the line of a feature begins.
func feature(_ id: String) -> String {
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"\(id)\"}"
}
