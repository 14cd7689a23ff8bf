import Dispatch
import HTTP
import Host
import Links
import Models
import Processing
import Synchronization

/// Sends an official or a clerk the link to his desk when he asks for it with his number.
///
/// The answer does not tell whether the registry knows the number, nor does its time: it is given before the
/// number is looked up.
final class AccessDoor: Sendable {
    enum Limit {
        /// Messages for one number: three at once, then one in ten minutes. Nobody can fill a phone.
        static let number = TokenBucket.Refill(one: .seconds(600), all: .seconds(1800))
        /// An office behind one address has its clerks' requests on one morning.
        static let address = TokenBucket.Refill(one: .seconds(60), all: .seconds(1800))
        static let keys = 50_000
        /// Numbers that wait to be looked up.
        static let waiting = 1_000
    }

    private let settings: AccessSettings
    private let country: CallingCode
    private let registry: RegistryCopy
    private let writer: RecordWriter
    private let log: Log
    private let addresses = Mutex(Buckets<IPAddress>(limit: Limit.keys))
    private let numbers = Mutex(Buckets<NumberHandle>(limit: Limit.keys))
    private let limited: Metrics.Counter
    private let waiting = Atomic(0)
    private let queue = DispatchQueue(label: "desk links")

    init(
        _ settings: AccessSettings, _ country: CallingCode, _ registry: RegistryCopy, _ writer: RecordWriter,
        _ context: HostContext
    ) {
        self.settings = settings
        self.country = country
        self.registry = registry
        self.writer = writer
        log = context.log
        limited = context.metrics.requestsLimited(of: "number")
    }

    /// The limits are the same for every number, known or not.
    func ask(_ asked: AccessForm.Asked, from client: IPAddress?, at now: Duration) throws(Problem) {
        if let client,
            let wait = addresses.withLock({ $0.take(from: client.network, Limit.address, at: now) })
        {
            throw tooOften("this address", wait)
        }
        let handle = settings.numbers.handle(of: asked.phone)
        if let wait = numbers.withLock({ $0.take(from: handle, Limit.number, at: now) }) {
            throw tooOften("this number", wait)
        }
        guard waiting.add(1, ordering: .relaxed).newValue <= Limit.waiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw Problem(
                status: 503, detail: "too many ask for their links now", headers: [("Retry-After", "10")])
        }
        queue.async { [self] in
            waiting.subtract(1, ordering: .relaxed)
            send(to: asked)
        }
    }

    private func tooOften(_ whose: String, _ wait: Duration) -> Problem {
        limited.add()
        return Problem(
            status: 429, detail: "links were asked for too often with \(whose)",
            headers: [("Retry-After", "\(wait.components.seconds + 1)")])
    }

    private func send(to asked: AccessForm.Asked) {
        let links = DeskLinks(
            registry: registry.atlas.registry, country: country, mobile: settings.mobile,
            numbers: settings.numbers, site: settings.site, text: settings.text.spoken(in: asked.language))
        let people = links.people(of: asked.phone)
        log.info("a link to the desk was asked for", ["sent": .of(people.count)])
        var random = SystemRandomNumberGenerator()
        for person in people {
            let bytes = (0..<LinkHandle.drawnBytes).map { _ in UInt8.random(in: .min ... .max, using: &random)
            }
            write(links.records(for: person, LinkHandle(drawn: bytes), to: asked.phone, at: .now)[...])
        }
    }

    /// One stage after the other. A record that the spool has is safe, too.
    private func write(_ stages: ArraySlice<[Outgoing]>) {
        guard let stage = stages.first else { return }
        writer.write(stage) { [self] outcome in
            switch outcome {
            case .written, .spooled: write(stages.dropFirst())
            case .failed(let reason): warn("\(reason)")
            case .refused: warn("the record would be too large for the log")
            }
        }
    }

    /// Whoever asked gets no message and asks again.
    private func warn(_ reason: String) {
        log.warning("a link to the desk was not sent", ["reason": .text(reason)])
    }
}

struct AccessSettings: Sendable {
    let site: String
    let text: AccessText
    let mobile: MobileNumbers
    let numbers: NumberKey

    /// Nil if the address of the desk, the key of numbers or that of links is not set.
    init?(from reader: inout SettingsReader, numbers: NumberKey?, hasLinks: Bool) {
        let site = reader.address(
            "DAYU_DESK_SITE", preset: "",
            help: """
                the address at which officials reach the desk; with it, DAYU_LINK_KEY and DAYU_NUMBER_KEY, Intake \
                sends them their links
                """)
        let form = reader.optionalText(
            "DAYU_INTAKE_ACCESS_TEXT",
            help: """
                the whole message with the link to a desk, for every language; {link} stands for the link, {who} and \
                {who-en} for the owner's name; default: our own in the language of the page on which he asked
                """)
        let usual = AccessText.usual(reader.signature(), in: reader.messageLanguage())
        let text = form.map { AccessText($0) } ?? usual
        if text == nil {
            reader.fault(
                "DAYU_INTAKE_ACCESS_TEXT: has no {link}, or more than \(AccessText.most) characters")
        }
        let mobile = reader.mobileNumbers()
        guard !site.isEmpty, let text, let numbers, hasLinks else { return nil }
        (self.site, self.text, self.mobile, self.numbers) = (site, text, mobile, numbers)
    }
}
