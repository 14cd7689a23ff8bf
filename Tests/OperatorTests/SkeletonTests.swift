import Foundation
import Models
import Testing

@testable import Operator

@Suite("A registry to begin with")
struct SkeletonTests {
    @Test("the skeleton has every table, no fault, and a page that names every column")
    func skeleton() throws {
        let files = RegistrySkeleton.files
        let reading = RegistryReading(files.mapValues { Array($0.utf8) })
        #expect(reading.findings.map(\.description) == [])
        #expect(Set(RegistryTable.all.map(\.file)).isSubset(of: files.keys))
        let page = try #require(files["README.md"])
        for table in RegistryTable.all {
            #expect(page.contains("## \(table.file)"))
            for column in table.columns { #expect(page.contains("`\(column.name)`"), "\(column.name)") }
        }
        let registry = Registry(reading.entities)
        #expect(registry.reaches.count == 1 && registry.categories.count == 1)
    }

    @Test("the samples of other cities have no fault", arguments: ["sample-roads", "sample-town"])
    func samples(_ name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var texts: [String: [UInt8]] = [:]
        for file in RegistryReading.files {
            let path = root.appendingPathComponent("deploy/\(name)/\(file)")
            if let data = try? Data(contentsOf: path) { texts[file] = [UInt8](data) }
        }
        let reading = RegistryReading(texts)
        #expect(reading.findings.map(\.description) == [])
        let registry = Registry(reading.entities)
        for key in AssetWord.Key.allCases { #expect(registry.words[key] != nil, "\(key)") }
    }

    @Test("without rows the words are those of the river chiefs; the first letter of a sentence is large")
    func words() {
        var registry = Registry()
        #expect(registry.said(.keeper) == Name(zh: "河长", en: "river chief"))
        registry.put(.word(AssetWord(id: .keeper, name: Name(zh: "路长", en: "road chief"))))
        #expect(registry.said(.keeper).zh == "路长" && registry.saidFirst(.keeper).en == "Road chief")
        registry.remove(RegistryKey(kind: .word, id: "keeper"))
        #expect(registry.said(.keeper).zh == "河长")
    }
}
