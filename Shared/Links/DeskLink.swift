import Crypto
public import Models

/// A link to the officials' desk: a record on the topic `links`, keyed by its handle, as every link is.
///
/// Whoever opens it is taken for this official, or for this clerk of an office. It opens sessions until it
/// expires. A program that fetches it to show a preview opens none: the handle stands behind `#`, so no
/// server is told it, and a session is opened by a POST of the page.
public struct DeskLink: Hashable, Sendable, Codable {
    public static let type = EventType("desk-link", "written")

    /// A chief, a department, or an office with or without its clerk.
    public let desk: Actor
    /// A whole second. From this moment on it opens no session, and its sessions end.
    public let expiresAt: Instant
    public let revokedAt: Instant?
    /// Whose it was when it was written; nil for an office without a clerk, and in a record of an older
    /// version. See `holder(of:in:)`.
    public let holder: String?

    /// A link to a desk opens more than a link to one complaint, so it is valid for less time.
    public static let validAtMost: Duration = .seconds(31 * 86_400)
    /// How long a link can be used that was sent to the owner's phone. A working week, so that nobody has to
    /// ask every day.
    public static let sentFor: Duration = .seconds(7 * 86_400)

    public init(desk: Actor, expiresAt: Instant, revokedAt: Instant? = nil, holder: String? = nil) {
        self.desk = desk
        self.holder = holder
        let second = expiresAt.millisecondsSince1970 / 1000
        self.expiresAt = Instant(millisecondsSince1970: second * 1000)
        self.revokedAt = revokedAt
    }

    public func revoked(at moment: Instant) -> DeskLink {
        DeskLink(desk: desk, expiresAt: expiresAt, revokedAt: moment, holder: holder)
    }

    /// A link for whoever the registry has at this desk now.
    public init(to desk: Actor, in registry: Registry, expiresAt: Instant) {
        self.init(desk: desk, expiresAt: expiresAt, holder: Self.holder(of: desk, in: registry))
    }

    // MARK: Whose it is

    private static let numberKind = "number"
    private static let nameKind = "name"
    /// So few that many thousands of numbers have the same ones: who reads the log can't tell a number by
    /// them. One successor in 65,536 has the same ones, too.
    private static let holderBytes = 2
    /// Behind these digits a number differs only by how its country and its area are written.
    private static let numberDigits = 8

    /// What is left of a person's number; without a number, of his name. Nil for an office without a clerk,
    /// and for somebody whom the registry does not have.
    public static func holder(of desk: Actor, in registry: Registry) -> String? {
        registry.row(of: desk).map { $0.phone.map(marked(number:)) ?? marked(name: $0.name) }
    }

    /// Whether the row of its desk is still of the person to whom it was given. A successor may get his
    /// identifier. His number decides; where there was none, his name.
    public func isHeld(in registry: Registry) -> Bool {
        guard let holder else { return true }
        guard let row = registry.row(of: desk) else { return false }
        return holder.hasPrefix(Self.numberKind)
            ? row.phone.map(Self.marked(number:)) == holder : Self.marked(name: row.name) == holder
    }

    private static func marked(number: String) -> String {
        let digits = number.unicodeScalars.compactMap { scalar in
            scalar.properties.numericType == .decimal
                ? scalar.properties.numericValue.map { String(Int($0)) } : nil
        }
        return marked(numberKind, digits.suffix(numberDigits).joined())
    }

    private static func marked(name: Name) -> String { marked(nameKind, "\(name.zh)\n\(name.en)") }

    private static func marked(_ kind: String, _ text: String) -> String {
        "\(kind)/\(SHA256.hash("dayu desk \(kind)\n\(text)").prefix(holderBytes).hexadecimal)"
    }

    // MARK: Its use

    /// - Throws: why the link can't be used at this moment.
    public func check(at now: Instant) throws(LinkRefusal) {
        if revokedAt != nil { throw .revoked }
        guard now < expiresAt else { throw .expired }
    }

    /// `office/hangzhou`, `office/hangzhou/clerk-7`.
    public var owner: String {
        ([desk.role.rawValue, desk.id ?? ""] + [desk.clerk?.rawValue].compactMap(\.self)).joined(
            separator: "/")
    }

    /// As in `WrittenLink.address`: no server is told what stands behind `#`.
    public static func address(_ handle: LinkHandle, site: String) -> String { "\(site)/desk#\(handle.text)" }
}

extension Registry {
    /// The person at a desk, as the registry has him now; nil for an office without a clerk.
    fileprivate func row(of desk: Actor) -> (name: Name, phone: String?)? {
        if let clerk = desk.clerk { return clerks[clerk].map { ($0.name, $0.phone) } }
        return switch Official(desk) {
        case .chief(let id): chiefs[id].map { ($0.name, $0.phone) }
        case .department(let id): departments[id].map { ($0.name, $0.phone) }
        case .office, nil: nil
        }
    }
}
