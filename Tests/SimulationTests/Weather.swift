import Models
import Processing
import Support

/// The faults inside a turn.
extension World {
    func meet(_ point: Point, _ instance: Instance) throws(SimulatedFailure) {
        guard !isQuiet else { return }
        if instance.isDoomed { throw .restart("died after the deed") }
        // A turn polls much more often than it does anything else.
        guard prng.once(in: point == .poll ? options.rarity * 10 : options.rarity) else { return }
        switch Int.random(in: 0..<4, using: &prng) {
        case 0 where options.crashes:
            marks.hit(.crashed)
            if point == .committed || point == .beforeSave { marks.hit(.crashedBetweenCommitAndSave) }
            throw .restart("crash at \(point)")
        case 1 where options.freezes && depth < 2: freeze(instance, at: point)
        case 2 where options.aborts && [.begin, .send, .sendOffsets, .commit].contains(point):
            say("\(instance): the broker refuses at \(point)")
            throw .abort("refused at \(point)")
        case 3 where options.weather: try weather(instance, at: point)
        default: break
        }
    }

    /// What is left of a broker's error behind `Kafka`: a poll that fails, or a call that takes its time,
    /// because it is made again until a broker answers. Meanwhile others work, and the process is alive.
    private func weather(_ instance: Instance, at point: Point) throws(SimulatedFailure) {
        if point == .poll {
            marks.hit(.pollFailed)
            throw .retry("no broker answers")
        }
        if bug == .leavesErrors { throw .retry("the partition has no leader") }
        guard depth < 2 else { return }
        say("\(instance) repeats a call at \(point)")
        marks.hit(.callRepeated)
        depth += 1
        for _ in 0..<Int.random(in: 1...5, using: &prng) {
            cluster.advance(milliseconds: Int64.random(in: 0...1500, using: &prng))
            step()
        }
        depth -= 1
    }

    /// The process stands still in the middle of a call; what it has sent goes on its way.
    private func freeze(_ instance: Instance, at point: Point) {
        say("\(instance) freezes at \(point)")
        marks.hit(.frozen)
        instance.frozenSteps = 1
        depth += 1
        for _ in 0..<Int.random(in: 1...30, using: &prng) {
            if prng.once(in: 5) { cluster.advance(milliseconds: Int64.random(in: 0...12_000, using: &prng)) }
            step()
            if prng.once(in: 4) { instance.log?.deliverOne(isLate: true) }
        }
        depth -= 1
        instance.frozenSteps = 0
        say("\(instance) goes on")
    }

    /// The process waits for a transaction of somebody else to end.
    func wait(_ instance: Instance) throws(SimulatedFailure) {
        say("\(instance) waits for a transaction")
        cluster.advance(milliseconds: Int64.random(in: 100...3000, using: &prng))
        if prng.once(in: 2) { cluster.markOne() }
        for frozen in instances where frozen.frozenSteps > 0 && prng.once(in: 2) {
            frozen.log?.deliverOne(isLate: true)
        }
        if !isQuiet, depth < 3, prng.once(in: 2) {
            depth += 1
            step()
            depth -= 1
        }
        if isQuiet { cluster.markAll() }
        try meet(.restore, instance)
    }
}
