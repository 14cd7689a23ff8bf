import Host

/// How one gateway of the settings calls Intake.
struct SMSDialect: Equatable, Sendable {
    let reports: ReportDialect
    let messages: MessageDialect
}

/// The gateways' ways to call, by the names that stand in receipts and tokens.
struct SMSDialects: Sendable {
    let dialects: [String: SMSDialect]
    /// The first gateway's name.
    let first: String

    init(_ all: [(name: String, dialect: SMSDialect)]) {
        precondition(!all.isEmpty, "there is a first gateway")
        first = all[0].name
        dialects = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.dialect) })
    }
}

extension SMSDialects {
    init(from reader: inout SettingsReader) {
        let all = reader.smsGateways { reader, name in
            SMSDialect(
                reports: ReportDialect(from: &reader, name.recipe),
                messages: MessageDialect(from: &reader, name.recipe))
        }
        self.init(all.map { ($0.name.description, $0.value) })
    }
}

extension SettingsReader {
    /// A list, or the recipe's own.
    fileprivate mutating func list<Value>(
        _ setting: String, _ preset: String, _ help: String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = optionalText(setting, help: help) ?? preset
        guard let value = parse(text) else {
            fault("\(setting): is not such a list")
            return parse(preset)
        }
        return value
    }
}

extension ReportDialect {
    fileprivate init(from reader: inout SettingsReader, _ recipe: SMSRecipe) {
        let preset = ReportDialect.preset(recipe)
        let fields = reader.list(
            "DAYU_SMS_REPORT_FIELDS", preset.fields,
            """
            the names of the fields in the gateway's reports: job (the token of the message), state, reason, name \
            (the gateway's own name of the message), number, country, reference, attempt; as in \
            job=job&state=type&reason=answer; default: the recipe's
            """, ReportDialect.fields)
        let words = reader.list(
            "DAYU_SMS_REPORT_WORDS", preset.words,
            """
            what the states in its reports mean, as in 1=delivered&2=undelivered&16/no SMSC=returned: accepted, \
            delivered, undelivered, refused, returned, declined (its blacklist has the number), unknown or ignored; \
            default: the recipe's
            """, ReportDialect.words)
        let answer = reader.optionalText(
            "DAYU_SMS_REPORT_ANSWER", help: "the body of the answer to its reports; default: the recipe's")
        self.init(fields: fields ?? [:], words: words ?? [], answer: answer ?? preset.answer)
    }
}

extension MessageDialect {
    fileprivate init(from reader: inout SettingsReader, _ recipe: SMSRecipe) {
        let preset = MessageDialect.preset(recipe)
        let fields = reader.list(
            "DAYU_SMS_MESSAGE_FIELDS", preset.fields,
            """
            the names of the fields in which the gateway hands over what a phone sent: id, number or digits (a number \
            that always begins with its country code), country, text, charset and coding (of the text in a query or a form), \
            received; as in id=msgid&number=from&text=content; \
            default: the recipe's
            """, MessageDialect.fields)
        let answer = reader.optionalText(
            "DAYU_SMS_MESSAGE_ANSWER",
            help: "the body of the answer to what it hands over; default: the recipe's")
        self.init(fields: fields ?? [:], answer: answer ?? preset.answer)
    }
}
