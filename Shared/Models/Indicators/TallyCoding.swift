public import Text

// How a tally is written on the log and in stores. Figures that were added later are left out where they are
// 0, so that a former record is written again with the same bytes.

extension Tally: Codable, JSONCoded {
    private enum CodingKeys: CodingKey {
        case accepted, acceptedOnTime, escalated, neutral, open, overdue, rated, received, reopened, resolved
        case resolvedOnTime, satisfied, secondsToAccept, secondsToResolve, supervised, timesToAccept
        case timesToResolve, unanswered, verySatisfied
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        accepted = try container.decode(Int.self, forKey: .accepted)
        acceptedOnTime = try container.decodeIfPresent(Int.self, forKey: .acceptedOnTime) ?? 0
        escalated = try container.decode(Int.self, forKey: .escalated)
        neutral = try container.decodeIfPresent(Int.self, forKey: .neutral) ?? 0
        open = try container.decode(Int.self, forKey: .open)
        overdue = try container.decode(Int.self, forKey: .overdue)
        rated = try container.decode(Int.self, forKey: .rated)
        received = try container.decode(Int.self, forKey: .received)
        reopened = try container.decode(Int.self, forKey: .reopened)
        resolved = try container.decode(Int.self, forKey: .resolved)
        resolvedOnTime = try container.decodeIfPresent(Int.self, forKey: .resolvedOnTime) ?? 0
        satisfied = try container.decode(Int.self, forKey: .satisfied)
        secondsToAccept = try container.decode(Int64.self, forKey: .secondsToAccept)
        secondsToResolve = try container.decode(Int64.self, forKey: .secondsToResolve)
        supervised = try container.decode(Int.self, forKey: .supervised)
        timesToAccept =
            try container.decodeIfPresent(DurationSketch.self, forKey: .timesToAccept) ?? DurationSketch()
        timesToResolve =
            try container.decodeIfPresent(DurationSketch.self, forKey: .timesToResolve) ?? DurationSketch()
        unanswered = try container.decodeIfPresent(Int.self, forKey: .unanswered) ?? 0
        verySatisfied = try container.decodeIfPresent(Int.self, forKey: .verySatisfied) ?? 0
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(accepted, forKey: .accepted)
        if acceptedOnTime != 0 { try container.encode(acceptedOnTime, forKey: .acceptedOnTime) }
        try container.encode(escalated, forKey: .escalated)
        if neutral != 0 { try container.encode(neutral, forKey: .neutral) }
        try container.encode(open, forKey: .open)
        try container.encode(overdue, forKey: .overdue)
        try container.encode(rated, forKey: .rated)
        try container.encode(received, forKey: .received)
        try container.encode(reopened, forKey: .reopened)
        try container.encode(resolved, forKey: .resolved)
        if resolvedOnTime != 0 { try container.encode(resolvedOnTime, forKey: .resolvedOnTime) }
        try container.encode(satisfied, forKey: .satisfied)
        try container.encode(secondsToAccept, forKey: .secondsToAccept)
        try container.encode(secondsToResolve, forKey: .secondsToResolve)
        try container.encode(supervised, forKey: .supervised)
        if !timesToAccept.isEmpty { try container.encode(timesToAccept, forKey: .timesToAccept) }
        if !timesToResolve.isEmpty { try container.encode(timesToResolve, forKey: .timesToResolve) }
        if unanswered != 0 { try container.encode(unanswered, forKey: .unanswered) }
        if verySatisfied != 0 { try container.encode(verySatisfied, forKey: .verySatisfied) }
    }

    public init(_ json: JSONNode) throws(Malformed) {
        self.init()
        accepted = try json.field("accepted")
        acceptedOnTime = try json.field("acceptedOnTime", default: 0)
        escalated = try json.field("escalated")
        neutral = try json.field("neutral", default: 0)
        open = try json.field("open")
        overdue = try json.field("overdue")
        rated = try json.field("rated")
        received = try json.field("received")
        reopened = try json.field("reopened")
        resolved = try json.field("resolved")
        resolvedOnTime = try json.field("resolvedOnTime", default: 0)
        satisfied = try json.field("satisfied")
        secondsToAccept = Int64(try json.field("secondsToAccept") as Int)
        secondsToResolve = Int64(try json.field("secondsToResolve") as Int)
        supervised = try json.field("supervised")
        timesToAccept = try json.field("timesToAccept", default: DurationSketch())
        timesToResolve = try json.field("timesToResolve", default: DurationSketch())
        unanswered = try json.field("unanswered", default: 0)
        verySatisfied = try json.field("verySatisfied", default: 0)
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("accepted", accepted)
            json.field("acceptedOnTime", acceptedOnTime == 0 ? nil : acceptedOnTime)
            json.field("escalated", escalated)
            json.field("neutral", neutral == 0 ? nil : neutral)
            json.field("open", open)
            json.field("overdue", overdue)
            json.field("rated", rated)
            json.field("received", received)
            json.field("reopened", reopened)
            json.field("resolved", resolved)
            json.field("resolvedOnTime", resolvedOnTime == 0 ? nil : resolvedOnTime)
            json.field("satisfied", satisfied)
            json.field("secondsToAccept", Int(secondsToAccept))
            json.field("secondsToResolve", Int(secondsToResolve))
            json.field("supervised", supervised)
            json.field("timesToAccept", timesToAccept.isEmpty ? nil : timesToAccept)
            json.field("timesToResolve", timesToResolve.isEmpty ? nil : timesToResolve)
            json.field("unanswered", unanswered == 0 ? nil : unanswered)
            json.field("verySatisfied", verySatisfied == 0 ? nil : verySatisfied)
        }
    }
}
