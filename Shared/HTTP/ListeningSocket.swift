import Glibc

/// Why a server did not start, in words for the operator.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// A bound socket that listens. We own it until libmicrohttpd takes it over.
struct ListeningSocket: ~Copyable {
    let descriptor: Int32
    let port: UInt16

    init(address: String, port: UInt16, backlog: Int32) throws(ServerError) {
        var endpoint = try Endpoint(address: address, port: port)
        let descriptor = socket(
            Int32(endpoint.family), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("no socket for \(address)") }
        do throws(ServerError) {
            // A restarted service must not wait for its own old connections to leave TIME_WAIT.
            allow(SO_REUSEADDR, at: SOL_SOCKET, on: descriptor, 1)
            if endpoint.family == AF_INET6 { allow(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), on: descriptor, 0) }
            guard endpoint.bind(descriptor) else { throw failure("can't bind \(address) port \(port)") }
            guard listen(descriptor, backlog) == 0 else { throw failure("can't listen on \(address)") }
            self.port = endpoint.portBound(to: descriptor)
            self.descriptor = descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Hands the descriptor to a caller who will close it.
    consuming func release() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }
}

/// A socket address of either family.
private struct Endpoint {
    private var storage = sockaddr_storage()
    private var bytes: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    init(address: String, port: UInt16) throws(ServerError) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET, address, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            bytes = socklen_t(MemoryLayout<sockaddr_in>.size)
            unsafe withUnsafeMutableBytes(of: &storage) {
                unsafe $0.storeBytes(of: four, as: sockaddr_in.self)
            }
        } else if unsafe inet_pton(AF_INET6, address, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            bytes = socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe withUnsafeMutableBytes(of: &storage) {
                unsafe $0.storeBytes(of: six, as: sockaddr_in6.self)
            }
        } else {
            throw ServerError(description: "\(address) is not a numeric IPv4 or IPv6 address")
        }
    }

    mutating func bind(_ descriptor: Int32) -> Bool {
        let bytes = bytes
        return unsafe withUnsafePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.bind(descriptor, address, bytes) == 0
            }
        }
    }

    /// Port 0 asks the system for a free one; this is the one it chose.
    mutating func portBound(to descriptor: Int32) -> UInt16 {
        var bytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &bytes) == 0
            }
        }
        precondition(isKnown, "a bound socket has no name: errno \(errno)")
        // Both families keep the port right behind the family.
        return unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        }
    }
}

/// The numeric form of a peer's address; an IPv4 address that came over an IPv6 socket is written as IPv4.
func numericAddress(_ address: UnsafePointer<sockaddr>?) -> String {
    guard let address = unsafe address else { return "" }
    let isFour = unsafe Int32(address.pointee.sa_family) == AF_INET
    // In IPv4 the address stands behind the port, in IPv6 behind the port and the flow label.
    let source = unsafe UnsafeRawPointer(address) + (isFour ? 4 : 8)
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) {
        buffer in
        let family = isFour ? AF_INET : AF_INET6
        guard let base = buffer.baseAddress,
            unsafe inet_ntop(family, source, base, socklen_t(buffer.count)) != nil
        else { return "" }
        return unsafe String(cString: base)
    }
    return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
}

func allow(_ option: Int32, at level: Int32, on descriptor: Int32, _ value: Int32) {
    var value = value
    unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}

private func failure(_ what: String) -> ServerError {
    let reason = unsafe String(cString: strerror(errno))
    return ServerError(description: "\(what): \(reason)")
}
