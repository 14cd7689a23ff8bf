public import Text

// The JSON of nearly all traffic: a submission and its first two events. `EventCoding` has the events that
// follow in most complaints. Fields are read in the order in which they are declared: the first fault
// reported is the one that a sender would look for first.

extension EntityID: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let id = Self(rawValue: try json.string()) else {
            throw Malformed("", "not an identifier: a-z, 0-9, '.' and '-', at most 64 characters")
        }
        self = id
    }
}

extension TrackingCode: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let code = Self(try json.string()) else { throw Malformed("", "not a tracking code") }
        self = code
    }

    public func write(to json: inout JSONWriter) { json.text(compact) }
}

extension Instant: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let instant = Self(rfc3339: try json.string()) else {
            throw Malformed("", "not an RFC 3339 date-time with an offset")
        }
        self = instant
    }

    public func write(to json: inout JSONWriter) { json.text(description) }
}

extension Channel: JSONCoded {}
extension Datum: JSONCoded {}
extension Level: JSONCoded {}
extension Role: JSONCoded {}
extension Deadline: JSONCoded {}
extension ComplaintStatus: JSONCoded {}
extension Assignee.Kind: JSONCoded {}
extension Contact.Language: JSONCoded {}
extension ComplaintEvent.Assigned.Why: JSONCoded {}

extension Name: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        zh = try json.field("zh")
        en = try json.field("en")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("en", en)
            json.field("zh", zh)
        }
    }
}

extension Actor: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        role = try json.field("role")
        id = try json.field("id")
        clerk = try json.field("clerk")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("clerk", clerk)
            json.field("id", id)
            json.field("role", role)
        }
    }
}

extension Submission: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        complaint = try json.field("complaint")
        fingerprint = try json.field("fingerprint")
        category = try json.field("category")
        place = try json.field("place")
        datum = try json.field("datum")
        river = try json.field("river")
        reach = try json.field("reach")
        region = try json.field("region")
        responsible = try json.field("responsible")
        channel = try json.field("channel")
        gateway = try json.field("gateway")
        anonymous = try json.field("anonymous")
        contactable = try json.field("contactable")
        words = try json.field("words")
        submittedAt = try json.field("submittedAt")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("anonymous", anonymous)
            json.field("category", category)
            json.field("channel", channel)
            json.field("complaint", complaint)
            json.field("contactable", contactable)
            json.field("datum", datum)
            json.field("fingerprint", fingerprint)
            json.field("gateway", gateway)
            json.field("place", place)
            json.field("reach", reach)
            json.field("region", region)
            json.field("responsible", responsible)
            json.field("river", river)
            json.field("submittedAt", submittedAt)
            json.field("words", words)
        }
    }
}

extension Contact: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        name = try json.field("name")
        phone = try json.field("phone")
        language = try json.field("language")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("language", language)
            json.field("name", name)
            json.field("phone", phone)
        }
    }
}

extension Assignee: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        kind = try json.field("kind")
        id = try json.field("id")
        name = try json.field("name")
        title = try json.field("title")
        level = try json.field("level")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("kind", kind)
            json.field("level", level)
            json.field("name", name)
            json.field("title", title)
        }
    }
}

extension Due: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        accept = try json.field("accept")
        resolve = try json.field("resolve")
        acceptAtRisk = try json.field("acceptAtRisk")
        resolveAtRisk = try json.field("resolveAtRisk")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("accept", accept)
            json.field("acceptAtRisk", acceptAtRisk)
            json.field("resolve", resolve)
            json.field("resolveAtRisk", resolveAtRisk)
        }
    }
}

extension Candidate: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        reach = try json.field("reach")
        river = try json.field("river")
        level = try json.field("level")
        distanceMetres = try json.field("distanceMetres")
        limitMetres = try json.field("limitMetres")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("distanceMetres", distanceMetres)
            json.field("level", level)
            json.field("limitMetres", limitMetres)
            json.field("reach", reach)
            json.field("river", river)
        }
    }
}

extension ComplaintEvent.Received: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        submission = try json.field("submission")
    }

    public func write(to json: inout JSONWriter) {
        json.object { $0.field("submission", submission) }
    }
}

extension ComplaintEvent.Assigned: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            assignee: try json.field("assignee"), river: try json.field("river"),
            reach: try json.field("reach"), region: try json.field("region"), why: try json.field("why"),
            distanceMetres: try json.field("distanceMetres"), due: try json.field("due"),
            chief: try json.field("chief"), superior: try json.field("superior"),
            chosen: try json.field("chosen"), runnersUp: try json.field("runnersUp"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assignee", assignee)
            json.field("chief", chief)
            json.field("chosen", chosen)
            json.field("distanceMetres", distanceMetres)
            json.field("due", due)
            json.field("reach", reach)
            json.field("region", region)
            json.field("river", river)
            json.field("runnersUp", runnersUp)
            json.field("superior", superior)
            json.field("why", why)
        }
    }
}
