import HTTP
import Models
import Open311
import Text

/// The reading half of Open311 GeoReport v2 (<https://wiki.open311.org/GeoReport_v2>). Intake has the other
/// half. A client knows one address, so each answers the other's methods with 307.
///
/// The id of a request is the complaint's tracking code, and the code of a service is the category's.
enum Open311API {
    /// The longest answer, and how far back it reaches if nothing is asked: the standard's own numbers
    /// ("GET Service Requests").
    static let mostRequests = 1000
    static let usualDays = 90

    static let endpoints: [API.Endpoint] =
        Format.allCases.flatMap { format in
            [
                endpoint("/open311/discovery.\(format)") { asked, _, _ in discovery(asked) },
                endpoint(GeoReport.path("discovery", format)) { asked, _, _ in discovery(asked) },
                endpoint(GeoReport.path("services", format)) { services($0, $2) },
                endpoint(GeoReport.path("requests", format), ofRequests) { try requests($0, $2) },
                endpoint(GeoReport.path("servicerequestupdates", format), ofUpdates) { try updates($0, $2) },
            ]
        } + [
            endpoint("\(GeoReport.base)/services/{file}") { try definition($0, of: $1, $2) },
            endpoint("\(GeoReport.base)/requests/{file}", ["extensions"]) { try request($0, $1, $2) },
            endpoint("\(GeoReport.base)/tokens/{file}") { asked, name, _ in try token(asked, name) },
        ]

    private static let ofRequests = [
        "service_request_id", "service_code", "start_date", "end_date", "status", "updated_after",
        "updated_before", "bbox", "page", "page_size", "extensions",
    ]
    private static let ofUpdates = ["service_request_id", "start_date", "end_date", "page", "page_size"]

    /// What clients send to every server, and what makes no difference here: there is one jurisdiction, and
    /// reading is free. `locale` is ours: the language of names and notes, `zh` or `en`.
    private static let common = ["api_key", "jurisdiction_id", "locale"]

    /// 307 keeps the method and the body (RFC 9110 §15.4.8).
    static func redirect(_ request: Request, to intake: String) -> Response {
        Response(status: 307, headers: [("Location", intake + request.target)])
    }

    // MARK: The frame of an endpoint

    private static func endpoint(
        _ pattern: String, _ parameters: [String] = [],
        answer: @escaping @Sendable (API.Asked, _ name: String, Language) throws -> Document
    ) -> API.Endpoint {
        API.Endpoint(
            pattern: pattern, type: { format(of: $0).mediaType }, parameters: parameters + common,
            refuse: refusal
        ) { asked in
            guard let (name, format) = Format.cut(asked.request.segments.last ?? "") else {
                throw Problem(status: 404, detail: "The address must end with .xml or .json.")
            }
            var question = Question(asked.request)
            let language: Language? = question.choice("locale")
            try question.check()
            return try answer(asked, name, language ?? .zh).written(as: format)
        }
    }

    /// XML is the format that every server has.
    private static func format(of request: Request) -> Format {
        Format.cut(request.segments.last ?? "")?.format ?? .xml
    }

    /// A fault in the standard's own form.
    static func refusal(_ problem: Problem, _ request: Request) -> Response {
        let format = format(of: request)
        let details = problem.errors.map { "\($0.field) \($0.detail)" }
        let fault = Fault(problem.status, details.isEmpty ? [problem.detail ?? problem.title] : details)
        var response = Response(
            status: problem.status, headers: [("Content-Type", format.mediaType)],
            body: fault.document.written(as: format))
        for (name, value) in problem.headers { response.headers.add(name, value) }
        return response
    }

    // MARK: What is asked

    private static func request(
        _ asked: API.Asked, _ name: String, _ language: Language
    ) throws -> Document {
        var question = Question(asked.request)
        let isExtended = question.flag("extensions")
        try question.check()
        guard let code = TrackingCode(name), let found = try asked.reader.complaint(code) else {
            throw Problem.unknown("request")
        }
        return try document(of: [found], asked, language, isExtended)
    }

