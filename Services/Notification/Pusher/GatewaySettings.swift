import HTTP
import Host
import Links
import Models

/// How the messages leave: into a file, over HTTP gateways in their order, or not at all, where a gateway
/// reads the topics itself.
enum Outlet: Sendable {
    case file(String)
    case gateways([GatewaySettings])
    case kafka
}

/// One HTTP gateway as the settings describe it.
struct GatewaySettings: Sendable {
    let name: SMSGatewayName
    let recipe: any Recipe
    let timeout: Duration
    let window: Int
    /// Messages in a second; nil: no limit.
    let rate: Int?
    let validity: Duration
    let callback: String?
    let healthAddress: String?
    /// How often it is asked what became of messages; nil: never.
    let poll: Duration?

    var times: Gateways.Times {
        Gateways.Times(
            validity: validity, isTold: recipe.takesValidity, reports: callback != nil || poll != nil)
    }

    var pull: ReportPull? {
        guard let poll, let recipe = recipe as? any AskedRecipe else { return nil }
        return ReportPull(recipe, every: poll, for: validity + Gateways.Times.grace)
    }
}

extension Outlet {
    init(from reader: inout SettingsReader, country: CallingCode) {
        var file = ""
        let all = reader.smsGateways { reader, name in
            file = reader.text(
                "DAYU_SMS_FILE", preset: ".run/sms.jsonl", help: "the file of the file gateway")
            return GatewaySettings.read(&reader, name, country)
        }
        let recipes = all.map(\.name.recipe)
        if recipes.count > 1, recipes.contains(where: { $0 == .file || $0 == .kafka }) {
            reader.fault("DAYU_SMS_GATEWAY: file and kafka can't stand beside other gateways")
        }
        switch recipes.first {
        case .kafka: self = .kafka
        case .http, .kannel, .aliyun, .tencent: self = .gateways(all.compactMap(\.value))
        case .file, nil: self = .file(file)
        }
    }
}

