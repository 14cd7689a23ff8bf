import Links
import Models
import Processing
import Text

/// The records on the log about complaints that are to be erased, and the records that erase them. Pure.
///
/// `complaints.words`, `complaints.contacts`, `follows` and `links` are read to their ends, in this order.
/// The last record of each key counts.
struct Erasure {
    /// A record that removes another one. It goes to the partition from which the other one was read.
    struct Removal: Equatable {
        let record: Outgoing
        let partition: Int32
    }

    /// What was found about one complaint.
    struct Found: Equatable {
        fileprivate(set) var words: [WordsKey: Int32] = [:]
        fileprivate(set) var contact: Int32?
        fileprivate(set) var links: [LinkHandle: (link: ActionLink, partition: Int32)] = [:]
        /// The numbers that follow the complaint.
        fileprivate(set) var follows: [NumberHandle: Int32] = [:]
        /// The notices that have not been withdrawn yet, by their references.
        fileprivate(set) var notices: [String: (handle: NumberHandle, partition: Int32)] = [:]

        var isEmpty: Bool {
            words.isEmpty && contact == nil && follows.isEmpty && links.isEmpty && notices.isEmpty
        }

        static func == (left: Found, right: Found) -> Bool {
            left.words == right.words && left.contact == right.contact && left.follows == right.follows
                && left.links.mapValues(\.link) == right.links.mapValues(\.link)
                && left.notices.mapValues(\.handle) == right.notices.mapValues(\.handle)
        }
    }

    private(set) var found: [TrackingCode: Found]
    /// What the number follows among other people's complaints. Those complaints stay as they are.
    private(set) var followed: [TrackingCode: Found] = [:]
    private let number: PhoneNumber?
    private let now: Instant

    /// - Parameter number: whatever this number follows is erased, too.
    init(
        _ complaints: some Sequence<TrackingCode>, following number: PhoneNumber? = nil, at now: Instant
    ) {
        found = Dictionary(complaints.map { ($0, Found()) }) { first, _ in first }
        self.number = number
        self.now = now
    }

    // MARK: Reading

    mutating func take(_ topic: Topic, key: [UInt8]?, value: [UInt8]?, partition: Int32) {
        guard let key, let text = String(validating: key, as: UTF8.self) else { return }
        switch topic {
        case .words:
            guard let key = try? WordsKey(text) else { return }
            found[key.complaint]?.words[key] = value == nil ? nil : partition
        case .contacts:
            guard let code = TrackingCode(text), code.compact == text else { return }
            found[code]?.contact = value == nil ? nil : partition
        case .follows: takeFollow(text, value, partition)
        case .links:
            guard let handle = LinkHandle(text), let value,
                let link = try? JSON.decode(ActionLink.self, from: value)
            else { return }
            let isUsable = link.revokedAt == nil && now < link.expiresAt
            let place = isUsable ? (link: link, partition: partition) : nil
            found[link.complaint]?.links[handle] = place
            if let number = link.number, followed[link.complaint]?.follows[number] != nil,
                link.actor.role == .follower
            {
                followed[link.complaint]?.links[handle] = place
            }
        case .noticeRequests: takeNotice(value, partition)
        default: break
        }
    }

    private mutating func takeFollow(_ text: String, _ value: [UInt8]?, _ partition: Int32) {
        guard let key = try? FollowKey(text) else { return }
        let follow = value.flatMap { try? JSON.decode(Follow.self, from: $0) }
        if found[key.complaint] != nil {
            found[key.complaint]?.follows[key.number] = value == nil ? nil : partition
        } else if let follow, follow.phone == number {
            followed[key.complaint, default: Found()].follows[key.number] = partition
        } else if follow == nil {
            followed[key.complaint]?.follows[key.number] = nil
        }
    }

