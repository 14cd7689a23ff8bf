import CMicroHTTPD

/// What libmicrohttpd knows of a request whose header fields have arrived.
@safe struct Head: ~Copyable {
    private let connection: OpaquePointer
    let method: Method?

    init(_ connection: OpaquePointer, method: UnsafePointer<CChar>?) {
        unsafe self.connection = connection
        self.method = unsafe method.flatMap { unsafe Method(rawValue: String(cString: $0)) }
    }

    /// The request line and the header fields together.
    var bytes: Int {
        unsafe dayu_connection_info(connection, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size
            ?? 0
    }

    var peerAddress: String {
        let info = unsafe dayu_connection_info(connection, .CONNECTION_INFO_CLIENT_ADDRESS)
        return unsafe numericAddress(info?.pointee.client_addr)
    }

    /// The status of an answer libmicrohttpd made itself, to a request it could not read.
    var ownStatus: Int? {
        unsafe dayu_connection_info(connection, .CONNECTION_INFO_HTTP_STATUS).map {
            unsafe Int($0.pointee.http_status)
        }
    }

    /// Every field, in order; bytes that are no UTF-8 are replaced.
    func fields() -> Headers {
        var headers = Headers()
        unsafe withUnsafeMutablePointer(to: &headers) { headers in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { headers, _, name, nameBytes, value, valueBytes in
                    let name = unsafe text(name, nameBytes)
                    let value = unsafe text(value, valueBytes)
                    unsafe headers?.assumingMemoryBound(to: Headers.self).pointee.add(name, value)
                    return MHD_Result.YES
                }, headers)
        }
        return headers
    }
}

private func text(_ start: UnsafePointer<CChar>?, _ bytes: Int) -> String {
    unsafe String(
        decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : bytes), as: UTF8.self)
}