extension GatewaySettings {
    /// With a longer timeout, Dispatch would try again before the gateway's time is over.
    private static let timeoutRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(30)
    private static let validityRange: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)
    private static let pollRange: ClosedRange<Duration> = .seconds(1) ... .seconds(3600)

    /// Nil for a recipe that is no HTTP gateway. All settings are read in any case: `--help` has them.
    static func read(
        _ reader: inout SettingsReader, _ name: SMSGatewayName, _ country: CallingCode
    ) -> GatewaySettings? {
        let timeout = reader.duration(
            "DAYU_SMS_TIMEOUT", preset: .seconds(5),
            help: """
                how long the gateway may answer no message at all; while it answers others, a message waits up to 35 s
                """)
        if !timeoutRange.contains(timeout) { reader.fault("DAYU_SMS_TIMEOUT: must be 100ms to 30s") }
        let window = reader.integer(
            "DAYU_SMS_WINDOW", preset: 16, in: 1...200,
            help: "how many messages each worker gives the gateway at once")
        let rate = reader.integer(
            "DAYU_SMS_RATE", preset: 0, in: 0...10_000,
            help: "how many messages a process gives the gateway in a second; 0: no limit")
        let validity = reader.duration(
            "DAYU_SMS_VALIDITY", preset: .seconds(3600),
            help: """
                how long the gateway may try to deliver a message, 1m to 1d; ten minutes later nobody waits for its \
                report any more
                """)
        if !validityRange.contains(validity) { reader.fault("DAYU_SMS_VALIDITY: must be 1m to 1d") }
        let callback = reader.optionalText(
            "DAYU_SMS_CALLBACK",
            help: """
                the address of Intake to which the gateway reports, such as http://intake:8080/v1/receipts; without it \
                a message that the gateway takes counts as sent, and nobody waits for a report
                """)
        if let callback, !callback.hasPrefix("http://"), !callback.hasPrefix("https://") {
            reader.fault("DAYU_SMS_CALLBACK: is not an http(s) URL")
        }
        let poll = reader.optionalDuration(
            "DAYU_SMS_POLL",
            help: """
                how often aliyun or tencent is asked what became of messages, 1s to 1h, such as 1m: for a city whose Intake \
                the cloud can't reach; default: never
                """)
        if let poll, !pollRange.contains(poll) { reader.fault("DAYU_SMS_POLL: must be 1s to 1h") }
        if let poll, poll > validity {
            reader.fault(
                "DAYU_SMS_POLL: is longer than DAYU_SMS_VALIDITY, after which nobody waits for reports any more"
            )
        }
        let health = reader.optionalText(
            "DAYU_SMS_HEALTH_URL",
            help: """
                an address that answers 2xx while the gateway works; it is asked before a gateway that failed gets \
                messages again
                """)
        let fields = Fields(from: &reader, name.recipe)
        let generic = dialect(&reader, name.recipe, country, fields)
        guard let recipe = fields.recipe(name.recipe, generic, country, &reader) else { return nil }
        if poll != nil, !(recipe is any AskedRecipe) {
            reader.fault("DAYU_SMS_POLL: only aliyun and tencent can be asked")
        }
        return GatewaySettings(
            name: name, recipe: recipe, timeout: timeout, window: window, rate: rate == 0 ? nil : rate,
            validity: validity, callback: callback, healthAddress: health,
            poll: poll)
    }

    /// What several recipes need.
    private struct Fields {
        let url: String?
        let user: String?
        let secret: String?
        let sender: String?
        let signName: String?
        let templates: String?
        let application: String?
        let region: String
        let to: String?

        init(from reader: inout SettingsReader, _ recipe: SMSRecipe) {
            url = reader.optionalText(
                "DAYU_SMS_URL",
                help: """
                    the gateway's address; default: http://127.0.0.1:13013/cgi-bin/sendsms for http and kannel, \
                    https://dysmsapi.aliyuncs.com, https://sms.tencentcloudapi.com
                    """)
            user = reader.optionalText(
                "DAYU_SMS_USER", help: "Kannel's username, Aliyun's AccessKeyId, Tencent's SecretId")
            secret = reader.optionalText(
                "DAYU_SMS_SECRET",
                help: """
                    Kannel's password, Aliyun's AccessKeySecret, Tencent's SecretKey; for http the key of {signature}
                    """)
            sender = reader.optionalText("DAYU_SMS_SENDER", help: "the number that Kannel sends from")
            signName = reader.optionalText(
                "DAYU_SMS_SIGN_NAME", help: "the signature that Aliyun or Tencent approved, without 【】")
            templates = reader.optionalText(
                "DAYU_SMS_TEMPLATES",
                help: """
                    the approved templates by what happened, each with the notice's fields in the order of its blanks \
                    (code, sentence, category, place, due, link), as in \
                    assigned=SMS_1:code,place,due&*=SMS_2:sentence,link; * is for everything else and needs sentence
                    """)
            application = reader.optionalText("DAYU_SMS_APPLICATION", help: "Tencent's SmsSdkAppId")
            region = reader.text("DAYU_SMS_REGION", preset: "ap-guangzhou", help: "Tencent's region")
            to = reader.optionalText(
                "DAYU_SMS_TO",
                help: """
                    how kannel, aliyun or tencent get the number: {phone}, {digits} or {national}; default: the \
                    recipe's
                    """)
        }

        func recipe(
            _ recipe: SMSRecipe, _ generic: HTTPGateway.Dialect, _ country: CallingCode,
            _ reader: inout SettingsReader
        ) -> (any Recipe)? {
            func needed(_ setting: String, _ value: String?) -> String {
                if value == nil { reader.fault("\(setting): is needed for \(recipe.rawValue)") }
                return value ?? ""
            }
            switch recipe {
            case .file, .kafka: return nil
            case .http: return generic
            case .kannel:
                return KannelRecipe(
                    url: url ?? Self.kannel, user: needed("DAYU_SMS_USER", user),
                    password: needed("DAYU_SMS_SECRET", secret), sender: sender ?? "",
                    to: to ?? "{digits}", country: country)
            case .aliyun:
                return AliyunRecipe(
                    url: url ?? "https://dysmsapi.aliyuncs.com", keyID: needed("DAYU_SMS_USER", user),
                    secret: needed("DAYU_SMS_SECRET", secret),
                    signName: needed("DAYU_SMS_SIGN_NAME", signName), templates: approved(&reader),
                    to: to ?? "{national}", country: country)
            case .tencent:
                return TencentRecipe(
                    url: url ?? "https://sms.tencentcloudapi.com", keyID: needed("DAYU_SMS_USER", user),
                    secret: needed("DAYU_SMS_SECRET", secret),
                    application: needed("DAYU_SMS_APPLICATION", application), region: region,
                    signName: needed("DAYU_SMS_SIGN_NAME", signName), templates: approved(&reader),
                    to: to ?? "{phone}", country: country)
            }
        }

        static let kannel = "http://127.0.0.1:13013/cgi-bin/sendsms"

        private func approved(_ reader: inout SettingsReader) -> Templates {
            if let found = Templates(templates ?? "") { return found }
            reader.fault("DAYU_SMS_TEMPLATES: is not \(Templates.form)")
            guard let none = Templates("*=none:sentence") else {
                preconditionFailure("*=none:sentence is such a list")
            }
            return none
        }
    }

    private static func dialect(
        _ reader: inout SettingsReader, _ recipe: SMSRecipe, _ country: CallingCode, _ shared: Fields
    ) -> HTTPGateway.Dialect {
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
        let url = shared.url ?? Fields.kannel
        if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            reader.fault("DAYU_SMS_URL: is not an http(s) URL")
        }
        let dialect = HTTPGateway.Dialect(
            url: url.hasSuffix("/") && url.count { $0 == "/" } == 3 ? String(url.dropLast()) : url,
            method: method == "GET" ? .get : .post,
            form: reader.choice(
                "DAYU_SMS_FORM", preset: HTTPGateway.Form.form, help: "how the fields are sent"),
            fields: fields(
                "DAYU_SMS_FIELDS", preset: "to={digits}&text={text}&ref={reference}",
                help: """
                    names and templates of the fields; it fills in {phone} (+86…), {digits} (86…), {national} \
                    (without the code of DAYU_CALLING_CODE), {text}, {reference}, {attempt}, {job} (comes back in a \
                    report), {callback}, {seconds} (of the validity), {time} and {signature}
                    """),
            headers: fields(
                "DAYU_SMS_HEADERS", preset: "", help: "headers in the same form as the fields, such as a key"),
            country: country,
            successStatus: min(from, to)...max(from, to),
            successBody: reader.optionalText(
                "DAYU_SMS_SUCCESS_BODY", help: "a text in every answer that means success"),
            refusedBody: reader.optionalText(
                "DAYU_SMS_REFUSED_BODY", help: "a text in every answer that refuses a message for good"),
            secret: shared.secret,
            signed: reader.text(
                "DAYU_SMS_SIGNED", preset: "",
                help: """
                    the template of what {signature} signs (HMAC-SHA256 in hexadecimal); in a header it may also have \
                    {body}
                    """))
        if recipe == .http, dialect.takesAnyAnswer {
            reader.warn(
                "DAYU_SMS_SUCCESS_BODY: this and DAYU_SMS_REFUSED_BODY are not set, so every answer with the status "
                    + "200 counts as success")
        }
        return dialect
    }
}

extension Outlet {
    /// One pusher's session.
    func session(
        _ numbers: NumberKey, _ standings: [GatewayStanding], _ context: HostContext, _ pusher: String
    ) -> any SMSGateway {
        switch self {
        case .kafka: preconditionFailure("nothing is pushed where a gateway reads the topics itself")
        case .file(let path):
            return FileGateway(path: path) { [health = context.health] in
                health.hinder("sms file, \(pusher)", $0)
            }
        case .gateways(let all):
            return Gateways(
                zip(all, standings).map { settings, standing in
                    Gateways.Line(
                        name: standing.name,
                        gateway: HTTPGateway(
                            settings.recipe, timeout: settings.timeout, window: settings.window,
                            Understanding(
                                context,
                                pusher: all.count == 1 ? pusher : "\(pusher) \(standing.name)"),
                            way: .init(
                                name: standing.name, numbers: numbers, callback: settings.callback),
                            healthAddress: settings.healthAddress, pull: settings.pull),
                        standing: standing, times: settings.times)
                })
        }
    }

    func standings(_ context: HostContext) -> [GatewayStanding] {
        guard case .gateways(let all) = self else { return [] }
        return all.map { GatewayStanding($0.name.description, perSecond: $0.rate, context) }
    }
}
