import Foundation
import HTTP
import Host
import Media
import Models
import Processing
import Store
import Text

/// The service; its executable does nothing else.
///
/// `--audience officials` makes it the officials' desk; `--audience everybody` is the preset.
package func runDisclosure() {
    var words = Array(CommandLine.arguments.dropFirst())
    guard let place = words.firstIndex(of: "--audience") else { return Program.main() }
    let audience = words.indices.contains(place + 1) ? words[place + 1] : ""
    words.removeSubrange(place..<min(place + 2, words.count))
    switch audience {
    case "officials": DeskProgram.main(words)
    case "everybody": Program.main(words)
    default:
        FileHandle.standardError.write(
            Data("dayu-disclosure: --audience is everybody or officials; try --help\n".utf8))
        exit(64)
    }
}

/// Shows the public the rivers, the readings and what became of every complaint.
///
/// One loop reads the topics into the model; the server's threads read the model. They share only the file.
enum Program: HostedService {
    static let name = "dayu-disclosure"
    static let summary = "shows the public the rivers, the readings and every complaint with its outcome"
    static let adminPort = 9104

    static func settings(from reader: inout SettingsReader) -> Settings {
        Settings(from: &reader)
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        let path = ProjectionLoop<ReadModel>.path(in: context, name: name)
        let readers = Readers(path: path, count: settings.server.threads, settings.openness)
        let router = try router(settings, context, readers, for: .everybody) { name, _ in
            try readers.read { reader, _, _ in try reader.shows(name) }
        } more: { _ in
        }
        let server = try Server(serverSettings(settings, context), router)
        context.health.watch("serving") { server.longestWork }
        context.log.info("serving", ["address": .text(settings.server.address), "port": .of(server.port)])
        return [
            Worker("reading") { try reading(context).run() },
            Worker("serving") {
                context.health.part("serving").ready()
                context.waitToStopServing()
                server.drain(within: drainWithin)
            },
        ]
    }

    static let drainWithin: Duration = .seconds(5)

    private static func reading(_ context: HostContext) -> ProjectionLoop<ReadModel> {
        let (onSkip, onUncompacted) = complaints(of: context)
        return ProjectionLoop(context, name: name, topics: ReadModel.topics, sharing: .everything) {
            database in
            try ReadModel(database, onSkip: onSkip, onUncompacted: onUncompacted)
        }
    }

    /// What a model does with a record that it can't understand, and with a file that can't be compacted.
    static func complaints(
        of context: HostContext
    ) -> (onSkip: (Record, Malformed) -> Void, onUncompacted: (StoreError) -> Void) {
        let skipped = context.metrics.counter(
            "dayu_records_skipped_total", help: "Records that could not be understood and were left out.")
        return (
            { record, malformed in
                skipped.add()
                // Logs where the record is and which fields are wrong, but not their content, which may
                // be somebody's words.
                context.log.warning(
                    "a record was skipped",
                    [
                        "topic": .text(record.topic.rawValue), "partition": .of(record.partition),
                        "offset": .of(record.offset),
                        "fields": .text(malformed.faults.map(\.field).joined(separator: " ")),
                    ])
            },
            { error in
                context.log.warning(
                    "the read model's file could not be compacted", ["reason": .text("\(error)")])
            }
        )
    }

    /// - Parameters:
    ///   - mayShow: whether whoever asks for a picture is shown it.
    ///   - more: registers further routes.
    static func router(
        _ settings: Settings, _ context: HostContext, _ readers: Readers, for audience: Audience,
        mayShow: @escaping PictureServing.Right, more: (inout Router) -> Void
    ) throws -> Router {
        if Site.files(in: settings.leaflet).isEmpty {
            context.log.warning(
                "Leaflet is missing, so the site shows no maps", ["folder": .text(settings.leaflet)])
        }
        let api = API(readers, settings.facts) { error in
            context.log.warning("the model can't be read", ["reason": .text("\(error)")])
        }
        let policy = ContentPolicy(intake: settings.facts.intake, tiles: settings.facts.tiles?.url)
        var router = Router()
        api.register(in: &router, for: audience)
        more(&router)
        let isPrivate = audience == .officials || settings.openness.showsHidden
        PictureServing(settings.media.store(), isPrivate: isPrivate, isShown: mayShow) { reason in
            context.log.warning("a picture can't be read", ["reason": .text(reason)])
        }.register(in: &router)
        try Site(folder: settings.site, leaflet: settings.leaflet, policy: policy).register(
            in: &router, for: audience)
        return router
    }

    static func serverSettings(_ settings: Settings, _ context: HostContext) -> ServerSettings {
        let seconds = context.metrics.histogram(
            "dayu_http_request_seconds", help: "Time from the head of a request to its answer.")
        let answered = (2...5).map { status in
            context.metrics.counter(
                "dayu_http_requests_total", ["status": "\(status)xx"], help: "Requests answered.")
        }
        var server = settings.server
        // Open data: pages of any origin may read it. The API does not know who asks.
        server.allowedOrigin = "*"
        server.admission = AddressLimit(settings.rate, context.metrics).admission(behind: settings.proxies)
        server.noRoom = context.metrics.noRoom()
        server.obstruction = { [obstruction = context.obstruction] in obstruction.response }
        server.access = { access in
            seconds.observe(access.duration)
            if answered.indices.contains(access.status / 100 - 2) { answered[access.status / 100 - 2].add() }
        }
        return server
    }
}
