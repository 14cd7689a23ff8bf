import Models
import Processing

/// What the commands about dead letters share.
enum DeadLettersCommand {
    static let topic = Command.Option(
        name: "--topic", value: "T", help: "only dead letters of this topic; its name without the prefix")
    static let reason = Command.Option(
        name: "--reason", value: "TEXT",
        help: "only dead letters whose reason contains this text, in upper or lower case")

    static func topic(_ arguments: Arguments) throws(Arguments.Misuse) -> Topic? {
        guard let name = arguments.text("--topic") else { return nil }
        guard let topic = Topic(rawValue: name) else {
            let names = Topic.allCases.map(\.rawValue).joined(separator: ", ")
            throw Arguments.Misuse(what: "--topic \(name) is unknown; choose from \(names)")
        }
        return topic
    }

    static func origins(_ arguments: Arguments) throws(Arguments.Misuse) -> [DeadLetter.Origin] {
        var origins: [DeadLetter.Origin] = []
        for text in arguments.operands {
            guard let origin = DeadLetter.Origin(text) else {
                throw Arguments.Misuse(what: "\(text) is not an origin: TOPIC/PARTITION/OFFSET")
            }
            if !origins.contains(origin) { origins.append(origin) }
        }
        return origins
    }

    static func selection(_ arguments: Arguments) throws(Arguments.Misuse) -> DeadLetters.Selection {
        DeadLetters.Selection(
            origins: try origins(arguments), topic: try topic(arguments), reason: arguments.text("--reason"))
    }

    /// Warns of records on the topic that are no letters.
    static func warn(of letters: DeadLetters) {
        guard letters.unreadable > 0 else { return }
        Terminal.complain("\(letters.unreadable) records of the topic are not dead letters")
    }

    static func complain(_ found: [(origin: DeadLetters.Origin, why: String)]) {
        for (origin, why) in found { Terminal.complain("\(origin): \(Terminal.harmless(why))") }
    }

    static let notOpen = "neither replayed nor dismissed"
}

extension Command {
    static let deadLettersList = Command(
        name: ["dead-letters", "list"],
        summary: "lists the open dead letters: records that were set aside",
        details: """
            Lists the open dead letters, the newest last: where each came from (topic/partition/offset), when it was
            refused, by whom and why. A letter is open while it is \(DeadLettersCommand.notOpen). The list does not show
            the content of a record. A letter may also report records that were lost before they were read. Its origin is
            then the first lost record.
            """,
        options: [
            DeadLettersCommand.topic, DeadLettersCommand.reason,
            Option(
                name: "--all", value: nil,
                help: "also letters that were replayed or dismissed, and what was done with them"),
            Option(name: "--limit", value: "N", help: "only the newest N; default: 50"),
        ]
    ) { arguments, surroundings in
        let selection = try DeadLettersCommand.selection(arguments)
        let limit = Int(try arguments.number("--limit", preset: 50, in: 1...1_000_000))
        let all = arguments.has("--all")
        let letters = try DeadLetterTopic(surroundings).read()
        let found = letters.entries.filter { (all || $0.isOpen) && selection.matches($0) }
        for line in DeadLetters.lines(of: found.suffix(limit), withOutcome: all) { Terminal.say(line) }
        let earlier = found.count > limit ? ", \(found.count - limit) of them earlier than these" : ""
        Terminal.say("\(found.count) \(all ? "dead letters" : "open")\(earlier)")
        DeadLettersCommand.warn(of: letters)
        return .done
    }

    static let deadLettersShow = Command(
        name: ["dead-letters", "show"],
        summary: "shows all of one dead letter",
        details: """
            Shows one dead letter: its key, headers and reason, what was done with it, and its value (as text if it is
            UTF-8, otherwise as base64). If the topic holds personal data, the value is not shown.
            """,
        operands: ["ORIGIN"],
        options: [
            Option(name: "--reveal", value: nil, help: "shows the value even if it may hold personal data")
        ],
        targets: { $0.has("--reveal") ? $0.targets(shown: ["--reveal"]) : nil }
    ) { arguments, surroundings in
        let origins = try DeadLettersCommand.origins(arguments)
        let letters = try DeadLetterTopic(surroundings).read { origins.contains($0.origin) }
        var code = ExitCode.done
        for origin in origins {
            if let entry = letters[origin] {
                Terminal.say(DeadLetters.page(of: entry, reveals: arguments.has("--reveal")))
            } else {
                DeadLettersCommand.complain([(origin, "there is no such dead letter")])
                code = .fault
            }
        }
        return code
    }

