import Crypto
import HTTP
import Host
import Models
import Text

/// How a gateway hands over what a phone sent: the names of its fields, and the answer that it expects.
/// Settings describe it; each recipe has presets.
struct MessageDialect: Equatable, Sendable {
    /// Which of our fields has which name in what it sends.
    enum Field: String, CaseIterable, Sendable {
        /// The gateway's own name of the message.
        case id
        /// The sender's number as people write it, and the country code if it stands alone.
        case number, country
        /// The sender's number with the country code, also without a plus sign. A number that can only be a
        /// Chinese mobile number without it is read as one (`isChineseMobile`).
        case digits
        case text
        /// The charset of the text in a query or a form: a name, and Kannel's number of the coding. Without a
        /// name it is the one of a form's `Content-Type`; without anything it is UTF-8. JSON is UTF-8.
        case charset, coding
        /// When the gateway got it: seconds since 1970, or RFC 3339.
        case received
    }

    var fields: [Field: String]
    /// The body of the answer; empty: none.
    var answer: String

    /// The query field with the gateway's token.
    static let tokenField = "token"

    /// `id=msgid&number=from&text=content`: our names and theirs. Without `id`, the same text of the same
    /// sender with the same further fields is the same message.
    static func fields(_ text: String) -> [Field: String]? {
        guard let fields: [Field: String] = ReportDialect.named(text), fields[.text] != nil,
            (fields[.number] == nil) != (fields[.digits] == nil)
        else { return nil }
        return fields
    }

