import Crypto
import Geo
import Links
import Models
import Processing
import Text

/// Behind every door: a draft goes in, and a receipt or the reasons for a refusal come out. It is pure and
/// knows no protocol. It asks one question outside of itself: `isTakenBack`.
struct Reception: Sendable {
    let atlas: Atlas
    let identities: Identities
    /// Nil if the operator set no key: then no link is written.
    let links: LinkWriter?
    /// Whether the citizen's links to a complaint are known to be revoked. If nothing can be read, the answer
    /// is no.
    var isTakenBack: @Sendable (TrackingCode) -> Bool = { _ in false }
    /// Makes the handles of numbers from which phones send messages. Nil: no such message is taken.
    var numbers: NumberKey?
    /// Whether words may hold links to pictures on other sites.
    var takesLinks = true

    static let source = "dayu-intake"
    /// The topics of its records.
    static let topics: [Topic] = [
        .contacts, .words, .links, .submissions, .actions, .reports, .receipts, .messages, .follows,
        .publications,
    ]
    /// Stands before the part of an action's identity with which its sender asks what became of it.
    static let actionPrefix = "action/"

    private var registry: Registry { atlas.registry }

    func take(
        _ draft: Draft, from sender: Sender, in circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        switch draft {
        case .complaint(let draft): try take(draft, sender, circumstances)
        case .action(let draft): try take(draft, sender, circumstances)
        case .readings(let reports): try take(reports, sender, circumstances)
        case .reviews(let draft): try take(draft, sender, circumstances)
        case .publication(let draft): try take(draft, sender, circumstances)
        case .confirmation: try takeConfirmation(sender, circumstances)
        case .messages(let drafts): try take(drafts, sender, circumstances)
        case .follow(let draft): try take(draft, sender, circumstances)
        case .unfollow: try takeUnfollow(sender, circumstances)
        case .receipts(let drafts): try take(drafts, sender, circumstances)
        }
    }

    func trail(_ sender: Sender, _ circumstances: Circumstances) -> Trail {
        Trail(
            at: circumstances.now,
            traceparent: Traceparent.continued(
                sender.traceparent, trace: circumstances.trace, span: circumstances.span))
    }

    /// Without the registry nothing can be checked, and a wrong refusal would be worse than a late answer.
    private func requireRegistry() throws(TurnedAway) {
        if registry.isEmpty { throw .notYet("the registry has not been published yet") }
    }

    // MARK: Complaints

    /// Contact and words must be on the log before the submission that mentions them: whoever reads the
    /// submission then finds them.
    private func take(
        _ draft: ComplaintDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        try requireRegistry()
        var gateway: Gateway?
        switch sender.proof {
        case .none: break
        case .key(let known):
            guard known.mayPostComplaints else {
                throw .forbidden("gateway \(known.id) may not post complaints")
            }
            gateway = known
        case .link, .identity, .desk: throw .forbidden("a complaint needs no link")
        case .station: throw .forbidden("a station may send readings only")
        }
        let checked: (category: CategoryCode, place: Coordinate?)
        do throws(Malformed) { checked = try check(draft) } catch { throw .malformed(error) }
        let request = Identities.Request(
            sender: gateway?.id.rawValue ?? "", idempotencyKey: sender.idempotencyKey, content: sender.content
        )
        let id = identities.complaint(request, chance: circumstances.identity)
        let code = id.code
        let words = draft.words.seen
        let key = code.compact
        let submission = Submission(
            complaint: code, fingerprint: id.fingerprint, category: checked.category, place: checked.place,
            datum: draft.datum,
            river: draft.river, reach: draft.reach, region: draft.region,
            channel: gateway?.channel ?? sender.channel,
            gateway: gateway?.id, anonymous: draft.anonymous, contactable: draft.contact != nil,
            words: words.outline, submittedAt: circumstances.now)
        let trail = trail(sender, circumstances)
        let submitted = Outgoing(
            .submissions, key: key, id: "\(key).submission", source: Self.source,
            type: EventType("complaint", "submitted"), trail: trail, data: JSON.encode(submission))
        let contact = draft.contact.map {
            Outgoing(
                .contacts, key: key, id: "\(key).contact", source: Self.source,
                type: EventType("contact", "given"), trail: trail, data: JSON.encode($0))
        }
        // A repetition within the hour gets the same link. A repetition does not bring back a revoked link,
        // and gets no new one.
        let link =
            isTakenBack(code) ? nil : links?.link(to: code, for: .citizen, since: circumstances.now.nextHour)
        let before = [
            contact, submitted.saying(words), link?.record(source: Self.source, trail: trail),
        ].compactMap(\.self)
        return Receipt(
            given: .complaint(id, code, link: link?.address),
            stages: [before, [submitted]].filter { !$0.isEmpty }, pictures: words.uses)
    }

