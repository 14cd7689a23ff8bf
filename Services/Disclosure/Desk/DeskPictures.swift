import HTTP
import Links
import Models

/// Which pictures an official is shown: what the public sees, and of the complaints of which he is in charge
/// every picture, also one that is withheld, waits for its release, or belongs to a note between offices. It
/// is the rule by which he reads their words (`Registry.roles`).
struct DeskPictures: Sendable {
    let gate: DeskGate
    let readers: Readers
    /// They show what the public sees.
    let everybodys: Readers

    func isShown(_ name: PictureName, to request: Request) throws -> Bool {
        if try everybodys.read({ reader, _, _ in try reader.shows(name) }) { return true }
        guard let session = try? gate.session(of: request) else { return false }
        let now = gate.now()
        return try readers.read { reader, _, gazetteer in
            let person = DeskPerson(actor: session.person, registry: gazetteer.registry, now: now)
            return try reader.complaints(showing: name).contains { !person.roles(on: $0).isEmpty }
        }
    }
}
