import Dispatch
import Host
import Links
import Models

@main
enum Program: HostedService {
    struct Settings {
        var address: String
        var port: UInt16
        var threads: Int
        var allowedOrigin: String?
        var identityKey: [UInt8]?
        var securityLog: String?
        var links: LinkWriter?
        var country: CallingCode
        var localOffset: Duration
        var spoolRecords: Int
    }

    static let name = "dayu-intake"
    static let summary = "takes complaints, actions and readings from outside, and never loses one"
    static let adminPort = 9101

    static func settings(from reader: inout SettingsReader) -> Settings {
        Settings(
            address: reader.text("DAYU_INTAKE_ADDRESS", preset: "127.0.0.1", help: "where the API listens"),
            port: reader.port("DAYU_INTAKE_PORT", preset: 8080, help: "its port"),
            threads: reader.integer(
                "DAYU_INTAKE_THREADS", preset: 2, in: 1...64, help: "threads that serve it"),
            allowedOrigin: reader.optionalText(
                "DAYU_INTAKE_ORIGIN", help: "the web site whose pages may post here (CORS), or *"),
            identityKey: reader.secret(
                "DAYU_INTAKE_IDENTITY_KEY",
                help: """
                    the secret of the identities of complaints: 32 bytes or more in hexadecimal or base64, the \
                    same for all instances of Intake and for nobody else; without it one is made and kept in the \
                    data folder
                    """),
            securityLog: reader.optionalText(
                "DAYU_INTAKE_SECURITY_LOG",
                help: """
                    the file that tells who used which key or link for what; it may be renamed at any time; without \
                    it security.log in the data folder
                    """),
            links: reader.links(), country: reader.callingCode(),
            localOffset: .seconds(
                60
                    * reader.integer(
                        "DAYU_UTC_OFFSET_MINUTES", preset: 480, in: -720...840,
                        help: "the city's time, for tables whose times name no offset")),
            spoolRecords: reader.integer(
                "DAYU_INTAKE_SPOOL_RECORDS", preset: 1_000_000, in: 0...1_000_000_000,
                help: "records that wait on disk while Kafka is away; beyond it 503"))
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        context.log.tell(of: settings.links)
        let identities = Identities(
            key: try settings.identityKey ?? IdentityKeyFile(folder: context.dataFolder).key(log: context.log)
        )
        let reception = { @Sendable (atlas: Atlas) in
            Reception(atlas: atlas, identities: identities, links: settings.links)
        }
        let copy = RegistryCopy()
        let links = LinkReader(path: ProjectionLoop<LinkBook>.path(in: context, name: LinkBook.name))
        let writerStop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: settings.spoolRecords, stop: writerStop)
        return [
            Worker("registry") { try copy.run(context) },
            Worker("writer") { try writer.run() },
            Worker("outcomes") { follow({ Outcomes.loop(context) }, name: Outcomes.name, context) },
            Worker("links") {
                follow({ LinkBook.loop(context, links) }, name: LinkBook.name, context) {
                    links.note(isCurrent: false)
                }
            },
            Worker("gateways") {
                GatewayDoorLoop(
                    context: context, reception: reception, country: settings.country, registry: copy
                ).run()
            },
            Worker("http") {
                // The writer outlives the server: requests in flight are answered by its reports.
                defer { writerStop.raise() }
                try HTTPDoor(settings, context, copy, writer, links, reception: reception).run()
            },
        ]
    }
}
