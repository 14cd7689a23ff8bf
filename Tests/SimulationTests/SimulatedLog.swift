import Kafka
import Models
import Processing
import Support

@testable import Host

/// Where in a loop's turn something can go wrong.
enum Point: String, CaseIterable {
    case poll, accept, watermarks, restore, begin, send, sendOffsets, commit, committed, abort
    case beforeSave, afterSave
}

/// One process's hold on the simulated cluster: a member of a group and a transactional producer.
///
/// What it sends is under way before it is on the log: a frozen or dead process's last records, even its
/// commit, may arrive while others work on.
final class SimulatedLog: TransactionalLog {
    private enum Action {
        case record(Outgoing)
        case commit
    }

    let cluster: SimulatedCluster
    let group: String
    private let instance: String?
    private let transactionalID: String
    private let epoch: Int
    private var member: Int
    private var generation: Int?
    private var holdsPartitions = false

    private var next: [TopicPartition: Int64] = [:]
    private var places: [TopicPartition] = []
    private var paused: Set<TopicPartition> = []
    private var told: [TopicPartition: Int64] = [:]

    private var underWay: [Action] = []
    private var failure: SimulatedFailure?
    private var written: [TopicPartition: Position] = [:]

    private var prng: SplitMix64
    private let marks: Marks
    private let bug: Bug?
    /// The world's say at each point: it may crash or freeze the process, or fail the call.
    var meet: (Point) throws(SimulatedFailure) -> Void = { _ in }
    /// Lets time pass, and the others work.
    var wait: () throws(SimulatedFailure) -> Void = {}
    /// Whether it hears nothing of its group.
    var isDeaf = false
    /// For the bugs that lie in the order of the loop's own steps.
    var onBegin: () -> Void = {}

    init(
        _ cluster: SimulatedCluster, group: String, identity: String, isStatic: Bool, prng: SplitMix64,
        marks: Marks,
        bug: Bug?
    ) {
        self.cluster = cluster
        self.group = group
        self.prng = prng
        self.marks = marks
        self.bug = bug
        instance = isStatic ? identity : nil
        transactionalID = "\(group).\(identity)"
        epoch = cluster.initialise(transactionalID)
        member = cluster.join(group, instance: instance)
    }

    var isMember: Bool { cluster.member(member, of: group) != nil }

    var ownedPartitions: Set<Int32> { Set(next.keys.map(\.partition)) }

    var hasUnderWay: Bool { !underWay.isEmpty }

    var isRestoring: Bool { holdsPartitions && next.isEmpty }

    func heartbeat() { cluster.heartbeat(group, member) }

    func leave() { cluster.leave(group, member) }

    // MARK: The member

    func poll(timeoutMilliseconds: Int32) -> Arrival<SimulatedFailure> {
        do throws(SimulatedFailure) {
            try meet(.poll)
        } catch {
            return .failed(error)
        }
        if let change = groupChange() { return change }
        // A batch may end anywhere.
        if !prng.once(in: 12), let arrival = fetch() { return arrival }
        cluster.advance(milliseconds: Int64(max(1, timeoutMilliseconds)))
        return .idle
    }

    private func groupChange() -> Arrival<SimulatedFailure>? {
        // What became of the group is heard with the next heartbeat, not at once.
        if holdsPartitions, isDeaf || prng.once(in: 2) { return nil }
        guard cluster.member(member, of: group) != nil else {
            if holdsPartitions { return .revoke(lost: true) }
            member = cluster.join(group, instance: instance)
            return .idle
        }
        if cluster.groups[group]?.isRebalancing == true {
            if holdsPartitions { return .revoke(lost: false) }
            cluster.joinAgain(group, member)
        }
        guard !holdsPartitions else { return nil }
        guard let (generation, assignment) = cluster.sync(group, member) else { return .idle }
        self.generation = generation
        holdsPartitions = true
        return .assign(assignment)
    }

    private func fetch() -> Arrival<SimulatedFailure>? {
        guard !places.isEmpty else { return nil }
        let first = Int.random(in: 0..<places.count, using: &prng)
        for place in places[first...] + places[..<first] where !paused.contains(place) {
            if let position = next[place], position < cluster.low(place) {
                return .failed(.outOfRange(place))
            }
            let (record, following) = cluster.read(place, from: next[place] ?? 0)
            next[place] = following
            if let record { return .record(record) }
            if told[place] != following {
                told[place] = following
                return .reachedEnd(place, Position(next: following))
            }
        }
        return nil
    }

