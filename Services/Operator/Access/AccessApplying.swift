import Kafka
import Models

/// The rules of the suite beside those that a cluster has.
struct AccessApplying {
    /// What is to be added, in the order of the rules.
    let missing: [AccessBinding]
    /// The rules of these among the missing that librdkafka can't ask for.
    let unsupported: [AccessRule]
    let presentCount: Int
    /// What the suite's own users may do under its prefix although the suite does not need it: rules of a
    /// gateway that has left the registry, or of an earlier version.
    let needless: [AccessBinding]

    struct Untold: Error, CustomStringConvertible {
        let error: KafkaError

        var description: String {
            """
            Kafka does not tell its ACLs (\(error)). It must have an authorizer, and this connection must be an \
            administrator's; dayu broker knows no ACLs
            """
        }
    }

    init(
        _ rules: [AccessRule], prefix: String, _ form: PrincipalForm, present: Set<AccessBinding>,
        isSupported: (AccessBinding) -> Bool = \.isSupported
    ) {
        var missing: [AccessBinding] = []
        var unsupported: [AccessRule] = []
        var needed: Set<AccessBinding> = []
        for rule in rules {
            let binding = AccessBinding(rule, form)
            needed.formUnion([binding, binding.unknown])
            // A kind of resource that librdkafka does not know comes back without its kind.
            if present.contains(binding) || present.contains(binding.unknown) { continue }
            if isSupported(binding) { missing.append(binding) } else { unsupported.append(rule) }
        }
        self.missing = missing
        self.unsupported = unsupported
        presentCount = rules.count - missing.count - unsupported.count
        let users = Set(rules.map { form.principal(of: $0.user) })
        needless = present.filter { binding in
            guard !needed.contains(binding), binding.resource != .cluster else { return false }
            let isOurs = users.contains(binding.principal) || form.isGateway(binding.principal)
            return isOurs && binding.name.hasPrefix(prefix)
        }.sorted { ($0.principal, $0.name) < ($1.principal, $1.name) }
    }
}

extension AccessBinding {
    init(_ rule: AccessRule, _ form: PrincipalForm) {
        let operation: Operation =
            switch rule.operation {
            case .all: .all
            case .describe: .describe
            case .read: .read
            case .write: .write
            case .idempotentWrite: .idempotentWrite
            }
        let resource: Resource =
            switch rule.resource {
            case .topic: .topic
            case .group: .group
            case .transactionalID: .transactionalID
            case .cluster: .cluster
            }
        self.init(
            resource, resource == .cluster ? Self.clusterName : rule.name,
            rule.pattern == .prefixed ? .prefixed : .literal, principal: form.principal(of: rule.user),
            operation)
    }

    fileprivate var unknown: AccessBinding {
        var binding = self
        if resource == .transactionalID { binding.resource = .unknown }
        return binding
    }

    var text: String { "\(principal) \(operation) \(resource) \(pattern) \(name)" }
}

extension PrincipalForm {
    /// Whether this is the name of some gateway's user.
    func isGateway(_ principal: String) -> Bool {
        let parts = self.principal(of: "\u{0}").split(separator: "\u{0}", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return principal.hasPrefix(parts[0] + "gateway-") && principal.hasSuffix(parts[1])
    }
}

extension Command {
    static let aclApply = Command(
        name: ["acl", "apply"],
        summary: "adds the Kafka ACLs that the suite needs",
        details: """
            Adds the rules of dayu acl print that the cluster does not have yet, and prints each. It removes nothing: rules of
            the suite's users under its prefix that are no longer needed are listed, with exit code 2. It needs a
            connection as an administrator (KAFKA_SASL_USERNAME and so on). A cluster without an authorizer is an error.

            librdkafka before 2.3 can't ask for rules about transactional ids. Then the commands for those rules are printed,
            and the exit code is 1 until they have been run.
            """,
        operands: ["[DIR]"],
        options: [
            AccessCommand.principal,
            Option(name: "--dry-run", value: nil, help: "only prints what it would add"),
        ],
        targets: { $0.targets() }
    ) { arguments, surroundings in
        let form = try AccessCommand.form(arguments)
        guard let gateways = try AccessCommand.gateways(arguments.operands.first, surroundings) else {
            return .fault
        }
        let rules = AccessRules(prefix: surroundings.prefix, gateways: gateways)
        let cluster = try surroundings.openCluster()
        let wait = Surroundings.answerWithinMilliseconds
        let present: Set<AccessBinding>
        do throws(KafkaError) {
            present = try cluster.access(timeoutMilliseconds: wait)
        } catch {
            throw AccessApplying.Untold(error: error)
        }
        let applying = AccessApplying(rules.rules, prefix: surroundings.prefix, form, present: present)
        let isDry = arguments.has("--dry-run")
        if !isDry { try cluster.allow(applying.missing, timeoutMilliseconds: wait) }
        for binding in applying.missing { Terminal.say("\(isDry ? "would add" : "added") \(binding.text)") }
        for binding in applying.needless { Terminal.say("no longer needed: \(binding.text)") }
        Terminal.say(
            "\(applying.missing.count) \(isDry ? "to add" : "added"), \(applying.presentCount) there already")
        guard applying.unsupported.isEmpty else {
            Terminal.complain(
                "this version of librdkafka can't add \(applying.unsupported.count) rules; run this script:")
            let rest = AccessRules(applying.unsupported)
            Terminal.complain(rest.script(servers: surroundings.cluster.bootstrapServers, form))
            return .fault
        }
        return applying.needless.isEmpty ? .done : .warning
    }
}