    /// What a recipe's gateway sends, as its maker documents it.
    static func preset(_ recipe: SMSRecipe) -> (fields: String, answer: String) {
        switch recipe {
        // The names are ours: they stand in the address of Kannel's sms-service (`escapes`). Whatever Kannel
        // gets as an answer it may send to the phone.
        case .kannel: ("id=id&digits=from&text=text&charset=charset&coding=coding&received=time", "")
        // SmsUp: the HTTP push of messages, as a list of JSON objects.
        case .aliyun: ("id=sequence_id&number=phone_number&text=content", #"{"code":0,"msg":"接收成功"}"#)
        // The call-back of replies names no message.
        case .tencent:
            ("number=mobile&country=nationcode&text=text&received=time", #"{"result":0,"errmsg":"OK"}"#)
        case .file, .http, .kafka: ("id=id&number=from&text=text&received=received", "")
        }
    }

    /// Of a gateway of the registry, unless it names one of the settings.
    static let documented = MessageDialect(
        fields: fields(preset(.http).fields) ?? [:], answer: "")

    // MARK: Reading

    /// What a gateway's item is.
    enum Reading: Equatable {
        case message(MessageDraft)
        case passedOver(PassedOver)
    }

    /// Why a message is taken and goes nowhere.
    enum PassedOver: String, CaseIterable, Sendable {
        /// Its sender has a short number, a name, or what is no number.
        case number
        /// It says nothing, or is too long.
        case text
        /// Its text is in a charset that we can't read, or not in the one that is named.
        case charset
    }

    /// The text of a query or a form.
    enum Written: Equatable {
        case none, unreadable
        case text(String)
    }

    /// Reads the bytes of the text in the charset that is named. Bytes in UTF-16 or GB 18030 can be valid in
    /// UTF-8, too.
    func text(in form: GatewayForm) -> Written {
        guard let name = fields[.text], let value = form.values[name] else { return .none }
        func field(_ field: Field) -> String? {
            let bytes = fields[field].flatMap { form.values[$0]?.bytes }
            return bytes.flatMap { String(validating: $0, as: UTF8.self) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let charset = MessageCharset(field(.charset) ?? value.charset, coding: field(.coding))
        return charset?.text(value.bytes).map(Written.text) ?? .unreadable
    }

    /// - Parameters:
    ///   - isReadable: whether the item's text is one.
    ///   - isLenient: whether it is passed over if its sender has no phone number, but a short one
    ///     or a name, or if nobody can read it. A gateway hands over whatever comes, and sends again what is
    ///     refused. A time that can't be read is then left out, because the message can do without it.
    func message(
        _ item: [String: String], from gateway: GatewayID, country: CallingCode,
        isReadable: Bool = true, isLenient: Bool
    ) throws(Malformed) -> Reading {
        var faults: [FieldFault] = []
        func field(_ field: Field) -> String? { fields[field].flatMap { item[$0] } }
        func need(_ field: Field) -> String {
            let name = fields[field] ?? field.rawValue
            guard let text = item[name] else {
                faults.append(FieldFault(name, "is missing", .missing))
                return ""
            }
            return text
        }
        let numberField: Field = fields[.digits] == nil ? .number : .digits
        let written = need(numberField)
        let text = need(.text)
        let id = fields[.id] == nil ? Self.name(of: item) : need(.id)
        if faults.isEmpty, let fault = IdempotencyKey.fault(of: id) {
            faults.append(FieldFault(fields[.id] ?? "id", fault))
        }
        var wrongTime: [FieldFault] = []
        let received = moment(&wrongTime, field(.received))
        if !isLenient { faults += wrongTime }
        guard faults.isEmpty else { throw Malformed(faults) }
        guard isReadable else {
            if isLenient { return .passedOver(.charset) }
            throw Malformed(fields[.text] ?? "text", "is not in the charset that the request names")
        }
        // What he writes may become the words of an action, so it has their limits.
        let wrong = text.isBlank ? [FieldFault("", "is empty", .missing)] : Words(text: text).faults
        guard wrong.isEmpty else {
            if isLenient { return .passedOver(.text) }
            throw Malformed(wrong.map { $0.named(fields[.text] ?? "text") })
        }
        let number: PhoneNumber
        do throws(Malformed) {
            number = try self.number(written, field(.country), country, fields[numberField] ?? "number")
        } catch {
            if isLenient { return .passedOver(.number) }
            throw error
        }
        return .message(
            MessageDraft(gateway: gateway, id: id, from: number, text: text, receivedAt: received))
    }

    private func number(
        _ written: String, _ code: String?, _ country: CallingCode, _ name: String
    ) throws(Malformed) -> PhoneNumber {
        do throws(Malformed) {
            if let code {
                // 86, +86 and 0086 are one code, and some numbers have it already.
                let digits = code.filter(\.isNumber).drop { $0 == "0" }
                let isWhole = written.hasPrefix("+") || written.hasPrefix("00\(digits)")
                return try PhoneNumber(isWhole ? written : "+\(digits)\(written)", country: nil)
            }
            guard fields[.digits] != nil, !Self.isChineseMobile(written, in: country) else {
                return try PhoneNumber(written, country: country)
            }
            let isWhole = written.hasPrefix("+") || written.hasPrefix("00")
            return try PhoneNumber(isWhole ? written : "+\(written)", country: nil)
        } catch {
            throw Malformed(error.faults.map { $0.named(name) })
        }
    }

    /// Whether these are the eleven digits of a mobile number in China, 13… to 19… (the numbering plan of the
    /// Ministry of Industry and Information Technology, 2017). An SMSC writes them without the country code
    /// if it does not say that the number is international (SMPP 3.4 §5.2.5, type of number 0). With a plus
    /// sign before them they would be somebody's in North America.
    private static func isChineseMobile(_ written: String, in country: CallingCode) -> Bool {
        country == .china && written.wholeMatch(of: /1[3-9][0-9]{9}/) != nil
    }

    private func moment(_ faults: inout [FieldFault], _ text: String?) -> Instant? {
        guard let text, !text.isEmpty else { return nil }
        if let seconds = Int64(text), Self.seconds.contains(seconds) {
            return Instant(millisecondsSince1970: seconds * 1000)
        }
        if let instant = Instant(rfc3339: text) { return instant }
        faults.append(FieldFault(fields[.received] ?? "received", "is no moment"))
        return nil
    }

    /// Until the year 9999.
    private static let seconds: ClosedRange<Int64> = 0...253_402_300_799

    /// All that the gateway says, so that two messages of one sender in one second are one only if they say
    /// the same.
    private static func name(of item: [String: String]) -> String {
        let lines = item.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count) \($0.key)\($0.value)" }
        return SHA256.hash(lines.joined(separator: "\n")).prefix(16).hexadecimal
    }
}

extension FieldFault {
    fileprivate func named(_ name: String) -> FieldFault { FieldFault(name, detail, code, limit: limit) }
}
