import Foundation
import Testing

@Suite("What the pages point to is there")
struct LinkTests {
    @Test("the links of the pages: the file, and the heading in it")
    func links() {
        for page in Repository.pages {
            for (number, line) in Self.prose(of: page) {
                for match in line.matches(of: /\]\(([^\s\)]+)\)/) where !match.1.contains("://") {
                    let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                    let path = parts[0].isEmpty ? page.path : Self.path(String(parts[0]), from: page.path)
                    guard FileManager.default.fileExists(atPath: "\(Repository.root)/\(path)") else {
                        Issue.record("\(found(page, number, match.1)) is no file")
                        continue
                    }
                    guard parts.count == 2 else { continue }
                    let headings = Repository.text(path).map { Self.anchors(in: $0, of: path) } ?? []
                    #expect(
                        headings.contains(String(parts[1])), "\(found(page, number, match.1)) is no heading")
                }
            }
        }
        #expect(Repository.pages.count > 10)
    }

    @Test("the paths that pages name in backticks")
    func paths() {
        for page in Repository.pages {
            for (number, line) in Self.prose(of: page) {
                for match in line.matches(of: /`((?:Shared|Services|Tests|deploy)\/[^`\s]*)[^`]*`/) {
                    let path = String(match.1)
                    // `Services/<Name>` stands for whatever comes.
                    guard !path.contains("<"), !path.contains("…") else { continue }
                    let isThere = FileManager.default.fileExists(atPath: "\(Repository.root)/\(path)")
                    #expect(isThere, "\(found(page, number, path)) is not there")
                }
            }
        }
    }

    @Test("a heading's anchor is as GitHub makes it")
    func anchor() {
        #expect(Self.anchor(of: "A complaint's life") == "a-complaints-life")
        #expect(Self.anchor(of: "`dayu status`") == "dayu-status")
        #expect(Self.anchor(of: "`chiefs.csv` (required)") == "chiefscsv-required")
        #expect(Self.anchor(of: "运行状况") == "运行状况")
    }

    /// The lines outside of fenced code, and their numbers.
    private static func prose(of page: Repository.File) -> [(number: Int, text: Substring)] {
        var isCode = false
        var prose: [(number: Int, text: Substring)] = []
        for (index, line) in page.lines.enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if !isCode { prose.append((index + 1, line)) }
        }
        return prose
    }

    private static func path(_ link: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in link.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    private static func anchors(in text: String, of path: String) -> Set<String> {
        let lines = prose(of: Repository.File(path: path, text: text)).map { $0.text }
        let headings = lines.filter { $0.hasPrefix("#") }
        return Set(headings.map { line in anchor(of: line.drop { $0 == "#" }.dropFirst()) })
    }

    private static func anchor(of heading: some StringProtocol) -> String {
        let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        return kept.replacing(" ", with: "-")
    }
}
