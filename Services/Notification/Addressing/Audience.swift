import Links
import Models

/// Somebody who is to be told of a fact, and in which part.
struct Addressee: Equatable {
    enum Part: String, CaseIterable, Sendable {
        case complainant
        /// Who follows the complaint, and is not the complainant.
        case follower
        /// Who has the complaint.
        case holder
        /// Who had the complaint, or did not act on it in time.
        case former
        /// Who stands above, and has to make sure that something happens.
        case superior
        /// Who has to check whether the complaint is really resolved.
        case checker
    }

    let recipient: Recipient
    let part: Part
}

/// Who is to be told of a fact. If no message reaches a person's phone, whoever stands above him is told in
/// his place and answers for him.
///
/// Nobody is told what he did himself. Nobody is told of notes and grades: they are on the page, and a bad
/// grade reopens the complaint anyway. The complainant is told of each promise and each outcome. Which
/// official passes the complaint to which is only on the page.
struct Audience {
    let registry: Registry
    let numbers: NumberKey
    let mobiles: MobileNumbers
    /// The calling code of numbers that the registry gives without one.
    let country: CallingCode
    let contact: Contact?
    let follows: [Follow]
    /// How the complaint stood before the fact.
    let turn: Turn?
    /// Why numbers were passed over, one for each.
    private(set) var passedOver: [MobileNumbers.Obstacle] = []

    init(
        registry: Registry, numbers: NumberKey, mobiles: MobileNumbers, country: CallingCode,
        contact: Contact?, follows: [Follow] = [], turn: Turn?
    ) {
        self.registry = registry
        self.numbers = numbers
        self.mobiles = mobiles
        self.country = country
        self.contact = contact
        self.follows = follows
        self.turn = turn
    }

    mutating func addressees(of fact: ComplaintFact) -> [Addressee] {
        var told: Set<String> = []
        return (wanted(for: fact).compactMap { $0 } + followers(of: fact)).filter {
            told.insert($0.recipient.key).inserted
        }
    }

    /// Whether this registry already has the official as the fact names him.
    func knows(_ official: Assignee) -> Bool {
        switch official.kind {
        case .chief: ChiefID(official.id).flatMap { registry.chiefs[$0] }?.name == official.name
        case .department:
            DepartmentID(official.id).flatMap { registry.departments[$0] }?.name == official.name
        case .office: RegionID(official.id).flatMap { registry.regions[$0] } != nil
        }
    }

    private mutating func wanted(for fact: ComplaintFact) -> [Addressee?] {
        let complainant = complainant(of: fact.complaint)
        switch fact.event {
        case .received, .accepted, .parted, .informed: return [complainant]
        case .assigned(let assigned):
            return [official(assigned.assignee, .holder), formerHolder(before: assigned)]
        case .warned(let warned): return [official(warned.assignee, .holder)]
        case .urged(let urged):
            let superior =
                urged.by.role == .office ? turn?.assignee.flatMap { self.superior(of: $0, at: fact.at) } : nil
            return [holder(), superior]
        case .transferred(let transferred):
            return [transferred.from.isActor(transferred.by) ? nil : official(transferred.from, .former)]
        case .extended(let extended): return [complainant, holder(unless: extended.by)]
        case .lapsed(let lapsed): return [official(lapsed.assignee, .holder)]
        // Whoever stands above learns of it from his own assignment.
        case .escalated(let escalated): return [official(escalated.from, .former)]
        // The office keeps the list of numbers, so it is told which one is dead.
        case .unreached(let unreached): return [registrar(after: unreached.official)]
        case .supervised(let supervised):
            return [official(supervised.by, .superior), official(supervised.over, .former)]
        // If there is a checker, the citizen is told only after the check.
        case .resolved(let resolved):
            return [resolved.checker.map { official($0, .checker) } ?? complainant]
        // If the check failed, the assignee learns of it from his new assignment.
        case .verified(let verified): return [verified.passed ? complainant : nil]
        case .unchecked(let unchecked):
            return [
                complainant, official(unchecked.checker, .checker),
                unchecked.superior.flatMap { official($0, .superior) },
            ]
        case .reopened(let reopened): return [reopened.superior.flatMap { official($0, .superior) }]
        case .rejected(let rejected): return [complainant, holder(.former, unless: rejected.by)]
        case .merged(let merged): return [complainant, holder(.former, unless: merged.by)]
        case .closed(let closed):
            return closed.reason == .office ? [complainant, holder(.former, unless: closed.by)] : []
        case .noted, .rated, .edited, .joined, .withheld, .released, .erased: return []
        }
    }

