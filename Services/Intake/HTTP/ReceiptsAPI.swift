import HTTP
import Links
import Models
import Text

/// What SMS gateways report about the messages that they were given. The address proves where a report comes
/// from, because gateways can send no key: it holds a token of the message or of the gateway. A gateway of
/// the registry may report with its key.
extension API {
    /// Who reports, and what that proves.
    enum Reporter: Equatable {
        /// Only about this message.
        case message(GatewayToken)
        /// About all messages of a gateway.
        case gateway(String)
    }

    /// - Throws: 401 or 403 if the head has a wrong proof. It may have none: reports can have tokens of their
    ///   own in the body.
    func reporter(of request: Request) throws(Problem) -> Reporter? {
        guard let numbers = reception.numbers else {
            throw Problem(turnedAway: .notYet("reports are not taken here: DAYU_NUMBER_KEY is not set"))
        }
        if let text = request.query[ReportDialect.tokenField] {
            guard let token = GatewayToken(text, numbers) else {
                throw Problem(challenge: "the token in the address is not valid")
            }
            switch token {
            case .gateway(let name): return .gateway(name)
            case .job: return .message(token)
            case .messages: throw Problem(challenge: "the token in the address is not one of reports")
            }
        }
        guard let gateway = try key(of: request) else { return nil }
        guard gateway.mayPostReceipts else {
            throw Problem(turnedAway: .forbidden("gateway \(gateway.id) may not report about messages"))
        }
        return .gateway(request.query[ReportDialect.gatewayField] ?? gateways.first)
    }

    func receipts(_ request: Request) throws(Problem) -> Plan {
        try refuseHead(request)
        let reporter = try reporter(of: request)
        let name =
            switch reporter {
            case .message(let token): token.gateway
            case .gateway(let name): name
            case nil: gateways.first
            }
        guard let dialect = gateways.dialects[name]?.reports else {
            throw Problem(status: 422, detail: "no gateway of the settings has this name")
        }
        var drafts: [ReceiptDraft] = []
        var faults: [FieldFault] = []
        var lacksProof = false
        var understood = 0
        let items = try GatewayForm(request).items
        for (index, item) in items.enumerated() {
            do throws(Flaw) {
                if let draft = try draft(of: item, dialect, name, reporter) { drafts.append(draft) }
                understood += 1
            } catch {
                if case .unproved = error { lacksProof = true }
                faults +=
                    items.count == 1
                    ? error.faults : error.faults.map { FieldFault("\(index).\($0.field)", $0.detail) }
            }
        }
        if reporter == nil, lacksProof {
            throw Problem(challenge: "a token in the address, a token of the message or a key is needed")
        }
        // A vendor reports for all its customer's programs at one address. What is not ours must not hold up
        // what is: he would send the whole list again, and then drop it.
        if case .gateway? = reporter, understood > 0 { faults = [] }
        if !faults.isEmpty { throw Problem(fields: Malformed(faults)) }
        let receipt = try take(.receipts(drafts), request, .none, nil)
        return Plan(stages: receipt.stages, answer: .toGateway(dialect.answer))
    }

    /// What is wrong with one report.
    private enum Flaw: Error {
        /// Nothing in this field proves that a message of ours is meant.
        case unproved(String)
        case malformed(Malformed)

        var faults: [FieldFault] {
            switch self {
            case .unproved(let field): [FieldFault(field, "names no message of ours")]
            case .malformed(let malformed): malformed.faults
            }
        }
    }

    /// Nil for a report that says nothing new.
    private func draft(
        of item: [String: String], _ dialect: ReportDialect, _ name: String, _ reporter: Reporter?
    ) throws(Flaw) -> ReceiptDraft? {
        func field(_ field: ReportDialect.Field) -> String? { dialect.fields[field].flatMap { item[$0] } }
        let about = try message(field, dialect, name, reporter)
        let stateName = dialect.fields[.state] ?? ""
        guard let state = field(.state) else { throw .malformed(Malformed(stateName, "is missing")) }
        let said = field(.reason) ?? ""
        guard let meaning = dialect.meaning(of: state, said) else {
            throw .malformed(Malformed(stateName, "is a word that DAYU_SMS_REPORT_WORDS does not have"))
        }
        let outcome: SMSReceipt.Outcome? =
            switch meaning {
            case .accepted: .accepted
            case .delivered: .delivered
            case .undelivered: .undelivered
            case .refused: .refused
            case .returned, .declined: .returned
            case .unknown: .unknown
            case .ignored: nil
            }
        return outcome.map {
            ReceiptDraft(
                about: about, outcome: $0, isDeclined: meaning == .declined, reason: ReportReason.told(said),
                gateway: name)
        }
    }

    private func message(
        _ field: (ReportDialect.Field) -> String?, _ dialect: ReportDialect, _ name: String,
        _ reporter: Reporter?
    ) throws(Flaw) -> ReceiptDraft.Message {
        let jobName = dialect.fields[.job] ?? ReportDialect.tokenField
        if case .message(.job(_, let handle, let reference, let attempt)) = reporter {
            return .attempt(handle, reference: reference, attempt: attempt)
        }
        if let text = field(.job), let numbers = reception.numbers {
            guard case .job(name, let handle, let reference, let attempt)? = GatewayToken(text, numbers)
            else { throw .unproved(jobName) }
            return .attempt(handle, reference: reference, attempt: attempt)
        }
        guard case .gateway = reporter else { throw .unproved(jobName) }
        guard let number = number(field, dialect) else {
            throw .malformed(
                Malformed(dialect.fields[.number] ?? "number", "is missing, or not a phone number"))
        }
        if let reference = field(.reference), let attempt = field(.attempt).flatMap({ Int($0) }), attempt > 0,
            !reference.isEmpty, reference.utf8.count <= Limit.headerBytes
        {
            return .attempt(number, reference: reference, attempt: attempt)
        }
        guard let name = field(.name), !name.isEmpty, name.utf8.count <= Limit.headerBytes else {
            throw .malformed(
                Malformed(dialect.fields[.name] ?? "name", "is missing: nothing says which message is meant"))
        }
        return .named(number, name)
    }

    private func number(
        _ field: (ReportDialect.Field) -> String?, _ dialect: ReportDialect
    ) -> NumberHandle? {
        guard let text = field(.number), let numbers = reception.numbers else { return nil }
        let whole = field(.country).map { "+\($0.filter(\.isNumber))\(text)" } ?? text
        guard let number = try? PhoneNumber(whole, country: country) else { return nil }
        return numbers.handle(of: number)
    }
}

extension Response {
    /// 200, which every gateway takes for a yes; Kannel takes nothing else but 202.
    static func toGateway(_ answer: String) -> Response {
        guard !answer.isEmpty else { return Response(status: 200) }
        return Response(
            status: 200, headers: [("Content-Type", "application/json; charset=utf-8")],
            body: Array(answer.utf8))
    }
}
