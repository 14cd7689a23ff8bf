import Geo
import Models
import Support
import Testing
import Text

@Suite("Gateways, their keys and their scopes")
struct GatewayTests {
    private static func id<Entity>(_ text: String) throws -> EntityID<Entity> { try #require(EntityID(text)) }

    private static func gateway(_ scopes: String..., at addresses: String...) throws -> Gateway {
        Gateway(
            id: try id("g"), name: Name(zh: "口", en: "Gateway"), channel: .app,
            scopes: try scopes.map { try #require(Gateway.Scope($0), "\($0)") },
            addresses: try addresses.map { try #require(AddressBlock($0)) })
    }

    /// city > west > town; city > east. A chief and a department in each; stations s1 and s2 of section one.
    private static func registry() throws -> Registry {
        var registry = Registry()
        let name = Name(zh: "名", en: "Name")
        for (id, parent) in [("city", nil), ("west", "city"), ("town", "west"), ("east", "city")] {
            let region: RegionID = try Self.id(id)
            registry.put(
                .region(
                    Region(
                        id: region, name: name, level: .district, parent: try parent.map { try Self.id($0) }))
            )
            registry.put(
                .chief(
                    Chief(
                        id: try Self.id("c-\(id)"), name: name, title: "河长", level: .district, region: region)
                ))
            registry.put(
                .department(Department(id: try Self.id("d-\(id)"), name: name, region: region)))
        }
        for section in ["one", "two"] {
            registry.put(
                .section(
                    Section(
                        id: try Self.id(section), name: name, river: try Self.id("r"), body: .river,
                        place: Coordinate(longitude: 120, latitude: 30))))
        }
        for (station, section) in [("s1", "one"), ("s2", "one"), ("s3", "two")] {
            registry.put(
                .station(
                    Station(
                        id: try Self.id(station), section: try Self.id(section), name: "站", deviceNumber: "F")
                ))
        }
        return registry
    }

    private static let officials = ["city", "west", "town", "east"].flatMap {
        ["office/\($0)", "chief/c-\($0)", "department/d-\($0)"]
    }

    private static func allowed(_ gateway: Gateway) throws -> [String] {
        let registry = try registry()
        return try officials.filter {
            gateway.mayAct(as: try #require(Official($0)), in: registry)
        }
    }

    // MARK: Scopes

    @Test(
        "a scope is written as it is read",
        arguments: [
            "complaints", "readings", "readings:section/jiekou", "readings:station/station-jiekou",
            "actions:chief/c-1", "actions:office/hangzhou", "actions:department/city.x", "receipts",
            "messages",
        ])
    func forms(text: String) throws {
        let scope = try #require(Gateway.Scope(text))
        #expect(scope.description == text)
        #expect(try JSON.decode([Gateway.Scope].self, from: JSON.encode([scope])) == [scope])
    }

    @Test(
        "what is no scope is refused",
        arguments: [
            "", "complaint", "Complaints", "complaints:", "complaints:x", "readings:", "readings:jiekou",
            "readings:river/x", "readings:section/", "readings:section/X", "actions", "actions:",
            "actions:office", "actions:citizen/x", "actions:region/x", "actions:office/x/y", "receipts:x",
            " messages",
        ])
    func refused(text: String) {
        #expect(Gateway.Scope(text) == nil)
        #expect(throws: Malformed.self) {
            try JSON.decode([Gateway.Scope].self, from: Array("[\"\(text)\"]".utf8))
        }
    }

    @Test("each scope allows its own and nothing else")
    func apart() throws {
        let registry = try Self.registry()
        let section: SectionID = try Self.id("one")
        let official = Official.office(try Self.id("city"))
        for scope in ["complaints", "readings", "actions:office/city", "receipts", "messages"] {
            let gateway = try Self.gateway(scope)
            #expect(gateway.mayPostComplaints == (scope == "complaints"))
            #expect(gateway.mayPostReading(of: section, in: registry) == (scope == "readings"))
            #expect(gateway.mayAct(as: official, in: registry) == (scope == "actions:office/city"))
            #expect(gateway.mayPostReceipts == (scope == "receipts"))
            #expect(gateway.mayPostMessages == (scope == "messages"))
        }
    }

    @Test("an office's scope covers its region and all below it, with their chiefs and departments")
    func office() throws {
        #expect(try Self.allowed(Self.gateway("actions:office/city")) == Self.officials)
        #expect(
            try Self.allowed(Self.gateway("actions:office/west")) == [
                "office/west", "chief/c-west", "department/d-west", "office/town", "chief/c-town",
                "department/d-town",
            ])
        #expect(
            try Self.allowed(Self.gateway("actions:office/east", "actions:office/town")) == [
                "office/town", "chief/c-town", "department/d-town", "office/east", "chief/c-east",
                "department/d-east",
            ])
    }

    @Test("a chief's scope and a department's cover him and it alone")
    func alone() throws {
        #expect(try Self.allowed(Self.gateway("actions:chief/c-city")) == ["chief/c-city"])
        #expect(try Self.allowed(Self.gateway("actions:department/d-west")) == ["department/d-west"])
    }

    @Test("nobody acts as one who is not in the registry")
    func unknown() throws {
        let registry = try Self.registry()
        for text in ["office/gone", "chief/gone", "department/gone"] {
            let official = try #require(Official(text))
            #expect(try !Self.gateway("actions:\(text)").mayAct(as: official, in: registry))
            #expect(try !Self.gateway("actions:office/city").mayAct(as: official, in: registry))
        }
    }

    @Test("who acts is an official, where he is one")
    func actors() throws {
        #expect(Official(Actor(role: .chief, id: "c")) == Official("chief/c"))
        #expect(Official(Actor(role: .office, id: "r")) == Official("office/r"))
        #expect(Official(Actor(role: .department, id: "d")) == Official("department/d"))
        #expect(Official(Actor(role: .checker, id: "d")) == Official("department/d"))
        for actor in [.citizen, .system, Actor(role: .chief), Actor(role: .chief, id: "No identifier")] {
            #expect(Official(actor) == nil)
        }
    }

    @Test("readings of all sections, of one, or of one station for its section")
    func readings() throws {
        let registry = try Self.registry()
        func allowed(_ scopes: String) throws -> [String] {
            let gateway = try Self.gateway(scopes)
            let reports: [(String, String?)] = [
                ("one", nil), ("one", "s1"), ("one", "s2"), ("two", nil), ("two", "s1"), ("two", "s3"),
            ]
            return try reports.filter { section, station in
                gateway.mayPostReading(
                    of: try Self.id(section), from: try station.map { try Self.id($0) }, in: registry)
            }.map { "\($0) \($1 ?? "-")" }
        }
        #expect(try allowed("readings") == ["one -", "one s1", "one s2", "two -", "two s1", "two s3"])
        #expect(try allowed("readings:section/one") == ["one -", "one s1", "one s2"])
        #expect(try allowed("readings:station/s1") == ["one -", "one s1"])
        #expect(try allowed("readings:station/gone") == [])
        #expect(try allowed("complaints") == [])
    }

    @Test("one scope more never takes anything away", arguments: 0..<100 as Range<UInt64>)
    func monotonic(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let choices =
            Self.officials.map { "actions:\($0)" } + [
                "complaints", "readings", "readings:section/one", "readings:station/s3", "receipts",
                "messages",
            ]
        let registry = try Self.registry()
        func rights(_ scopes: [String]) throws -> Set<String> {
            let gateway = Gateway(
                id: try Self.id("g"), name: Name(zh: "口", en: "G"), channel: .app,
                scopes: scopes.compactMap { Gateway.Scope($0) })
            var rights = Set(try Self.allowed(gateway))
            if gateway.mayPostComplaints { rights.insert("complaints") }
            if gateway.mayPostReceipts { rights.insert("receipts") }
            if gateway.mayPostMessages { rights.insert("messages") }
            for section in ["one", "two"]
            where gateway.mayPostReading(of: try Self.id(section), in: registry) {
                rights.insert("readings of \(section)")
            }
            return rights
        }
        let scopes = (0..<Int.random(in: 1...5, using: &random)).map { _ in random.one(of: choices) }
        let each = try scopes.map { try rights([$0]) }.reduce(into: Set()) { $0.formUnion($1) }
        #expect(try rights(scopes) == each, "seed \(seed): several scopes are what each of them is")
        #expect(try rights([]) == [])
    }

    // MARK: Keys

    @Test("a gateway is found by the hash of its key, until the key's end")
    func keys() throws {
        let end = Instant(millisecondsSince1970: 1_000_000)
        let hashes = (0..<4).map { number in KeyHash([UInt8](repeating: UInt8(number), count: 32)) }
        let (old, new, stray, none) = (
            try #require(hashes[0]), try #require(hashes[1]), try #require(hashes[2]), try #require(hashes[3])
        )
        let gateway = try Self.gateway("complaints")
        var registry = Registry([
            .gateway(gateway), .gatewayKey(GatewayKey(gateway: gateway.id, sha256: old, validUntil: end)),
            .gatewayKey(GatewayKey(gateway: gateway.id, sha256: new)),
            .gatewayKey(GatewayKey(gateway: try Self.id("gone"), sha256: stray)),
        ])
        let before = end - .milliseconds(1)
        #expect(registry.gateway(withKeyHash: old, at: before) == gateway)
        #expect(registry.gateway(withKeyHash: old, at: end) == nil)
        #expect(registry.gateway(withKeyHash: new, at: .latest) == gateway)
        #expect(registry.gateway(withKeyHash: stray, at: before) == nil)
        #expect(registry.gateway(withKeyHash: none, at: before) == nil)
        registry.remove(RegistryKey(kind: .gatewayKey, id: new.description))
        #expect(registry.gateway(withKeyHash: new, at: before) == nil)
        registry.remove(RegistryKey(kind: .gateway, id: "g"))
        #expect(registry.gateway(withKeyHash: old, at: before) == nil)
    }

    @Test("a hash is 64 lower-case hexadecimal digits", arguments: 0..<50 as Range<UInt64>)
    func hashes(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let hash = try #require(KeyHash(random.bytes(32)))
        #expect(KeyHash(hash.description) == hash)
        #expect(EntityID<Never>(hash.description) != nil, "it is the entity's identifier")
        #expect(KeyHash(hash.description.uppercased()) == nil || !hash.description.contains { $0.isLetter })
        #expect(KeyHash(String(hash.description.dropLast())) == nil)
        #expect(KeyHash(hash.description.dropLast() + "g") == nil)
        #expect(KeyHash(random.bytes(31)) == nil)
    }

    @Test("a gateway without addresses calls from anywhere, another from its own alone")
    func addresses() throws {
        let (home, away) = (try #require(IPAddress("10.1.2.3")), try #require(IPAddress("203.0.113.9")))
        #expect(try Self.gateway("complaints").mayCall(from: away))
        let bound = try Self.gateway("complaints", at: "2001:db8::/32", "10.1.0.0/16")
        #expect(bound.mayCall(from: home))
        #expect(!bound.mayCall(from: away))
    }
}
