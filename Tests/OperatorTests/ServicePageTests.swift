import Foundation
import Models
import Testing

@testable import Operator

/// The page of each service, Services/<Name>/README.md, names the topics that the service reads and writes.
@Suite("The pages of the services")
struct ServicePageTests {
    @Test(
        "they have the topics of the catalogue and none besides",
        arguments: ServiceLoop.Executable.allCases.map(\.rawValue))
    func topics(_ service: String) throws {
        let page = try Self.page(of: service)
        let loops = ServiceLoop.all.filter { $0.service.rawValue == service }
        var read = Set(loops.flatMap { $0.inputs + $0.alsoReads }.map(\.rawValue))
        if loops.contains(where: \.readsGateways) { read.insert("gateways.<id>") }
        #expect(Self.words(in: page, under: "reads") == read.sorted())
        #expect(
            Self.words(in: page, under: "writes") == Set(loops.flatMap(\.writes).map(\.rawValue)).sorted())
    }

    private static func page(of service: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path =
            service == "desk"
            ? "Services/Disclosure/Desk/README.md" : "Services/\(service.capitalized)/README.md"
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// What stands in backticks under a heading of the page's first table.
    private static func words(in page: String, under heading: String) -> [String] {
        let table = page.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.hasPrefix("| part |") }.prefix { $0.hasPrefix("|") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        guard let column = table.first?.firstIndex(of: heading) else { return [] }
        let cells = table.compactMap { $0.indices.contains(column) ? $0[column] : nil }
        return Set(cells.flatMap { cell in cell.matches(of: /`([^`]+)`/).map { String($0.1) } }).sorted()
    }
}
