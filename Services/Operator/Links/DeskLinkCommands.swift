import Host
import Kafka
import Links
import Models
import Processing

extension Command {
    static let linkOffice = desk("office", "REGION", "an office") { id, _ in Actor(role: .office, id: id) }
    static let linkChief = desk("chief", "ID", "a chief") { id, _ in Actor(role: .chief, id: id) }
    static let linkDepartment = desk("department", "ID", "a department") { id, _ in
        Actor(role: .department, id: id)
    }
    static let linkClerk = desk("clerk", "ID", "a clerk of an office") { id, registry in
        ClerkID(id).flatMap { registry.clerks[$0] }.map {
            Actor(role: .office, id: $0.office.rawValue, clerk: $0.id)
        }
    }

    private static func desk(
        _ kind: String, _ operand: String, _ whose: String,
        official: @escaping @Sendable (String, Registry) -> Actor?
    ) -> Command {
        Command(
            name: ["link", kind],
            summary: "prints a link to the desk of \(whose)",
            details: """
                Writes a link to the topic links and prints its address. Whoever opens it works as this official until
                the link expires, so give it to nobody else. It is printed once: the topic holds only what it opens.
                dayu link revoke --of takes it back. DAYU_DESK_SITE is the address of the desk, such as
                https://desk.example.org.
                """,
            operands: [operand],
            options: [
                Option(
                    name: "--valid", value: "TIME",
                    help: "how long it can be used, such as 8h; at most 31d; default: 8h")
            ],
            targets: { $0.targets() }
        ) { arguments, surroundings in
            guard let site = surroundings.environment[DeskLinkWriting.setting], !site.isEmpty else {
                throw Arguments.Misuse(what: "\(DeskLinkWriting.setting) is not set")
            }
            let text = arguments.text("--valid") ?? "8h"
            guard let valid = Duration(short: text), (.seconds(60)...DeskLink.validAtMost).contains(valid)
            else { throw Arguments.Misuse(what: "--valid must be a time from 1m to 31d, such as 8h") }
            let registry = Registry(try RegistryTopic(surroundings).read().entities)
            let name = arguments.operands[0]
            guard let desk = official(name, registry), registry.has(desk) else {
                Terminal.complain("the registry has no \(kind) \"\(Terminal.harmless(name))\"")
                return .fault
            }
            var random = SystemRandomNumberGenerator()
            let handle = LinkHandle(
                drawn: (0..<LinkHandle.drawnBytes).map { _ in UInt8.random(in: .min ... .max, using: &random)
                })
            let now = Instant.now
            let link = DeskLink(to: desk, in: registry, expiresAt: now + valid)
            try DeskLinkWriting(surroundings).write(link, handle, at: now)
            Terminal.say(DeskLink.address(handle, site: site.hasSuffix("/") ? String(site.dropLast()) : site))
            Terminal.complain("\(link.owner), valid until \(link.expiresAt)")
            return .done
        }
    }
}

struct DeskLinkWriting {
    static let setting = "DAYU_DESK_SITE"

    private static let flushMilliseconds: Int32 = 30_000

    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    func write(_ link: DeskLink, _ handle: LinkHandle, at now: Instant) throws {
        let record = link.record(handle, id: "printed", source: Surroundings.clientID, trail: Trail(at: now))
        let producer = try Producer(surroundings.cluster, clientID: Surroundings.clientID)
        try producer.send(OutgoingRecord(record, prefix: surroundings.prefix))
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}
