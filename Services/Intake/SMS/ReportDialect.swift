import HTTP
import Host

/// How a gateway reports what became of a message: the names of its fields, its words, and the answer that it
/// expects. Settings describe it; each recipe has presets.
struct ReportDialect: Equatable, Sendable {
    /// What a report means.
    enum Meaning: String, CaseIterable, Sendable {
        /// The gateway, or the network, took the message: nobody knows more yet.
        case accepted
        case delivered, undelivered, refused, returned, unknown
        /// It says nothing new.
        case ignored
    }

    /// One of the gateway's words. The first that fits counts.
    struct Word: Equatable, Sendable {
        let state: String
        /// A text in the reason; nil: any reason.
        var reason: String?
        let meaning: Meaning
    }

    /// Which of our fields has which name in a report.
    enum Field: String, CaseIterable, Sendable {
        /// The token of the message, as it was sent to the gateway.
        case job
        case state, reason
        /// The gateway's own name of the message.
        case name
        /// The phone number, and the country code if it stands alone.
        case number, country
        // For gateways with a key that know a message by its parts.
        case reference, attempt
    }

    var fields: [Field: String]
    var words: [Word]
    /// The body of the answer; empty: none.
    var answer: String

    /// The name of the query field with the token of a message or of a gateway.
    static let tokenField = "job"
    /// The name of the query field with the gateway's name, for gateways that report with a key.
    static let gatewayField = "gateway"

    // MARK: Reading settings

    /// `state=status&reason=err`: our names and theirs.
    static func fields(_ text: String) -> [Field: String]? {
        guard let pairs = pairs(text) else { return nil }
        var fields: [Field: String] = [:]
        for (name, value) in pairs {
            guard let field = Field(rawValue: name), !value.isEmpty, fields[field] == nil else { return nil }
            fields[field] = value
        }
        return fields[.state] == nil ? nil : fields
    }

    /// `1=delivered&2=undelivered&16/Retries Exceeded=returned`: their words, each with a part of the reason
    /// if need be, and what they mean.
    static func words(_ text: String) -> [Word]? {
        guard let pairs = pairs(text), !pairs.isEmpty else { return nil }
        var words: [Word] = []
        for (name, value) in pairs {
            guard let meaning = Meaning(rawValue: value) else { return nil }
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            guard let state = parts.first else { return nil }
            words.append(Word(state: state, reason: parts.count > 1 ? parts[1] : nil, meaning: meaning))
        }
        return words
    }

    private static let most = 200

    private static func pairs(_ text: String) -> [(name: String, value: String)]? {
        try? FormFields(parsing: Array(text.utf8), most: most).fields
    }

    // MARK: Meaning

    /// Nil for a word that nobody described.
    func meaning(of state: String, _ reason: String) -> Meaning? {
        words.first { $0.state == state && ($0.reason.map(reason.contains) ?? true) }?.meaning
    }
}

extension ReportDialect {
    /// What a recipe's gateway sends, as its maker documents it.
    static func preset(_ recipe: SMSRecipe) -> (fields: String, words: String, answer: String) {
        switch recipe {
        // The escapes of Kannel's dlr-url: %d the type, %A the SMSC's own words (User Guide, "Delivery
        // Reports"). A type is a bit: 1 delivered, 2 not delivered, 4 buffered, 8 taken by the SMSC, 16 not
        // taken. Kannel gives up a message that the SMSC could not take, or whose time is over: nobody has
        // it then.
        case .kannel:
            (
                "job=job&state=type&reason=answer",
                """
                1=delivered&2/stat:UNKNOWN=unknown&2=undelivered&4=ignored&8=accepted\
                &16/Retries Exceeded=returned&16/validity expired=returned&16/no SMSC=returned&16=refused
                """, ""
            )
        // SmsReport: the HTTP push of receipts. `out_id` is what we sent as OutId.
        case .aliyun:
            (
                "job=out_id&state=success&reason=err_code&name=biz_id&number=phone_number",
                "true=delivered&false=undelivered", #"{"code":0,"msg":"接收成功"}"#
            )
        // `sid` is the SerialNo of the answer to SendSms. Nothing of ours comes back with it.
        case .tencent:
            (
                "state=report_status&reason=errmsg&name=sid&number=mobile&country=nationcode",
                "SUCCESS=delivered&FAIL=undelivered", #"{"result":0,"errmsg":"OK"}"#
            )
        case .file, .http, .kafka:
            (
                "job=job&state=state&reason=reason&name=name&number=number&reference=reference&attempt=attempt",
                """
                delivered=delivered&undelivered=undelivered&refused=refused&accepted=accepted&unknown=unknown\
                &DELIVRD=delivered&UNDELIV=undelivered&EXPIRED=undelivered&REJECTD=undelivered\
                &DELETED=undelivered&UNKNOWN=unknown&ACCEPTD=ignored&ENROUTE=ignored
                """, ""
            )
        }
    }
}

/// The dialects of the gateways, by the names that stand in receipts.
struct ReportDialects: Sendable {
    let dialects: [String: ReportDialect]
    /// The first gateway's name.
    let first: String

    init(_ all: [(name: String, dialect: ReportDialect)]) {
        precondition(!all.isEmpty, "there is a first gateway")
        first = all[0].name
        dialects = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.dialect) })
    }
}

extension ReportDialects {
    init(from reader: inout SettingsReader) {
        let all = reader.smsGateways { reader, name in
            let preset = ReportDialect.preset(name.recipe)
            func read<Value>(_ setting: String, _ preset: String, _ help: String, _ parse: (String) -> Value?)
                -> Value?
            {
                let text = reader.optionalText(setting, help: help) ?? preset
                guard let value = parse(text) else {
                    reader.fault("\(setting): is not such a list")
                    return parse(preset)
                }
                return value
            }
            let fields = read(
                "DAYU_SMS_REPORT_FIELDS", preset.fields,
                """
                the names of the fields in the gateway's reports: job (the token of the message), state, reason, name \
                (the gateway's own name of the message), number, country, reference, attempt; as in \
                job=job&state=type&reason=answer; default: the recipe's
                """, ReportDialect.fields)
            let words = read(
                "DAYU_SMS_REPORT_WORDS", preset.words,
                """
                what the states in its reports mean, as in 1=delivered&2=undelivered&16/no SMSC=returned: accepted, \
                delivered, undelivered, refused, returned, unknown or ignored; default: the recipe's
                """, ReportDialect.words)
            let answer = reader.optionalText(
                "DAYU_SMS_REPORT_ANSWER",
                help: "the body of the answer to its reports; default: the recipe's")
            return ReportDialect(fields: fields ?? [:], words: words ?? [], answer: answer ?? preset.answer)
        }
        self.init(all.map { ($0.name.description, $0.value) })
    }
}
