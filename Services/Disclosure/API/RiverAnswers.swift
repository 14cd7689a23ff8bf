import Models
import Text

struct RiverSummary: JSONWritable, Sendable {
    let river: River
    let gazetteer: Gazetteer
    let waters: Waters
    let counts: ComplaintCounts?

    func write(to json: inout JSONWriter) {
        json.object { json in
            writeFields(to: &json)
            json.field("complaints", counts?.complaints ?? 0)
        }
    }

    /// All fields except the number of complaints: an answer may have a list of them instead.
    func writeFields(to json: inout JSONWriter) {
        json.field("id", river.id)
        json.field("name", river.name)
        json.field("region", gazetteer.reference(river.region))
        json.field("level", river.level)
        let kind = gazetteer.registry.kind(river.kind)
        json.field("kind", kind.id)
        json.field("kindName", kind.name)
        // Whether it is judged as lakes are.
        json.field("standing", kind.like.isStanding)
        json.field("lengthKilometres", orNull: river.lengthKilometres)
        waters.standing(of: gazetteer.sectionsByRiver[river.id]).writeFields(to: &json)
        json.field(
            "month",
            orNull: waters.monthHead(
                of: gazetteer.sectionsByRiver[river.id], as: .waters(target: river.targetClass), gazetteer))
        json.field("targetClass", orNull: river.targetClass)
        json.field("openComplaints", counts?.open ?? 0)
        json.field("satisfaction", orNull: counts?.satisfaction)
    }
}

/// The largest first, because people look for those: by level, then by length.
struct RiverList: JSONWritable, Sendable {
    let rivers: [RiverSummary]

    init(_ gazetteer: Gazetteer, _ waters: Waters, _ counts: [String: ComplaintCounts]) {
        rivers = gazetteer.registry.rivers.values
            .sorted { one, other in
                if one.level != other.level { return one.level > other.level }
                let lengths = (one.lengthKilometres ?? 0, other.lengthKilometres ?? 0)
                return lengths.0 == lengths.1 ? one.id < other.id : lengths.0 > lengths.1
            }
            .map { river in
                RiverSummary(
                    river: river, gazetteer: gazetteer, waters: waters, counts: counts[river.id.rawValue])
            }
    }

    func write(to json: inout JSONWriter) { json.object { $0.field("rivers", rivers) } }
}

struct RiverAnswer: JSONWritable, Sendable {
    let river: River
    let gazetteer: Gazetteer
    let waters: Waters
    let counts: (river: ComplaintCounts?, reaches: [String: ComplaintCounts])
    let complaints: [WithWords<ListedComplaint>]

    func write(to json: inout JSONWriter) {
        let reaches = gazetteer.reachesByRiver[river.id] ?? []
        let sections = gazetteer.sectionsByRiver[river.id] ?? []
        json.object { json in
            RiverSummary(river: river, gazetteer: gazetteer, waters: waters, counts: counts.river)
                .writeFields(to: &json)
            json.field("start", orNull: river.start)
            json.field("end", orNull: river.end)
            json.field("supervisionPhone", orNull: river.supervisionPhone)
            json.field("policeChief", orNull: river.policeChief)
            json.field("contactDepartment", orNull: river.contactDepartment)
            json.field(
                "reaches",
                reaches.map { reach in
                    ReachSummary(
                        reach: reach, gazetteer: gazetteer, waters: waters,
                        counts: counts.reaches[reach.id.rawValue])
                })
            json.field("chiefs", chiefs(of: reaches))
            json.field("plan", written: JSON.encode(plan))
            json.field(
                "sections", sections.map { SectionSummary(section: $0, gazetteer: gazetteer, waters: waters) }
            )
            json.field("complaints", complaints.map { ComplaintSummary(found: $0, gazetteer: gazetteer) })
            json.field("enterprises", enterprises)
        }
    }

    /// Who discharges into it by a permit.
    private var enterprises: [Reference] {
        Set(gazetteer.registry.outfalls.values.filter { $0.river == river.id }.compactMap(\.enterprise))
            .sorted().map(gazetteer.reference)
    }

