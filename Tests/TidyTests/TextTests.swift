import Foundation
import Testing

@Suite("The text of the repository")
struct TextTests {
    @Test("no line of Swift is longer than 110 columns")
    func columns() {
        for file in Repository.swift {
            var isText = false
            for (index, line) in file.lines.enumerated() {
                if line.components(separatedBy: "\"\"\"").count == 2 { isText.toggle() }
                // What a multi-line text says is as long as it is, and a line that is one text is not broken.
                let trimmed = line.drop { $0 == " " }
                let isOneText = trimmed.hasPrefix("\"") || trimmed.hasPrefix("+ \"")
                guard !isText, line.count > (isOneText ? 132 : 110) else { continue }
                Issue.record("\(found(file, index + 1, line.prefix(60)))… has \(line.count) columns")
            }
        }
    }

    @Test("no file in Shared and Services is longer than 450 lines")
    func lines() {
        for file in Repository.source where file.isSwift {
            #expect(file.lines.count <= 450, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test("house words: no type is a Manager, a Helper, a Util or a Handler")
    func names() throws {
        let words = "Manager|Helpers?|Utils?|Handler"
        let pattern = try Regex("\\b(class|struct|enum|actor|protocol|typealias)\\s+\\w*(\(words))\\b")
        for file in Repository.swift {
            for (number, line) in file.code where line.contains(pattern) {
                Issue.record("\(found(file, number, line))")
            }
        }
    }

    @Test("nothing is left for later, and nothing that outside input could reach stops the process")
    func leftovers() {
        // Put together here, so that this file does not find itself.
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        let traps = ["fatal" + "Error(", "try" + "!", "as" + "! "]
        for file in Repository.source {
            for (index, line) in file.lines.enumerated() where marks.contains(where: { line.contains($0) }) {
                Issue.record("\(found(file, index + 1, line))")
            }
            guard file.isSwift else { continue }
            for (number, line) in file.code where traps.contains(where: { line.contains($0) }) {
                Issue.record("\(found(file, number, line))")
            }
        }
    }

    @Test("whatever is taken out of the compiler's hands says why")
    func because() {
        for file in Repository.source where file.isSwift {
            let lines = file.lines
            for (number, line) in file.code
            where line.contains("@unchecked" + " Sendable") || line.contains("nonisolated" + "(unsafe)") {
                let around = lines[max(0, number - 7)..<min(lines.count, number + 2)]
                let isSaid = around.contains { $0.contains("//") && $0.contains("because") }
                #expect(isSaid, "\(found(file, number, line)) gives no reason with the word because")
            }
        }
    }

    @Test("the top level holds what it should and nothing else")
    func topLevel() {
        let allowed: Set = [
            "Package.swift", "README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md",
            "SECURITY.md", "LICENSE", "Shared", "Services", "Tests", "deploy",
        ]
        let hidden = [
            ".git", ".gitignore", ".ci", ".gitattributes", ".github", ".swift-format", ".swift-version",
            ".editorconfig",
        ]
        // Made here by building and running; .gitignore has them.
        let made = [
            ".build", ".run", ".venv", ".swiftpm", ".pytest_cache", ".vscode", ".DS_Store", ".index-build",
        ]
        for name in Repository.topLevel {
            let isMade = made.contains { name == $0 || name.hasPrefix("\($0)-") }
            #expect(
                allowed.contains(name) || hidden.contains(name) || isMade, "\(name) stands at the top level")
        }
        for name in allowed.subtracting(["README.md", "README.zh-CN.md"]) {
            #expect(Repository.topLevel.contains(name))
        }
    }

    @Test("nothing points to a folder of one machine")
    func machines() {
        for file in Repository.source + Repository.pages {
            for (index, line) in file.lines.enumerated() {
                for folder in ["/wo" + "rk/", "/tm" + "p/", "/ro" + "ot/", "/ho" + "me/"]
                where line.contains(folder) {
                    Issue.record("\(found(file, index + 1, line))")
                }
            }
        }
    }

    @Test("files end with one line feed and hold no tab and no blank at a line's end")
    func whitespace() {
        for file in Repository.swift {
            #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
            for (index, line) in file.lines.enumerated() where line.contains("\t") || line.hasSuffix(" ") {
                Issue.record("\(found(file, index + 1, line))")
            }
        }
    }
}
