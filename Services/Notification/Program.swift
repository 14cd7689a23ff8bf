import HTTP
import Host
import Links
import Models

/// The service; its executable does nothing else.
package func runNotification() { Program.main() }

enum Program: HostedService {
    enum GatewayKind: String, CaseIterable, Sendable {
        case file, http
    }

    struct Settings: Sendable {
        var language: Language
        /// Nil only after a fault in the settings: nothing runs without this key.
        var numbers: NumberKey?
        var mobiles: MobileNumbers
        var country: CallingCode
        var limits: NumberLimits
        var city: SendLimit
        var links: LinkWriter?
        var gateway: GatewayKind
        var file: String
        var timeout: Duration
        var window: Int
        var dialect: HTTPGateway.Dialect
    }

    static let name = "dayu-notification"
    static let summary =
        "tells chiefs, offices and complainants by SMS what happened, and follows each message to its end"
    static let adminPort = 9103

    static func settings(from reader: inout SettingsReader) -> Settings {
        let language = reader.choice(
            "DAYU_NOTIFICATION_LANGUAGE", preset: Language.both, help: "the language of the messages")
        let gateway = reader.choice(
            "DAYU_SMS_GATEWAY", preset: GatewayKind.file, help: "which gateway sends the messages")
        let file = reader.text(
            "DAYU_SMS_FILE", preset: ".run/sms.jsonl", help: "the file of the file gateway")
        let timeout = reader.duration(
            "DAYU_SMS_TIMEOUT", preset: .seconds(5),
            help: """
                how long the gateway may answer no message at all; while it answers others, a message waits up to 35 s
                """)
        if !timeoutRange.contains(timeout) { reader.fault("DAYU_SMS_TIMEOUT: must be 100ms to 30s") }
        let window = reader.integer(
            "DAYU_SMS_WINDOW", preset: 16, in: 1...200,
            help: "how many messages each worker gives the http gateway at once")
        let mobiles = reader.mobileNumbers()
        let limits = limits(from: &reader)
        let dialect = dialect(from: &reader)
        if gateway == .http, dialect.takesAnyAnswer {
            reader.warn(
                "DAYU_SMS_SUCCESS_BODY: this and DAYU_SMS_REFUSED_BODY are not set, so every answer with the status "
                    + "200 counts as success")
        }
        return Settings(
            language: language, numbers: reader.numberKey(), mobiles: mobiles, country: dialect.country,
            limits: limits, city: cityLimit(from: &reader),
            links: reader.links(),
            gateway: gateway, file: file, timeout: timeout, window: window, dialect: dialect)
    }

    /// With a longer timeout, Dispatch would try again before the gateway's time is over.
    private static let timeoutRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(30)

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

    private static func dialect(from reader: inout SettingsReader) -> HTTPGateway.Dialect {
        func fields(_ name: String, preset: String, help: String) -> [HTTPGateway.Field] {
            let text = reader.text(name, preset: preset, help: help)
            guard let fields = HTTPGateway.Field.list(text) else {
                reader.fault("\(name): is not a list like to={phone}&text={text}")
                return []
            }
            return fields
        }
        let from = reader.integer(
            "DAYU_SMS_SUCCESS_FROM", preset: 200, in: 100...599,
            help: "the lowest HTTP status that means success")
        let to = reader.integer(
            "DAYU_SMS_SUCCESS_TO", preset: 299, in: 100...599,
            help: "the highest HTTP status that means success")
        if from > to { reader.fault("DAYU_SMS_SUCCESS_FROM: is above DAYU_SMS_SUCCESS_TO") }
        let method = reader.text("DAYU_SMS_METHOD", preset: "POST", help: "GET or POST")
        if method != "GET", method != "POST" { reader.fault("DAYU_SMS_METHOD: must be GET or POST") }
        return HTTPGateway.Dialect(
            url: reader.address(
                "DAYU_SMS_URL", preset: "http://127.0.0.1:13013/cgi-bin/sendsms",
                help: "the gateway's address"),
            method: method == "GET" ? .get : .post,
            form: reader.choice(
                "DAYU_SMS_FORM", preset: HTTPGateway.Form.form, help: "how the fields are sent"),
            fields: fields(
                "DAYU_SMS_FIELDS", preset: "to={digits}&text={text}&ref={reference}",
                help: """
                    names and templates of the fields; it fills in {phone} (+86…), {digits} (86…), {national} \
                    (without the code of DAYU_CALLING_CODE), {text} and {reference}
                    """),
            headers: fields(
                "DAYU_SMS_HEADERS", preset: "", help: "headers in the same form as the fields, such as a key"),
            country: reader.callingCode(),
            successStatus: min(from, to)...max(from, to),
            successBody: reader.optionalText(
                "DAYU_SMS_SUCCESS_BODY", help: "a text in every answer that means success"),
            refusedBody: reader.optionalText(
                "DAYU_SMS_REFUSED_BODY", help: "a text in every answer that refuses a message for good"))
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        guard let numbers = settings.numbers else { return [] }
        context.log.tell(of: settings.links)
        return (0..<context.workers).flatMap { loops(settings, numbers, context, worker: $0) }
    }

    private static func loops(
        _ settings: Settings, _ numbers: NumberKey, _ context: HostContext, worker: Int
    ) -> [Worker] {
        [
            Worker("addressing-\(worker)") {
                let addressing = Addressing(
                    language: settings.language, numbers: numbers, mobiles: settings.mobiles,
                    country: settings.country,
                    links: settings.links)
                try ProcessorLoop(addressing, context, registry: true, worker: worker).run()
            },
            Worker("dispatch-\(worker)") {
                let dispatch = Dispatch(limits: settings.limits)
                try ProcessorLoop(dispatch, context, worker: worker).run()
            },
        ] + Pushing.Kind.allCases.map { pusher($0, settings, context, worker: worker) }
    }

    private static func pusher(
        _ kind: Pushing.Kind, _ settings: Settings, _ context: HostContext, worker: Int
    ) -> Worker {
        Worker("\(kind)-pusher-\(worker)") {
            let held = context.metrics.gauge(
                "dayu_sms_held_back_partitions", ["loop": kind.name, "worker": String(worker)],
                help: "Partitions whose messages wait for the city's limit.")
            let gateway = gateway(settings, context, "\(kind)-\(worker)")
            let pushing = Pushing(kind, gateway: gateway, city: settings.city, held: held, log: context.log)
            try OutsideLoop(
                pushing, context, name: kind.name, input: kind.input, following: Pushing.Kind.followed,
                worker: worker
            ).run()
        }
    }

    private static func gateway(
        _ settings: Settings, _ context: HostContext, _ pusher: String
    ) -> any SMSGateway {
        switch settings.gateway {
        case .file:
            FileGateway(path: settings.file) { [health = context.health] in
                health.hinder("sms file, \(pusher)", $0)
            }
        case .http:
            HTTPGateway(
                settings.dialect, timeout: settings.timeout, window: settings.window,
                Understanding(context, pusher: pusher))
        }
    }
}
