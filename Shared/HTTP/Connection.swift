import CMicroHTTPD
import Glibc

/// Method and version as the client wrote them; valid within one call of a callback.
@safe struct RequestLine {
    private let rawMethod: UnsafePointer<CChar>
    private let rawVersion: UnsafePointer<CChar>

    init(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) {
        unsafe rawMethod = method
        unsafe rawVersion = version
    }

    var method: Method? { unsafe Method(rawValue: String(cString: rawMethod)) }
    var isVersion11: Bool { unsafe strcmp(rawVersion, "HTTP/1.1") == 0 }
}

/// What libmicrohttpd knows of a connection and the request on it; valid within one call of a callback.
@safe struct Connection: ~Copyable {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    /// The request line and the header fields together, once they have arrived.
    var headBytes: Int {
        unsafe dayu_connection_info(raw, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
    }

    var peerAddress: String {
        let info = unsafe dayu_connection_info(raw, .CONNECTION_INFO_CLIENT_ADDRESS)
        return unsafe numericAddress(info?.pointee.client_addr)
    }

    /// The status of an answer libmicrohttpd made itself, to a request it could not read.
    var ownStatus: Int? {
        unsafe dayu_connection_info(raw, .CONNECTION_INFO_HTTP_STATUS).map {
            unsafe Int($0.pointee.http_status)
        }
    }

    /// Every header field, in order; bytes that are no UTF-8 are replaced.
    func fields() -> Headers {
        var headers = Headers()
        unsafe withUnsafeMutablePointer(to: &headers) { headers in
            _ = unsafe MHD_get_connection_values_n(
                raw, .HEADER_KIND,
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
