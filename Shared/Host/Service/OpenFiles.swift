import Glibc

/// The limit of open files of the process (RLIMIT_NOFILE).
///
/// The usual limit is 1,024, which a service reaches long before its limit of connections; from then on it
/// can't even open its store. So the limit is raised at the start, and a service whose limit can't be raised
/// does not start.
enum OpenFiles {
    /// The connections that a server allows, and as many again for Kafka, stores and the admin port.
    static let needed = 8192

    struct TooFew: Error, Hashable, CustomStringConvertible {
        let allowed: UInt
        let reason: String

        var description: String {
            """
            the service needs \(needed) open files; only \(allowed) are allowed and can't be raised (\(reason)); \
            raise the hard limit: LimitNOFILE= in systemd, --ulimit nofile= for a container, ulimit -Hn in a shell
            """
        }
    }

    static func raise() throws(TooFew) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw TooFew(allowed: 0, reason: errorText())
        }
        guard let raised = raised(soft: limit.rlim_cur, hard: limit.rlim_max) else { return }
        var wanted = rlimit(rlim_cur: raised.soft, rlim_max: raised.hard)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 else {
            throw TooFew(allowed: limit.rlim_max, reason: errorText())
        }
    }

    /// The limits to ask for; nil if the present ones are enough. Only a privileged process may raise the
    /// hard limit.
    static func raised(soft: UInt, hard: UInt) -> (soft: UInt, hard: UInt)? {
        soft >= UInt(needed) ? nil : (UInt(needed), max(hard, UInt(needed)))
    }

    private static func errorText() -> String { String(cString: strerror(errno)) }
}
