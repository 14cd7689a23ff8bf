import CMicroHTTPD
import Glibc

/// Method and version as the client wrote them; valid during one call of a callback.
@safe struct RequestLine {
    private let rawMethod: UnsafePointer<CChar>
    private let rawVersion: UnsafePointer<CChar>

    /// Where the head begins.
    var start: UnsafeRawPointer { unsafe UnsafeRawPointer(rawMethod) }
    var methodBytes: Int { unsafe strlen(rawMethod) }
    var version: UnsafeRawPointer { unsafe UnsafeRawPointer(rawVersion) }
    var versionBytes: Int { unsafe strlen(rawVersion) }

    init(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) {
        unsafe rawMethod = method
        unsafe rawVersion = version
    }

    var method: Method? { unsafe Method(rawValue: String(cString: rawMethod)) }
    /// A minor version that we do not know means the highest that we know (RFC 9110, 2.5). libmicrohttpd
    /// refuses another major version itself.
    var isVersion11: Bool { unsafe strcmp(rawVersion, "HTTP/1.0") != 0 }
}

/// The target as the client wrote it, inside the memory of the head; valid until the body is read.
@safe struct RawTarget {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
    }
}

/// What libmicrohttpd knows of a connection and the request on it; valid during one call of a callback.
@safe struct Connection: ~Copyable {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    /// The size of the request line and the header fields together, once they have arrived.
    var headBytes: Int {
        unsafe dayu_connection_info(raw, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
    }

    var socket: Int32 {
        unsafe dayu_connection_info(raw, .CONNECTION_INFO_CONNECTION_FD)?.pointee.connect_fd ?? -1
    }

    var peerAddress: String {
        let info = unsafe dayu_connection_info(raw, .CONNECTION_INFO_CLIENT_ADDRESS)
        return unsafe numericAddress(info?.pointee.client_addr)
    }

    /// The status of an answer that libmicrohttpd made itself, to a request that it could not read.
    var ownStatus: Int? {
        unsafe dayu_connection_info(raw, .CONNECTION_INFO_HTTP_STATUS).map {
            unsafe Int($0.pointee.http_status)
        }
    }

    /// All header fields, in order, and whether they are everything that the head holds.
    func head(_ line: RequestLine, _ target: RawTarget) -> (fields: Headers, isWhole: Bool) {
        var reading = HeadReading(layout: HeadLayout(line, target, headBytes: headBytes))
        unsafe withUnsafeMutablePointer(to: &reading) { reading in
            _ = unsafe MHD_get_connection_values_n(
                raw, .HEADER_KIND,
                { reading, _, name, nameBytes, value, valueBytes in
                    unsafe reading?.assumingMemoryBound(to: HeadReading.self).pointee.note(
                        UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameBytes),
                        UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueBytes))
                    return MHD_Result.YES
                }, reading)
        }
        reading.layout.finish()
        return (reading.fields, reading.isPlain && (reading.layout.isWhole || !HeadLayout.isKnown))
    }
}

private struct HeadReading {
    var layout: HeadLayout
    var fields = Headers()
    /// Whether every name and every value is allowed.
    var isPlain = true

    mutating func note(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        unsafe layout.field(name, value)
        unsafe isPlain = isPlain && FieldRule.isName(name) && FieldRule.isValue(value)
        unsafe fields.add(FieldRule.text(name), FieldRule.text(trimmed(value)))
    }
}

/// Blanks at the end are not part of a value (RFC 9112, 5.1).
private func trimmed(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let last = unsafe value.lastIndex { $0 != 0x20 && $0 != 0x09 }
    return unsafe UnsafeRawBufferPointer(rebasing: value.prefix(last.map { $0 + 1 } ?? 0))
}
