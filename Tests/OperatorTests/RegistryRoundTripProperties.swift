import Models
import Processing
import Support
import Testing

@testable import Operator

@Suite("A registry goes to the topic and back")
struct RegistryRoundTripProperties {
    private static let now = Instant(millisecondsSince1970: 1_795_412_495_120)
    private static let seeds = UInt64(0)..<60

    /// The topic after these changes were written to it.
    private static func applying(_ changes: RegistryChanges, to published: PublishedRegistry)
        -> PublishedRegistry
    {
        var published = published
        for record in changes.records(source: "dayu", at: now) {
            published.take(key: Array(record.key.utf8), value: record.event.data)
        }
        return published
    }

    private static func published(_ reading: RegistryReading) -> PublishedRegistry {
        let empty = PublishedRegistry()
        return applying(RegistryChanges(from: empty, to: reading.entities, of: reading.toldKinds), to: empty)
    }

    @Test("what a folder is given, it tells", arguments: seeds)
    func folder(seed: UInt64) throws {
        let entities = try ArbitraryRegistry(seed: seed).entities
        let reading = RegistryReading(RegistryFolder(entities).texts)
        #expect(reading.faults == [], "seed \(seed)")
        #expect(Registry(reading.entities) == Registry(entities), "seed \(seed)")
        #expect(reading.toldKinds == Set(RegistryEntity.Kind.allCases))
    }

    @Test("export of publish is the same folder, and publishing it again changes nothing", arguments: seeds)
    func topic(seed: UInt64) throws {
        let given = RegistryFolder(try ArbitraryRegistry(seed: seed).entities)
        let published = Self.published(RegistryReading(given.texts))
        let exported = RegistryFolder(published.entities)
        #expect(exported.texts == given.texts, "seed \(seed)")
        let again = RegistryReading(exported.texts)
        #expect(
            RegistryChanges(from: published, to: again.entities, of: again.toldKinds).isEmpty, "seed \(seed)")
    }

    @Test("so it is with the sample")
    func sample() throws {
        let reading = try SampleFolder().reading
        let published = Self.published(reading)
        let again = RegistryReading(RegistryFolder(published.entities).texts)
        #expect(again.faults == [])
        #expect(Registry(again.entities) == Registry(reading.entities))
        #expect(RegistryChanges(from: published, to: again.entities, of: again.toldKinds).isEmpty)
    }

    @Test("from any registry to any other, with a line for each difference", arguments: seeds)
    func differences(seed: UInt64) throws {
        let before = RegistryReading(RegistryFolder(try ArbitraryRegistry(seed: seed).entities).texts)
        let after = RegistryReading(RegistryFolder(try ArbitraryRegistry(seed: seed + 1000).entities).texts)
        let published = Self.published(before)
        let changes = RegistryChanges(from: published, to: after.entities, of: after.toldKinds)
        let result = Self.applying(changes, to: published)
        #expect(Registry(result.entities) == Registry(after.entities), "seed \(seed)")
        #expect(changes.lines.count == changes.new.count + changes.changed.count + changes.removed.count)
        // A change that shows no difference is a field which is not written.
        let silent = changes.lines.filter { $0.hasPrefix("changed") && !$0.contains(" → ") }
        #expect(silent == [], "seed \(seed)")
    }

    @Test("every column is written by its kind, and no other")
    func columns() throws {
        var written: [RegistryEntity.Kind: Set<String>] = [:]
        for seed in Self.seeds {
            for entity in try ArbitraryRegistry(seed: seed).entities {
                written[entity.kind, default: []].formUnion(entity.fields.keys)
            }
        }
        for kind in RegistryEntity.Kind.allCases {
            #expect(written[kind] == Set(RegistryTable.entities(kind).columns.map(\.name)), "\(kind)")
        }
    }

    @Test("a table that may be missing and is says nothing: what the topic holds of its kind stays")
    func untold() throws {
        var folder = try SampleFolder()
        let published = Self.published(folder.reading)
        folder.texts["news.csv"] = nil
        folder.texts["calendar.csv"] = Array("date,kind,name\n".utf8)
        let reading = folder.reading
        #expect(reading.faults == [])
        let changes = RegistryChanges(from: published, to: reading.entities, of: reading.toldKinds)
        #expect(changes.removed.count == 39)
        #expect(changes.removed.allSatisfy { $0.kind == .calendarDay })
    }

    @Test("a change is told with the fields that are different, before and after")
    func lines() throws {
        var folder = try SampleFolder()
        let published = Self.published(folder.reading)
        try folder.change("chiefs.csv", "chief-city,") { $0.replacing("0101", with: "0177") }
        try folder.change("absences.csv", "chief-linan,") { _ in nil }
        try folder.change("rivers.csv", "zhong-river") { $0.replacing("鲁例名", with: "") }
        try folder.change("reaches.geojson", feature("west-lake.xihu")) {
            $0.replacing("[120.1430,30.2290],", with: "")
        }
        try folder.change("news.csv", "news-pond") { _ in nil }
        _ = folder.append("calendar.csv", "2026-12-31,holiday,样例节,")
        let reading = folder.reading
        #expect(
            RegistryChanges(from: published, to: reading.entities, of: reading.toldKinds).lines == [
                "new calendar-day/2026-12-31",
                "changed chief/chief-city: phone \"+86 000 0000 0101\" → \"+86 000 0000 0177\"",
                "changed chief/chief-linan: absences \"2026-12-21…2026-12-25\" → none",
                "changed river/zhong-river: police_chief \"鲁例名\" → none",
                "changed reach/west-lake.xihu: shape of 10 positions → of 9 positions",
                "removed news/news-pond",
            ])
    }
}
