// An action is one flat object: `complaint`, `by`, `action`, and the fields that its verb has.

extension ComplaintAction: Codable {
    private enum CodingKeys: String, CodingKey {
        case complaint, action, by, words, grade, to, passed, reason, into, correction, until, follower,
            passage, fingerprint, gateway, official
        case of, event, cause
        case isPublic = "public"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        complaint = try fields.decode(TrackingCode.self, forKey: .complaint)
        by = try fields.decode(Actor.self, forKey: .by)
        fingerprint = try fields.decodeIfPresent(String.self, forKey: .fingerprint)
        gateway = try fields.decodeIfPresent(GatewayID.self, forKey: .gateway)
        words = try fields.decodeIfPresent(Outline.self, forKey: .words)
        verb = try Self.verb(try fields.decode(Name.self, forKey: .action), fields)
    }

    private static func verb(_ name: Name, _ fields: KeyedDecodingContainer<CodingKeys>) throws -> Verb {
        switch name {
        case .accept: .accept
        case .note: .note(isPublic: try fields.decode(Bool.self, forKey: .isPublic))
        case .urge: .urge
        case .transfer: .transfer(to: try fields.decodeIfPresent(Destination.self, forKey: .to))
        case .resolve: .resolve
        case .verify: .verify(passed: try fields.decode(Bool.self, forKey: .passed))
        case .rate: .rate(try fields.decode(Grade.self, forKey: .grade))
        case .reopen: .reopen
        case .reject: .reject(try fields.decode(ComplaintEvent.Rejected.Reason.self, forKey: .reason))
        case .merge: .merge(into: try fields.decode(TrackingCode.self, forKey: .into))
        case .edit: .edit(try fields.decode(Correction.self, forKey: .correction))
        case .extend: .extend(until: try fields.decode(Instant.self, forKey: .until))
        case .close: .close
        case .withhold:
            .withhold(
                try fields.decode(Passage.self, forKey: .passage),
                try fields.decode(Passage.Reason.self, forKey: .reason))
        case .release: .release(try fields.decode(Passage.self, forKey: .passage))
        case .raise: .raise(over: try fields.decode(Actor.self, forKey: .official))
        case .erase: .erase(until: try fields.decode(Instant.self, forKey: .until))
        case .join: .join(follower: try fields.decode(TrackingCode.self, forKey: .follower))
        case .part: .part(try fields.decode(ComplaintEvent.Parted.Why.self, forKey: .reason))
        case .inform:
            .inform(
                of: try fields.decode(TrackingCode.self, forKey: .of),
                event: try fields.decode(ComplaintEvent.Kind.self, forKey: .event),
                cause: try fields.decode(String.self, forKey: .cause))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(complaint, forKey: .complaint)
        try fields.encode(by, forKey: .by)
        try fields.encode(verb.name, forKey: .action)
        try fields.encodeIfPresent(fingerprint, forKey: .fingerprint)
        try fields.encodeIfPresent(gateway, forKey: .gateway)
        try fields.encodeIfPresent(words, forKey: .words)
        switch verb {
        case .accept, .urge, .resolve, .reopen, .close: break
        case .note(let isPublic): try fields.encode(isPublic, forKey: .isPublic)
        case .transfer(let destination): try fields.encodeIfPresent(destination, forKey: .to)
        case .verify(let passed): try fields.encode(passed, forKey: .passed)
        case .rate(let grade): try fields.encode(grade, forKey: .grade)
        case .reject(let reason): try fields.encode(reason, forKey: .reason)
        case .merge(let target): try fields.encode(target, forKey: .into)
        case .edit(let correction): try fields.encode(correction, forKey: .correction)
        case .extend(let until), .erase(let until): try fields.encode(until, forKey: .until)
        case .withhold(let passage, let reason):
            try fields.encode(passage, forKey: .passage)
            try fields.encode(reason, forKey: .reason)
        case .release(let passage): try fields.encode(passage, forKey: .passage)
        case .raise(let official): try fields.encode(official, forKey: .official)
        case .join(let follower): try fields.encode(follower, forKey: .follower)
        case .part(let why): try fields.encode(why, forKey: .reason)
        case .inform(let target, let event, let cause):
            try fields.encode(target, forKey: .of)
            try fields.encode(event, forKey: .event)
            try fields.encode(cause, forKey: .cause)
        }
    }
}

/// `{"reach": "…"}`, `{"office": "…"}` or `{"department": "…"}`.
extension Destination: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case reach, office, department
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard fields.allKeys.count == 1, let key = fields.allKeys.first else {
            let detail =
                "must name exactly one of \(CodingKeys.allCases.map(\.rawValue).joined(separator: ", "))"
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: detail))
        }
        self =
            switch key {
            case .reach: .reach(try fields.decode(ReachID.self, forKey: key))
            case .office: .office(try fields.decode(RegionID.self, forKey: key))
            case .department: .department(try fields.decode(DepartmentID.self, forKey: key))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .reach(let id): try fields.encode(id, forKey: .reach)
        case .office(let id): try fields.encode(id, forKey: .office)
        case .department(let id): try fields.encode(id, forKey: .department)
        }
    }
}
