import Geo
import Models
import Testing

@Suite("An office reviews what others measured")
struct ReviewTests {
    private static let observedAt = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let office = Actor(role: .office, id: "north")
    private let key = ReadingKey(
        section: SectionID(literal: "bridge"), observedAt: Self.observedAt, period: .instant,
        origin: .automatic)

    private static func minute(_ minute: Int) -> Instant { observedAt + .seconds(60 * minute) }

    private func reading(_ said: (minute: Int, measurements: [Parameter: Measurement])...) -> Reading {
        var reading = Reading(key)
        for (minute, measurements) in said { take(measurements, minute, &reading) }
        return reading
    }

    private func take(_ measurements: [Parameter: Measurement], _ minute: Int, _ reading: inout Reading) {
        reading.take(
            Report(
                section: key.section, gateway: GatewayID(literal: "laboratory"), observedAt: key.observedAt,
                source: "A", measurements: measurements), reportedAt: Self.minute(minute))
    }

    private func review(
        _ verdict: Review.Verdict, _ parameters: [Parameter] = [], seen minute: Int = 60
    ) -> Review {
        Review(
            key, parameters: parameters, verdict: verdict, reviewer: Self.office,
            gateway: GatewayID(literal: "desk"), seenAt: Self.minute(minute))
    }

    /// The reading as it is after the review; nil where the review says nothing new.
    private func after(_ review: Review, _ reading: Reading) -> Reading? {
        reading.report(of: review).map { report in
            var reading = reading
            reading.take(report, reportedAt: Self.minute(90))
            return reading
        }
    }

    private let sampled = Measurement(
        .below(0.01), written: "0.01L", sampledAt: Self.observedAt + .seconds(-600))

    @Test("it makes valid what it names, and changes nothing else of it")
    func valid() throws {
        let before = reading((1, [.ammoniaNitrogen: sampled, .pH: Measurement(7)]))
        let reviewed = try #require(after(review(.valid, [.ammoniaNitrogen]), before))
        #expect(reviewed.measurements[.ammoniaNitrogen] == sampled.asValid)
        #expect(reviewed.measurements[.pH]?.status == .provisional)
        let part = try #require(reviewed.parts.first { $0.reviewer != nil })
        #expect(part.reviewer == Self.office && part.source == "A" && part.gateway?.rawValue == "desk")
    }

    @Test("without parameters it is everything that is provisional")
    func everything() throws {
        let reviewed = Measurement(.measured(3), status: .valid)
        let before = reading(
            (1, [.pH: Measurement(7), .turbidity: Measurement(2), .ammoniaNitrogen: reviewed]))
        #expect(after(review(.withdrawn), before)?.measurements == [.ammoniaNitrogen: reviewed])
        #expect(after(review(.withdrawn, [.ammoniaNitrogen]), before)?.measurements.count == 2)
    }

    @Test("what came after the office had looked is not reviewed")
    func unseen() {
        let corrected = reading((1, [.pH: Measurement(7)]), (30, [.pH: Measurement(8)]))
        #expect(after(review(.valid, [.pH], seen: 29), corrected) == nil)
        #expect(after(review(.valid, [.pH], seen: 30), corrected)?.measurements[.pH]?.status == .valid)
    }

    @Test("a provisional value comes back neither after a review nor after a withdrawal")
    func standing() throws {
        for (verdict, expected) in [(Review.Verdict.valid, 7.0), (.withdrawn, nil)] as [(_, Double?)] {
            var reading = try #require(after(review(verdict), reading((1, [.pH: Measurement(7)]))))
            take([.pH: Measurement(9)], 120, &reading)
            #expect(reading.figures[.pH] == expected)
            take([.pH: Measurement(.measured(8), status: .valid)], 121, &reading)
            #expect(reading.figures[.pH] == 8)
        }
    }

    @Test("what was reported by a moment becomes valid by its age, and keeps who sent it")
    func age() throws {
        let before = reading((1, [.pH: Measurement(7)]), (30, [.turbidity: Measurement(2)]))
        #expect(before.provisionalSince == Self.minute(1))
        #expect(before.report(validByAge: Self.minute(0)) == nil)
        var after = before
        after.take(try #require(before.report(validByAge: Self.minute(1))), reportedAt: Self.minute(60))
        #expect(after.measurements[.pH]?.status == .valid && after.provisionalSince == Self.minute(30))
        let part = try #require(after.parts.first { $0.reviewer != nil })
        #expect(part.reviewer == .system && part.gateway?.rawValue == "laboratory")
        let taken = reading((1, [.pH: Measurement(.withdrawn)]))
        #expect(taken.provisionalSince == nil && taken.report(validByAge: Self.minute(60)) == nil)
    }

    @Test("a publisher's class is compared where both are there")
    func classes() {
        func other(_ published: WaterClass?, _ values: [Parameter: Double]) -> WaterClass? {
            Report(
                section: key.section, observedAt: key.observedAt, publishedClass: published,
                measurements: .init(values)
            ).otherClass(in: .river)
        }
        #expect(other(.II, [.ammoniaNitrogen: 0.8]) == .III)
        #expect(other(.III, [.ammoniaNitrogen: 0.8]) == nil && other(nil, [.ammoniaNitrogen: 0.8]) == nil)
        #expect(other(.II, [.waterTemperature: 20]) == nil)
    }

    @Test("an office reviews what is in its region and below, and no other's")
    func regions() {
        let (city, north, south) = (
            RegionID(literal: "city"), RegionID(literal: "north"), RegionID(literal: "south")
        )
        func region(_ id: RegionID, parent: RegionID?) -> RegistryEntity {
            let name = Name(zh: id.rawValue, en: id.rawValue)
            return .region(Region(id: id, name: name, level: .district, parent: parent))
        }
        let river = River(
            id: RiverID(literal: "canal"), name: Name(zh: "运河", en: "Canal"), level: .district,
            region: north)
        let registry = Registry([
            region(city, parent: nil), region(north, parent: city), region(south, parent: city),
            .river(river),
        ])
        let place = Coordinate(longitude: 120, latitude: 30)
        func section(_ region: RegionID?) -> Section {
            Section(
                id: key.section, name: Name(zh: "桥", en: "Bridge"), river: river.id, body: .river,
                place: place, region: region)
        }
        func offices(_ section: Section) -> [RegionID] {
            [city, north, south, RegionID(literal: "nowhere")].filter {
                registry.mayReview(section, as: $0)
            }
        }
        #expect(offices(section(nil)) == [city, north], "by its river")
        #expect(offices(section(south)) == [city, south])
    }
}
