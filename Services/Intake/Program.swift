import Dispatch
import HTTP
import Host
import Links
import Media
import Models
import Pictures
import Synchronization
import Text

/// The service, or a child of it that decodes one picture; its executable does nothing else.
package func runIntake() {
    if CommandLine.arguments.dropFirst() == [PictureChild.argument] { PictureChild.run() }
    Program.main()
}

enum Program: HostedService {
    struct Settings {
        var server: ServerSettings
        var proxies: Proxies
        var rates: Admission.Rates
        var identityKey: [UInt8]?
        var securityLog: String?
        var links: LinkWriter?
        var numbers: NumberKey?
        var gateways: SMSDialects
        var country: CallingCode
        var localOffset: Duration
        var spoolRecords: Int
        var partitionBytes: Int
        var stations: StationSettings?
        var sources: SourceSettings?
        var pictures: PictureSettings
        /// Nil: nobody can ask for the link to his desk.
        var access: AccessSettings?

        var localZone: Zone {
            guard let zone = Zone(offset: localOffset) else {
                preconditionFailure("\(localOffset) is a setting and no offset of clocks")
            }
            return zone
        }
    }

    static let name = "dayu-intake"
    static let summary = "takes complaints, actions and readings from outside, and never loses one"
    static let adminPort = 9101

    static func settings(from reader: inout SettingsReader) -> Settings {
        let read = reader.server("DAYU_INTAKE", port: 8080, threads: 2, serving: "the API")
        var server = read.settings
        server.allowedOrigin = reader.optionalText(
            "DAYU_INTAKE_ORIGIN",
            help: "the web sites whose pages may post here (CORS), with blanks between them, or *")
        let (links, numbers) = (reader.links(), reader.numberKey(isNeeded: false))
        return Settings(
            server: server, proxies: read.proxies, rates: rates(from: &reader),
            identityKey: reader.secret(
                "DAYU_INTAKE_IDENTITY_KEY",
                help: """
                    the secret from which the ids of complaints are made: 32 bytes or more in hexadecimal or base64; \
                    all instances of Intake need the same one, and nobody else may have it; without it Intake makes \
                    one and keeps it in the data folder
                    """),
            securityLog: reader.optionalText(
                "DAYU_INTAKE_SECURITY_LOG",
                help: """
                    the file in which Intake writes who used which key or link for what; it may be renamed at any \
                    time; default: security.log in the data folder
                    """),
            links: links, numbers: numbers,
            gateways: SMSDialects(from: &reader), country: reader.callingCode(),
            localOffset: .seconds(
                60
                    * reader.integer(
                        "DAYU_UTC_OFFSET_MINUTES", preset: 480, in: -720...840,
                        help: """
                            the offset of times in tables that give none, if the registry has no time zone for the \
                            section's region
                            """)),
            spoolRecords: reader.integer(
                "DAYU_INTAKE_SPOOL_RECORDS", preset: 1_000_000, in: 0...1_000_000_000,
                help: "how many records may wait on disk while Kafka is away; more get 503"),
            partitionBytes: reader.integer(
                "DAYU_INTAKE_PARTITION_BYTES", preset: 0, in: 0...1_000_000_000_000,
                help: """
                    how many bytes one partition may hold with what Intake writes; each record that is there at the \
                    start counts as 1,000 bytes; more get 503. For a broker that drops the oldest records beyond a \
                    size, such as dayu broker; 0: no limit
                    """),
            stations: StationSettings(from: &reader), sources: SourceSettings(from: &reader),
            pictures: PictureSettings(from: &reader),
            access: AccessSettings(from: &reader, numbers: numbers, hasLinks: links != nil))
    }