    func accept(_ positions: [TopicPartition: Position]) throws(SimulatedFailure) {
        try meet(.accept)
        try rewind(to: positions)
    }

    func release() throws(SimulatedFailure) {
        holdsPartitions = false
        generation = nil
        try rewind(to: [:])
    }

    func rewind(to positions: [TopicPartition: Position]) throws(SimulatedFailure) {
        next = positions.mapValues { max(0, $0.next) }
        places = next.keys.sorted()
        paused = []
        told = [:]
    }

    func pause(_ place: TopicPartition) throws(SimulatedFailure) {
        marks.hit(.recordHeld)
        paused.insert(place)
    }

    func resume(_ place: TopicPartition) throws(SimulatedFailure) {
        marks.hit(.heldRecordReleased)
        paused.remove(place)
    }

    func committed(_ places: [TopicPartition]) throws(SimulatedFailure) -> [TopicPartition: Position] {
        while true {
            if let positions = cluster.stableOffsets(of: group, places) { return positions }
            marks.hit(.waitedForPendingOffsets)
            try wait()
        }
    }

    // MARK: Restoring

    func knownEnd(of place: TopicPartition) -> Position? { Position(next: cluster.high(place)) }

    func watermarks(of places: [TopicPartition]) throws(SimulatedFailure) -> [TopicPartition: Watermarks] {
        try meet(.watermarks)
        var marks: [TopicPartition: Watermarks] = [:]
        for place in places {
            marks[place] = Watermarks(
                low: Position(next: cluster.low(place)), high: Position(next: cluster.high(place)))
        }
        return marks
    }

    func read(
        from positions: [TopicPartition: Position], to ends: [TopicPartition: Position],
        apply: @escaping @Sendable (Record) throws -> Void
    ) throws -> [TopicPartition: Position] {
        try meet(.restore)
        var ends = ends.mapValues(\.next)
        if bug == .restoresToStableOffset {
            for (place, end) in ends {
                ends[place] = min(end, max(cluster.stable(place), positions[place]?.next ?? 0))
            }
        }
        var reached = positions.mapValues(\.next)
        while true {
            let open = ends.filter { $0.value > reached[$0.key] ?? 0 }.keys.sorted()
            if open.isEmpty { return reached.mapValues { Position(next: $0) } }
            var isStuck = true
            for place in open {
                let (record, following) = cluster.read(place, from: reached[place] ?? 0)
                if following > reached[place] ?? 0 { isStuck = false }
                reached[place] = following
                if let record { try apply(record) }
            }
            if isStuck {
                marks.hit(.restoredAcrossOpenTransaction)
                try wait()
            }
        }
    }

    // MARK: Transactions

    func begin() throws(SimulatedFailure) {
        try meet(.begin)
        underWay = []
        failure = nil
        written = [:]
        onBegin()
        try cluster.begin(transactionalID, epoch)
    }

    func send(_ outgoing: Outgoing) throws(SimulatedFailure) {
        try meet(.send)
        if bug == .deadLetterStopsPartition, outgoing.topic == .deadLetters {
            throw .restart("a dead letter")
        }
        underWay.append(.record(outgoing))
        if prng.once(in: 3) { deliverOne() }
    }

    func sendOffsets(_ positions: [TopicPartition: Position]) throws(SimulatedFailure) {
        try meet(.sendOffsets)
        if bug == .offsetsBeforeOutputs {
            return try cluster.commitOffsets(positions, of: group, member: member, generation: generation)
        }
        try cluster.addOffsets(
            positions, of: group, member: member, generation: generation, transactionalID, epoch)
    }

    func commit() throws(SimulatedFailure) -> [TopicPartition: Position] {
        underWay.append(.commit)
        try meet(.commit)
        while !underWay.isEmpty { deliverOne() }
        if let failure { throw failure }
        try meet(.committed)
        return written
    }

    func abort() throws(SimulatedFailure) {
        try meet(.abort)
        marks.hit(.transactionAborted)
        underWay = []
        try cluster.end(.aborted, transactionalID, epoch)
    }

    /// One thing that was sent arrives.
    func deliverOne(isLate: Bool = false) {
        guard !underWay.isEmpty else { return }
        do throws(SimulatedFailure) {
            switch underWay.removeFirst() {
            case .record(let outgoing):
                let (place, record) = try cluster.append(outgoing, transactionalID, epoch)
                written[place] = Position(next: record.offset + 1)
            case .commit:
                try cluster.end(.committed, transactionalID, epoch)
                if isLate { marks.hit(.commitArrivedLate) }
            }
        } catch {
            failure = error
            underWay = []
        }
    }
}
