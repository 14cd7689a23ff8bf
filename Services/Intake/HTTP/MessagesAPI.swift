import HTTP
import Links
import Models
import Text

/// What phones sent to the city's number, as an SMS gateway hands it over. The address proves which gateway
/// of the settings calls, because most can send no key: it holds that gateway's token. A gateway of the
/// registry may call with its key.
extension API {
    /// Who hands messages over, and what that proves.
    enum Messenger: Equatable {
        /// By the token in the address.
        case ofSettings(GatewayID)
        case ofRegistry(Gateway)

        var id: GatewayID {
            switch self {
            case .ofSettings(let id): id
            case .ofRegistry(let gateway): gateway.id
            }
        }
    }

    /// - Throws: 401 or 403 without a proof that is good for messages.
    func messenger(of request: Request) throws(Problem) -> Messenger {
        guard let numbers = reception.numbers else {
            throw Problem(turnedAway: .notYet("messages are not taken here: DAYU_NUMBER_KEY is not set"))
        }
        if let text = request.query[MessageDialect.tokenField] {
            guard case .messages(let name)? = GatewayToken(text, numbers), let id = GatewayID(name) else {
                throw Problem(challenge: "the token in the address is not valid for messages")
            }
            return .ofSettings(id)
        }
        guard let gateway = try key(of: request) else {
            throw Problem(
                turnedAway: .unproved(
                    "to hand over what phones sent, a token in the address or a gateway's key is needed"))
        }
        guard gateway.mayPostMessages else {
            throw Problem(turnedAway: .forbidden("gateway \(gateway.id) may not deliver what phones sent"))
        }
        return .ofRegistry(gateway)
    }

    func messages(_ request: Request) throws(Problem) -> Plan {
        try refuseHead(request)
        let messenger = try messenger(of: request)
        let (name, isLenient): (String?, Bool) =
            switch messenger {
            case .ofSettings(let id): (id.rawValue, true)
            case .ofRegistry: (request.query[ReportDialect.gatewayField], false)
            }
        let dialect: MessageDialect
        if let name {
            guard let known = gateways.dialects[name]?.messages else {
                throw Problem(status: 422, detail: "no gateway of the settings has this name")
            }
            dialect = known
        } else {
            dialect = .documented
        }
        var drafts: [MessageDraft] = []
        var passedOver: [MessageDialect.PassedOver] = []
        var faults: [FieldFault] = []
        var form = try GatewayForm(request)
        let written = dialect.text(in: form)
        if case .text(let text) = written, let name = dialect.fields[.text] { form.read(name, as: text) }
        let items = form.items
        for (index, item) in items.enumerated() {
            do throws(Malformed) {
                let reading = try dialect.message(
                    item, from: messenger.id, country: country,
                    isReadable: written != .unreadable, isLenient: isLenient)
                switch reading {
                case .message(let draft): drafts.append(draft)
                case .passedOver(let why): passedOver.append(why)
                }
            } catch {
                faults +=
                    items.count == 1
                    ? error.faults
                    : error.faults.map {
                        FieldFault("\(index).\($0.field)", $0.detail, $0.code, limit: $0.limit)
                    }
            }
        }
        // One that can't be read must not hold up the others of its list: the vendor would send the whole
        // list again, and then drop it.
        if !faults.isEmpty, !isLenient || drafts.isEmpty { throw Problem(fields: Malformed(faults)) }
        let receipt = try take(.messages(drafts), request, .none, nil)
        let answer: Response =
            isLenient
            ? .toGateway(dialect.answer) : .json(JSON.encode(["accepted": drafts.count]), status: 201)
        var plan = Plan(stages: receipt.stages, answer: answer)
        if !passedOver.isEmpty { plan.passedOver = .init(by: messenger.id, why: passedOver) }
        return plan
    }

    /// Whoever asks with HEAD only looks whether the address answers.
    ///
    /// - Throws: 405.
    func refuseHead(_ request: Request) throws(Problem) {
        guard request.method != .head else {
            throw Problem(status: 405, detail: "GET or POST is needed", headers: [("Allow", "GET, POST")])
        }
    }
}