    // MARK: What is settled

    /// Somebody who need not be asked any more what he may have been asked.
    struct Settled {
        let addressee: Addressee
        /// Whether he has nothing more to do with the complaint; if not, he has accepted it.
        let isOver: Bool
    }

    /// Whom a fact frees from what he was asked, however he was asked, and whether or not he is told of it.
    mutating func settled(by fact: ComplaintFact) -> [Settled] {
        // The same numbers were passed over when somebody was to be told.
        let before = passedOver
        defer { passedOver = before }
        let holder = holder()
        let complainant = complainant(of: fact.complaint)
        let isOver = fact.event.kind != .accepted
        let freed: [Addressee?] =
            switch fact.event {
            // The fact that took it from him has freed him already, or has told him so. That notice may still
            // wait, and nothing else tells him.
            case .assigned(let assigned) where assigned.why == .escalated || assigned.why == .transferred: []
            case .assigned(let assigned): [turn?.assignee == assigned.assignee ? nil : holder]
            case .accepted, .resolved, .transferred, .escalated: [holder]
            case .rated: [complainant]
            case .rejected, .merged, .closed: [holder, complainant]
            case .received, .noted, .urged, .warned, .lapsed, .unreached, .supervised, .extended, .verified,
                .unchecked, .reopened, .edited, .joined, .parted, .informed, .withheld, .released, .erased:
                []
            }
        return freed.compactMap { $0.map { Settled(addressee: $0, isOver: isOver) } }
    }

    // MARK: The complainant

    private mutating func complainant(of complaint: TrackingCode) -> Addressee? {
        guard let phone = contact?.phone else { return nil }
        let (mobiles, id) = (mobiles, complaint.compact)
        return reached(.complainant, id) { () throws(MobileNumbers.Obstacle) in try mobiles.number(phone) }
            .map { Addressee(recipient: $0, part: .complainant) }
    }

    // MARK: Those who follow

    /// They are told what the complainant is told, and that he reopened it. Not the complainant himself, if
    /// he follows his own complaint.
    private mutating func followers(of fact: ComplaintFact) -> [Addressee] {
        let isProgress =
            switch fact.event {
            case .accepted, .extended, .unchecked, .reopened, .rejected, .merged, .parted, .informed: true
            case .resolved(let resolved): resolved.checker == nil
            case .verified(let verified): verified.passed
            case .closed(let closed): closed.reason == .office
            case .received, .assigned, .noted, .urged, .transferred, .warned, .lapsed, .escalated,
                .unreached, .supervised, .rated, .edited, .joined, .withheld, .released, .erased:
                false
            }
        guard isProgress else { return [] }
        let own = contact?.phone?.phoneNumber
        let mobiles = mobiles
        return follows.filter { $0.phone != own }.compactMap { follow in
            reached(.follower, follow.handle.text) { () throws(MobileNumbers.Obstacle) in
                try mobiles.check(follow.phone)
                return follow.phone
            }.map { Addressee(recipient: $0, part: .follower) }
        }
    }

    // MARK: The officials

    private mutating func holder(_ part: Addressee.Part = .holder, unless actor: Actor? = nil) -> Addressee? {
        guard let holder = turn?.assignee, !(actor.map(holder.isActor) ?? false) else { return nil }
        return official(holder, part)
    }

    /// A correction may take a complaint from somebody who works on it and did not ask for that.
    private mutating func formerHolder(before assigned: ComplaintEvent.Assigned) -> Addressee? {
        guard assigned.why == .edited, turn?.assignee != assigned.assignee else { return nil }
        return holder(.former)
    }

    private mutating func official(_ assignee: Assignee, _ part: Addressee.Part) -> Addressee? {
        let recipient: Recipient? =
            switch assignee.kind {
            case .chief: ChiefID(assignee.id).flatMap { chief($0) }
            case .office: RegionID(assignee.id).flatMap { office($0) }
            case .department: DepartmentID(assignee.id).flatMap { department($0) }
            }
        return recipient.map { Addressee(recipient: $0, part: part) }
    }

