import Links
import Models
import Testing

@testable import Operator

@Suite("dayu acl print and dayu key new")
struct AccessTests {
    private static let gateways = [GatewayID(literal: "hotline"), GatewayID(literal: "app")]
    private let rules = AccessRules(prefix: "city.", gateways: gateways).rules

    private func names(_ user: String, _ operation: AccessRule.Operation, _ resource: AccessRule.Resource)
        -> [String]
    {
        rules.filter { $0.user == user && $0.operation == operation && $0.resource == resource }
            .map { $0.pattern == .prefixed ? "\($0.name)*" : $0.name }
    }

    // MARK: The catalogue

    @Test("every topic is read by a service or by the operator alone, and written by somebody")
    func whole() {
        let read = Set(ServiceLoop.all.flatMap { $0.inputs + $0.alsoReads })
        let written = Set(ServiceLoop.all.flatMap(\.writes))
        #expect(Set(Topic.allCases).subtracting(read) == [.deadLetters, .restrictedDeadLetters])
        #expect(Set(Topic.allCases).subtracting(written) == [.registry])
    }

    @Test(
        "markers are expected exactly on the topics that only transactions write", arguments: Topic.allCases)
    func markers(topic: Topic) {
        let plain = ServiceLoop.all.filter { $0.kind != .processor }.flatMap(\.writes)
        // The operator publishes the registry without a transaction.
        #expect(topic.isWrittenInTransactionsOnly == !(plain + [.registry]).contains(topic))
    }

