import HTTP
import Models
import Processing

/// What a refused request asked for, as far as the request shows it.
///
/// It holds no text of the sender, only words of our own: a verb, a role, and an official whom the registry
/// knows. Any other identifier could be anything, also a complaint's id.
struct Wish: Equatable {
    /// The type of the record that would have resulted.
    var wanted: String?
    /// The actor that the sender named.
    var by: Actor?

    /// - Parameter route: the route's pattern. A request that is refused after its head has no body, so the
    ///   verb of an action is not known.
    init(_ request: Request, route: String, registry: Registry) {
        switch route {
        case SecurityEntry.receiptsRoute: wanted = Self.receipt
        case SecurityEntry.messagesRoute: wanted = Self.name(of: PhoneMessage.type)
        default: break
        }
        guard wanted == nil, request.method == .post else { return }
        switch route {
        case "/v1/complaints": wanted = Self.complaint
        case "/v1/readings": wanted = Self.readings
        case "/v1/reviews":
            wanted = Self.reviews
            let fields = try? Form(request.body)
            if let id = request.query["department"] ?? fields.flatMap({ Self.text("department", in: $0) }) {
                by = registry.known(Actor(role: .department, id: id))
            } else {
                let id = request.query["office"] ?? fields.flatMap { Self.text("office", in: $0) }
                by = Self.office(id, registry)
            }
        case "/v1/publications":
            wanted = Self.name(of: Publication.type)
            by = Self.office((try? Form(request.body)).flatMap { Self.text("office", in: $0) }, registry)
        case "/v1/confirmations": wanted = Self.name(of: NumberConfirmed.type)
        case "/v1/access": wanted = Self.name(of: DeskLinkAsked.type)
        case "/v1/follows": wanted = Self.name(of: Follow.begun)
        case "/v1/unfollows": wanted = Self.name(of: Follow.ended)
        default:
            guard var form = try? Form(request.body) else { return }
            wanted = form.choice("action", of: ComplaintAction.Name.self).map(Self.action)
            guard var actor = form.form("by"), let role = actor.choice("role", of: Role.self) else { return }
            by = registry.known(Actor(role: role, id: actor.text("id")))
        }
    }

    init(_ draft: Draft, registry: Registry) {
        switch draft {
        case .complaint: wanted = Self.complaint
        case .readings: wanted = Self.readings
        case .reviews(let draft):
            wanted = Self.reviews
            by =
                switch draft.by {
                case .office(let id): Self.office(id.rawValue, registry)
                case .department(let id): registry.known(Actor(role: .department, id: id.rawValue))
                case .chief(let id): registry.known(Actor(role: .chief, id: id.rawValue))
                }
        case .publication(let draft):
            wanted = Self.name(of: Publication.type)
            by = Self.office(draft.office.rawValue, registry)
        case .confirmation: wanted = Self.name(of: NumberConfirmed.type)
        case .messages: wanted = Self.name(of: PhoneMessage.type)
        case .follow: wanted = Self.name(of: Follow.begun)
        case .unfollow: wanted = Self.name(of: Follow.ended)
        case .receipts: wanted = Self.receipt
        case .action(let draft):
            wanted = Self.action(draft.verb.name)
            by = draft.by.map(registry.known)
        }
    }

    private static let receipt = name(of: EventType("sms", "receipt"))
    private static let complaint = name(of: EventType("complaint", "submitted"))
    private static let readings = name(of: EventType("reading", "reported"))

    private static let reviews = name(of: EventType("reading", "reviewed"))

    private static func office(_ id: String?, _ registry: Registry) -> Actor? {
        id.map { registry.known(Actor(role: .office, id: $0)) }
    }

    private static func text(_ name: String, in form: Form) -> String? {
        var form = form
        return form.text(name)
    }

    private static func action(_ verb: ComplaintAction.Name) -> String {
        name(of: EventType("action", verb.rawValue))
    }

    static func name(of type: EventType) -> String { "\(type.subject).\(type.name)" }
}
