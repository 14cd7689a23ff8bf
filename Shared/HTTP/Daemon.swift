import CMicroHTTPD
import Glibc

/// libmicrohttpd's daemon: a pool of threads, each polling its connections with epoll.
@safe struct Daemon: ~Copyable, @unchecked Sendable {
    // because the only use of `raw` is MHD_stop_daemon, which any thread but the daemon's own may call.
    private let raw: OpaquePointer

    /// The engine must outlive the daemon: its threads borrow it.
    init(
        _ socket: consuming ListeningSocket, _ settings: ServerSettings, serving engine: Engine
    ) throws(ServerError) {
        guard settings.threads >= 1, settings.connections >= settings.threads else {
            let asked = "\(settings.threads) threads and \(settings.connections) connections"
            throw ServerError(description: "\(asked): each thread needs at least one connection")
        }
        let context = unsafe Unmanaged.passUnretained(engine).toOpaque()
        var options = unsafe Daemon.options(settings, context)
        // The daemon closes the socket when it stops, and in most cases when it fails to start.
        unsafe options.append(option(.LISTEN_SOCKET, Int(socket.release())))
        unsafe options.append(option(.END, 0))
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        let started = unsafe options.withUnsafeMutableBufferPointer { options in
            let arguments: [any CVarArg] = [
                MHD_OPTION.ARRAY.rawValue, Int(bitPattern: options.baseAddress), MHD_OPTION.END.rawValue,
            ]
            return unsafe withVaList(arguments) { arguments in
                unsafe MHD_start_daemon_va(flags, 0, accept, context, proceed, context, arguments)
            }
        }
        guard let started = unsafe started else {
            throw ServerError(description: "libmicrohttpd did not start: errno \(errno)")
        }
        unsafe raw = started
    }

    /// Closes the connections and joins the threads.
    consuming func stop() {
        unsafe MHD_stop_daemon(raw)
    }

    private static func options(
        _ settings: ServerSettings, _ context: UnsafeMutableRawPointer
    ) -> [MHD_OptionItem] {
        // The memory of a connection holds the head twice, as received and parsed, and then the head of the
        // answer. libmicrohttpd itself answers 414 or 431 to a head that does not fit at all.
        //
        // It also answers a Content-Length that is no number, 400, or too large a one, 413: it checks the
        // field before it calls us for the first time (0.9.75, connection.c: parse_connection_headers), so
        // we can't answer in its place. The connection ends, and nothing behind the head is read. But 0.9.75
        // writes the head of every answer of its own twice, the second time as the beginning of the body.
        let memory = 2 * settings.headerBytes + settings.targetBytes
        var options = unsafe [
            option(.CONNECTION_MEMORY_LIMIT, memory),
            option(.CONNECTION_LIMIT, settings.connections),
            option(.CONNECTION_TIMEOUT, settings.idleTimeoutSeconds),
            option(.NOTIFY_CONNECTION, unsafeBitCast(comeOrGo, to: Int.self), context),
            option(.NOTIFY_COMPLETED, unsafeBitCast(complete, to: Int.self), context),
            option(.URI_LOG_CALLBACK, unsafeBitCast(begin, to: Int.self), context),
            option(.UNESCAPE_CALLBACK, unsafeBitCast(keepEscapes, to: Int.self), context),
        ]
        // A pool of one thread is refused with a warning: without a pool the daemon has one thread anyway.
        if settings.threads > 1 { unsafe options.append(option(.THREAD_POOL_SIZE, settings.threads)) }
        return unsafe options
    }
}

private func option(
    _ option: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil
) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: option, value: value, ptr_value: pointer)
}

// MARK: Callbacks; their context is the engine, a request's own context its exchange, retained from begin to
// complete

private let accept: MHD_AcceptPolicyCallback = { context, address, _ in
    unsafe engine(context).accepts(numericAddress(address)) ? .YES : .NO
}

/// The end is reported before the socket is closed (0.9.75, daemon.c, MHD_cleanup_connections).
private let comeOrGo: MHD_NotifyConnectionCallback = { context, connection, _, event in
    guard let connection = unsafe connection else { return }
    let engine = unsafe engine(context)
    let known = unsafe Connection(connection)
    if event == .CONNECTION_NOTIFY_STARTED { engine.opened(known) } else { engine.closed(known) }
}

private typealias Begin =
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer?

private let begin: Begin = { context, target, _ in
    guard let target = unsafe target else { return nil }
    return unsafe Unmanaged.passRetained(engine(context).begin(target)).toOpaque()
}

/// We decode the target ourselves, from the bytes that `begin` got.
private typealias Unescape =
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?
    ) -> Int

private let keepEscapes: Unescape = { _, _, text in
    unsafe text.map { unsafe strlen($0) } ?? 0
}

private let proceed: MHD_AccessHandlerCallback = {
    context, connection, _, method, version, upload, bytes, exchange in
    guard let connection = unsafe connection, let bytes = unsafe bytes, let method = unsafe method,
        let version = unsafe version, let exchange = unsafe exchange?.pointee
    else { return .NO }
    let piece = unsafe bytes.pointee > 0 ? UnsafeRawBufferPointer(start: upload, count: bytes.pointee) : nil
    // We always take all bytes of a piece.
    unsafe bytes.pointee = 0
    let goesOn = unsafe engine(context).proceed(
        Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue(), Connection(connection),
        RequestLine(method: method, version: version), upload: piece)
    return goesOn ? .YES : .NO
}

private let complete: MHD_RequestCompletedCallback = { context, connection, exchange, _ in
    guard let connection = unsafe connection, let raw = unsafe exchange?.pointee else { return }
    unsafe exchange?.pointee = nil
    unsafe engine(context).end(
        Unmanaged<Exchange>.fromOpaque(raw).takeRetainedValue(), Connection(connection))
}

private func engine(_ context: UnsafeMutableRawPointer?) -> Engine {
    guard let context = unsafe context else { preconditionFailure("libmicrohttpd lost our context") }
    return unsafe Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue()
}
