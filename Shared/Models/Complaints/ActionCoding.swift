// An action is one flat object: `complaint`, `by`, `action`, and the fields that its verb has.

extension ComplaintAction: Codable {
    fileprivate enum CodingKeys: String, CodingKey {
        case complaint, action, by, text, media, grade, to, passed, reason, into, correction, until, follower
        case about
        case isPublic = "public"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        complaint = try fields.decode(ComplaintID.self, forKey: .complaint)
        by = try fields.decode(Actor.self, forKey: .by)
        verb = try Self.verb(try fields.decode(Name.self, forKey: .action), fields)
    }

    private static func verb(_ name: Name, _ fields: KeyedDecodingContainer<CodingKeys>) throws -> Verb {
        let text = { try fields.decode(String.self, forKey: .text) }
        let optionalText = { try fields.decodeIfPresent(String.self, forKey: .text) }
        let media = { try fields.decodeIfPresent([String].self, forKey: .media) ?? [] }
        return switch name {
        case .accept: .accept
        case .note:
            .note(
                text: try text(), media: try media(),
                isPublic: try fields.decodeIfPresent(Bool.self, forKey: .isPublic) ?? true)
        case .urge: .urge(text: try optionalText())
        case .transfer:
            .transfer(to: try fields.decodeIfPresent(Destination.self, forKey: .to), reason: try text())
        case .resolve: .resolve(text: try text(), media: try media())
        case .verify:
            .verify(
                passed: try fields.decode(Bool.self, forKey: .passed), text: try text(), media: try media())
        case .rate: .rate(try fields.decode(Grade.self, forKey: .grade), remark: try optionalText())
        case .reopen: .reopen(reason: try text())
        case .reject:
            .reject(
                try fields.decode(ComplaintEvent.Rejected.Reason.self, forKey: .reason), text: try text())
        case .merge: .merge(into: try fields.decode(ComplaintID.self, forKey: .into))
        case .edit: .edit(try fields.decode(Correction.self, forKey: .correction), reason: try text())
        case .extend: .extend(until: try fields.decode(Instant.self, forKey: .until), reason: try text())
        case .close: .close(reason: try optionalText())
        case .join: .join(follower: try fields.decode(ComplaintID.self, forKey: .follower))
        case .part: .part(reason: try text())
        case .inform:
            .inform(
                of: try fields.decode(ComplaintEvent.Kind.self, forKey: .about), text: try optionalText())
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(complaint, forKey: .complaint)
        try fields.encode(by, forKey: .by)
        try fields.encode(verb.name, forKey: .action)
        switch verb {
        case .accept: break
        case .note(let text, let media, let isPublic):
            try fields.put(text, media)
            try fields.encode(isPublic, forKey: .isPublic)
        case .urge(let text): try fields.put(text)
        case .transfer(let destination, let reason):
            try fields.put(reason)
            try fields.encodeIfPresent(destination, forKey: .to)
        case .resolve(let text, let media): try fields.put(text, media)
        case .verify(let passed, let text, let media):
            try fields.put(text, media)
            try fields.encode(passed, forKey: .passed)
        case .rate(let grade, let remark):
            try fields.put(remark)
            try fields.encode(grade, forKey: .grade)
        case .reopen(let reason), .part(let reason): try fields.put(reason)
        case .reject(let reason, let text):
            try fields.put(text)
            try fields.encode(reason, forKey: .reason)
        case .merge(let target): try fields.encode(target, forKey: .into)
        case .edit(let correction, let reason):
            try fields.put(reason)
            try fields.encode(correction, forKey: .correction)
        case .extend(let until, let reason):
            try fields.put(reason)
            try fields.encode(until, forKey: .until)
        case .close(let reason): try fields.put(reason)
        case .join(let follower): try fields.encode(follower, forKey: .follower)
        case .inform(let kind, let text):
            try fields.put(text)
            try fields.encode(kind, forKey: .about)
        }
    }
}

extension KeyedEncodingContainer where Key == ComplaintAction.CodingKeys {
    fileprivate mutating func put(_ text: String?, _ media: [String] = []) throws {
        try encodeIfPresent(text, forKey: .text)
        if !media.isEmpty { try encode(media, forKey: .media) }
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
            let detail = "names one of \(CodingKeys.allCases.map(\.rawValue).joined(separator: ", "))"
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
