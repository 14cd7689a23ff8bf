/// Where a member stands with its partitions.
///
///     joining ──assigned──► restoring ──restored──► working
///        ▲                   │     ▲                 │   │
///        │                   │     └────assigned─────┘   │
///        └──────revoked──────┴───────────────────────────┘
///
/// A member may be closed in each of them; then it stays closed.
///
/// `Restore` is the restore that is under way.
enum Phase<Restore> {
    /// It has no partitions and waits for the group to assign some.
    case joining
    /// It has partitions and reads their states from the log. It polls, so that the group keeps it as a
    /// member, but it fetches no record.
    case restoring(Restore)
    /// It decides what arrives.
    case working
    /// It takes no more turns.
    case closed

    /// What moves a member from one phase to another.
    enum Step {
        /// The group assigned partitions. If no `revoked` came before, the former partitions are given up.
        case assigned(Restore)
        /// The states are level with the log.
        case restored
        /// The group asked the partitions back, or gave them to another member.
        case revoked
        /// The process stops.
        case closed
    }

    /// The next phase; nil if the step is not allowed.
    func after(_ step: Step) -> Phase? {
        switch (self, step) {
        case (.joining, .assigned(let restore)), (.restoring, .assigned(let restore)),
            (.working, .assigned(let restore)):
            .restoring(restore)
        case (.restoring, .restored): .working
        case (.joining, .revoked), (.restoring, .revoked), (.working, .revoked): .joining
        case (.joining, .closed), (.restoring, .closed), (.working, .closed): .closed
        case (.joining, .restored), (.working, .restored): nil
        case (.closed, _): nil
        }
    }

    mutating func take(_ step: Step) {
        guard let next = after(step) else { preconditionFailure("\(step) is not allowed while \(self)") }
        self = next
    }
}
