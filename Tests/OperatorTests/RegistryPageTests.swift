import Models
import Processing
import Readings
import Testing

@testable import Operator

/// deploy/sample/README.md describes the registry as the code reads it.
@Suite("The page about the registry")
struct RegistryPageTests {
    private let page: RegistryPage

    init() throws { page = try RegistryPage() }

    @Test("it has every table, and which of them a registry must have")
    func tables() {
        #expect(page.tables.keys.sorted() == RegistryTable.all.map(\.file).sorted())
        for table in RegistryTable.all {
            #expect(page.tables[table.file]?.isRequired == table.isRequired, "\(table.file)")
        }
    }

    @Test("it has every column in its order and none besides, and says which may be empty")
    func columns() {
        for table in RegistryTable.all {
            let described = page.tables[table.file]?.columns ?? []
            #expect(described.map(\.name) == table.columns.map(\.name), "\(table.file)")
            for (column, read) in zip(described, table.columns) {
                #expect(
                    column.mayBeEmpty == read.mayLack, "\(table.file): \(column.name) may be empty or not")
            }
        }
    }

    @Test("it has every word that a column may hold, where it holds one of a few")
    func choices() {
        func words<Choice: CaseIterable & RawRepresentable<String>>(_ type: Choice.Type) -> [String] {
            type.allCases.map(\.rawValue)
        }
        let classes = words(WaterClass.self).filter { $0 != WaterClass.worseThanV.rawValue }
        let expected: [String: [String]] = [
            "regions.csv level": words(Level.self), "chiefs.csv level": words(Level.self),
            "rivers.csv level": words(Level.self), "reaches.csv level": words(Level.self),
            "kinds.csv like": words(WaterKind.self), "rivers.csv target_class": classes,
            "outfalls.csv kind": words(Outfall.Kind.self), "sections.csv body": words(WaterBody.self),
            "sections.csv function_class": classes, "sections.csv target_class": classes,
            "categories.csv urgency": words(Urgency.self), "service-levels.csv urgency": words(Urgency.self),
            "calendar.csv kind": words(CalendarDay.Kind.self), "gateways.csv channel": words(Channel.self),
            "sources.csv shape": words(Source.Shape.self), "sources.csv on_fault": words(OnFault.self),
            "words.csv id": words(AssetWord.Key.self),
        ]
        var described: [String: [String]] = [:]
        for (file, table) in page.tables {
            for column in table.columns where !column.choices.isEmpty {
                described["\(file) \(column.name)"] = column.choices.sorted()
            }
        }
        #expect(described == expected.mapValues { $0.sorted() })
    }

    @Test("every scope that it shows is one")
    func scopes() {
        #expect(page.scopes.count > 5)
        for scope in page.scopes { #expect(Gateway.Scope(scope) != nil, "\(scope)") }
    }

    @Test("it has every factor code with our unit, and names no unit that is not read")
    func factors() {
        #expect(page.factors.map(\.code) == Parameter.allCases.map(\.rawValue))
        for factor in page.factors {
            let parameter = Parameter(rawValue: factor.code)
            #expect(factor.unit == parameter?.unit, "\(factor.code)")
            for unit in factor.otherUnits {
                #expect(parameter?.scale(from: unit) != nil, "\(factor.code) in \(unit)")
            }
        }
    }

    @Test("as it says: without their file no chief is away, and no region has a boundary")
    func filesOfOthers() throws {
        var folder = try SampleFolder()
        folder.texts["absences.csv"] = nil
        folder.texts["regions.geojson"] = nil
        let registry = Registry(folder.reading.entities)
        #expect(folder.reading.toldKinds.isSuperset(of: [.chief, .region]))
        #expect(!registry.chiefs.isEmpty && registry.chiefs.values.allSatisfy(\.absences.isEmpty))
        #expect(!registry.regions.isEmpty && registry.regions.values.allSatisfy { $0.boundary == nil })
    }

    @Test("its smallest registry has every file that must be there, no fault and no warning")
    func smallest() {
        let required = RegistryTable.all.filter(\.isRequired).map(\.file)
        #expect(Set(page.smallest.keys).isSuperset(of: required))
        #expect(Set(page.smallest.keys).isSubset(of: RegistryReading.files))
        let reading = RegistryReading(page.smallest)
        #expect(reading.findings == [])
        #expect(Set(reading.entities.map(\.kind)) == reading.toldKinds)
    }
}
