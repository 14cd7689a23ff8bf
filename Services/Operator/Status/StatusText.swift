import Models
import Text

extension Status {
    /// The status as one screen of text.
    var text: String {
        var lines = ["Kafka         \(kafka.text)"]
        lines += [""] + Terminal.aligned(services.map(\.row)) + notes
        if !groups.isEmpty {
            lines += [""] + Terminal.aligned([["group", "members", "waiting"]] + groups.map(\.row))
        }
        lines += [
            "", "Dead letters  \(deadLetters?.text ?? Self.unknown)",
            "Spool         \(spool.map { $0 == 0 ? "empty" : "\($0) records wait for Kafka" } ?? Self.unknown)",
            "Notices       \(notices?.text ?? Self.unknown)",
            "Complaints    \(complaints.map { $0.text(at: at) } ?? Self.unknown)", "",
        ]
        if !warnings.isEmpty { lines += ["Warnings:"] + warnings.map { "  \($0)" } + [""] }
        switch exitCode {
        case .done: lines.append("All is well.")
        case .warning: lines.append("There are only warnings.")
        default: lines += ["Not well:"] + faults.map { "  \(Terminal.harmless($0))" }
        }
        return lines.joined(separator: "\n")
    }

    private static let unknown = "unknown"

    /// The notes of the services; a line each, below the table.
    private var notes: [String] {
        services.flatMap { service in
            service.notes.map { "  \(service.name): \(Terminal.harmless($0))" }
        }
    }

    /// A duration in its two largest units, as a person would say it.
    static func age(_ duration: Duration) -> String {
        let minutes = max(0, duration.wholeSeconds / 60)
        let (days, hours) = (minutes / 1440, minutes / 60 % 24)
        if days > 0 { return "\(days) d \(hours) h" }
        return hours > 0 ? "\(hours) h \(minutes % 60) min" : "\(minutes) min"
    }
}

extension Status.Kafka {
    fileprivate var text: String {
        if let error { return "\(servers), \(Terminal.harmless(error))" }
        let topics = missingTopics.isEmpty ? "all topics" : "\(missingTopics.count) topics are missing"
        return "\(servers), cluster \(cluster ?? "without a name"), \(topics) under \(prefix)"
    }
}

extension Status.Service {
    fileprivate var row: [String] { [name, state.rawValue, address] }
}

extension Status.Group {
    fileprivate var row: [String] {
        let waiting = lag.map { "\($0.topic) \($0.isExact ? "" : "≤ ")\($0.records)" }
        return [
            name, members.map(String.init) ?? "?",
            waiting.isEmpty ? "unknown" : waiting.joined(separator: ", "),
        ]
    }
}

extension Status.Letters {
    fileprivate var text: String {
        let gone = self.gone > 0 ? "; up to \(self.gone) records about earlier ones are gone" : ""
        guard let newest else { return "none open\(gone)" }
        let reason = Terminal.harmless(newest.reason.excerpt(80))
        return "\(open) open, the newest \(newest.origin): \(reason)\(gone)"
    }
}

extension Status.Notices {
    fileprivate var text: String {
        guard all > 0 else { return "none in the last hour" }
        return
            "\(passed) of the last hour's \(all) got through, \(deferred) deferred, \(unanswered) without an answer, "
            + "\(failed) failed"
    }
}

extension Status.Complaints {
    fileprivate func text(at now: Instant) -> String {
        guard let oldest else { return "none open" }
        let age = Status.age(now - oldest.receivedAt)
        return
            "\(isAtLeast ? "at least " : "")\(open) open, the oldest for \(age)\(isAtLeast ? " or longer" : ""): "
            + "\(oldest.trackingCode), \(oldest.status), received \(oldest.receivedAt)"
    }
}