    /// Notes a request that holds something to erase, or removes it when its withdrawal comes. So the same
    /// command, run again, finds nothing.
    private mutating func takeNotice(_ value: [UInt8]?, _ partition: Int32) {
        guard let value else { return }
        if let request = try? JSON.decode(NoticeRequest.self, from: value) {
            let isBare = request.bare == nil && !request.recipient.kind.isCitizen
            guard !isBare else { return }
            let handle = request.recipient.handle
            found[request.complaint]?.notices[request.reference] = (handle, partition)
            if request.recipient.kind == .follower, followed[request.complaint]?.follows[handle] != nil {
                followed[request.complaint]?.notices[request.reference] = (handle, partition)
            }
        } else if let withdrawal = try? JSON.decode(NoticeWithdrawal.self, from: value) {
            found[withdrawal.complaint]?.notices[withdrawal.reference] = nil
            followed[withdrawal.complaint]?.notices[withdrawal.reference] = nil
        }
    }

    // MARK: Erasing

    /// The complaints that have something to erase.
    var complaints: [TrackingCode] { found.filter { !$0.value.isEmpty }.keys.sorted() }

    var isEmpty: Bool { complaints.isEmpty && followedComplaints.isEmpty }

    /// Other people's complaints that the number follows.
    var followedComplaints: [TrackingCode] { followed.filter { !$0.value.isEmpty }.keys.sorted() }

    /// The tombstones, and the links with the moment at which they are revoked.
    var removals: [Removal] {
        (complaints + followedComplaints).flatMap { code -> [Removal] in
            guard let found = found[code] ?? followed[code] else { return [] }
            let words = found.words.sorted { $0.key.cause < $1.key.cause }.map { key, partition in
                Removal(
                    record: record(.words, key.description, EventType("words", "erased"), code, nil),
                    partition: partition)
            }
            let contact = found.contact.map { partition in
                Removal(
                    record: record(.contacts, code.compact, EventType("contact", "erased"), code, nil),
                    partition: partition)
            }
            let links = found.links.sorted { $0.key.text < $1.key.text }.map { handle, place in
                Removal(
                    record: Self.revocation(of: place.link, handle, at: now), partition: place.partition)
            }
            let follows = found.follows.sorted { $0.key.text < $1.key.text }.map { number, partition in
                let key = FollowKey(complaint: code, number: number).description
                return Removal(record: record(.follows, key, Follow.ended, code, nil), partition: partition)
            }
            return words + (contact.map { [$0] } ?? []) + follows + links + withdrawals(found, code)
        }
    }

    private func withdrawals(_ found: Found, _ code: TrackingCode) -> [Removal] {
        found.notices.sorted { $0.key < $1.key }.map { reference, place in
            let withdrawal = NoticeWithdrawal(reference: reference, handle: place.handle, complaint: code)
            return Removal(
                record: record(
                    .noticeRequests, place.handle.text, NoticeWithdrawal.type, code,
                    JSON.encode(withdrawal), id: reference),
                partition: place.partition)
        }
    }

    /// The record that takes a link back. A link's handle must not be in a header, so the complaint's code is
    /// its name there.
    static func revocation(of link: ActionLink, _ handle: LinkHandle, at now: Instant) -> Outgoing {
        let code = link.complaint.compact
        return Outgoing(
            .links, key: handle.text, id: "revoked/\(code)/\(now)", source: Surroundings.clientID,
            type: EventType("link", "written"), subject: code, trail: Trail(at: now),
            data: JSON.encode(link.revoked(at: now)))
    }

    private func record(
        _ topic: Topic, _ key: String, _ type: EventType, _ code: TrackingCode, _ data: [UInt8]?,
        id: String? = nil
    ) -> Outgoing {
        Outgoing(
            topic, key: key, id: "erased/\(id ?? key)/\(now)", source: Surroundings.clientID, type: type,
            subject: code.compact,
            trail: Trail(at: now), data: data)
    }

