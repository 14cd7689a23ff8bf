import Models
import Text

// A complaint and the entries of its timeline are written with every event and read for every answer, so they
// have JSON code of their own (`JSONReadable`). Sets are sorted, so that the same complaint always has the
// same bytes.

extension PublicComplaint: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        code = try json.field("code")
        version = try json.field("version")
        status = try json.field("status")
        isOverdue = try json.field("isOverdue")
        atRisk = try json.field("atRisk")
        isUrged = try json.field("isUrged")
        order = try json.field("order")
        category = try json.field("category")
        place = try json.field("place")
        river = try json.field("river")
        reach = try json.field("reach")
        region = try json.field("region")
        isCitizens = try json.field("isCitizens")
        receivedAt = try json.field("receivedAt")
        updatedAt = try json.field("updatedAt")
        assignee = try json.field("assignee")
        due = try json.field("due")
        checker = try json.field("checker")
        verifyBy = try json.field("verifyBy")
        into = try json.field("into")
        followers = try json.field("followers")
        grade = try json.field("grade")
        ratings = try json.field("ratings")
        satisfied = try json.field("satisfied")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assignee", assignee)
            json.field("atRisk", Deadline.allCases.filter(atRisk.contains))
            json.field("category", category)
            json.field("checker", checker)
            json.field("code", code)
            json.field("due", due)
            json.field("followers", followers)
            json.field("grade", grade)
            json.field("into", into)
            json.field("isCitizens", isCitizens)
            json.field("isOverdue", isOverdue)
            json.field("isUrged", isUrged)
            json.field("order", order)
            json.field("place", place)
            json.field("ratings", ratings)
            json.field("reach", reach)
            json.field("receivedAt", receivedAt)
            json.field("region", region)
            json.field("river", river)
            json.field("satisfied", satisfied)
            json.field("status", status)
            json.field("updatedAt", updatedAt)
            json.field("verifyBy", verifyBy)
            json.field("version", version)
        }
    }
}

extension TimelineEntry: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        at = try json.field("at")
        version = try json.field("version")
        type = try json.field("type")
        by = try json.field("by")
        to = try json.field("to")
        from = try json.field("from")
        grade = try json.field("grade")
        reason = try json.field("reason")
        passed = try json.field("passed")
        deadline = try json.field("deadline")
        due = try json.field("due")
        order = try json.field("order")
        category = try json.field("category")
        into = try json.field("into")
        follower = try json.field("follower")
        about = try json.field("about")
        passage = try json.field("passage")
        isInternal = try json.field("isInternal")
        candidates = try json.field("candidates")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("about", about)
            json.field("at", at)
            json.field("by", by)
            json.field("candidates", candidates)
            json.field("category", category)
            json.field("deadline", deadline)
            json.field("due", due)
            json.field("follower", follower)
            json.field("from", from)
            json.field("grade", grade)
            json.field("into", into)
            json.field("isInternal", isInternal)
            json.field("order", order)
            json.field("passage", passage)
            json.field("passed", passed)
            json.field("reason", reason)
            json.field("to", to)
            json.field("type", type)
            json.field("version", version)
        }
    }
}
