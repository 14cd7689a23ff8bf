/// The deadlines of one complaint that passed without the deed, and under whom. They decide whether a deed
/// was in time: the one rule of the public's figures (`Tally`) and of a supervisor's at the desk.
///
/// 1. A deadline has passed when the log says so. Routing's clock decides, and no reader's.
/// 2. For the complaint, a deed is in time if no deadline for it has passed before.
/// 3. For an official, only what passed while he had the complaint counts: nobody answers for the delay of
///    another.
/// 4. Reopening gives more time to resolve, so what passed before counts no more against the next
///    resolution. Whether somebody accepted in time is decided once.
public struct Lapses<Owner: Hashable & Sendable>: Hashable, Sendable {
    public struct Lapse: Hashable, Sendable {
        /// Nil where the figures name nobody.
        public let owner: Owner?
        public let deadline: Deadline

        public init(owner: Owner?, deadline: Deadline) {
            (self.owner, self.deadline) = (owner, deadline)
        }
    }

    public private(set) var all: [Lapse]
    /// How many of them were before the last reopening.
    public private(set) var former: Int

    public init(_ all: [Lapse] = [], former: Int = 0) {
        (self.all, self.former) = (all, min(max(former, 0), all.count))
    }

    public mutating func note(_ deadline: Deadline, under owner: Owner?) {
        all.append(Lapse(owner: owner, deadline: deadline))
    }

    public mutating func reopen() { former = all.count }

    /// Whether the deed that the deadline waits for is in time for the complaint as a whole.
    public func isInTime(_ deadline: Deadline) -> Bool { counted(deadline).isEmpty }

    /// Whether it is in time for whoever does it.
    public func isInTime(_ deadline: Deadline, of owner: Owner?) -> Bool {
        !counted(deadline).contains { $0.owner == owner }
    }

    private func counted(_ deadline: Deadline) -> [Lapse] {
        all.dropFirst(deadline == .resolve ? former : 0).filter { $0.deadline == deadline }
    }
}
