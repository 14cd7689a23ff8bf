import Models
import Text

/// The form in which the store keeps a complaint. A complaint is written with every fact, so it writes itself
/// instead of using `Codable`. Sets are written in sorted order, so that the same complaint gives the same
/// bytes.
extension Complaint: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        self.init(
            code: try json.field("code"), fingerprint: try json.field("fingerprint"),
            version: try json.field("version"),
            status: try json.field("status"),
            matter: try json.field("matter"), receivedAt: try json.field("receivedAt"),
            assignment: try json.field("assignment"), assignedAt: try json.field("assignedAt"),
            ladder: try json.field("ladder"), missed: try json.field("missed"),
            warned: try json.field("warned"),
            handBacks: try json.field("handBacks"), urges: try json.field("urges"),
            orders: try json.field("orders"), isUnreached: try json.field("isUnreached"),
            resolvedBy: try json.field("resolvedBy"),
            checker: try json.field("checker"), verifyBy: try json.field("verifyBy"),
            closesAt: try json.field("closesAt"), reopensUntil: try json.field("reopensUntil"),
            followers: try json.field("followers"), target: try json.field("target"),
            said: try json.field("said"),
            causes: try json.field("causes"), erased: try json.field("erased"),
            traceparent: try json.field("traceparent"))
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assignedAt", assignedAt)
            json.field("assignment", assignment)
            json.field("causes", causes.sorted())
            json.field("checker", checker)
            json.field("closesAt", closesAt)
            json.field("code", code)
            json.field("erased", erased.sorted())
            json.field("fingerprint", fingerprint)
            json.field("followers", followers)
            json.field("handBacks", handBacks)
            json.field("isUnreached", isUnreached)
            json.field("ladder", ladder)
            json.field("matter", matter)
            json.field("missed", Deadline.allCases.filter(missed.contains))
            json.field("orders", orders)
            json.field("receivedAt", receivedAt)
            json.field("reopensUntil", reopensUntil)
            json.field("resolvedBy", resolvedBy)
            json.field("said", said)
            json.field("status", status)
            json.field("target", target)
            json.field("traceparent", traceparent)
            json.field("urges", urges)
            json.field("verifyBy", verifyBy)
            json.field("version", version)
            json.field("warned", Deadline.allCases.filter(warned.contains))
        }
    }
}

extension Saying: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        version = try json.field("version")
        outline = try json.field("outline")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("outline", outline)
            json.field("version", version)
        }
    }
}