    private static func rates(from reader: inout SettingsReader) -> Admission.Rates {
        Admission.Rates(
            address: reader.rate(
                "DAYU_INTAKE_REQUESTS_PER_MINUTE", preset: 60,
                help: "how many POSTs one address or IPv6 network may send in a minute without a key"),
            reader: reader.rate(
                "DAYU_INTAKE_READS_PER_MINUTE", preset: 1200,
                help: """
                    how many other requests one address or IPv6 network may send in a minute without a key
                    """),
            gateway: reader.rate(
                "DAYU_INTAKE_GATEWAY_REQUESTS_PER_MINUTE", preset: 6000,
                help: """
                    how many POSTs a gateway may send in a minute, and as many other requests, if gateways.csv gives \
                    no number
                    """))
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        context.log.tell(of: settings.links)
        context.watch(Reception.topics)
        let identities = Identities(
            key: try settings.identityKey ?? IdentityKeyFile(folder: context.dataFolder).key(log: context.log)
        )
        let links = LinkReader(path: ProjectionLoop<LinkBook>.path(in: context, name: LinkBook.name))
        let outcomes = OutcomeReader(path: ProjectionLoop<Outcomes>.path(in: context, name: Outcomes.name))
        let reception = { @Sendable (atlas: Atlas) in
            Reception(
                atlas: atlas, identities: identities, links: settings.links,
                isTakenBack: { ((try? links.isTakenBack(from: $0)) ?? false) || outcomes.isErased($0) },
                numbers: settings.numbers, takesLinks: settings.pictures.takesLinks)
        }
        let security = try SecurityLog(
            path: settings.securityLog ?? "\(context.dataFolder)/security.log", context)
        let copy = RegistryCopy()
        let writerStop = StopFlag()
        // The writer must outlive the doors: they wait for its reports before they answer.
        let doors = OpenDoors(settings.stations == nil ? 1 : 2, lastClosed: writerStop.raise)
        let writer = RecordWriter(
            context, spoolLimit: settings.spoolRecords, partitionBytes: settings.partitionBytes,
            stop: writerStop)
        let pictures = PictureDesk(
            settings.pictures.place.store(), PictureWork(), settings.pictures.limits,
            kept: settings.pictures.kept, context.metrics)
        let access = settings.access.map { AccessDoor($0, settings.country, copy, writer, context) }
        let stations = settings.stations.map { stations in
            let board = StationBoard(context)
            return Worker("stations") {
                defer { doors.close() }
                try StationsDoor(stations, context, copy, writer, security, reception: reception).run(board)
            }
        }
        let sources = settings.sources.map { sources in
            SourcesLoop(
                settings: sources, localZone: settings.localZone, context: context, registry: copy,
                security: security, reception: reception)
        }
        return [
            Worker("registry") { try copy.run(context) },
            Worker("writer") { try writer.run() },
            Worker("outcomes") { try follow({ Outcomes.loop(context) }, name: Outcomes.name, context) },
            Worker("links") {
                try follow({ LinkBook.loop(context, links, writer) }, name: LinkBook.name, context)
            },
            Worker("picture claims") {
                let claims = PictureClaims.following(pictures, settings.pictures, writer, context)
                try follow(claims, name: PictureClaims.name, context)
            },
            Worker("gateways") {
                GatewayDoorLoop(
                    context: context, reception: reception, country: settings.country, registry: copy,
                    security: security, pictures: pictures
                ).run()
            },
            Worker("security log") {
                context.health.part("security log").ready()
                security.run(until: writerStop)
            },
            Worker("http") {
                defer { doors.close() }
                try HTTPDoor(
                    settings, context, copy, writer, links, outcomes, security, pictures, access,
                    reception: reception
                ).run()
            },
        ] + pictures.hands(settings.pictures.atOnce, until: writerStop, context)
            + [stations, sources.map { loop in Worker("sources") { loop.run() } }].compactMap(\.self)
    }
}

/// How many doors that hand records to the writer are open.
private final class OpenDoors: Sendable {
    private let count: Atomic<Int>
    private let lastClosed: @Sendable () -> Void

    init(_ count: Int, lastClosed: @escaping @Sendable () -> Void) {
        self.count = Atomic(count)
        self.lastClosed = lastClosed
    }

    func close() {
        if count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { lastClosed() }
    }
}