    static let deadLettersReplay = Command(
        name: ["dead-letters", "replay"],
        summary: "sends the records of dead letters to their topic again",
        details: """
            Sends the records of open dead letters again, to the topic they came from, with their key, headers and value.
            Writes on dead-letters where each record went, in the same transaction. If a record had its effect the first
            time, it has no second effect. If a record is refused again, it becomes a new dead letter. A letter that was
            cut can't be sent again: its record was too large to be kept completely.

            Name the letters, or a topic, or a part of the reason.
            """,
        operands: ["[ORIGIN...]"],
        options: [
            DeadLettersCommand.topic, DeadLettersCommand.reason,
            Option(name: "--again", value: nil, help: "also letters that were replayed or dismissed"),
            Option(name: "--dry-run", value: nil, help: "only says what would be sent"),
        ],
        targets: { $0.targets(shown: ["--topic", "--again"], hidden: ["--reason"]) }
    ) { arguments, surroundings in
        let selection = try DeadLettersCommand.selection(arguments)
        guard !selection.origins.isEmpty || selection.topic != nil || selection.reason != nil else {
            throw Arguments.Misuse(what: "ORIGIN, --topic or --reason is missing")
        }
        let topic = DeadLetterTopic(surroundings)
        let again = arguments.has("--again")
        let plan = { (topic: DeadLetterTopic) in
            let letters = try topic.read { selection.matches($0) }
            return letters.plan(for: selection, again: again, prefix: surroundings.prefix)
        }
        let done: DeadLetters.Plan
        if arguments.has("--dry-run") {
            done = try plan(topic)
            for (origin, _) in done.sent { Terminal.say("would be sent: \(origin)") }
        } else {
            done = try topic.replay(plan: plan) { Terminal.say("\($0.origin) went to \($0.to)") }
        }
        for (origin, why) in done.settled {
            Terminal.say("\(origin) was not sent: \(Terminal.harmless(why))")
        }
        DeadLettersCommand.complain(done.impossible)
        Terminal.say("\(done.sent.count) \(arguments.has("--dry-run") ? "would be replayed" : "replayed")")
        return done.impossible.isEmpty ? .done : .fault
    }

    static let deadLettersDismiss = Command(
        name: ["dead-letters", "dismiss"],
        summary: "closes dead letters that nobody will replay",
        details: """
            Writes on dead-letters that nobody will replay these letters, and why. Their bytes stay until they expire. Use
            it also for a letter about lost records, to confirm that you know about the loss: until then dayu status ends
            with exit code 1.
            """,
        operands: ["ORIGIN..."],
        options: [Option(name: "--reason", value: "TEXT", help: "why; required")],
        targets: { $0.targets() }
    ) { arguments, surroundings in
        let origins = try DeadLettersCommand.origins(arguments)
        guard let reason = arguments.text("--reason") else {
            throw Arguments.Misuse(what: "--reason is missing")
        }
        let dismissed = try DeadLetterTopic(surroundings).dismiss { topic in
            let letters = try topic.read()
            return origins.filter { letters[$0]?.isOpen == true }.map {
                DeadLetters.Dismissal(origin: $0, by: Surroundings.clientID, at: .now, reason: reason)
            }
        }
        for dismissal in dismissed { Terminal.say("\(dismissal.origin) dismissed") }
        let left = Set(origins).subtracting(dismissed.map(\.origin))
        let why = "it is not an open dead letter; dayu dead-letters show \u{2026} says what was done with it"
        DeadLettersCommand.complain(origins.filter(left.contains).map { ($0, why) })
        return left.isEmpty ? .done : .fault
    }
}
