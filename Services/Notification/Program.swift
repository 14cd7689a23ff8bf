import HTTP
import Host
import Links
import Models

/// The service; its executable does nothing else.
package func runNotification() { Program.main() }

enum Program: HostedService {
    struct Settings: Sendable {
        var language: Language
        /// Nil only after a fault in the settings: nothing runs without this key.
        var numbers: NumberKey?
        var mobiles: MobileNumbers
        var country: CallingCode
        var limits: NumberLimits
        var city: SendLimit
        var links: LinkWriter?
        var manner: Manner
        var window: Duration
        var outlet: Outlet
    }

    static let name = "dayu-notification"
    static let summary =
        "tells chiefs, offices and complainants by SMS what happened, and follows each message to its end"
    static let adminPort = 9103

    static func settings(from reader: inout SettingsReader) -> Settings {
        let language = reader.messageLanguage()
        let country = reader.callingCode()
        let outlet = Outlet(from: &reader, country: country)
        let mobiles = reader.mobileNumbers()
        let limits = limits(from: &reader)
        return Settings(
            language: language, numbers: reader.numberKey(), mobiles: mobiles, country: country,
            limits: limits, city: cityLimit(from: &reader), links: reader.links(),
            manner: manner(from: &reader), window: window(from: &reader), outlet: outlet)
    }

    private static func manner(from reader: inout SettingsReader) -> Manner {
        let signature = reader.signature()
        let segments = reader.integer(
            "DAYU_NOTIFICATION_SEGMENTS", preset: 2, in: Manner.mostSegments,
            help: "the most segments of a message; what people wrote is quoted only as far as there is room")
        let table = reader.text(
            "DAYU_NOTIFICATION_TABLE", preset: DeliveryTable.Preset.calm.rawValue,
            help: "who hears what: every, calm or few, and exceptions event/part=now, digest or never")
        if DeliveryTable(table) == nil {
            reader.fault("DAYU_NOTIFICATION_TABLE: must be \(DeliveryTable.form)")
        }
        if DeliveryTable(table)?.leavesAssigneesUntold == true {
            reader.warn("DAYU_NOTIFICATION_TABLE: nobody is told that a complaint is his")
        }
        let quiet = reader.text(
            "DAYU_NOTIFICATION_QUIET", preset: "22:00-07:00",
            help: "the hours in which phones stay silent, on the clocks of each recipient's region, or none")
        if quiet != "none", QuietTime(quiet) == nil {
            reader.fault("DAYU_NOTIFICATION_QUIET: must be \(QuietTime.form)")
        }
        let desk = reader.address(
            "DAYU_DESK_SITE", preset: "",
            help: "the address of the officials' desk; it stands in messages about several complaints")
        let answers = reader.choice(
            "DAYU_NOTIFICATION_ANSWERS", preset: PhoneAnswers.none,
            help: "which answers from phones count: none, all but those that end a complaint, or all")
        return Manner(
            table: DeliveryTable(table) ?? .every, signature: signature,
            segments: segments, quiet: QuietTime(quiet), desk: desk.isEmpty ? nil : desk,
            answers: answers)
    }

    private static func window(from reader: inout SettingsReader) -> Duration {
        let window = reader.duration(
            "DAYU_NOTIFICATION_WINDOW", preset: Dispatch.usualWindow,
            help: "how long a message that can wait waits for others to the same number; 0s: not at all")
        if !windows.contains(window) { reader.fault("DAYU_NOTIFICATION_WINDOW: must be 0s to 6h") }
        return window
    }

    /// A notice is of use for a day.
    private static let windows = Duration.zero...Duration.seconds(6 * 3600)

    private static func limits(from reader: inout SettingsReader) -> NumberLimits {
        func limit(_ name: String, preset: String, of whom: String) -> SendLimit {
            let text = reader.text(
                name, preset: preset,
                help:
                    "how many messages one number gets \(whom) in an hour and in a day; as many urgent ones besides"
            )
            guard let limit = SendLimit(text, greatest: NumberLimits.greatest) else {
                reader.fault("\(name): must be \(SendLimit.form); at most \(NumberLimits.greatest)")
                return .none
            }
            return limit
        }
        return NumberLimits(
            official: limit("DAYU_SMS_PER_OFFICIAL", preset: "60/h,300/d", of: "as an official's"),
            complainant: limit("DAYU_SMS_PER_COMPLAINANT", preset: "6/h,20/d", of: "as a complainant's"))
    }

    /// This limit bounds what the city pays on its worst day.
    private static func cityLimit(from reader: inout SettingsReader) -> SendLimit {
        let text = reader.text(
            "DAYU_SMS_PER_CITY", preset: "4000/h,40000/d",
            help:
                "how many messages go to all numbers together; half is for urgent messages only; the rest wait"
        )
        guard let limit = SendLimit(text, greatest: 10_000_000) else {
            reader.fault("DAYU_SMS_PER_CITY: must be \(SendLimit.form)")
            return .none
        }
        return limit
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        guard let numbers = settings.numbers else { return [] }
        context.log.tell(of: settings.links)
        let standings = settings.outlet.standings(context)
        return (0..<context.workers).flatMap { loops(settings, numbers, standings, context, worker: $0) }
    }

    private static func loops(
        _ settings: Settings, _ numbers: NumberKey, _ standings: [GatewayStanding], _ context: HostContext,
        worker: Int
    ) -> [Worker] {
        let loops = [
            Worker("addressing-\(worker)") {
                let addressing = Addressing(
                    language: settings.language, numbers: numbers, mobiles: settings.mobiles,
                    country: settings.country,
                    links: settings.links, manner: settings.manner)
                try ProcessorLoop(addressing, context, registry: true, worker: worker).run()
            },
            Worker("dispatch-\(worker)") {
                let dispatch = Dispatch(
                    limits: settings.limits, window: settings.window,
                    wording: Wording(
                        language: settings.language, signature: settings.manner.signature,
                        segments: settings.manner.segments, desk: settings.manner.desk),
                    answers: settings.manner.answers)
                try ProcessorLoop(dispatch, context, worker: worker).run()
            },
        ]
        if case .kafka = settings.outlet { return loops }
        return loops
            + Pushing.Kind.allCases.map { kind in
                pusher(kind, settings, context, worker: worker) {
                    settings.outlet.session(numbers, standings, context, "\(kind)-\(worker)")
                }
            }
    }

    private static func pusher(
        _ kind: Pushing.Kind, _ settings: Settings, _ context: HostContext, worker: Int,
        session: @escaping @Sendable () -> any SMSGateway
    ) -> Worker {
        Worker("\(kind)-pusher-\(worker)") {
            let held = context.metrics.gauge(
                "dayu_sms_held_back_partitions", ["loop": kind.name, "worker": String(worker)],
                help: "Partitions whose messages wait for the city's limit.")
            let pushing = Pushing(kind, gateway: session(), city: settings.city, held: held, log: context.log)
            try OutsideLoop(
                pushing, context, name: kind.name, input: kind.input, following: Pushing.Kind.followed,
                worker: worker
            ).run()
        }
    }
}
