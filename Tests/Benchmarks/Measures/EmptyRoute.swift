import Foundation
import HTTP

/// The HTTP module with nothing behind it: what Intake is held against.
enum EmptyRoute {
    /// Serves until it is told to stop; its first line is the port.
    static func serve() throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        var router = Router()
        router.on(.post, "/v1/complaints") { _ in .now(Response(status: 201)) }
        let server = try Server(ServerSettings(), router)
        FileHandle.standardOutput.write(Data("\(server.port)\n".utf8))
        var received: Int32 = 0
        sigwait(&signals, &received)
        server.drain(within: .seconds(1))
    }
}