    private mutating func superior(of assignee: Assignee, at moment: Instant) -> Addressee? {
        let recipient: Recipient?
        switch assignee.kind {
        case .chief:
            guard let chief = turn?.chief ?? ChiefID(assignee.id) else { return nil }
            let stands = registry.superiors(of: chief).compactMap { registry.standIn(for: $0, at: moment) }
            // The next one by Routing's rules, without those whom no message reaches.
            recipient =
                first(of: stands.filter { $0.id.rawValue != assignee.id }) ?? office(above: chief)
        case .office: recipient = RegionID(assignee.id).flatMap { office($0, isAbove: true) }
        case .department:
            recipient =
                DepartmentID(assignee.id).flatMap { registry.departments[$0]?.region }
                .flatMap { office($0) }
        }
        return recipient.map { Addressee(recipient: $0, part: .superior) }
    }

    /// The office whose duty it is to correct an official's number.
    private mutating func registrar(after official: Assignee) -> Addressee? {
        let recipient: Recipient? =
            switch official.kind {
            case .chief: ChiefID(official.id).flatMap { registry.chiefs[$0]?.region }.flatMap { office($0) }
            case .department:
                DepartmentID(official.id).flatMap { registry.departments[$0]?.region }.flatMap { office($0) }
            case .office: RegionID(official.id).flatMap { office($0, isAbove: true) }
            }
        return recipient.map { Addressee(recipient: $0, part: .superior) }
    }

    private mutating func chief(_ id: ChiefID) -> Recipient? {
        first(of: ([id] + registry.superiors(of: id)).compactMap { registry.chiefs[$0] })
            ?? office(above: id)
    }

    private mutating func first(of chiefs: [Chief]) -> Recipient? {
        for chief in chiefs {
            if let found = reached(.chief, chief.id.rawValue, chief.phone) { return found }
        }
        return nil
    }

    private mutating func office(above chief: ChiefID) -> Recipient? {
        registry.chiefs[chief].map(\.region).flatMap { office($0) }
    }

    private mutating func department(_ id: DepartmentID) -> Recipient? {
        guard let department = registry.departments[id] else { return nil }
        return reached(.department, id.rawValue, department.phone) ?? office(department.region)
    }

    private mutating func office(_ id: RegionID, isAbove: Bool = false) -> Recipient? {
        for region in registry.regionChain(from: id).dropFirst(isAbove ? 1 : 0) {
            if let found = reached(.office, region.id.rawValue, region.dutyPhone) { return found }
        }
        return nil
    }

    // MARK: Numbers

    private mutating func reached(_ kind: Recipient.Kind, _ id: String, _ phone: String?) -> Recipient? {
        guard let phone else { return nil }
        let (mobiles, country) = (mobiles, country)
        return reached(kind, id) { () throws(MobileNumbers.Obstacle) in
            try mobiles.number(phone, country: country)
        }
    }

    /// Nil for a number that no message reaches: then it is as if there were no phone.
    private mutating func reached(
        _ kind: Recipient.Kind, _ id: String, _ number: () throws(MobileNumbers.Obstacle) -> PhoneNumber
    ) -> Recipient? {
        do throws(MobileNumbers.Obstacle) {
            let number = try number()
            return Recipient(kind: kind, id: id, phone: number, handle: numbers.handle(of: number))
        } catch {
            passedOver.append(error)
            return nil
        }
    }
}

extension ComplaintEvent {
    /// The official who has something to do with the complaint from this fact on.
    var newcomer: Assignee? {
        switch self {
        case .assigned(let assigned): assigned.assignee
        case .resolved(let resolved): resolved.checker
        case .reopened(let reopened): reopened.superior
        case .unchecked(let unchecked): unchecked.superior
        // Whoever stands above learns of it from his assignment, which is a fact of its own.
        case .escalated, .unreached: nil
        case .received, .accepted, .noted, .urged, .transferred, .warned, .lapsed, .supervised, .extended,
            .verified, .rated, .edited, .rejected, .merged, .joined, .parted, .informed, .closed, .withheld,
            .released, .erased:
            nil
        }
    }
}

extension Assignee {
    fileprivate func isActor(_ actor: Actor) -> Bool {
        kind.rawValue == actor.role.rawValue && id == actor.id
    }
}
