import Host
import Media
import Models

struct PictureSettings: Sendable {
    let place: MediaPlace
    /// How many are decoded at once.
    let atOnce: Int
    /// How long a picture waits for somebody to use it.
    let kept: Duration
    let limits: UnusedPictures.Limits
    /// Whether words may hold links to pictures on other sites.
    let takesLinks: Bool

    init(from reader: inout SettingsReader) {
        place = reader.media()
        atOnce = reader.integer(
            "DAYU_INTAKE_PICTURES_AT_ONCE", preset: 2, in: 1...64,
            help:
                "how many pictures are decoded at once, each in a process that may take up to 1 GB of memory")
        let kept = reader.duration(
            "DAYU_INTAKE_PICTURES_UNUSED_FOR", preset: .seconds(7 * 86_400),
            help: "how long an uploaded picture can be used in a complaint or an action; then it is removed")
        if kept < .seconds(1) { reader.fault("DAYU_INTAKE_PICTURES_UNUSED_FOR: is less than 1s") }
        self.kept = kept
        func bytes(_ name: String, _ preset: Int, _ whose: String) -> Int? {
            let bytes = reader.integer(
                name, preset: preset, in: 0...1_000_000_000_000_000,
                help: "how many bytes of pictures \(whose) may have uploaded and not used; 0: no limit")
            return bytes > 0 ? bytes : nil
        }
        limits = UnusedPictures.Limits(
            all: bytes("DAYU_INTAKE_PICTURES_UNUSED_BYTES", 10_737_418_240, "all clients together"),
            address: bytes(
                "DAYU_INTAKE_PICTURES_UNUSED_BYTES_PER_ADDRESS", 104_857_600,
                "one address or IPv6 network"))
        takesLinks = reader.mediaLinks()
    }
}

extension PictureDesk {
    /// The threads that decode pictures and ask the store.
    func hands(_ count: Int, until stop: StopFlag, _ context: HostContext) -> [Worker] {
        (1...count).map { number in
            Worker("pictures \(number)") { [bench] in
                context.health.part("pictures \(number)").ready()
                bench.work(until: stop)
            }
        }
    }
}

extension PictureClaims {
    /// Reads which pictures are in use, and removes the others.
    static func following(
        _ desk: PictureDesk, _ settings: PictureSettings, _ writer: RecordWriter, _ context: HostContext
    ) -> () -> ProjectionLoop<PictureClaims> {
        let news = ClaimNews(onUse: { [unused = desk.unused] in unused.remove($0) })
        let claims = ClaimReader(path: ProjectionLoop<PictureClaims>.path(in: context, name: name))
        let sweeping = PictureSweeping(
            desk.store, claims, news, desk.unused, kept: settings.kept, context)
        return {
            ProjectionLoop(
                context, name: name, topics: topics, sharing: .everything, isVital: false,
                onTurn: { isCurrent in
                    sweeping.turn(isWritten: writer.hasNothingSpooled, isCurrent: isCurrent)
                },
                make: { try PictureClaims($0, news: news) })
        }
    }
}
