import Crypto
import HTTP
import Models
import Open311
import Text

/// The writing half of Open311 GeoReport v2 (<https://wiki.open311.org/GeoReport_v2>). Disclosure has the
/// other half. A client knows one address, so each answers the other's methods with 307.
enum Open311API {
    /// - Parameter site: Disclosure's address; nil if no setting tells it.
    static func redirect(_ request: Request, to site: String?) -> Response {
        guard let site else {
            return refusal(Problem(status: 404, detail: "requests can be read at the public site"), request)
        }
        return Response(status: 307, headers: [("Location", site + request.target)])
    }

    /// The request as the other doors know it: the key of the body stands in the header, as a bearer token.
    /// So the same rules apply, and the security log sees it.
    /// The form comes with it, so that a body is read once.
    static func read(_ request: Request) throws(Problem) -> (Request, Open311Form) {
        let form = try Open311Form(request)
        guard Bearer.token(in: request.headers) == nil, let key = form.key else { return (request, form) }
        var request = request
        request.headers["Authorization"] = "Bearer \(key)"
        return (request, form)
    }

    /// A fault in the standard's own form. It has 403 where HTTP has 401.
    static func refusal(_ problem: Problem, _ request: Request) -> Response {
        let details = problem.errors.map { error in
            let place = String(error.field.prefix { $0 != "." })
            let names = [error.field, place].compactMap { Open311Form.names[$0] ?? Open311Update.names[$0] }
            return "\(names.first ?? error.field) \(error.detail)"
        }
        // What else is wrong would have 400, and 404 would send the client away from it.
        let isUnknown =
            problem.errors.count == 1
            && ["category", "complaint"].contains(problem.errors.first?.field)
            && problem.errors.first?.code == FaultCode.unknown.rawValue
        let status =
            switch problem.status {
            case 401: 403
            case 422: isUnknown ? 404 : 400
            default: problem.status
            }
        let format = format(of: request)
        let fault = Fault(status, details.isEmpty ? [problem.detail ?? problem.title] : details)
        var response = Response(
            status: status, headers: [("Content-Type", format.mediaType)],
            body: fault.document.written(as: format))
        for (name, value) in problem.headers { response.headers.add(name, value) }
        return response
    }

    fileprivate static func format(of request: Request) -> Format {
        Format.cut(request.segments.last ?? "")?.format ?? .xml
    }
}

extension API {
    /// `POST /open311/v2/requests`: a gateway files a complaint. The citizen's id stays here, because the
    /// standard's answer is for the gateway.
    func open311Request(_ request: Request, _ form: Open311Form) throws(Problem) -> Plan {
        guard let gateway = try key(of: request) else {
            throw Problem(status: 403, detail: "api_key is missing")
        }
        var identified = request
        identified.body = form.content
        var draft = form.draft(country: country, registry: registry)
        let carried = carried(
            form.pictures, by: gateway.id.rawValue, key: try idempotencyKey(of: request),
            content: identified.body)
        draft.words = draft.words.with(carried)
        let receipt = try take(.complaint(draft), identified, .key(gateway), nil)
        guard case .complaint(_, let code, _) = receipt.given else {
            preconditionFailure("a complaint was taken as \(receipt.given)")
        }
        let answer = Document(
            "service_requests",
            .list(
                of: "request",
                [
                    .fields([
                        .init("service_request_id", code.description),
                        .init("service_notice", nil as String?),
                        .init("account_id", nil as String?),
                    ])
                ]))
        let format = Open311API.format(of: request)
        return Plan(
            receipt,
            answer: Response(
                status: 201, headers: [("Content-Type", format.mediaType)],
                body: answer.written(as: format)), carrying: carried)
    }

    /// `POST /open311/v2/servicerequestupdates`: a gateway adds something to a request, or tells what became
    /// of it. The answer names the action; whether it counts is Routing's to decide.
    func open311Update(_ request: Request, _ form: Open311Form) throws(Problem) -> Plan {
        guard let gateway = try key(of: request) else {
            throw Problem(status: 403, detail: "api_key is missing")
        }
        guard gateway.mayPostComplaints || gateway.scopes.contains(where: \.isOfActions) else {
            throw Problem(status: 403, detail: "gateway \(gateway.id) may not post updates")
        }
        let update = Open311Update(form)
        var identified = request
        identified.body = form.content
        let draft: ActionDraft
        do throws(Malformed) { draft = try update.draft(from: gateway) } catch {
            throw Problem(fields: error)
        }
        let receipt = try take(.action(draft), identified, .key(gateway), update.id)
        guard case .action(let action, let code) = receipt.given else {
            preconditionFailure("an update was taken as \(receipt.given)")
        }
        let answer = Document(
            "service_request_updates",
            .list(
                of: "request_update",
                [
                    .fields([
                        .init("update_id", action), .init("service_request_id", code.description),
                    ])
                ]))
        let format = Open311API.format(of: request)
        return Plan(
            stages: receipt.stages,
            answer: Response(
                status: 201, headers: [("Content-Type", format.mediaType)],
                body: answer.written(as: format)))
    }
}

extension Gateway.Scope {
    fileprivate var isOfActions: Bool { if case .actions = self { true } else { false } }
}
