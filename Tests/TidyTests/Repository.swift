import Foundation

/// The repository's own text.
enum Repository {
    struct File: Sendable {
        /// From the root, as `Shared/Models/Values/Instant.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var isSwift: Bool { path.hasSuffix(".swift") }
        /// `Models` of `Shared/Models/…`.
        var module: String {
            // The one module that stands in the folder of another: the operator's alone.
            if path.hasPrefix("Services/Operator/LivedCity/") { return "LivedCity" }
            return String(path.split(separator: "/").dropFirst().first ?? "")
        }
        var isService: Bool { path.hasPrefix("Services/") }

        /// The modules that are imported, whatever stands before or behind the word.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), words.indices.contains(index + 1),
                    words[..<index].allSatisfy({
                        $0.hasPrefix("@") || ["public", "internal", "private", "package"].contains($0)
                    })
                else { return nil }
                let kinds: Set<Substring> = [
                    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
                ]
                let name = kinds.contains(words[index + 1]) ? words[(index + 2)...].first : words[index + 1]
                return name?.split(separator: ".").first.map(String.init)
            }
        }

        /// The lines with comments taken away, and their numbers; what stands in texts stays.
        var code: [(number: Int, text: String)] {
            lines.enumerated().map { index, line in
                let trimmed = line.drop { $0 == " " }
                if trimmed.hasPrefix("//") { return (index + 1, "") }
                return (
                    index + 1, line.range(of: " // ").map { String(line[..<$0.lowerBound]) } ?? String(line)
                )
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func text(_ path: String) -> String? {
        try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    /// What stands at the top, hidden names included.
    static var topLevel: [String] { (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] }

    /// Every file under the folders that is text.
    static func files(under folders: String...) -> [File] {
        folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? [])
                .filter { path in
                    !path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__pycache__" }
                }
                .sorted()
                .compactMap { path in
                    text("\(folder)/\(path)").map { File(path: "\(folder)/\(path)", text: $0) }
                }
        }
    }

    static let source = files(under: "Shared", "Services")
    /// Every page of text that people read.
    static let pages =
        files(under: "Shared", "Services", "Tests", "deploy").filter { $0.path.hasSuffix(".md") }
        + topLevel.sorted().filter { $0.hasSuffix(".md") }
        .compactMap { path in text(path).map { File(path: path, text: $0) } }
    static let swift =
        files(under: "Shared", "Services", "Tests").filter(\.isSwift)
        + (text("Package.swift").map { [File(path: "Package.swift", text: $0)] } ?? [])
}

/// Something that stands where it must not, as an editor shows it.
func found(_ file: Repository.File, _ number: Int, _ text: some StringProtocol) -> String {
    "\(file.path):\(number): \(text.drop { $0 == " " })"
}