    /// The chiefs of all its reaches, the highest level first.
    private func chiefs(of reaches: [Reach]) -> [ChiefAnswer] {
        Set(reaches.flatMap(\.chiefs)).compactMap { gazetteer.registry.chiefs[$0] }
            .sorted { ($1.level, $0.id) < ($0.level, $1.id) }
            .map(ChiefAnswer.init(chief:))
    }

    /// The newest plan.
    private var plan: Plan? {
        gazetteer.plansByRiver[river.id]?.max { ($0.periodFrom ?? "") < ($1.periodFrom ?? "") }
    }
}

struct ReachSummary: JSONWritable, Sendable {
    let reach: Reach
    let gazetteer: Gazetteer
    let waters: Waters
    let counts: ComplaintCounts?

    func write(to json: inout JSONWriter) { json.object(writeFields) }

    func writeFields(to json: inout JSONWriter) {
        json.field("id", reach.id)
        json.field("name", reach.name)
        json.field("river", gazetteer.reference(reach.river))
        json.field("region", gazetteer.reference(reach.region))
        json.field("level", reach.level)
        let sections = gazetteer.sectionsByReach[reach.id]
        waters.standing(of: sections).writeFields(to: &json)
        json.field("month", orNull: waters.monthHead(of: sections, as: .waters(target: nil), gazetteer))
        json.field("openComplaints", counts?.open ?? 0)
        // The lowest level first: that chief gets the complaints.
        json.field(
            "chiefs", reach.chiefs.compactMap { gazetteer.registry.chiefs[$0] }.map(ChiefAnswer.init(chief:)))
    }
}

struct ReachAnswer: JSONWritable, Sendable {
    let summary: ReachSummary
    let complaints: [WithWords<ListedComplaint>]

    func write(to json: inout JSONWriter) {
        let (gazetteer, waters) = (summary.gazetteer, summary.waters)
        let sections = gazetteer.sectionsByReach[summary.reach.id] ?? []
        json.object { json in
            summary.writeFields(to: &json)
            json.field(
                "sections", sections.map { SectionSummary(section: $0, gazetteer: gazetteer, waters: waters) }
            )
            json.field("complaints", complaints.map { ComplaintSummary(found: $0, gazetteer: gazetteer) })
        }
    }
}

// MARK: Shapes

private struct ReachProperties: JSONWritable {
    let reach: Reach
    let riverName: Name
    let standing: Standing?
    let month: EvaluationHead?
    let openComplaints: Int

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", reach.id)
            json.field("name", reach.name)
            json.field("river", reach.river)
            json.field("riverName", riverName)
            standing.writeFields(to: &json)
            json.field("month", orNull: month)
            json.field("openComplaints", openComplaints)
        }
    }
}

private struct RegionProperties: JSONWritable {
    let region: Region

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", region.id)
            json.field("name", region.name)
            json.field("level", region.level)
        }
    }
}

extension FeatureCollection {
    static func reaches(
        _ gazetteer: Gazetteer, _ waters: Waters, _ counts: [String: ComplaintCounts]
    ) -> [UInt8] {
        var collection = FeatureCollection()
        for reach in gazetteer.registry.reaches.values.sorted(by: { $0.id < $1.id }) {
            guard let shape = gazetteer.reachShapes[reach.id] else { continue }
            let sections = gazetteer.sectionsByReach[reach.id]
            let properties = ReachProperties(
                reach: reach, riverName: gazetteer.reference(reach.river).name,
                standing: waters.standing(of: sections),
                month: waters.monthHead(of: sections, as: .waters(target: nil), gazetteer),
                openComplaints: counts[reach.id.rawValue]?.open ?? 0)
            collection.add(properties, geometry: shape)
        }
        return collection.closed()
    }

    /// The regions with a boundary, the largest first, so that a map draws the small ones on top.
    static func regions(_ gazetteer: Gazetteer) -> [UInt8] {
        var collection = FeatureCollection()
        for region in gazetteer.registry.regions.values.sorted(by: { ($1.level, $0.id) < ($0.level, $1.id) })
        {
            guard let shape = gazetteer.regionShapes[region.id] else { continue }
            collection.add(RegionProperties(region: region), geometry: shape)
        }
        return collection.closed()
    }
}