    @Test("a loop has a name of its own, under its service's")
    func names() {
        #expect(Set(ServiceLoop.all.map(\.name)).count == ServiceLoop.all.count)
        #expect(ServiceLoop.all.allSatisfy { $0.name.hasPrefix($0.service.name) })
        #expect(
            GroupPlan.all.map(\.loop) == [
                "dayu-intake.gateways", "dayu-intake.sources", "dayu-routing", "dayu-notification.addressing",
                "dayu-notification.dispatch",
                "dayu-notification.pusher", "dayu-notification.urgent-pusher", "dayu-analytics.grading",
                "dayu-analytics.alarming", "dayu-analytics.summarising", "dayu-analytics.inspecting",
                "dayu-analytics.counting",
            ])
        #expect(GroupPlan.all.first?.inputs == [], "which gateways there are, the registry says")
        #expect(GroupPlan.all[1].inputs == [.sources])
        #expect(GroupPlan.all[2].inputs == [.submissions, .actions])
        #expect(GroupPlan.all.last?.inputs == [])
    }

    @Test("what every processor refuses can become a dead letter")
    func letters() {
        // A loop that reads what it alone has written refuses nothing.
        for loop in ServiceLoop.all
        where loop.kind == .processor && (loop.inputs.isEmpty || !Set(loop.inputs).isSubset(of: loop.writes))
        {
            let letters = Set(loop.inputs.map(\.deadLetters))
                .union(loop.readsGateways ? [.restrictedDeadLetters] : [])
            #expect(letters.isSubset(of: loop.writes), "\(loop.name)")
            let written = loop.writes.filter { $0 == .deadLetters || $0 == .restrictedDeadLetters }
            #expect(Set(written) == letters, "\(loop.name) may write no more than it needs")
        }
    }

    @Test("only services behind the doors read what is restricted, and only Routing writes events")
    func restricted() {
        func services(_ topics: (ServiceLoop) -> [Topic], _ topic: Topic) -> [String] {
            Set(ServiceLoop.all.filter { topics($0).contains(topic) }.map(\.service.rawValue)).sorted()
        }
        let readers: [Topic: [String]] = [
            .contacts: ["desk", "notification"],
            .words: ["desk", "disclosure", "intake", "notification"], .access: ["desk"],
            .refusals: ["intake"],
            .noticeRequests: ["notification"], .jobs: ["notification"], .urgentJobs: ["notification"],
            .messages: ["notification"], .links: ["desk", "intake"], .follows: ["notification"],
            .restrictedDeadLetters: [],
        ]
        #expect(Set(readers.keys) == Set(Topic.allCases.filter(\.isRestricted)))
        for (topic, expected) in readers {
            #expect(services({ $0.inputs + $0.alsoReads }, topic) == expected, "\(topic)")
        }
        #expect(services(\.writes, .words) == ["analytics", "intake", "notification", "routing"])
        #expect(services(\.writes, .links) == ["intake", "notification"])
        #expect(services(\.writes, .contacts) == ["intake", "routing"])
        #expect(services(\.writes, .access) == ["desk"])
        #expect(services(\.writes, .follows) == ["intake"])
        #expect(services(\.writes, .followCounts) == ["notification"])
        #expect(services(\.writes, .events) == ["routing"])
        #expect(services(\.writes, .indicators) == ["analytics"])
        #expect(services(\.writes, .publications) == ["intake"])
    }

    // MARK: Rules

    @Test("a service reads and writes its own topics, groups and transactions")
    func routing() {
        let user = "dayu-routing"
        #expect(
            names(user, .read, .topic) == [
                "city.complaints.actions", "city.complaints.events", "city.complaints.submissions",
                "city.registry",
            ])
        #expect(
            names(user, .write, .topic) == [
                "city.complaints.actions", "city.complaints.contacts", "city.complaints.events",
                "city.complaints.refusals", "city.complaints.words", "city.dead-letters",
            ])
        #expect(names(user, .read, .group) == ["city.dayu-routing"])
        #expect(names(user, .describe, .group) == ["dayu-routing*"])
        #expect(names(user, .write, .transactionalID) == ["city.dayu-routing.*"])
        #expect(names(user, .idempotentWrite, .cluster) == [""])
    }

    @Test(
        "Intake takes what gateways write and what sources bring, in groups and in transactions, and remembers links"
    )
    func intake() {
        let user = "dayu-intake"
        #expect(
            names(user, .read, .topic) == [
                "city.complaints.events", "city.complaints.refusals", "city.complaints.words", "city.links",
                "city.registry", "city.sources", "city.gateways.*",
            ])
        #expect(
            names(user, .write, .topic) == [
                "city.complaints.actions", "city.complaints.contacts", "city.complaints.submissions",
                "city.complaints.words", "city.dead-letters.restricted", "city.follows", "city.links",
                "city.publications", "city.readings.reports", "city.sms.messages", "city.sms.receipts",
                "city.sources",
            ])
        #expect(names(user, .read, .group) == ["city.dayu-intake.gateways", "city.dayu-intake.sources"])
        #expect(
            names(user, .write, .transactionalID) == [
                "city.dayu-intake.gateways.*", "city.dayu-intake.sources.*",
            ])
    }

    @Test("the public side writes nothing; Intake alone reads what gateways write")
    func sides() {
        #expect(names("dayu-disclosure", .write, .topic) == [])
        #expect(names("dayu-disclosure", .write, .transactionalID) == [])
        let reading = rules.filter {
            $0.operation == .read && $0.resource == .topic && $0.name.contains("gateways")
        }
        #expect(reading == [AccessRule("dayu-intake", .read, .topic, "city.gateways.", .prefixed)])
    }

    @Test("a gateway writes to its own topic and may do nothing else")
    func gateway() {
        #expect(
            rules.filter { $0.user == "gateway-app" } == [
                AccessRule("gateway-app", .write, .topic, "city.gateways.app"),
                AccessRule("gateway-app", .idempotentWrite, .cluster),
            ])
        #expect(rules.last?.user == "gateway-hotline")
    }

    @Test("only the operator may do everything, and only under the prefix")
    func wide() {
        let wide = rules.filter { $0.operation == .all }
        #expect(wide == [AccessRule("dayu", .all, .topic, "city.", .prefixed)])
        #expect(Set(rules).count == rules.count, "no rule stands there twice")
    }

    // MARK: Texts

    @Test("a table has a row for each rule, with the cluster's own names of users")
    func table() throws {
        let form = try #require(PrincipalForm("User:CN={name},O=City"))
        let table = AccessRules(prefix: "city.", gateways: Self.gateways).table(form)
        #expect(table.count == rules.count + 1)
        let columns = table.map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(
            columns.contains(["User:CN=gateway-app,O=City", "Write", "topic", "literal", "city.gateways.app"])
        )
        #expect(columns.contains(["User:CN=dayu-intake,O=City", "IdempotentWrite", "cluster", "literal"]))
    }

    @Test("a script names each resource once, quoted for a shell")
    func script() throws {
        let form = try #require(PrincipalForm("User:it's {name}"))
        let script = AccessRules(prefix: "city.", gateways: Self.gateways).script(servers: "a:1,b:2", form)
        let lines = script.split(separator: "\n").map(String.init)
        #expect(lines.first == "#!/bin/sh")
        #expect(script.contains("--bootstrap-server 'a:1,b:2'"))
        let app = #"'User:it'\''s gateway-app'"#
        #expect(lines.contains("allow \(app) --operation Write --topic 'city.gateways.app'"))
        #expect(lines.contains("allow \(app) --operation IdempotentWrite --cluster"))
        let pusher = "--transactional-id 'city.dayu-notification.urgent-pusher.'"
        let transactions = lines.filter { $0.contains("--transactional-id") && $0.contains("notification") }
        #expect(transactions.count == 1)
        #expect(transactions.first?.hasSuffix(pusher) == true)
        #expect(transactions.first?.contains("--resource-pattern-type prefixed") == true)
        let named = lines.joined(separator: " ").split(separator: " ")
        for (resource, count) in Dictionary(grouping: rules, by: \.resource).mapValues(\.count) {
            #expect(named.count { $0 == "--\(resource.rawValue)" } == count, "\(resource)")
        }
    }

    @Test(
        "a form without a place for the name is refused",
        arguments: ["", "User:x", "{name}", "User:{name}\n"])
    func forms(text: String) { #expect(PrincipalForm(text) == nil) }

    // MARK: Keys

    @Test("a new key is shown with its hash and a row that the registry takes")
    func newKey() throws {
        let key = GatewayKeyText(secret: [UInt8](repeating: 9, count: 32))
        let lines = NewKey(key, gateway: "sms-centre").text.split(separator: "\n")
        let fields = lines.compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(fields.count == 3)
        #expect(fields[0] == key.text)
        #expect(fields[1] == key.hash.description)
        var folder = try SampleFolder()
        _ = folder.append("gateway-keys.csv", fields[2])
        #expect(folder.reading.faults == [])
        let registry = Registry(folder.reading.entities)
        let hash = try #require(GatewayKeyText(fields[0])).hash
        #expect(registry.gateway(withKeyHash: hash, at: .latest)?.id.rawValue == "sms-centre")
        #expect(NewKey(key, gateway: nil).text.hasSuffix("GATEWAY,\(key.hash),"))
    }
}
