import CRdKafka

/// How to reach the cluster. Settings are librdkafka's own and pass through without being interpreted, as
/// its INTRODUCTION.md advises language bindings: a new property needs no change here.
public struct ClusterSettings: Hashable, Sendable {
    public var bootstrapServers: String
    /// By librdkafka's names, such as `security.protocol`.
    public var passedThrough: [String: String]

    /// Picks `KAFKA_…` out of the environment: `KAFKA_SECURITY_PROTOCOL` is `security.protocol`.
    public init(bootstrapServers: String, environment: [String: String] = [:]) {
        self.bootstrapServers = bootstrapServers
        passedThrough = [:]
        for (name, value) in environment where name.hasPrefix("KAFKA_") {
            let property = name.dropFirst("KAFKA_".count).lowercased()
            let dotted = String(property.map { $0 == "_" ? "." : $0 })
            // This is the one property whose name has an underscore in librdkafka.
            passedThrough[property == "log_level" ? property : dotted] = value
        }
    }
}

/// What a handle is for. The role decides which settings the operator can't change.
enum Role {
    case consumer(group: String, Isolation)
    case producer(transactionalID: String?)
    /// Asks and administers, and neither reads nor writes records. Watermarks must not depend on open
    /// transactions.
    case administrator

    var kind: rd_kafka_type_t {
        switch self {
        case .consumer, .administrator: RD_KAFKA_CONSUMER
        case .producer: RD_KAFKA_PRODUCER
        }
    }

    /// Settings on which correctness depends.
    ///
    /// Positions move only when we say so. A position that is not in the log is an error, because both ends
    /// of the log would be a guess. A retry makes no duplicate. A misspelt topic is not created. The
    /// partitioner is the Java client's, so that every program puts a key into the same partition. `range`
    /// gives the same partitions of different topics to the same member.
    var mandatory: [String: String] {
        var settings = ["allow.auto.create.topics": "false", "log.queue": "true"]
        switch self {
        case .consumer(let group, let isolation):
            settings["group.id"] = group
            settings["isolation.level"] = isolation.rawValue
            settings["partition.assignment.strategy"] = "range"
            settings["enable.auto.commit"] = "false"
            settings["enable.auto.offset.store"] = "false"
            settings["auto.offset.reset"] = "error"
        case .producer(let transactionalID):
            settings["enable.idempotence"] = "true"
            settings["partitioner"] = "murmur2_random"
            settings["transactional.id"] = transactionalID
        case .administrator: break
        }
        return settings
    }

    /// Merges by priority, lowest first: our presets, the environment's settings, the caller's, and our
    /// mandatory ones.
    func settings(
        _ cluster: ClusterSettings, clientID: String, overrides: [String: String]
    ) -> [String: String] {
        var settings = [
            "client.software.name": "dayu", "client.software.version": "1",
            "socket.timeout.ms": "\(Limit.socketMilliseconds)",
            // librdkafka's preset is 10 s. While 2.0.2 waits for its next try to connect, it does not check
            // the time of waiting records: a record with 3 s was given up after 10 s. And it noticed the
            // return of a broker just as late. One try a second harms nobody.
            "reconnect.backoff.max.ms": "\(Limit.reconnectMilliseconds)",
        ]
        if case .producer(.some) = self {
            settings["transaction.timeout.ms"] = "\(Limit.transactionMilliseconds)"
        }
        settings.merge(cluster.passedThrough) { $1 }
        settings["bootstrap.servers"] = cluster.bootstrapServers
        settings["client.id"] = clientID
        settings.merge(overrides) { $1 }
        settings.merge(mandatory) { $1 }
        // A transaction may have any short time, and a request within it must not last longer.
        if let transaction = settings["transaction.timeout.ms"].flatMap(Int32.init),
            settings["socket.timeout.ms"] == "\(Limit.socketMilliseconds)"
        {
            settings["socket.timeout.ms"] = "\(min(Limit.socketMilliseconds, transaction))"
        }
        return settings
    }

    /// Makes the handle. `prepare` can register callbacks on the configuration.
    ///
    /// `rd_kafka_new` takes the configuration only when it succeeds, so every other way out destroys it.
    func open(
        _ settings: [String: String], prepare: (OpaquePointer) -> Void = { _ in }
    ) throws(KafkaError) -> OpaquePointer {
        guard let configuration = unsafe rd_kafka_conf_new() else {
            throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, from: .configure)
        }
        var failure: String?
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) where failure == nil {
            var result = RD_KAFKA_CONF_OK
            let text = unsafe KafkaError.text { text, size in
                unsafe result = rd_kafka_conf_set(configuration, name, value, text, size)
            }
            if result != RD_KAFKA_CONF_OK { failure = text }
        }
        unsafe prepare(configuration)
        var client: OpaquePointer?
        if failure == nil {
            let text = unsafe KafkaError.text { text, size in
                unsafe client = rd_kafka_new(kind, configuration, text, size)
            }
            if unsafe client == nil { failure = text }
        }
        guard let client = unsafe client else {
            unsafe rd_kafka_conf_destroy(configuration)
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, from: .configure, reason: failure)
        }
        return unsafe client
    }
}
