import Kafka
import Models
import Processing

extension Command {
    static let linkRevoke = Command(
        name: ["link", "revoke"],
        summary: "takes links back, for example because a phone was lost",
        details: """
            Takes back the links with which people act. With codes: all links to these complaints. With --of: all links
            of one person. With both: the links of that person to these complaints. As soon as Intake has read this, it
            answers such a link with 401. With a citizen's links the complaint's id ends, too, because it gives the same
            rights. The person gets a new link with the next message. The command prints whose links it took back and how
            long they would have been valid. It never prints a link. Exit code 1 if there was no such link.
            """,
        operands: ["[CODE...]"],
        options: [
            Option(
                name: "--of", value: "WHO",
                help: "chief/ID, office/REGION, department/ID, checker/ID or citizen; citizen needs a CODE"
            ),
            Option(name: "--dry-run", value: nil, help: "only says what it would take back"),
        ],
        targets: { $0.targets(hidden: []) }
    ) { arguments, surroundings in
        let codes = Set(try EraseCommand.codes(arguments))
        let actor = try arguments.text("--of").map(LinkRevocation.actor)
        guard !codes.isEmpty || actor.map({ $0.role != .citizen }) == true else {
            throw Arguments.Misuse(what: "CODE or --of is missing")
        }
        var revocation = LinkRevocation(of: codes, actor: actor, at: .now)
        try LogReading(surroundings).read(topic: surroundings.name(of: .links)) { record in
            revocation.take(
                key: record.keyBytes, value: record.valueBytes, partition: record.topicPartition.partition)
        }
        if arguments.has("--dry-run") {
            Terminal.say("nothing was taken back; without --dry-run it would be:")
        } else {
            try EraseCommand(surroundings).send(revocation.removals)
        }
        for line in revocation.lines { Terminal.say(line) }
        return revocation.removals.isEmpty ? .fault : .done
    }
}
