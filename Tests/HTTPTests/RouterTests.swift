import Testing

@testable import HTTP

@Suite struct RouterTests {
    private func resolve(_ router: Router, _ method: HTTP.Method, _ path: String) throws -> String {
        switch router.resolve(method, try Target(parsing: Array(path.utf8)).segments) {
        case .route(let route, let parameters):
            ([route.method.rawValue, route.pattern]
                + parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
                .joined(separator: " ")
        case .notAllowed(let methods, _, let refusal):
            (refusal == nil ? "" : "own ") + "allow " + methods.map(\.rawValue).joined(separator: ",")
        case .notFound(let refusal): refusal == nil ? "none" : "own none"
        }
    }

    private var router: Router {
        var router = Router()
        router.files(under: "/", from: "/nowhere")
        router.on(.get, "/v1/{kind}/{id}") { _ in .now(.empty) }
        router.on(.get, "/v1/rivers/{id}") { _ in .now(.empty) }
        router.on(.post, "/v1/rivers/main") { _ in .now(.empty) }
        router.on(.put, "/v1/rivers/{id}") { _ in .now(.empty) }
        router.on(.post, "/only") { _ in .now(.empty) }
        return router
    }

    @Test(
        arguments: [
            (.get, "/v1/rivers/7", "GET /v1/rivers/{id} id=7"),
            (.get, "/v1/lakes/7", "GET /v1/{kind}/{id} id=7 kind=lakes"),
            (.get, "/v1/rivers/main", "GET /v1/rivers/{id} id=main"),
            (.post, "/v1/rivers/main", "POST /v1/rivers/main"),
            (.head, "/v1/rivers/7", "GET /v1/rivers/{id} id=7"),
            (.get, "/v1/rivers/a%2Fb", "GET /v1/rivers/{id} id=a/b"),
            (.get, "/v1/rivers/", "GET /*"),
            (.get, "/", "GET /*"),
            (.get, "/app/main.js", "GET /*"),
            (.delete, "/v1/rivers/7", "allow GET,HEAD,PUT,OPTIONS"),
            (.delete, "/nothing", "allow GET,HEAD,OPTIONS"),
        ] as [(HTTP.Method, String, String)])
    func theMostSpecificPatternWins(method: HTTP.Method, path: String, expected: String) throws {
        #expect(try resolve(router, method, path) == expected)
    }

    @Test func withoutFilesTheUnknownIsNotFound() throws {
        var router = Router()
        router.on(.post, "/only") { _ in .now(.empty) }
        #expect(try resolve(router, .get, "/other") == "none")
        #expect(try resolve(router, .get, "/only") == "allow POST,OPTIONS")
        #expect(try resolve(router, .get, "/only/") == "none")
    }

    @Test func aFolderCanHaveRefusalsOfItsOwn() throws {
        var router = router
        router.refuse(under: "/v1") { problem, _ in problem.response }
        #expect(try resolve(router, .get, "/v1") == "own none")
        #expect(try resolve(router, .get, "/v1/a/b/c") == "own none")
        #expect(try resolve(router, .delete, "/v1/rivers/7") == "own allow GET,HEAD,PUT,OPTIONS")
        #expect(try resolve(router, .get, "/v1/lakes/7") == "GET /v1/{kind}/{id} id=7 kind=lakes")
        #expect(try resolve(router, .get, "/v2/a") == "GET /*")
        #expect(try resolve(router, .delete, "/v2/a") == "allow GET,HEAD,OPTIONS")
    }

    @Test func aRouteRegisteredTwiceIsAProgrammingError() async {
        await #expect(processExitsWith: .failure) {
            var router = Router()
            router.on(.get, "/a") { _ in .now(.empty) }
            router.on(.get, "/a") { _ in .now(.empty) }
        }
    }
}
