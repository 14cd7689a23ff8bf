import Kafka
import Models
import Processing
import Support
import Text

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
    private let membership: SimulatedCluster.Group?
    private var member: Int
    private var generation: Int?
    private var holdsPartitions = false

    private var next: [TopicPartition: Int64] = [:]
    private var places: [TopicPartition] = []
    private var paused: Set<TopicPartition> = []
    /// Partitions whose broker says nothing.
    var silent: Set<TopicPartition> = []
    private var isDead = false
    private var told: [TopicPartition: Int64] = [:]

    private var restore: (any SimulatedRun)?
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
        membership = cluster.groups[group]
        member = cluster.join(group, instance: instance)
    }

    var isMember: Bool { membership?.members[member] != nil }

    var ownedPartitions: Set<Int32> { Set(next.keys.map(\.partition)) }

    var hasUnderWay: Bool { !underWay.isEmpty }

    var isRestoring: Bool { holdsPartitions && next.isEmpty }

    /// Whether a restore has begun that is neither complete nor cancelled.
    var hasRestoreUnderWay: Bool { restore?.isOver == false }

    /// Whether it has its partitions, has read all there is, and has committed what it read of its inputs.
    func isWorkedOff(_ inputs: [Topic]) -> Bool {
        guard holdsPartitions, !hasRestoreUnderWay, !hasUnderWay, let membership,
            !membership.isRebalancing, membership.members[member] != nil,
            generation == membership.generation
        else { return false }
        return next.allSatisfy { place, position in
            // It has not met yet what was lost.
            guard position >= cluster.low(place) else { return false }
            let isInput = inputs.contains { $0.rawValue == place.topic }
            let committed = isInput ? membership.committed[place]?.next ?? 0 : position
            return cluster.read(place, from: min(committed, position)).record == nil
        }
    }

    func heartbeat() { cluster.heartbeat(membership, member) }

    func leave() { cluster.leave(group, member) }

    /// Whether this process has read, since it was given its partitions, that this job is withdrawn.
    func hasReadWithdrawal(of job: SMSJob) -> Bool {
        cluster.committedRecords(.jobWithdrawals).contains { record in
            guard record.offset < next[TopicPartition(.jobWithdrawals, record.partition)] ?? 0,
                let withdrawn = cluster.value(JobWithdrawal.self, of: record)
            else { return false }
            return withdrawn.reference == job.reference && withdrawn.attempt == job.attempt
        }
    }

    // MARK: The member

    func poll(timeoutMilliseconds: Int32) -> Arrival<SimulatedFailure> {
        do throws(SimulatedFailure) {
            try meet(.poll)
        } catch {
            isDead = bug == .diesSilently && error.remedy == .retry
            return .failed(error)
        }
        guard !isDead else { return .idle }
        if let change = groupChange() { return change }
        // A batch may end anywhere.
        if !prng.once(in: 12), let arrival = fetch() { return arrival }
        cluster.advance(milliseconds: Int64(max(1, timeoutMilliseconds)))
        return .idle
    }

    private func groupChange() -> Arrival<SimulatedFailure>? {
        // What became of the group is heard with the next heartbeat, not at once.
        if holdsPartitions, isDeaf || prng.once(in: 2) { return nil }
        guard isMember else {
            if holdsPartitions { return .revoke(lost: true) }
            member = cluster.join(group, instance: instance)
            return .idle
        }
        if membership?.isRebalancing == true {
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
        for place in places[first...] + places[..<first]
        where !paused.contains(place) && !silent.contains(place) {
            if let position = next[place], position < cluster.low(place), bug != .losesSilently {
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
                low: Position(next: bug == .losesSilently ? 0 : cluster.low(place)),
                high: Position(next: cluster.high(place)))
        }
        return marks
    }

    func restore<P: Processor>(_ partitions: [PartitionRestore<P>]) -> any RestoreRun {
        let run = SimulatedRestore(partitions, self)
        restore = run
        return run
    }

    /// How many records are read before the member polls again.
    fileprivate func drawSlice() -> Int { prng.once(in: 3) ? Int.random(in: 1...8, using: &prng) : .max }

    /// Where a planted bug stops reading: before open transactions instead of behind them.
    fileprivate func end<P>(of stretch: PartitionRestore<P>.Stretch) -> Int64 {
        guard bug == .restoresToStableOffset else { return stretch.end.next }
        return min(stretch.end.next, max(cluster.stable(stretch.place), stretch.start.next))
    }

    fileprivate func hit(_ mark: Mark) { marks.hit(mark) }

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
        underWay.append(.record(spoiled(outgoing)))
        if prng.once(in: 3) { deliverOne() }
    }

    /// The record as a planted bug would write it.
    private func spoiled(_ outgoing: Outgoing) -> Outgoing {
        guard let bug, outgoing.topic == .events, let fact = try? ComplaintFact(outgoing.event) else {
            return outgoing
        }
        switch bug {
        case .keysByAnotherValue where fact.event.kind == .accepted:
            return Outgoing(topic: .events, key: "\(fact.version)\(outgoing.key)", event: outgoing.event)
        case .copiesWords:
            guard let place = fact.words?.description, let data = outgoing.event.data,
                let words = cluster.committedRecords(.words).last(where: {
                    (try? $0.keyText()) == place
                })?.value.flatMap({ try? JSON.decode(Words.self, from: $0) }), let text = words.text
            else { return outgoing }
            let event = outgoing.event
            return Outgoing(
                topic: .events, key: outgoing.key,
                event: CloudEvent(
                    id: event.id, source: event.source, type: event.type, subject: event.subject,
                    version: event.version, trail: event.trail,
                    data: data.dropLast() + Array(#","text":"\#(text)"}"#.utf8)))
        default: return outgoing
        }
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

private protocol SimulatedRun: RestoreRun {
    var isOver: Bool { get }
}

/// A restore in slices: each time it is asked whether it is complete, it reads some records more.
private final class SimulatedRestore<P: Processor>: SimulatedRun {
    private struct Cursor {
        let partition: PartitionRestore<P>
        var rest: ArraySlice<PartitionRestore<P>.Stretch>
        /// The next record of the first stretch.
        var next: Int64 = 0

        init(_ partition: PartitionRestore<P>) {
            self.partition = partition
            rest = partition.stretches[...]
            begin()
        }

        mutating func begin() { next = rest.first?.start.next ?? 0 }
    }

    private var cursors: [Cursor] { didSet { isOver = cursors.isEmpty } }
    private(set) var isOver: Bool
    private unowned let log: SimulatedLog

    init(_ partitions: [PartitionRestore<P>], _ log: SimulatedLog) {
        cursors = partitions.map(Cursor.init)
        isOver = partitions.isEmpty
        self.log = log
    }

    func isComplete(within time: Duration) throws -> Bool {
        guard !isOver else { return true }
        try log.meet(.restore)
        var left = log.drawSlice()
        while !isOver {
            guard left > 0 else {
                log.hit(.restoredInSlices)
                return false
            }
            left -= cursors.count
            try readOne()
        }
        return true
    }

    /// One step at each partition. Where none of them gets on, all wait for open transactions.
    private func readOne() throws {
        var isStuck = true
        var open: [Cursor] = []
        for var cursor in cursors {
            if try advance(&cursor) { isStuck = false }
            if !cursor.rest.isEmpty { open.append(cursor) } else { try cursor.partition.finish() }
        }
        cursors = open
        guard isStuck, !isOver else { return }
        log.hit(.restoredAcrossOpenTransaction)
        try log.wait()
    }

    private func advance(_ cursor: inout Cursor) throws -> Bool {
        guard let stretch = cursor.rest.first else { return true }
        guard cursor.next < log.end(of: stretch) else {
            try cursor.partition.finish(stretch, at: Position(next: cursor.next))
            cursor.rest.removeFirst()
            cursor.begin()
            return true
        }
        let (record, following) = log.cluster.read(stretch.place, from: cursor.next)
        let hasMoved = following > cursor.next
        cursor.next = following
        if let record { try cursor.partition.take(record, of: stretch) }
        return hasMoved
    }

    func cancel() {
        if !isOver { log.hit(.restoreCancelled) }
        cursors = []
    }
}
