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
    private var found: [LinkHandle: (link: ActionLink, partition: Int32)] = [:]

    /// - Parameters:
    ///   - complaints: empty: all complaints.
    ///   - actor: nil: everybody's links.
    init(of complaints: Set<TrackingCode>, actor: Actor?, at now: Instant) {
        self.complaints = complaints
        self.actor = actor
        self.now = now
    }

    /// `chief/chief-7`, `office/xihu`, `citizen`.
    static func actor(_ text: String) throws(Arguments.Misuse) -> Actor {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let id = parts.count == 2 ? String(parts[1]) : nil
        switch parts.first.flatMap({ Role(rawValue: String($0)) }) {
        case .citizen? where id == nil: return .citizen
        case let role? where role != .citizen && role != .system && id?.isEmpty == false:
            return Actor(role: role, id: id)
        default:
            throw Arguments.Misuse(
                what: "--of: \"\(Terminal.harmless(text))\" is not chief/ID, office/REGION, department/ID, "
                    + "checker/ID or citizen")
        }
    }

    mutating func take(key: [UInt8]?, value: [UInt8]?, partition: Int32) {
        guard let text = key.flatMap({ String(validating: $0, as: UTF8.self) }),
            let handle = LinkHandle(text)
        else { return }
        let link = value.flatMap { try? JSON.decode(ActionLink.self, from: $0) }
        found[handle] = link.flatMap { isMeant($0) ? ($0, partition) : nil }
    }

    private func isMeant(_ link: ActionLink) -> Bool {
        link.revokedAt == nil && now < link.expiresAt
            && (complaints.isEmpty || complaints.contains(link.complaint))
            && (actor.map { $0 == link.actor } ?? true)
    }

    /// The links with the moment at which they were taken back.
    var removals: [Erasure.Removal] {
        sorted.map { handle, place in
            Erasure.Removal(
                record: Erasure.revocation(of: place.link, handle, at: now), partition: place.partition)
        }
    }

    /// Whose links they are, and never a link.
    var lines: [String] {
        guard !found.isEmpty else { return ["no such link is still valid"] }
        return sorted.map { _, place in
            let who = [place.link.actor.role.rawValue, place.link.actor.id].compactMap(\.self)
            return "\(place.link.complaint): a link of \(who.joined(separator: " ")), "
                + "valid until \(place.link.expiresAt)"
        }
    }

    private var sorted: [(LinkHandle, (link: ActionLink, partition: Int32))] {
        found.sorted { ($0.value.link.complaint, $0.key.text) < ($1.value.link.complaint, $1.key.text) }
            .map { ($0.key, $0.value) }
    }
}
