import Kafka
import Models

extension Command {
    static let aclPrint = Command(
        name: ["acl", "print"],
        summary: "prints the Kafka ACLs that the suite needs",
        details: """
            Prints a script of kafka-acls.sh commands that gives each Kafka user its rights: each service may use its own
            topics, groups and transactions, and each gateway may write to its own topic gateways.ID and nothing else. This
            command itself changes nothing. It takes the gateways from the registry in the folder DIR; without DIR, from
            the registry topic.

            The ACLs protect only if Kafka has an authorizer and allow.everyone.if.no.acl.found is false. When a gateway
            leaves the registry, its rules stay in Kafka until an administrator removes them. kafka-acls.sh --list shows
            them.

            The Kafka users are dayu-intake, dayu-routing and so on for the services, dayu for this command, and gateway-ID
            for a gateway.
            """,
        operands: ["[DIR]"],
        options: [
            Option(name: "--format", value: "FORM", help: "commands or table; default: commands"),
            AccessCommand.principal,
        ]
    ) { arguments, surroundings in
        let format = arguments.text("--format") ?? "commands"
        guard ["commands", "table"].contains(format) else {
            throw Arguments.Misuse(what: "--format must be commands or table")
        }
        let form = try AccessCommand.form(arguments)
        guard let gateways = try AccessCommand.gateways(arguments.operands.first, surroundings) else {
            return .fault
        }
        let rules = AccessRules(prefix: surroundings.prefix, gateways: gateways)
        if format == "table" {
            for line in rules.table(form) { Terminal.say(line) }
        } else {
            Terminal.say(rules.script(servers: surroundings.cluster.bootstrapServers, form))
        }
        return .done
    }
}

enum AccessCommand {
    static let principal = Command.Option(
        name: "--principal", value: "FORM",
        help: "how the cluster names a user, such as User:CN={name},O=City; default: \(PrincipalForm.preset)")

    static func form(_ arguments: Arguments) throws(Arguments.Misuse) -> PrincipalForm {
        guard let form = PrincipalForm(arguments.text("--principal") ?? PrincipalForm.preset) else {
            throw Arguments.Misuse(what: "--principal must be a form such as \(PrincipalForm.preset)")
        }
        return form
    }

    /// Nil if the folder has faults, which are printed.
    static func gateways(_ folder: String?, _ surroundings: Surroundings) throws -> [GatewayID]? {
        let entities: [RegistryEntity]
        if let folder {
            guard let reading = try RegistryCommand.read(folder, surroundings) else { return nil }
            entities = reading.entities
        } else {
            entities = try RegistryTopic(surroundings).read().entities
        }
        return Registry(entities).gateways.keys.sorted()
    }
}