    /// The actions from which Routing makes a line of each timeline. They are sent after everything has been
    /// removed.
    var actions: [Outgoing] {
        complaints.map { code in
            let action = ComplaintAction(complaint: code, by: .system, verb: .erase(until: now))
            return Outgoing(
                .actions, key: code.compact, id: "erase/\(code.compact)/\(now)",
                source: Surroundings.clientID,
                type: EventType("action", action.verb.name.rawValue), trail: Trail(at: now),
                data: JSON.encode(action))
        }
    }
}

/// The complaints whose contact has this phone number, from `complaints.contacts`. Pure.
struct ComplaintsOfNumber {
    private(set) var complaints: Set<TrackingCode> = []
    private let number: CallableNumber

    init(_ number: CallableNumber) {
        self.number = number
    }

    mutating func take(key: [UInt8]?, value: [UInt8]?) {
        guard let text = key.flatMap({ String(validating: $0, as: UTF8.self) }), let code = TrackingCode(text)
        else { return }
        let contact = value.flatMap { try? JSON.decode(Contact.self, from: $0) }
        if contact?.phone == number { complaints.insert(code) } else { complaints.remove(code) }
    }
}

/// The text for the operator: what was done, what Kafka still keeps, and until when.
struct ErasureText {
    let lines: [String]

    init(_ erasure: Erasure, at now: Instant) {
        let done = erasure.complaints.map { code -> String in
            let found = erasure.found[code] ?? Erasure.Found()
            let contact = found.contact == nil ? "no contact" : "the contact"
            return
                "\(code): \(found.words.count) words, \(contact), \(found.follows.count) follows erased; "
                + "\(found.links.count) links taken back; "
                + "\(found.notices.count) messages withdrawn if they are not sent yet"
        }
        let followed = erasure.followedComplaints.map { code in
            let found = erasure.followed[code] ?? Erasure.Found()
            return
                "\(code): follows it no longer; \(found.links.count) links taken back; "
                + "\(found.notices.count) messages withdrawn if they are not sent yet"
        }
        let missing = erasure.found.filter(\.value.isEmpty).keys.sorted().map {
            "\($0): the log holds no words, no contact and no link of it"
        }
        lines = done + followed + missing + (done.isEmpty && followed.isEmpty ? [] : Self.kept(at: now))
    }

    /// The longest time for which each topic may keep what is erased now, if `dayu topics create` made the
    /// topic.
    private static func kept(at now: Instant) -> [String] {
        func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
        func upTo(_ topics: [Topic], _ time: Duration, _ what: String) -> [String] {
            [topics.map(\.rawValue).joined(separator: ", "), "until \(now + time)", what]
        }
        let compacted = Duration.milliseconds(
            TopicCatalogue.segmentMilliseconds + TopicCatalogue.compactionLagMilliseconds)
        func kept(_ topic: Topic) -> Duration {
            if case .days(let count) = topic.retention { days(count) } else { .zero }
        }
        let rows = [
            upTo([.words, .contacts, .follows], compacted, "the old records, until the log is compacted"),
            upTo([.links], compacted, "the old links"),
            upTo(
                [.noticeRequests, .jobs, .urgentJobs], kept(.noticeRequests),
                "messages from before, with phone numbers"),
            [
                "gateways.<id>", "until \(now + kept(.gateway(GatewayID(literal: "any"))))",
                "what gateways wrote to Kafka",
            ],
            upTo(
                [.restrictedDeadLetters], kept(.restrictedDeadLetters),
                "refused records: dayu dead-letters list says whether there are any"),
            [
                "\(Topic.events.rawValue), \(Topic.noticeEvents.rawValue)", "for ever",
                "what happened and when, without words; handles instead of phone numbers",
            ],
        ]
        return ["Kafka still keeps these records; their removal can't be made faster:"]
            + Terminal.aligned(rows).map { "  \($0)" }
            + [
                "Backups of Kafka's disks keep everything for as long as they exist. If you restore a backup, the erasures",
                "on its \(Topic.events.rawValue) count again. Erase again what was erased after the backup was made.",
            ]
    }
}
