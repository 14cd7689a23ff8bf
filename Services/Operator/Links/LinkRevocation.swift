import Links
import Models
import Processing
import Text

/// The links on the log that are to be taken back, and the records that do it. Pure.
///
/// `links` is read to its end. Of each handle, only the last record counts.
struct LinkRevocation {
    private let complaints: Set<TrackingCode>
    private let actor: Actor?
    private let now: Instant
    private var found: [LinkHandle: (link: Link, partition: Int32)] = [:]

    /// A link to a complaint, or to the officials' desk.
    private enum Link {
        case action(ActionLink)
        case desk(DeskLink)
    }

    /// - Parameters:
    ///   - complaints: empty: all complaints.
    ///   - actor: nil: everybody's links.
    init(of complaints: Set<TrackingCode>, actor: Actor?, at now: Instant) {
        self.complaints = complaints
        self.actor = actor
        self.now = now
    }

    /// `chief/chief-7`, `office/xihu`, `office/xihu/xihu-1` (one of its clerks), `citizen`.
    static func actor(_ text: String) throws(Arguments.Misuse) -> Actor {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let id = parts.count == 2 ? String(parts[1]) : nil
        switch parts.first.flatMap({ Role(rawValue: String($0)) }) {
        case .citizen? where id == nil: return .citizen
        case .office? where id?.contains("/") == true:
            let pair = (id ?? "").split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard !pair[0].isEmpty, let clerk = ClerkID(String(pair[1])) else { throw Self.nobody(text) }
            return Actor(role: .office, id: String(pair[0]), clerk: clerk)
        case let role? where role != .citizen && role != .system && id?.isEmpty == false:
            guard id?.contains("/") == false else { throw Self.nobody(text) }
            return Actor(role: role, id: id)
        default:
            throw Self.nobody(text)
        }
    }

    private static func nobody(_ text: String) -> Arguments.Misuse {
        Arguments.Misuse(
            what: "--of: \"\(Terminal.harmless(text))\" is not chief/ID, office/REGION, office/REGION/CLERK, "
                + "department/ID, checker/ID or citizen")
    }

    mutating func take(key: [UInt8]?, value: [UInt8]?, partition: Int32) {
        guard let text = key.flatMap({ String(validating: $0, as: UTF8.self) }),
            let handle = LinkHandle(text)
        else { return }
        if let desk = value.flatMap({ try? JSON.decode(DeskLink.self, from: $0) }) {
            found[handle] = isMeant(desk) ? (.desk(desk), partition) : nil
        } else {
            let link = value.flatMap { try? JSON.decode(ActionLink.self, from: $0) }
            found[handle] = link.flatMap { isMeant($0) ? (.action($0), partition) : nil }
        }
    }

    /// A link to a desk is of no complaint in particular. An office stands for all its clerks.
    private func isMeant(_ link: DeskLink) -> Bool {
        link.revokedAt == nil && now < link.expiresAt && complaints.isEmpty
            && (actor.map { link.desk.isMeant(by: $0) } ?? false)
    }

    private func isMeant(_ link: ActionLink) -> Bool {
        link.revokedAt == nil && now < link.expiresAt
            && (complaints.isEmpty || complaints.contains(link.complaint))
            && (actor.map { $0 == link.actor } ?? true)
    }

    /// The links with the moment at which they were taken back.
    var removals: [Erasure.Removal] {
        sorted.map { handle, place in
            let record =
                switch place.link {
                case .action(let link): Erasure.revocation(of: link, handle, at: now)
                case .desk(let link):
                    link.revoked(at: now).record(
                        handle, id: "revoked/\(now)", source: Surroundings.clientID, trail: Trail(at: now))
                }
            return Erasure.Removal(record: record, partition: place.partition)
        }
    }

    /// Whose links they are, and never a link.
    var lines: [String] {
        guard !found.isEmpty else { return ["no such link is still valid"] }
        return sorted.map { _, place in
            switch place.link {
            case .action(let link):
                let who = [link.actor.role.rawValue, link.actor.id].compactMap(\.self)
                return "\(link.complaint): a link of \(who.joined(separator: " ")), "
                    + "valid until \(link.expiresAt)"
            case .desk(let link): return "the desk of \(link.owner), valid until \(link.expiresAt)"
            }
        }
    }

    private var sorted: [(LinkHandle, (link: Link, partition: Int32))] {
        found.sorted { (Self.order($0.value.link), $0.key.text) < (Self.order($1.value.link), $1.key.text) }
            .map { ($0.key, $0.value) }
    }

    private static func order(_ link: Link) -> String {
        switch link {
        case .action(let link): link.complaint.compact
        case .desk: ""
        }
    }
}

extension Actor {
    /// An office that is named stands for all its clerks, and a clerk for himself.
    func isMeant(by named: Actor) -> Bool { named.clerk == nil ? official == named : self == named }
}
