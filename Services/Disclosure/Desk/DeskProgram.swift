import Foundation
import HTTP
import Host
import Links
import Models
import Processing
import Text

/// Disclosure for officials, `dayu-disclosure --audience officials`: the same pages and the desk, with a
/// Kafka user and a port of its own. Everybody needs a desk link or its session (`DeskGate`).
enum DeskProgram: HostedService {
    struct DeskSettings: Sendable {
        let site: Disclosure.Settings
        let key: LinkKey?
        /// The address at which officials reach the desk.
        let address: String
        let country: CallingCode
    }

    static let name = "dayu-desk"
    static let summary = "shows officials what they have to do, with the contacts that they may see"
    static let adminPort = 9106

    static func settings(from reader: inout SettingsReader) -> DeskSettings {
        let server = reader.server("DAYU_DESK", port: 8085, threads: 4, serving: "the officials' desk")
        let rate = reader.rate(
            "DAYU_DESK_REQUESTS_PER_MINUTE", preset: 3000,
            help: "how many requests one address or IPv6 network may send to the desk in a minute")
        let address = reader.optionalText(
            "DAYU_DESK_SITE",
            help: "the address at which officials reach the desk, such as https://desk.example.org")
        let site = Disclosure.Settings(from: &reader, server: server, rate: rate, public: false)
        let links = reader.links()
        if links == nil { reader.fault("DAYU_LINK_KEY: is needed by the desk") }
        if let address, ContentPolicy.origin(of: address) == nil {
            reader.fault("DAYU_DESK_SITE: \"\(address)\" is not an http(s) URL")
        }
        return DeskSettings(
            site: site, key: links?.key, address: address ?? "", country: reader.callingCode())
    }

    static func workers(_ settings: DeskSettings, _ context: HostContext) throws -> [Worker] {
        guard let key = settings.key else { preconditionFailure("the desk has no key of links") }
        context.watch([.access])
        let path = ProjectionLoop<DeskModel>.path(in: context, name: name)
        let threads = settings.site.server.threads
        let own = settings.site.openness
        var open = own
        (open.showsHidden, open.showsInternal) = (true, true)
        let readers = Readers(path: path, count: threads, open)
        // To everybody who has a session the public pages show what the public sees, and no more.
        let publicReaders = Readers(
            path: path, count: threads, Openness(reviewsFirst: own.reviewsFirst, redacts: true))
        let gate = DeskGate(key, readers, isSecure: settings.address.hasPrefix("https://")) { .now }
        let writerStop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: spoolRecords, stop: writerStop)
        let desk = DeskAPI(readers, gate, country: settings.country, now: { .now }) { records, then in
            writer.write(records) { outcome in
                switch outcome {
                case .written, .spooled: then(true)
                case .failed, .refused: then(false)
                }
            }
        } onFailure: { error in
            context.log.warning("the model can't be read", ["reason": .text("\(error)")])
        }
        let pictures = DeskPictures(gate: gate, readers: readers, everybodys: publicReaders)
        let router = try Program.router(settings.site, context, publicReaders, for: .officials) {
            name, request in
            try pictures.isShown(name, to: request)
        } more: {
            desk.register(in: &$0)
        }
        let server = try Server(serverSettings(settings.site, gate, context), router)
        context.health.watch("serving") { server.longestWork }
        context.log.info(
            "serving", ["address": .text(settings.site.server.address), "port": .of(server.port)])
        return [
            Worker("reading") { try reading(context).run() },
            Worker("writer") {
                try writer.run()
            },
            Worker("news") {
                context.health.part("news").ready()
                desk.news.run(until: context.stop)
            },
            Worker("serving") {
                context.health.part("serving").ready()
                context.waitToStopServing()
                server.drain(within: Program.drainWithin)
                writerStop.raise()
            },
        ]
    }

    /// Views of contacts that wait while Kafka is away.
    private static let spoolRecords = 10_000

    private static func reading(_ context: HostContext) -> ProjectionLoop<DeskModel> {
        let (onSkip, onUncompacted) = Program.complaints(of: context)
        return ProjectionLoop(context, name: name, topics: DeskModel.topics, sharing: .everything) {
            database in
            try DeskModel(database, onSkip: onSkip, onUncompacted: onUncompacted)
        }
    }

    private static func serverSettings(
        _ settings: Disclosure.Settings, _ gate: DeskGate, _ context: HostContext
    ) -> ServerSettings {
        var server = Program.serverSettings(settings, context)
        server.allowedOrigin = nil
        let limit = server.admission
        server.admission = { request in limit?(request) ?? gate.refusal(of: request) }
        return server
    }
}
