import Kafka
import Models
import Text

extension Command {
    static let sources = Command(
        name: ["sources"],
        summary: "says what came from other systems, and when",
        details: """
            Reads from the log what Intake knows of the sources of sources.csv. For each: how its last answer was taken,
            when it was asked, when it is asked next, when it answered last, when it last brought new readings, how many
            these were and the time of the latest of them, and why nothing came or what was left out.
            A source whose row is new or has changed is "not asked yet": what was known of the old row does not
            count.
            The exit code is 1 when a source has brought nothing for three intervals and for an hour, or when nobody asks
            it: then no Intake runs, or DAYU_SOURCES_AT_ONCE is 0 in all of them.
            """,
        options: [Option(name: "--json", value: nil, help: "the same as one JSON object")]
    ) { arguments, surroundings in
        let report = try SourcesReport.read(surroundings, at: .now)
        Terminal.say(
            arguments.has("--json") ? String(decoding: JSON.encode(report), as: UTF8.self) : report.text)
        return report.isWell ? .done : .fault
    }
}

/// The sources of the registry, each with what Intake wrote about it.
struct SourcesReport: Encodable {
    struct Entry: Encodable {
        let source: SourceID
        let gateway: GatewayID
        let interval: String
        /// Nil if it was not asked since its row was written.
        let standing: SourceStanding?
        let failsForLong: Bool
        /// It should have been asked a while ago.
        let isNotAsked: Bool
    }

    let at: Instant
    let sources: [Entry]

    /// How long after its time a source may be asked. An instance of Intake that takes over from a dead one
    /// needs some seconds.
    private static let late: Duration = .seconds(120)
    /// A new source has its first interval, but not a month if that is its interval.
    private static let firstAtMost: Duration = .seconds(3600)

    /// - Parameter rows: when the row of each source was written.
    init(
        _ sources: some Sequence<Source>, _ standings: [SourceID: SourceStanding],
        rows: [SourceID: Instant], at now: Instant
    ) {
        at = now
        self.sources = sources.sorted { $0.id < $1.id }.map { source in
            let row = rows[source.id] ?? .earliest
            let standing = standings[source.id].flatMap { $0.askedAt >= row ? $0 : nil }
            let due = standing?.nextAt ?? row + min(source.interval.duration, Self.firstAtMost)
            return Entry(
                source: source.id, gateway: source.gateway, interval: source.interval.description,
                standing: standing,
                failsForLong: standing?.failsForLong(source.interval, at: now) ?? false,
                isNotAsked: due + Self.late < now)
        }
    }

    static func read(_ surroundings: Surroundings, at now: Instant) throws -> SourcesReport {
        let published = try RegistryTopic(surroundings).read()
        let registry = Registry(published.entities)
        var standings: [SourceID: SourceStanding] = [:]
        guard !registry.sources.isEmpty else { return SourcesReport([], [:], rows: [:], at: now) }
        try LogReading(surroundings).read(topic: surroundings.name(of: .sources)) { record in
            guard let key = record.keyBytes, let value = record.valueBytes else { return }
            // Beside the standing, under another key, is the list of what was seen.
            guard let id = SourceID(String(decoding: key, as: UTF8.self)),
                let standing = try? JSON.decode(SourceStanding.self, from: value), standing.source == id
            else { return }
            standings[id] = standing
        }
        let rows = registry.sources.compactMap { id, _ in
            published.writtenAt[RegistryKey(kind: .source, id: id.rawValue)].map { (id, $0) }
        }
        return SourcesReport(
            registry.sources.values, standings, rows: Dictionary(uniqueKeysWithValues: rows), at: now)
    }

    var isWell: Bool { faults.isEmpty }

    /// One line for each source that somebody should look after.
    var faults: [String] {
        sources.compactMap { entry in
            if entry.isNotAsked { return "source \(entry.source) is not asked" }
            guard entry.failsForLong, let standing = entry.standing else { return nil }
            let since = standing.failingSince.map { " for \(Status.age(at - $0))" } ?? ""
            return "source \(entry.source) has brought nothing\(since): "
                + Terminal.harmless((standing.reason ?? standing.outcome.rawValue).excerpt(100))
        }
    }

    // MARK: Text

    var text: String {
        guard !sources.isEmpty else { return "The registry has no sources (sources.csv)." }
        let head = [
            "source", "state", "asked", "next", "answered", "new readings", "latest", "reason",
        ]
        return Terminal.aligned([head] + sources.map { row($0) }).joined(separator: "\n")
    }

    private func row(_ entry: Entry) -> [String] {
        guard let standing = entry.standing else {
            let state = entry.isNotAsked ? "never asked" : "not asked yet"
            return [entry.source.rawValue, state, "-", "-", "-", "-", "-", "-"]
        }
        let brought = standing.broughtAt.map { "\(standing.brought ?? 0), \(ago($0))" }
        let failures = standing.failures > 1 ? " \(standing.failures) times" : ""
        return [
            entry.source.rawValue, entry.isNotAsked ? "not asked" : standing.outcome.rawValue + failures,
            ago(standing.askedAt),
            standing.nextAt <= at ? "now" : "in \(Status.age(standing.nextAt - at))",
            standing.answeredAt.map(ago) ?? "never", brought ?? "never",
            standing.observedAt?.description ?? "-",
            standing.reason.map { Terminal.harmless($0.excerpt(200)) } ?? "-",
        ]
    }

    private func ago(_ moment: Instant) -> String {
        moment > at ? "now" : "\(Status.age(at - moment)) ago"
    }
}