    /// - Throws: all faults of all fields.
    private func check(
        _ draft: ComplaintDraft
    ) throws(Malformed) -> (category: CategoryCode, place: Coordinate?) {
        var faults = draft.words.faults + draft.words.missing + refusedLinks(draft.words)
        if let category = draft.category {
            if registry.categories[category] == nil {
                faults.append(FieldFault("category", "is not a category of the registry", .unknown))
            } else if category == .stationAlarm {
                faults.append(
                    FieldFault("category", "is for the alarms of stations only", .categoryOfStations))
            }
        } else {
            faults.append(FieldFault("category", "is missing", .missing))
        }
        if let river = draft.river, registry.rivers[river] == nil {
            faults.append(FieldFault("river", "is not a river of the registry", .unknown))
        }
        if let reach = draft.reach, registry.reaches[reach] == nil {
            faults.append(FieldFault("reach", "is not a reach of the registry", .unknown))
        }
        if let region = draft.region, registry.regions[region] == nil {
            faults.append(FieldFault("region", "is not a region of the registry", .unknown))
        }
        if let place = draft.place {
            if !place.isOnEarth {
                faults.append(FieldFault("place", "is not on Earth", .placeWrong))
            } else if !isOurs(place) {
                faults.append(FieldFault("place", "lies outside the waters of this city", .placeOutside))
            }
        } else if draft.river == nil, draft.reach == nil, draft.words.seen.address == nil {
            faults.append(
                FieldFault(
                    "place", "is missing; give a place, a river, a reach or an address", .placeMissing))
        }
        // A field that the door could not read must not also be reported as missing.
        let unread = Set(draft.faults.map { $0.field.prefix { $0 != "." } })
        let all = draft.faults + faults.filter { !unread.contains($0.field.prefix { $0 != "." }) }
        guard all.isEmpty, let category = draft.category else { throw Malformed(all) }
        return (category, draft.place)
    }

    /// A place inside a region, or at a reach that continues beyond the boundary.
    private func isOurs(_ place: Coordinate) -> Bool {
        atlas.regions.smallest(holding: place) != nil
            || atlas.reaches.nearest(to: place, within: Self.nearReach) != nil
    }

    private static let nearReach = Distance(metres: 1000)

    // MARK: Actions

    private func take(
        _ draft: ActionDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        let (code, actor, holder) = try standing(of: draft, sender)
        let words = draft.words.seen
        var fingerprint: String?
        if case .identity(let id) = sender.proof { fingerprint = id.fingerprint }
        let action = ComplaintAction(
            complaint: code, by: actor, verb: draft.verb, fingerprint: fingerprint,
            gateway: actor == .citizen ? sender.proof.gateway?.id : nil, words: words.outline)
        var faults = action.faults + draft.words.faults + refusedLinks(draft.words)
        if draft.verb.name.needsWords { faults += draft.words.missing }
        if !faults.isEmpty { throw .malformed(Malformed(faults)) }
        let request = Identities.Request(
            sender: holder, idempotencyKey: sender.idempotencyKey, content: sender.content)
        let identity = identities.action(on: code, request, chance: circumstances.identity)
        let acted = Outgoing(
            .actions, key: code.compact, id: Self.actionPrefix + identity, source: Self.source,
            type: EventType("action", action.verb.name.rawValue), trail: trail(sender, circumstances),
            data: JSON.encode(action))
        return Receipt(
            given: .action(identity, on: code),
            stages: [acted.saying(words).map { [$0] } ?? [], [acted]].filter { !$0.isEmpty },
            pictures: words.uses)
    }

    private func refusedLinks(_ words: Words) -> [FieldFault] {
        guard !takesLinks else { return [] }
        return words.media.enumerated().filter { PictureName($0.element) == nil }.map {
            FieldFault(
                "media.\($0.offset)",
                "is a link to another site, which is not taken here; upload the picture",
                .linkNotTaken)
        }
    }

    /// Who acts on which complaint, by the proof; and the owner of the idempotency key. So nobody can make
    /// another sender's action look like a repetition by guessing its key.
    private func standing(
        of draft: ActionDraft, _ sender: Sender
    ) throws(TurnedAway) -> (TrackingCode, Actor, holder: String) {
        switch sender.proof {
        case .none:
            throw .unproved("an action needs a link, a gateway's key or the complaint's id")
        case .identity(let id):
            guard draft.by == nil || draft.by == .citizen else {
                throw .forbidden("with the complaint's id one may act as a citizen only")
            }
            return (id.code, .citizen, "citizen/\(id.text)")
        case .link(let link):
            if draft.by != nil { throw .malformed(Malformed("by", "is not allowed; the link says who acts")) }
            guard link.actor.role != .follower else {
                throw .forbidden("who follows a complaint may not act on it")
            }
            let holder = "link/\(link.actor.role.rawValue)/\(link.actor.id ?? "")"
            return (link.complaint, link.actor, holder)
        case .key(let gateway):
            guard let code = draft.complaint else { throw .malformed(Malformed("complaint", "is missing")) }
            guard let actor = draft.by else { throw .malformed(Malformed("by", "is missing")) }
            if actor == .citizen, gateway.mayPostComplaints, draft.verb.name.isOfTheTeller {
                return (code, actor, "gateway/\(gateway.id)")
            }
            guard gateway.mayAct(as: actor, in: registry) else {
                let named = registry.known(actor)
                throw .forbidden(
                    "gateway \(gateway.id) may not act as "
                        + [named.role.rawValue, named.id].compactMap(\.self).joined(separator: " "))
            }
            return (code, actor, "gateway/\(gateway.id)")
        case .desk(let person):
            guard let code = draft.complaint else { throw .malformed(Malformed("complaint", "is missing")) }
            let holder = ["desk", person.role.rawValue, person.id ?? "", person.clerk?.rawValue ?? ""]
            return (code, try actor(draft.by, of: person), holder.joined(separator: "/"))
        case .station: throw .forbidden("a station may send readings only")
        }
    }

