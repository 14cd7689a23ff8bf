import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import HTTP

/// Nothing here waits longer; a condition that fails says so after this.
let patience = Duration.seconds(60)

/// A server on a free port and a client for it.
func serve(
    _ settings: ServerSettings = ServerSettings(), _ routes: (inout Router) -> Void
) throws -> Server {
    var router = Router()
    routes(&router)
    return try Server(settings, router)
}

extension Server {
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func send(
        _ method: HTTP.Method, _ path: String, headers: Headers = [], body: [UInt8] = []
    ) throws -> Client.Reply {
        try Client(timeout: patience).send(method, url(path), headers: headers, body: body)
    }

    func get(_ path: String, headers: Headers = []) throws -> Client.Reply {
        try send(.get, path, headers: headers)
    }

    func connect() throws -> RawConnection { try RawConnection(port: port) }
}

extension Client.Reply {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A value several threads write and one waits for.
final class Inbox<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func put(_ value: Value) {
        values.withLock { $0.append(value) }
        arrived.signal()
    }

    /// The first `count` values, as soon as they are there.
    func take(_ count: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) throws -> [Value] {
        for _ in 0..<count {
            let result = arrived.wait(timeout: .after(patience))
            try #require(result == .success, "only \(all.count) came", sourceLocation: sourceLocation)
        }
        return values.withLock { values in
            defer { values.removeFirst(count) }
            return Array(values.prefix(count))
        }
    }

    var all: [Value] { values.withLock { $0 } }
}

/// Runs on another thread; what it returns can be taken from the inbox.
func elsewhere<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Inbox<Value> {
    let inbox = Inbox<Value>()
    let thread = Thread { inbox.put(work()) }
    thread.start()
    return inbox
}

func raiseOpenFiles(to count: Int) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    try #require(limit.rlim_max >= count, "the system allows \(limit.rlim_max) open files")
    limit.rlim_cur = max(limit.rlim_cur, rlim_t(count))
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
}

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dayu-http-\(UUID().uuidString)")
        path = folder.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Runs curl, an HTTP client we did not write; its standard output.
func curl(_ arguments: String...) throws -> String {
    try curl(arguments)
}

func curl(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/curl")
    process.arguments = ["--silent", "--show-error", "--noproxy", "*", "--max-time", "60"] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}
