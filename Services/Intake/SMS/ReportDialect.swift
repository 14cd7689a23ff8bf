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
        /// The gateway's blacklist has the number: another gateway may reach it.
        case declined
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

    /// The query field with the token of a message or of a gateway.
    static let tokenField = "job"
    /// The query field with the gateway's name, for gateways that call with a key.
    static let gatewayField = "gateway"

    // MARK: Reading settings

    /// `state=status&reason=err`: our names and theirs.
    static func fields(_ text: String) -> [Field: String]? {
        guard let fields: [Field: String] = named(text), fields[.state] != nil else { return nil }
        return fields
    }

    /// Nil for a text of another form, for a name that is none of ours, and for one that comes twice.
    static func named<Ours: RawRepresentable<String> & Hashable>(_ text: String) -> [Ours: String]? {
        guard let pairs = pairs(text) else { return nil }
        var fields: [Ours: String] = [:]
        for (name, value) in pairs {
            guard let field = Ours(rawValue: name), !value.isEmpty, fields[field] == nil else { return nil }
            fields[field] = value
        }
        return fields
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
        // taken. Of what an SMSC does not take, ESME_RINVDSTADR (SMPP 3.4 §5.1.3) is about the number. With
        // everything else (no link, its time is over, too many tries, throttling, a status of the SMSC's
        // own) nobody has the message, and another attempt may succeed.
        case .kannel:
            (
                "job=job&state=type&reason=answer",
                """
                1=delivered&2/stat:UNKNOWN=unknown&2=undelivered&4=ignored&8=accepted\
                &16/0x0000000b=refused&16=returned
                """, ""
            )
        // SmsReport: the HTTP push of receipts. `out_id` is what we sent as OutId. MOBILE_IN_BLACK: a
        // blacklist of the platform or of the operator has the number. USER_REJECT is no such case: its owner
        // ended messages with this signature, and no other gateway shall go round that (help.aliyun.com,
        // "error codes", those of receipts).
        case .aliyun:
            (
                "job=out_id&state=success&reason=err_code&name=biz_id&number=phone_number",
                """
                true=delivered&false/MOBILE_IN_BLACK=declined&false=undelivered
                """, #"{"code":0,"msg":"接收成功"}"#
            )
        // `sid` is the SerialNo of the answer to SendSms. Nothing of ours comes back with it.
        case .tencent:
            (
                "state=report_status&reason=errmsg&name=sid&number=mobile&country=nationcode",
                "SUCCESS=delivered&FAIL/BLACK=declined&FAIL=undelivered", #"{"result":0,"errmsg":"OK"}"#
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
