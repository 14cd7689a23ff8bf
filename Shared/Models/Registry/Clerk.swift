/// A person of an office (`clerks.csv`): so every act of the office names who did it.
public struct Clerk: Hashable, Sendable, Codable {
    public let id: ClerkID
    public let name: Name
    /// The region of the office.
    public let office: RegionID
    /// The number to which a link to the desk is sent; nil: an operator prints the links.
    public let phone: String?

    public init(id: ClerkID, name: Name, office: RegionID, phone: String? = nil) {
        self.id = id
        self.name = name
        self.office = office
        self.phone = phone
    }
}

extension Registry {
    /// Whether the registry has this official now; with a clerk, whether he belongs to this office. Whoever
    /// left the registry can do nothing more.
    public func has(_ actor: Actor) -> Bool {
        if let clerk = actor.clerk {
            guard actor.role == .office, let known = clerks[clerk], known.office.rawValue == actor.id else {
                return false
            }
        }
        return switch Official(actor) {
        case .chief(let id): chiefs[id] != nil
        case .office(let id): regions[id] != nil
        case .department(let id): departments[id] != nil
        case nil: false
        }
    }
}
