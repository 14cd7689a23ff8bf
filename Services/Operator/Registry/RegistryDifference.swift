import Geo
import Models
import Text

extension RegistryChanges {
    /// A line for each entity that would be written or removed. For a changed one, the line says what is
    /// different.
    var lines: [String] {
        new.map { "new \($0.key)" } + changed.map { "changed \($0.key): \($0.differences)" }
            + removed.map { "removed \($0)" }
            + [renewal].compactMap(\.self).map { "from offset \($0.start) on, the registry is whole again" }
    }
}

extension RegistryChanges.Change {
    fileprivate var differences: String {
        guard let before else { return "the old value can't be read" }
        let (old, new) = (before.fields, after.fields)
        var found = RegistryTable.entities(after.kind).columns.map(\.name)
            .filter { old[$0, default: ""] != new[$0, default: ""] }
            .map { "\($0) \(Self.shown(old[$0])) → \(Self.shown(new[$0]))" }
        if case (.chief(let before), .chief(let after)) = (before, after), before.absences != after.absences {
            found.append("absences \(Self.shown(before.absences)) → \(Self.shown(after.absences))")
        }
        if before.shape != after.shape {
            found.append("shape \(Self.shown(before.shape)) → \(Self.shown(after.shape))")
        }
        return found.joined(separator: "; ")
    }

    /// How much of a text is shown: enough to recognise it.
    private static let characters = 60

    private static func shown(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "none" }
        return "\"\(Terminal.harmless(text.excerpt(characters)))\""
    }

    private static func shown(_ absences: [Absence]) -> String {
        let texts = absences.map { absence in
            "\(absence.from)…\(absence.to)" + (absence.deputy.map { " \($0)" } ?? "")
        }
        return shown(texts.joined(separator: ", "))
    }

    private static func shown(_ shape: Geometry?) -> String {
        shape.map { "of \($0.coordinates.count) positions" } ?? "none"
    }
}
