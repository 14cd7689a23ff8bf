import Models
import Text

// A complaint's state is written with every one of its events, so it writes itself (`JSONReadable`).

extension AddressingState: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        self.init(
            contact: try json.field("contact"), submission: try json.field("submission"),
            origin: try json.field("origin"), turns: try json.field("turns"), said: try json.field("said"),
            erasedUntil: try json.field("erasedUntil"), follows: try json.field("follows"))
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("contact", contact)
            json.field("erasedUntil", erasedUntil)
            json.field("follows", follows)
            json.field("origin", origin)
            json.field("said", said)
            json.field("submission", submission)
            json.field("turns", turns)
        }
    }
}

extension Turn: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        version = try json.field("version")
        assignee = try json.field("assignee")
        chief = try json.field("chief")
        region = try json.field("region")
        resolveBy = try json.field("resolveBy")
        reason = try json.field("reason")
        isAccepted = try json.field("isAccepted", default: false)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assignee", assignee)
            json.field("chief", chief)
            json.field("isAccepted", isAccepted)
            json.field("reason", reason)
            json.field("region", region)
            json.field("resolveBy", resolveBy)
            json.field("version", version)
        }
    }
}

extension Said: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        cause = try json.field("cause")
        text = try json.field("text")
        address = try json.field("address")
        at = try json.field("at")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("address", address)
            json.field("at", at)
            json.field("cause", cause)
            json.field("text", text)
        }
    }
}
