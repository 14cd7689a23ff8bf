import Models
import Processing
import Testing

@testable import Operator

@Suite("dayu registry publish")
struct RegistryChangesTests {
    private static let now = Instant(millisecondsSince1970: 1_795_412_495_120)

    private static func published(_ entities: [RegistryEntity]) -> PublishedRegistry {
        var published = PublishedRegistry()
        for entity in entities { published.take(key: Array(entity.key.description.utf8), value: entity.data) }
        return published
    }

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

    private func sample() throws -> [RegistryEntity] { try SampleFolder().reading.entities }

    @Test("to an empty topic everything is new; a second time everything is unchanged")
    func twice() throws {
        let entities = try sample()
        let first = RegistryChanges(from: PublishedRegistry(), to: entities)
        #expect(first.summary == "310 new, 0 changed, 0 removed, 0 unchanged")
        let second = RegistryChanges(from: Self.applying(first, to: PublishedRegistry()), to: entities)
        #expect(second.summary == "0 new, 0 changed, 0 removed, 310 unchanged")
        #expect(second.isEmpty)
        #expect(second.records(source: "dayu", at: Self.now) == [])
    }

    @Test("after records of the topic were lost, it writes that the registry is whole again, and only once")
    func renewed() throws {
        let entities = try sample()
        var left = PublishedRegistry(start: 40)
        for entity in entities.dropFirst(40) {
            left.take(key: Array(entity.key.description.utf8), value: entity.data)
        }
        #expect(left.gap?.contains("before 40") == true)
        let changes = RegistryChanges(from: left, to: entities)
        #expect(changes.new.count == 40)
        let written = changes.records(source: "dayu", at: Self.now)
        #expect(written.count == 41 && written.last?.key == RegistryRenewal.key)
        #expect(changes.lines.last?.contains("whole again") == true)
        let whole = Self.applying(changes, to: left)
        #expect(whole.gap == nil && whole.foreignKeys.isEmpty)
        #expect(RegistryChanges(from: whole, to: entities).records(source: "dayu", at: Self.now) == [])
        // Where nothing was missing, the operator's word is enough.
        var foul = PublishedRegistry(start: 40)
        for entity in entities { foul.take(key: Array(entity.key.description.utf8), value: entity.data) }
        #expect(RegistryChanges(from: foul, to: entities).records(source: "dayu", at: Self.now).count == 1)
    }

    @Test("only what differs is written, and what left is removed")
    func differences() throws {
        var folder = try SampleFolder()
        let before = Self.published(folder.reading.entities)
        try folder.change("stations.csv", "station-fengkou") { _ in nil }
        try folder.change("chiefs.csv", "chief-city,") { $0.replacing("0101", with: "0102") }
        _ = folder.append("categories.csv", "other,其他,Other,其他,Other,ordinary,24,120,,,,,,")
        let changes = RegistryChanges(from: before, to: folder.reading.entities)
        #expect(changes.new.map(\.key.description) == ["category/other"])
        #expect(changes.changed.map(\.key.description) == ["chief/chief-city"])
        #expect(changes.removed.map(\.description) == ["station/station-fengkou"])
        #expect(changes.unchanged == 308)
        #expect(
            changes.records(source: "dayu", at: Self.now).map(\.key)
                == ["chief/chief-city", "category/other", "station/station-fengkou"])
        #expect(
            RegistryChanges(from: Self.applying(changes, to: before), to: folder.reading.entities).isEmpty)
    }

    @Test("what is referred to is written before who refers to it, and removed after him")
    func order() throws {
        let entities = try sample()
        func check(_ keys: [String]) throws {
            let place = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
            let registry = Registry(entities)
            func before(_ earlier: String?, _ later: String) throws {
                guard let earlier else { return }
                #expect(try #require(place[earlier]) < #require(place[later]), "\(earlier), \(later)")
            }
            for region in registry.regions.values {
                try before(region.parent.map { "region/\($0)" }, "region/\(region.id)")
            }
            for chief in registry.chiefs.values {
                try before("region/\(chief.region)", "chief/\(chief.id)")
                try before(chief.superior.map { "chief/\($0)" }, "chief/\(chief.id)")
            }
            for reach in registry.reaches.values {
                try before("river/\(reach.river)", "reach/\(reach.id)")
                for chief in reach.chiefs { try before("chief/\(chief)", "reach/\(reach.id)") }
            }
            for outfall in registry.outfalls.values {
                try before(outfall.responsible.map { "department/\($0)" }, "outfall/\(outfall.id)")
                try before(outfall.reach.map { "reach/\($0)" }, "outfall/\(outfall.id)")
            }
            for category in registry.categories.values {
                try before(category.checker.map { "department/\($0)" }, "category/\(category.code)")
            }
            for level in registry.serviceLevels.values {
                try before(level.category.map { "category/\($0)" }, "service-level/\(level.id)")
            }
            for news in registry.news.values {
                try before(news.river.map { "river/\($0)" }, "news/\(news.id)")
            }
            for station in registry.stations.values {
                try before("section/\(station.section)", "station/\(station.id)")
            }
        }
        let shuffled = entities.reversed() as [RegistryEntity]
        let written = RegistryChanges(from: PublishedRegistry(), to: shuffled).records(
            source: "dayu", at: Self.now)
        try check(written.map(\.key))
        let removed = RegistryChanges(from: Self.published(entities), to: []).removed
        #expect(removed.count == entities.count)
        try check(removed.reversed().map(\.description))
    }

    @Test("records are CloudEvents; a removal has no value and the same headers")
    func records() throws {
        let entities = try sample()
        let station = try #require(entities.first { $0.key.description == "station/station-fengkou" })
        let written = RegistryChanges(from: PublishedRegistry(), to: [station]).records(
            source: "dayu", at: Self.now)
        let removed = RegistryChanges(from: Self.published([station]), to: []).records(
            source: "dayu", at: Self.now)
        for record in written + removed {
            #expect(record.topic == .registry)
            #expect(record.key == "station/station-fengkou")
            #expect(record.event.type == "org.dayu.registry.station.v1")
            #expect(record.event.subject == "station/station-fengkou")
            #expect(record.event.id == "station/station-fengkou@2026-11-23T05:41:35.120Z")
        }
        #expect(written.map(\.event.data) == [station.data])
        #expect(removed.map(\.event.data) == [nil])
    }

    @Test("what can't be read on the topic is put right; what names no entity is left and told")
    func unreadable() throws {
        let entities = try sample()
        var published = Self.published(entities)
        published.take(key: Array("river/qiantang-river".utf8), value: Array("{}".utf8))
        published.take(key: Array("river/old".utf8), value: [0xFF])
        published.take(key: Array("river/moved".utf8), value: entities.first { $0.kind == .river }?.data)
        published.take(key: Array("Fluss/Elbe".utf8), value: Array("{}".utf8))
        published.take(key: nil, value: [])
        let changes = RegistryChanges(from: published, to: entities)
        #expect(changes.new == [])
        #expect(changes.changed.map(\.key.description) == ["river/qiantang-river"])
        #expect(changes.removed.map(\.description) == ["river/moved", "river/old"])
        #expect(published.foreignKeys == ["", "Fluss/Elbe"])
    }

    @Test("a tombstone on the topic means that the entity is not there")
    func tombstone() throws {
        let entities = try sample()
        var published = Self.published(entities)
        published.take(key: Array("category/odour".utf8), value: nil)
        #expect(
            RegistryChanges(from: published, to: entities).new.map(\.key.description) == ["category/odour"])
    }
}