    /// A department has two roles: it does the work, or it checks what another one did.
    private func actor(_ named: Actor?, of person: Actor) throws(TurnedAway) -> Actor {
        guard let named, named != person.official else { return person }
        guard person.role == .department, named == Actor(role: .checker, id: person.id) else {
            throw .forbidden("from a desk one acts as the official whose desk it is")
        }
        return named
    }

    // MARK: Readings

    private func take(
        _ reports: [Report], _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        try requireRegistry()
        switch sender.proof {
        case .key(let gateway):
            for report in reports
            where !gateway.mayPostReading(of: report.section, from: report.station, in: registry) {
                throw .forbidden("gateway \(gateway.id) may not post readings of \(report.section)")
            }
        case .station(let station):
            for report in reports where report.station != station.id || report.section != station.section {
                throw .forbidden("station \(station.id) may not post readings of \(report.section)")
            }
        case .none, .link, .identity, .desk:
            throw .unproved("to send readings, a gateway's key with the scope readings is needed")
        }
        let trail = trail(sender, circumstances)
        // A report's identity comes from its content and its sender: the same report sent again has the same
        // identity, a corrected one has another. Its time is now, because of two reports the later one wins.
        let records = reports.map { report in
            let report = sender.proof.gateway.map { report.sent(by: $0.id) } ?? report
            let data = JSON.encode(report)
            let digest = SHA256.hash(data).prefix(8).hexadecimal
            return Outgoing(
                .reports, key: report.section.rawValue, id: "\(report.key)/\(digest)",
                source: Self.source, type: EventType("reading", "reported"), trail: trail, data: data)
        }
        return Receipt(given: .readings(reports.count), stages: [records].filter { !$0.isEmpty })
    }

    // MARK: Numbers

    private func takeConfirmation(
        _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        guard case .link(let link) = sender.proof, let number = link.number else {
            throw .forbidden("only a link from a message confirms the number that the message went to")
        }
        let confirmed = Outgoing(
            .messages, key: number.text, id: "number/\(number.text)", source: Self.source,
            type: NumberConfirmed.type, trail: trail(sender, circumstances),
            data: JSON.encode(NumberConfirmed(handle: number)))
        return Receipt(given: .confirmation, stages: [[confirmed]])
    }
}

extension Instant {
    /// The first full hour at or after this moment.
    fileprivate var nextHour: Instant {
        let hour: Int64 = 3_600_000
        let rest = ((millisecondsSince1970 % hour) + hour) % hour
        return rest == 0 ? self : Instant(millisecondsSince1970: millisecondsSince1970 - rest + hour)
    }
}

extension Registry {
    /// The actor, or only the role if there is no such official here. An unknown identifier could be
    /// anything, also a complaint's id, and must not appear in a refusal or in the security log.
    func known(_ actor: Actor) -> Actor {
        let isKnown =
            switch Official(actor) {
            case .chief(let id): chiefs[id] != nil
            case .office(let id): regions[id] != nil
            case .department(let id): departments[id] != nil
            case nil: false
            }
        return isKnown ? actor : Actor(role: actor.role)
    }
}

extension Gateway {
    fileprivate func mayAct(as actor: Actor, in registry: Registry) -> Bool {
        switch actor.role {
        case .citizen, .follower, .system: false
        // A checker is a department, or an office if no department is named.
        case .checker, .chief, .office, .department:
            [Official(actor)].compactMap(\.self).contains { mayAct(as: $0, in: registry) }
        }
    }
}

extension ComplaintAction.Name {
    /// Whether a gateway may do it for a citizen who told it the complaint. Only he himself can rate the
    /// outcome. Routing checks that the complaint came from the gateway.
    var isOfTheTeller: Bool { self == .note || self == .reopen }

    /// Whether the action makes no sense without words.
    var needsWords: Bool {
        switch self {
        case .note, .transfer, .resolve, .verify, .reopen, .reject, .edit, .extend: true
        case .accept, .urge, .rate, .merge, .close, .withhold, .release, .raise, .erase, .join, .part,
            .inform:
            false
        }
    }
}

extension Words {
    /// A text or an address without visible characters counts as not written.
    var seen: Words {
        Words(
            text: text.flatMap { $0.isBlank ? nil : $0 }, media: media,
            address: address.flatMap { $0.isBlank ? nil : $0 })
    }

    /// The fault of required words that are missing.
    var missing: [FieldFault] {
        guard let text else { return [FieldFault("text", "is missing", .missing)] }
        return text.isBlank ? [FieldFault("text", "is empty", .missing)] : []
    }
}
