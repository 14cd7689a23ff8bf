import Testing
import Text

@testable import Models

@Suite("Kinds of what the city looks after")
struct AssetKindTests {
    private let road = AssetKind(
        id: AssetKindID(literal: "county-road"), name: Name(zh: "县道", en: "county road"), like: .ditch)

    private func river(_ kind: AssetKindID) -> River {
        River(
            id: RiverID(literal: "x"), name: Name(zh: "", en: ""), kind: kind, level: .town,
            region: RegionID(literal: "r"))
    }

    @Test("the kinds of waters need no row, and go by their own rules", arguments: WaterKind.allCases)
    func waters(_ water: WaterKind) {
        let kind = Registry().kind(water.id)
        #expect(kind.id.rawValue == water.rawValue && kind.like == water)
        #expect(kind.name.zh != water.rawValue && !kind.name.en.isEmpty)
    }

    @Test("any other kind is what its row says, by the rules of a water")
    func rows() {
        var registry = Registry([.assetKind(road), .river(river(road.id))])
        #expect(registry.kind(road.id) == road)
        #expect(registry.likeness(of: RiverID(literal: "x")) == .ditch)
        // A city may call its canals as it likes.
        let canal = AssetKind(id: WaterKind.canal.id, name: Name(zh: "河道", en: "waterway"), like: .river)
        registry.put(.assetKind(canal))
        #expect(registry.kind(WaterKind.canal.id) == canal)
        registry.remove(RegistryKey(kind: .assetKind, id: "canal"))
        #expect(registry.kind(WaterKind.canal.id).like == .canal)
    }

    @Test("a kind without a row survives, and goes by the rules of rivers")
    func unknown() throws {
        let unknown = AssetKindID(literal: "skyway")
        let registry = Registry([.river(river(unknown))])
        #expect(registry.kind(unknown).name == Name(zh: "skyway", en: "skyway"))
        #expect(registry.likeness(of: RiverID(literal: "x")) == .river)
        #expect(registry.likeness(of: RiverID(literal: "nowhere")) == .river)
        let written = RegistryEntity.river(river(unknown)).data
        #expect(String(decoding: written, as: UTF8.self).contains(#""kind":"skyway""#))
        #expect(try RegistryEntity(kind: .river, data: written) == .river(river(unknown)))
        #expect(try RegistryEntity(kind: .river, data: written).data == written)
    }
}
