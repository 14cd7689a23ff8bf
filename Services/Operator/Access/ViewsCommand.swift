import Kafka
import Models
import Processing
import Text

extension Command {
    static let access = Command(
        name: ["access"],
        summary: "shows which official looked at which contact",
        details: """
            Prints a line for each time an official looked at a complainant's name and number at the desk: when, who, and
            of which complaint. It never prints a contact. With CODE: only views of these complaints. Kafka keeps the
            views for 400 days.
            """,
        operands: ["[CODE...]"],
        options: [
            Option(name: "--of", value: "WHO", help: "only views by chief/ID, office/REGION or department/ID")
        ],
        targets: { $0.targets() }
    ) { arguments, surroundings in
        var views = ContactViews(
            of: Set(try EraseCommand.codes(arguments)),
            by: try arguments.text("--of").map(LinkRevocation.actor))
        try LogReading(surroundings).read(topic: surroundings.name(of: .access)) { record in
            let type = record.headers.first { $0.name == "ce_type" }?.value
            views.take(
                type.map { String(decoding: $0, as: UTF8.self) }, value: record.valueBytes,
                at: record.timestampMilliseconds)
        }
        for line in views.lines { Terminal.say(line) }
        return .done
    }
}

/// The views of contacts on the log. Pure.
struct ContactViews {
    private let complaints: Set<TrackingCode>
    private let official: Actor?
    private var found: [(at: Instant, view: ContactViewed)] = []

    /// - Parameters:
    ///   - complaints: empty: all.
    ///   - official: nil: everybody; an office stands for all its clerks.
    init(of complaints: Set<TrackingCode>, by official: Actor?) {
        self.complaints = complaints
        self.official = official
    }

    /// - Parameter type: the topic also says who opened which complaint.
    mutating func take(_ type: String?, value: [UInt8]?, at milliseconds: Int64) {
        guard type == ContactViewed.type.description,
            let view = value.flatMap({ try? JSON.decode(ContactViewed.self, from: $0) }),
            complaints.isEmpty || complaints.contains(view.complaint),
            official.map({ view.by.isMeant(by: $0) }) ?? true
        else { return }
        found.append((Instant(millisecondsSince1970: milliseconds), view))
    }

    var lines: [String] {
        guard !found.isEmpty else { return ["no such view is on the log"] }
        let rows = found.sorted { $0.at < $1.at }.map { at, view in
            let who = [view.by.role.rawValue, view.by.id, view.by.clerk?.rawValue].compactMap(\.self)
            return [
                at.description, Terminal.harmless(who.joined(separator: "/")), view.complaint.description,
            ]
        }
        return Terminal.aligned([["at", "by", "complaint"]] + rows)
    }
}
