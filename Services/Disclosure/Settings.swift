import Foundation
import HTTP
import Host
import Media
import Models
import Processing

/// The settings of Disclosure's operator.
struct Settings: Sendable {
    let server: ServerSettings
    let proxies: Proxies
    /// The limit for one address; nil: no limit.
    let rate: Rate?
    let site: String
    let leaflet: String
    let openness: Openness
    let facts: API.Facts
    let media: MediaPlace

    init(from reader: inout SettingsReader) {
        let server = reader.server(
            "DAYU_DISCLOSURE", port: 8081, threads: 4, serving: "the site with the open API")
        let rate = reader.rate(
            "DAYU_DISCLOSURE_REQUESTS_PER_MINUTE", preset: Self.requestsPerMinute,
            help:
                "how many requests one address or IPv6 network may send in a minute; files of the site count")
        self.init(from: &reader, server: server, rate: rate, public: true)
    }

    /// The settings that the public's site and the officials' desk have in common.
    init(
        from reader: inout SettingsReader, server: (settings: ServerSettings, proxies: Proxies), rate: Rate?,
        public isPublic: Bool
    ) {
        (self.server, proxies) = server
        self.rate = rate
        site = reader.text(
            "DAYU_DISCLOSURE_SITE", preset: Self.siteBesideExecutable, help: "the folder of the site's files")
        leaflet = reader.text(
            "DAYU_DISCLOSURE_LEAFLET", preset: "/usr/share/javascript/leaflet",
            help: "the folder of Leaflet, which draws the maps (Debian package: libjs-leaflet)")
        let intake = reader.address(
            "DAYU_DISCLOSURE_INTAKE", preset: "http://127.0.0.1:8080",
            help: "the address at which a citizen's browser reaches Intake; without a slash at the end")
        let city = reader.optionalText(
            "DAYU_DISCLOSURE_CITY",
            help:
                "what the site calls the city, Chinese/English; without it the name of its region in the registry"
        )
        let notice = reader.optionalText(
            "DAYU_DISCLOSURE_NOTICE",
            help: """
                a notice at the top of every page, Chinese/English, for example that the data is invented; without \
                it there is none
                """)
        let tiles = reader.optionalText(
            "DAYU_DISCLOSURE_TILES",
            help: "the tiles of the map, https://host/{z}/{x}/{y}.png; without them only the rivers are drawn"
        )
        let attribution = reader.optionalText(
            "DAYU_DISCLOSURE_TILES_SOURCE", help: "the source to name for the tiles, as their licence asks")
        openness = Openness(
            reviewsFirst: reader.flag(
                "DAYU_DISCLOSURE_REVIEW", preset: false,
                help: "whether citizens' texts and pictures wait until an office releases them"),
            showsHidden: isPublic
                && reader.flag(
                    "DAYU_DISCLOSURE_HIDDEN", preset: false,
                    help: """
                        whether this instance shows what is withheld or waits for release; only for an instance that \
                        nobody but officials can reach
                        """)
        )
        let own =
            isPublic
            ? reader.site(
                help: "the address at which the public reaches this site; Open311 clients are told it") : nil
        facts = API.Facts(
            city: city.map { Self.name($0, of: "DAYU_DISCLOSURE_CITY", &reader) }, site: own ?? "",
            intake: intake,
            tiles: tiles.map { AboutAnswer.Tiles(url: $0, attribution: attribution) },
            takesMediaLinks: reader.mediaLinks(),
            notice: notice.map { Self.name($0, of: "DAYU_DISCLOSURE_NOTICE", &reader) },
            language: reader.choice(
                "DAYU_DISCLOSURE_LANGUAGE", preset: Language.zh,
                help: "the language in which the site begins; each reader may choose the other one"),
            rules: EvaluationRules(from: &reader),
            marksSpikes: reader.flag(
                "DAYU_DISCLOSURE_SPIKES", preset: true,
                help: "whether single jumps of one parameter are marked; as DAYU_ANALYTICS_ALARM_SPIKES"))
        media = reader.media()
        check(&reader)
    }

    /// When a page is first opened, it asks for about forty files and answers; an open complaint asks six
    /// times a minute. So 300 people behind one address can open the site in the same minute.
    private static let requestsPerMinute = 12_000

    private func check(_ reader: inout SettingsReader) {
        if !FileManager.default.fileExists(atPath: "\(site)/index.html") {
            reader.fault("DAYU_DISCLOSURE_SITE: \(site) has no index.html")
        }
        if ContentPolicy.origin(of: facts.intake) == nil {
            reader.fault("DAYU_DISCLOSURE_INTAKE: \"\(facts.intake)\" has no host")
        }
        if let tiles = facts.tiles?.url, ContentPolicy.origin(of: tiles) == nil {
            reader.fault("DAYU_DISCLOSURE_TILES: \"\(tiles)\" is not an http(s) URL")
        }
    }

    private static func name(_ text: String, of setting: String, _ reader: inout SettingsReader) -> Name {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            reader.fault(
                "\(setting): \"\(text)\" must be a Chinese and an English text with a slash between them")
            return Name(zh: text, en: text)
        }
        return Name(zh: parts[0], en: parts[1])
    }

    /// The folder in which the build puts the files of the executable.
    private static var siteBesideExecutable: String {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return URL(fileURLWithPath: executable).deletingLastPathComponent().path
            + "/Dayu_Disclosure.resources/Site"
    }
}

extension EvaluationRules {
    fileprivate init(from reader: inout SettingsReader) {
        self.init()
        rounding = reader.choice(
            "DAYU_DISCLOSURE_ROUNDING", preset: rounding,
            help: "how means are rounded before they are judged")
        means = reader.choice(
            "DAYU_DISCLOSURE_MEANS", preset: means,
            help: "whether the mean of a month is the mean of all values or of the days' means")
        leastValues = reader.integer(
            "DAYU_DISCLOSURE_LEAST_VALUES", preset: leastValues, in: 1...10_000,
            help: "a mean of fewer values in a period is shown and not judged")
    }
}
