import FoundationEssentials
import Models

/// A complaint as it was posted, checked against the bounds and the registry.
struct ComplaintForm: Equatable {
    let submission: Submission
    let contact: Contact?

    /// What the request brings beside its body.
    struct Circumstances {
        let idempotencyKey: String?
        /// Used as the identity where the gateway gives no key.
        let chance: UUID
        let now: Instant
    }

    /// - Throws: every fault of every field.
    init(_ form: Form, _ atlas: Atlas, _ circumstances: Circumstances) throws(Malformed) {
        var form = form
        let registry = atlas.registry
        let category = form.require("category", form.id("category", of: Category.self))
        let text = form.require("text", form.text("text"))
        let pointed = form.place("place")
        let address = form.text("address")
        let river = form.id("river", of: River.self)
        let reach = form.id("reach", of: Reach.self)
        let media = form.texts("media")
        let channel = form.choice("channel", of: Channel.self)
        let anonymous = form.flag("anonymous")
        let gateway = form.text("gateway") ?? "web"
        let contact = Self.contact(&form)
        let key = form.idempotencyKey(orHeader: circumstances.idempotencyKey)

        if let category, registry.categories[category] == nil {
            form.add("category", "is not a category here")
        }
        if let river, registry.rivers[river] == nil { form.add("river", "is not a river here") }
        if let reach, registry.reaches[reach] == nil { form.add("reach", "is not a reach here") }
        if EntityID<Never>(gateway) == nil { form.add("gateway", "is not an identifier") }
        if let pointed, pointed.isOnEarth, !Self.isOurs(pointed, atlas) {
            form.add("place", "lies outside the waters of this city")
        }
        // One tap on a river's page names the water and no point: the middle of it stands for the place.
        let place = form.require("place", pointed ?? Self.middle(of: reach, or: river, registry))
        let id =
            key.map { ComplaintID(gateway: gateway, idempotencyKey: $0) } ?? ComplaintID(circumstances.chance)
        func submission(_ category: CategoryCode, _ text: String, _ place: Coordinate) -> Submission {
            Submission(
                complaint: id, category: category, text: text, place: place, address: address, river: river,
                reach: reach, media: media, channel: channel ?? .web, gateway: gateway,
                anonymous: anonymous ?? false, contactable: contact != nil, submittedAt: circumstances.now)
        }
        guard let category, let text, let place else {
            // What is missing is stood in for, so that the rest is checked in the same answer.
            if let any = registry.categories.keys.first {
                form.add(submission(any, text ?? "-", place ?? Coordinate(longitude: 0, latitude: 0)).faults)
            }
            throw Malformed(form.faults)
        }
        let submission = submission(category, text, place)
        form.add(submission.faults)
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
        self.submission = submission
        self.contact = contact
    }

    private static func middle(of reach: ReachID?, or river: RiverID?, _ registry: Registry) -> Coordinate? {
        let named = reach.flatMap { registry.reaches[$0] }
        let ofRiver = registry.reaches.values.filter { $0.river == river }.sorted { $0.id < $1.id }
        guard let chosen = named ?? (ofRiver.isEmpty ? nil : ofRiver[ofRiver.count / 2]) else { return nil }
        let line = chosen.geometry.coordinates
        return line.isEmpty ? nil : line[line.count / 2]
    }

    private static func contact(_ form: inout Form) -> Contact? {
        guard var within = form.form("contact") else { return nil }
        let contact = Contact(
            name: within.text("name").flatMap { $0.isEmpty ? nil : $0 },
            phone: within.text("phone").flatMap { $0.isEmpty ? nil : $0 })
        within.add(contact.faults)
        form.add(within.faults)
        return contact.name == nil && contact.phone == nil ? nil : contact
    }

    /// Inside a region, or at a reach that runs on beyond the boundary.
    private static func isOurs(_ place: Coordinate, _ atlas: Atlas) -> Bool {
        atlas.regions.smallest(holding: place) != nil
            || atlas.reaches.nearest(to: place, within: nearReach) != nil
    }

    private static let nearReach = Distance(metres: 1000)
}
