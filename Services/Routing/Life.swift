import Models

/// The state machine as a table: what may be done to a complaint, in which status, by whom, and which status
/// follows.
///
/// `Rights` says whether the actor is in charge of the complaint. README.md in this folder shows this table.
enum Life {
    struct Row: Equatable, Sendable {
        let verb: ComplaintAction.Name
        let from: Set<ComplaintStatus>
        let by: Set<Role>
        /// Empty: the status stays.
        let to: Set<ComplaintStatus>
    }

    static let table: [Row] = [
        row(.accept, from: [.assigned], by: doers, to: [.accepted]),
        row(.note, from: unsettled, by: Set(Role.allCases).subtracting([.follower])),
        row(.urge, from: [.assigned, .accepted], by: [.citizen, .office]),
        row(.transfer, from: [.assigned, .accepted], by: doers, to: [.assigned]),
        row(
            .resolve, from: [.assigned, .accepted], by: doers.union([.system]), to: [.resolved, .verifying]),
        row(.verify, from: [.verifying], by: [.checker, .office], to: [.resolved, .assigned]),
        row(.rate, from: [.resolved], by: [.citizen], to: [.closed, .assigned]),
        row(.reopen, from: [.resolved, .closed], by: [.citizen, .office], to: [.assigned]),
        row(.reject, from: [.assigned, .accepted], by: [.office], to: [.rejected]),
        row(.merge, from: [.assigned, .accepted], by: [.office], to: [.merged]),
        row(.edit, from: [.assigned, .accepted], by: [.office], to: [.assigned]),
        row(.extend, from: [.assigned, .accepted], by: [.office]),
        row(.close, from: unsettled, by: [.office], to: [.closed]),
        row(.withhold, from: always, by: [.office]),
        row(.release, from: always, by: [.office]),
        row(
            .raise, from: [.assigned, .accepted, .verifying], by: [.system], to: [.assigned, .verifying]),
        row(.erase, from: always, by: [.system]),
        row(.join, from: always, by: [.system]),
        row(.part, from: [.merged], by: [.system], to: [.assigned]),
        row(.inform, from: [.merged], by: [.system]),
    ]

    /// The roles to which a complaint may be assigned.
    private static let doers: Set<Role> = [.chief, .department, .office]
    private static let always = Set(ComplaintStatus.allCases)
    private static let unsettled: Set<ComplaintStatus> = [
        .received, .assigned, .accepted, .verifying, .resolved, .returned,
    ]

    private static func row(
        _ verb: ComplaintAction.Name, from: Set<ComplaintStatus>, by: Set<Role>,
        to: Set<ComplaintStatus> = []
    ) -> Row {
        Row(verb: verb, from: from, by: by, to: to)
    }

    private static let rows = Dictionary(uniqueKeysWithValues: table.map { ($0.verb, $0) })

    /// - Throws: if this role may never do it, or if it is not possible in this status.
    static func check(_ verb: ComplaintAction.Name, by role: Role, in status: ComplaintStatus)
        throws(Declined)
    {
        guard let row = rows[verb], row.by.contains(role) else {
            throw Declined(.role, "\(role.rawValue) may not \(verb.rawValue) a complaint")
        }
        guard row.from.contains(status) else {
            throw Declined(
                .status, "\(verb.rawValue) is not possible for a complaint that is \(status.rawValue)")
        }
    }
}

/// An action that leads to nothing, and why.
struct Declined: Error, Equatable {
    let reason: ActionRefusal.Reason
    let detail: String

    init(_ reason: ActionRefusal.Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}