    private static func requests(_ asked: API.Asked, _ language: Language) throws -> Document {
        var question = Question(asked.request)
        let isExtended = question.flag("extensions")
        let codes = question.list("service_request_id", "the id of a request") { TrackingCode($0) }
        if !codes.isEmpty {
            // The standard: the ids override all other arguments.
            try question.check()
            return try document(
                of: codes.compactMap { try asked.reader.complaint($0) }, asked, language, isExtended)
        }
        var filter = ComplaintFilter(limit: mostRequests)
        let page = question.number("page", in: 1...1_000_000) ?? 1
        filter.limit = question.number("page_size", in: 1...mostRequests) ?? mostRequests
        filter.offset = (page - 1) * filter.limit
        filter.categories = Set(question.ids("service_code"))
        let states: [RequestStatus] = question.choices("status")
        if states.count == 1 {
            filter.statuses = Set(ComplaintStatus.allCases.filter { $0.isOpen == (states == [.open]) })
        }
        let zone = asked.gazetteer.registry.cityZone
        filter.received = question.span("start_date", "end_date", in: zone)
        filter.updated = question.span("updated_after", "updated_before", in: zone)
        filter.within = question.rectangle("bbox")
        try question.check()
        if filter.received.from == nil, filter.updated.from == nil {
            // Counted from the end that was asked for, or else from the newest news: no clock is read here.
            filter.received.from =
                (filter.received.to ?? filter.updated.to ?? asked.state.updatedAt)
                .map { $0 + .seconds(-usualDays * 86_400) }
        }
        return try document(of: asked.reader.wholeComplaints(filter), asked, language, isExtended)
    }

    private static func document(
        of found: [WithWords<PublicComplaint>], _ asked: API.Asked, _ language: Language, _ isExtended: Bool
    ) throws -> Document {
        Document(
            "service_requests",
            .list(
                of: "request",
                try found.map { complaint in
                    let timeline = try isExtended ? asked.reader.timeline(of: complaint.value.code) : nil
                    return RequestAnswer(
                        found: complaint, timeline: timeline, gazetteer: asked.gazetteer, language: language,
                        site: asked.facts.site
                    ).content
                }))
    }

    /// We give the id of a request at once, so the token that a client holds is the id.
    private static func token(_ asked: API.Asked, _ name: String) throws -> Document {
        guard let code = TrackingCode(name), try asked.reader.complaint(code) != nil else {
            throw Problem.unknown("token")
        }
        let id = code.description
        return Document(
            "service_requests",
            .list(of: "request", [.fields([.init("service_request_id", id), .init("token", name)])]))
    }

    private static func updates(_ asked: API.Asked, _ language: Language) throws -> Document {
        var question = Question(asked.request)
        let codes = question.list("service_request_id", "the id of a request") { TrackingCode($0) }
        let span = question.span("start_date", "end_date", in: asked.gazetteer.registry.cityZone)
        let page = question.number("page", in: 1...1_000_000) ?? 1
        let size = question.number("page_size", in: 1...mostRequests) ?? mostRequests
        try question.check()
        let found = try asked.reader.updates(of: codes, in: span, limit: size, offset: (page - 1) * size)
        return Document(
            "service_request_updates",
            .list(
                of: "request_update",
                found.map { UpdateAnswer(update: $0, language: language, site: asked.facts.site).content }))
    }

    private static func discovery(_ asked: API.Asked) -> Document {
        DiscoveryAnswer(city: asked.city, facts: asked.facts).document
    }

    private static func services(_ asked: API.Asked, _ language: Language) -> Document {
        let categories = asked.gazetteer.registry.categories.values
            .filter { $0.code != .stationAlarm }.sorted { $0.code < $1.code }
        return Document(
            "services",
            .list(of: "service", categories.map { ServiceAnswer(category: $0, language: language).content }))
    }

    private static func definition(
        _ asked: API.Asked, of name: String, _ language: Language
    ) throws -> Document {
        let registry = asked.gazetteer.registry
        guard let category = CategoryCode(name).flatMap({ registry.categories[$0] }),
            category.code != .stationAlarm
        else { throw Problem.unknown("service") }
        return DefinitionAnswer(category: category, registry: registry, language: language).document
    }
}

/// The two states of GeoReport v2.
enum RequestStatus: String, CaseIterable {
    case open, closed
}
