import Models

/// One permission that Kafka is to give to one of its users.
struct AccessRule: Hashable {
    /// As kafka-acls.sh spells them.
    enum Operation: String {
        case all = "All"
        case describe = "Describe"
        case read = "Read"
        case write = "Write"
        case idempotentWrite = "IdempotentWrite"
    }

    enum Resource: String {
        case topic, group
        case transactionalID = "transactional-id"
        case cluster
    }

    enum Pattern: String {
        /// The resource of exactly this name.
        case literal
        /// All resources whose names begin with this name.
        case prefixed
    }

    /// The name of a user, without the text that the cluster's kind of authentication puts around it:
    /// `dayu-routing`, `gateway-city-app`.
    let user: String
    let operation: Operation
    let resource: Resource
    let pattern: Pattern
    /// Empty for the cluster.
    let name: String

    init(
        _ user: String, _ operation: Operation, _ resource: Resource, _ name: String = "",
        _ pattern: Pattern = .literal
    ) {
        self.user = user
        self.operation = operation
        self.resource = resource
        self.pattern = pattern
        self.name = name
    }
}

/// Which user may do what with the topics, groups and transactions of one city.
struct AccessRules {
    let rules: [AccessRule]

    static let operatorUser = "dayu"

    init(_ rules: [AccessRule]) { self.rules = rules }

    init(prefix: String, loops: [ServiceLoop] = ServiceLoop.all, gateways: [GatewayID]) {
        var rules: [AccessRule] = []
        for service in ServiceLoop.Executable.allCases {
            let own = loops.filter { $0.service == service }
            rules += Self.rules(of: service, own, prefix)
        }
        rules += Self.rulesOfOperator(prefix)
        for gateway in gateways.sorted() { rules += Self.rules(of: gateway, prefix) }
        self.rules = rules
    }

    private static func rules(
        of service: ServiceLoop.Executable, _ loops: [ServiceLoop], _ prefix: String
    ) -> [AccessRule] {
        let user = service.name
        let read = Set(loops.flatMap { $0.inputs + $0.alsoReads }).map { $0.name(prefix: prefix) }
        let written = Set(loops.flatMap(\.writes)).map { $0.name(prefix: prefix) }
        let groups = loops.filter(\.isInGroup).map { prefix + $0.name }
        let transactions = loops.filter { $0.kind == .processor }.map { "\(prefix)\($0.name)." }
        var rules = read.sorted().map { AccessRule(user, .read, .topic, $0) }
        if loops.contains(where: \.readsGateways) {
            rules.append(AccessRule(user, .read, .topic, prefix + gatewayTopics, .prefixed))
        }
        rules += written.sorted().map { AccessRule(user, .write, .topic, $0) }
        rules += groups.map { AccessRule(user, .read, .group, $0) }
        // A reader outside any group still has a group's name, and librdkafka asks for that group's
        // coordinator.
        rules.append(AccessRule(user, .describe, .group, user, .prefixed))
        // The names are prefixes: the rest of a name distinguishes the instances of a service.
        rules += transactions.map { AccessRule(user, .write, .transactionalID, $0, .prefixed) }
        // Brokers before 2.8 require this of every idempotent producer (KIP-679), and all producers of the
        // suite are idempotent.
        rules.append(AccessRule(user, .idempotentWrite, .cluster))
        return rules
    }

    /// `dayu` creates topics, reads them for `status` and `watch`, and replays dead letters to wherever they
    /// came from. `dayu simulate` and `dayu restore` commit for groups of services, and Kafka asks Read of a
    /// group for that.
    private static func rulesOfOperator(_ prefix: String) -> [AccessRule] {
        let groups = ServiceLoop.all.filter { $0.kind == .processor }
            .map { AccessRule(operatorUser, .read, .group, prefix + $0.name) }
        return [
            AccessRule(operatorUser, .all, .topic, prefix, .prefixed),
            AccessRule(operatorUser, .describe, .group, prefix, .prefixed),
            AccessRule(operatorUser, .describe, .group, Surroundings.clientID, .prefixed),
        ] + groups + [
            AccessRule(operatorUser, .write, .transactionalID, DeadLetterTopic.transactionalID(prefix)),
            AccessRule(operatorUser, .idempotentWrite, .cluster),
        ]
    }

    /// A gateway that speaks Kafka writes to a topic of its own and reads none.
    private static func rules(of gateway: GatewayID, _ prefix: String) -> [AccessRule] {
        let user = "gateway-\(gateway)"
        return [
            AccessRule(user, .write, .topic, "\(prefix)\(gatewayTopics)\(gateway)"),
            AccessRule(user, .idempotentWrite, .cluster),
        ]
    }

    private static let gatewayTopics = "gateways."
}

// MARK: - As texts

/// The form of a cluster's user names: `{name}` stands for a rule's user.
struct PrincipalForm {
    private let template: String

    static let preset = "User:{name}"
    private static let place = "{name}"

    /// Nil for a form that gives every user the same name.
    init?(_ template: String) {
        guard template.contains(Self.place), template.contains(":"),
            template.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        self.template = template
    }

    func principal(of user: String) -> String { template.replacing(Self.place, with: user) }
}

extension AccessRules {
    /// A row for each rule.
    func table(_ form: PrincipalForm) -> [String] {
        let rows = rules.map { rule in
            [
                form.principal(of: rule.user), rule.operation.rawValue, rule.resource.rawValue,
                rule.pattern.rawValue, rule.name,
            ]
        }
        return Terminal.aligned([["principal", "operation", "resource", "pattern", "name"]] + rows)
    }

    /// A script that adds the rules. Rules that differ only in the resource's name become one command,
    /// because each command starts a Java program.
    func script(servers: String, _ form: PrincipalForm) -> String {
        var order: [AccessRule] = []
        var names: [AccessRule: [String]] = [:]
        for rule in rules {
            let common = AccessRule(rule.user, rule.operation, rule.resource, "", rule.pattern)
            if names[common] == nil { order.append(common) }
            names[common, default: []].append(rule.name)
        }
        let lines = order.map { common in
            let named = names[common, default: []].map { name in
                "--\(common.resource.rawValue)" + (name.isEmpty ? "" : " \(Self.quoted(name))")
            }
            let principal = Self.quoted(form.principal(of: common.user))
            let pattern = common.pattern == .prefixed ? "--resource-pattern-type prefixed " : ""
            return "allow \(principal) --operation \(common.operation.rawValue) \(pattern)"
                + named.joined(separator: " ")
        }
        return """
            #!/bin/sh
            # Adds the Kafka ACLs of Dayu. ADMIN may name a file with the settings of an administrator's connection.
            set -eu
            allow() {
                principal=$1
                shift
                kafka-acls.sh --bootstrap-server \(Self.quoted(servers)) ${ADMIN:+--command-config "$ADMIN"} \\
                    --add --allow-principal "$principal" "$@"
            }
            \(lines.joined(separator: "\n"))
            """
    }

    /// The text in quotes for a POSIX shell.
    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: #"'\''"#))'"
    }
}
