import CRdKafka

/// A rule of the cluster's authorizer that allows something to somebody (an ACL of Kafka). The numbers are
/// the protocol's.
public struct AccessBinding: Hashable, Sendable {
    public enum Resource: Int32, Sendable {
        /// Of a kind that librdkafka does not know. 2.0.2 does not know transactional ids.
        case unknown = 0
        case topic = 2
        case group = 3
        case cluster = 4
        case transactionalID = 5
    }

    public enum Operation: Int32, Sendable {
        case all = 2
        case read = 3
        case write = 4
        case describe = 8
        case idempotentWrite = 12
    }

    public enum Pattern: Int32, Sendable {
        case literal = 3
        case prefixed = 4
    }

    public var resource: Resource
    public var name: String
    public var pattern: Pattern
    public var principal: String
    public var operation: Operation

    public init(
        _ resource: Resource, _ name: String, _ pattern: Pattern, principal: String, _ operation: Operation
    ) {
        self.resource = resource
        self.name = name
        self.pattern = pattern
        self.principal = principal
        self.operation = operation
    }
}

extension AccessBinding {
    /// The name of the one resource of the kind `cluster`.
    public static let clusterName = "kafka-cluster"

    /// From every host.
    private static let anyHost = "*"

    /// Whether this version of librdkafka can ask for a rule of the kind.
    public var isSupported: Bool {
        guard let made = unsafe try? make() else { return false }
        unsafe rd_kafka_AclBinding_destroy(made)
        return true
    }

    fileprivate func make() throws(KafkaError) -> OpaquePointer {
        var made: OpaquePointer?
        let text = unsafe KafkaError.text { text, size in
            unsafe made = rd_kafka_AclBinding_new(
                rd_kafka_ResourceType_t(rawValue: UInt32(resource.rawValue)), name,
                rd_kafka_ResourcePatternType_t(rawValue: UInt32(pattern.rawValue)), principal, Self.anyHost,
                rd_kafka_AclOperation_t(rawValue: UInt32(operation.rawValue)),
                RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text, size)
        }
        guard let binding = unsafe made else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, from: .configure, reason: text)
        }
        return unsafe binding
    }

    /// Nil for a rule of a form that this suite never makes: it denies, or names a host or another operation.
    fileprivate init?(_ raw: OpaquePointer) {
        guard
            unsafe rd_kafka_AclBinding_permission_type(raw) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            let host = unsafe rd_kafka_AclBinding_host(raw), unsafe String(cString: host) == Self.anyHost,
            let name = unsafe rd_kafka_AclBinding_name(raw),
            let principal = unsafe rd_kafka_AclBinding_principal(raw),
            let pattern = unsafe Pattern(
                rawValue: Int32(rd_kafka_AclBinding_resource_pattern_type(raw).rawValue)),
            let operation = unsafe Operation(rawValue: Int32(rd_kafka_AclBinding_operation(raw).rawValue))
        else { return nil }
        let kind = unsafe Int32(rd_kafka_AclBinding_restype(raw).rawValue)
        unsafe self.init(
            Resource(rawValue: kind) ?? .unknown, String(cString: name), pattern,
            principal: String(cString: principal), operation)
    }
}

extension Cluster {
    /// The rules that allow something, from every host. A cluster without an authorizer is an error.
    public func access(timeoutMilliseconds: Int32) throws(KafkaError) -> Set<AccessBinding> {
        var made: OpaquePointer?
        let text = unsafe KafkaError.text { text, size in
            unsafe made = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, nil, RD_KAFKA_RESOURCE_PATTERN_ANY, nil, nil,
                RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, text, size)
        }
        guard let filter = unsafe made else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, from: .configure, reason: text)
        }
        defer { unsafe rd_kafka_AclBinding_destroy(filter) }
        let event = try unsafe answer(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, timeoutMilliseconds) { options, queue in
            unsafe rd_kafka_DescribeAcls(raw, filter, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let found = unsafe rd_kafka_DescribeAcls_result_acls(
            rd_kafka_event_DescribeAcls_result(event), &count)
        var access: Set<AccessBinding> = []
        for index in 0..<count {
            if let raw = unsafe found?[index], let binding = unsafe AccessBinding(raw) {
                access.insert(binding)
            }
        }
        return access
    }

    /// Adds rules. One that is there already is no error.
    public func allow(_ access: [AccessBinding], timeoutMilliseconds: Int32) throws(KafkaError) {
        guard !access.isEmpty else { return }
        var bindings: [OpaquePointer?] = unsafe []
        defer { unsafe rd_kafka_AclBinding_destroy_array(&bindings, bindings.count) }
        for binding in access { unsafe bindings.append(try binding.make()) }
        let event = try unsafe answer(RD_KAFKA_ADMIN_OP_CREATEACLS, timeoutMilliseconds) { options, queue in
            unsafe rd_kafka_CreateAcls(raw, &bindings, bindings.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let results = unsafe rd_kafka_CreateAcls_result_acls(
            rd_kafka_event_CreateAcls_result(event), &count)
        for index in 0..<count {
            guard let result = unsafe results?[index], let error = unsafe rd_kafka_acl_result_error(result)
            else { continue }
            let reason = unsafe String(cString: rd_kafka_error_string(error))
            let rule = access[index]
            throw unsafe KafkaError(
                rd_kafka_error_code(error), from: .ask,
                reason: "the rule of \(rule.principal) about \(rule.name): \(reason)")
        }
    }
}
