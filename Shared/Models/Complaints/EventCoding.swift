public import Text

// The JSON of the usual events of a complaint: with it a restore reads nearly all of a log (`JSONReadable`).
// `Codable` reads the rare events.

extension ComplaintEvent.Kind: JSONCoded {}
extension Grade: JSONCoded {}
extension ComplaintEvent.Closed.Reason: JSONCoded {}

extension ComplaintEvent.Accepted: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        by = try json.field("by")
    }

    public func write(to json: inout JSONWriter) {
        json.object { $0.field("by", by) }
    }
}

extension ComplaintEvent.Noted: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        by = try json.field("by")
        isPublic = try json.field("public")
        words = try json.field("words")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("by", by)
            json.field("public", isPublic)
            json.field("words", words)
        }
    }
}

extension ComplaintEvent.Warned: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        deadline = try json.field("deadline")
        due = try json.field("due")
        assignee = try json.field("assignee")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assignee", assignee)
            json.field("deadline", deadline)
            json.field("due", due)
        }
    }
}

extension ComplaintEvent.Escalated: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        deadline = try json.field("deadline")
        due = try json.field("due")
        from = try json.field("from")
        to = try json.field("to")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("deadline", deadline)
            json.field("due", due)
            json.field("from", from)
            json.field("to", to)
        }
    }
}

extension ComplaintEvent.Resolved: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        by = try json.field("by")
        closesAt = try json.field("closesAt")
        checker = try json.field("checker")
        verifyBy = try json.field("verifyBy")
        words = try json.field("words")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("by", by)
            json.field("checker", checker)
            json.field("closesAt", closesAt)
            json.field("verifyBy", verifyBy)
            json.field("words", words)
        }
    }
}

extension ComplaintEvent.Rated: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        grade = try json.field("grade")
        words = try json.field("words")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("grade", grade)
            json.field("words", words)
        }
    }
}

extension ComplaintEvent.Closed: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        by = try json.field("by")
        reason = try json.field("reason")
        reopensUntil = try json.field("reopensUntil")
        words = try json.field("words")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("by", by)
            json.field("reason", reason)
            json.field("reopensUntil", reopensUntil)
            json.field("words", words)
        }
    }
}
