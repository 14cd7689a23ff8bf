import Geo
import Models
import Text

/// The part of a submission that Routing decides by, with every correction since.
struct Matter: Hashable, Codable {
    var category: CategoryCode
    /// Nil where the citizen named a water, or only described the place.
    var place: Coordinate?
    var river: RiverID?
    var reach: ReachID?
    /// Where the citizen named a region and nothing nearer.
    let region: RegionID?
    /// The department that answers for the enterprise that it is about.
    var responsible: DepartmentID?
    let channel: Channel
    /// The gateway that brought it. Only this one may add something for the citizen.
    let gateway: GatewayID?

    init(_ submission: Submission) {
        category = submission.category
        place = submission.place
        river = submission.river
        reach = submission.reach
        region = submission.region
        responsible = submission.responsible
        channel = submission.channel
        gateway = submission.gateway
    }

    func corrected(by correction: Correction) -> Matter {
        var matter = self
        // Under another category it is another matter, and that category says who answers.
        if let new = correction.category, new != category { matter.responsible = nil }
        matter.category = correction.category ?? category
        matter.place = correction.place ?? place
        matter.river = correction.river(after: river)
        matter.reach = correction.reach(after: reach)
        return matter
    }
}

extension Matter: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        category = try json.field("category")
        place = try json.field("place")
        river = try json.field("river")
        reach = try json.field("reach")
        region = try json.field("region")
        responsible = try json.field("responsible")
        channel = try json.field("channel")
        gateway = try json.field("gateway")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("category", category)
            json.field("channel", channel)
            json.field("gateway", gateway)
            json.field("place", place)
            json.field("reach", reach)
            json.field("region", region)
            json.field("responsible", responsible)
            json.field("river", river)
        }
    }
}
