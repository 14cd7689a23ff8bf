public import Text

// The JSON of notices: Dispatch keeps those that are under way in the state of their number, and writes that
// with every event (`JSONReadable`).

extension NumberHandle: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let handle = Self(try json.string()) else {
            throw Malformed("", "not a number's handle: 22 characters of base64url")
        }
        self = handle
    }

    public func write(to json: inout JSONWriter) { json.text(text) }
}

extension PhoneNumber: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let number = Self(e164: try json.string()) else {
            throw Malformed("", "not a phone number: + and 7 to 15 digits")
        }
        self = number
    }

    public func write(to json: inout JSONWriter) { json.text(e164) }
}

extension Trail: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        at = try json.field("at")
        cause = try json.field("cause")
        traceparent = try json.field("traceparent")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("cause", cause)
            json.field("traceparent", traceparent)
        }
    }
}

extension Recipient.Kind: JSONCoded {}
extension NoticeQuestion.Kind: JSONCoded {}
extension NoticeManner.Overtaking: JSONCoded {}

extension Recipient: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        kind = try json.field("kind")
        id = try json.field("id")
        phone = try json.field("phone")
        handle = try json.field("handle")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("handle", handle)
            json.field("id", id)
            json.field("kind", kind)
            json.field("phone", phone)
        }
    }
}

extension NoticeFields: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        code = try json.field("code")
        sentence = try json.field("sentence")
        category = try json.field("category")
        place = try json.field("place")
        due = try json.field("due")
        link = try json.field("link")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("category", category)
            json.field("code", code)
            json.field("due", due)
            json.field("link", link)
            json.field("place", place)
            json.field("sentence", sentence)
        }
    }
}

extension QuietHours: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        from = try json.field("from")
        until = try json.field("until")
        zone = try json.field("zone")
        guard Self.minutes.contains(from), Self.minutes.contains(until) else {
            throw Malformed("from", "is not two times of a day in minutes")
        }
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("from", from)
            json.field("until", until)
            json.field("zone", zone)
        }
    }
}

extension NoticeManner: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            isDigest: try json.field("digest", default: false),
            isAlone: try json.field("alone", default: false), quiet: try json.field("quiet"),
            gist: try json.field("gist"), dueAt: try json.field("dueAt"), address: try json.field("address"),
            language: try json.field("language"), overtakes: try json.field("overtakes"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("address", address)
            json.field("alone", isAlone ? true : nil)
            json.field("digest", isDigest ? true : nil)
            json.field("dueAt", dueAt)
            json.field("gist", gist)
            json.field("language", language)
            json.field("overtakes", overtakes)
            json.field("quiet", quiet)
        }
    }
}

extension NoticeQuestion: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            try json.field("kind"), by: try json.field("by"),
            needsPicture: try json.field("picture", default: false), language: try json.field("language"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("by", by)
            json.field("kind", kind)
            json.field("language", language)
            json.field("picture", needsPicture ? true : nil)
        }
    }
}

extension NoticeRequest: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            reference: try json.field("reference"), recipient: try json.field("recipient"),
            complaint: try json.field("complaint"), about: try json.field("about"),
            text: try json.field("text"), bare: try json.field("bare"), fields: try json.field("fields"),
            manner: try json.field("manner"), question: try json.field("question"),
            isUrgent: try json.field("urgent", default: false))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("about", about)
            json.field("bare", bare)
            json.field("complaint", complaint)
            json.field("fields", fields)
            json.field("manner", manner)
            json.field("question", question)
            json.field("recipient", recipient)
            json.field("reference", reference)
            json.field("text", text)
            json.field("urgent", isUrgent ? true : nil)
        }
    }
}

extension GatewayHold: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        gateway = try json.field("gateway")
        until = try json.field("until")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("gateway", gateway)
            json.field("until", until)
        }
    }
}
