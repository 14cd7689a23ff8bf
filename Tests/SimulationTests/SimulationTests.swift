import Foundation
import Glibc
import Models
import Processing
import Testing

/// What one seed came to.
struct Run {
    let seed: UInt64
    let violations: [String]
    let marks: [Mark: Int]

    static let steps = 250

    /// - Parameter shown: what the records contain that are told at the end, such as a complaint's code.
    init(seed: UInt64, bug: Bug? = nil, trace: ((String) -> Void)? = nil, shown: String? = nil) {
        let world = World(seed: seed, steps: Self.steps, bug: bug, trace: trace)
        violations = world.run()
        if let shown, let trace { Self.show(shown, world.cluster, trace) }
        marks = world.marks.counts
        self.seed = seed
    }

    private static func show(_ shown: String, _ cluster: SimulatedCluster, _ trace: (String) -> Void) {
        for record in Topic.allCases.flatMap(cluster.committedRecords) {
            guard let event = cluster.event(record) else { continue }
            let data = String(decoding: event.data ?? [], as: UTF8.self)
            let line = "\(record.timestamp) \(record.topic)/\(record.partition) \(event.id) \(data)"
            if line.contains(shown) { trace(line) }
        }
    }

    var report: String {
        """
        SIM_SEED=\(seed) swift test --filter SimulationTests
        \(violations.prefix(5).joined(separator: "\n"))
        """
    }
}

/// What many seeds came to.
struct Harvest {
    private(set) var failed: [Run] = []
    private(set) var marks: [Mark: Int] = [:]

    /// Enough to see what they have in common.
    private static let failedLimit = 5

    mutating func take(_ run: Run) {
        if !run.violations.isEmpty, failed.count < Self.failedLimit { failed.append(run) }
        marks.merge(run.marks) { $0 + $1 }
    }

    mutating func take(_ other: Harvest) {
        failed += other.failed
        marks.merge(other.marks) { $0 + $1 }
    }

    /// Runs seeds on all processors: a seed is a world of its own and shares nothing.
    static func reap(_ seeds: ClosedRange<Int>) async -> Harvest {
        let lanes = ProcessInfo.processInfo.activeProcessorCount
        return await withTaskGroup(of: Harvest.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var harvest = Harvest()
                    for seed in stride(
                        from: seeds.lowerBound + lane, through: seeds.upperBound, by: lanes)
                    {
                        harvest.take(Run(seed: UInt64(seed)))
                    }
                    return harvest
                }
            }
            return await group.reduce(into: Harvest()) { $0.take($1) }
        }
    }
}

/// `SIM_SEED=n` repeats one seed and tells every step, and with `SIM_SHOW=text` the records that contain the
/// text. `SIM_SEEDS=n` runs as many, from 1 on or, so that a long run can be cut in pieces, from `SIM_FIRST`
/// on.
@Suite struct SimulationTests {
    private let environment = ProcessInfo.processInfo.environment
    /// Enough to find what is broken every day.
    private static let fewSeeds = 150
    /// In so many seeds everything happens that `Mark` names; in fewer, what is rare may not.
    private static let enoughSeeds = 450

    @Test func everySeedEndsAsItMust() async {
        if let seed = environment["SIM_SEED"].flatMap(UInt64.init) {
            let run = Run(seed: seed, trace: { print($0) }, shown: environment["SIM_SHOW"])
            #expect(run.violations.isEmpty, "\(run.report)")
            return
        }
        let first = environment["SIM_FIRST"].flatMap(Int.init) ?? 1
        let seeds = max(1, environment["SIM_SEEDS"].flatMap(Int.init) ?? Self.fewSeeds)
        let harvest = await Harvest.reap(first...(first + seeds - 1))
        for run in harvest.failed.sorted(by: { $0.seed < $1.seed }) {
            Issue.record("\(run.report)")
        }
        guard seeds >= Self.enoughSeeds else { return }
        for mark in Mark.allCases where harvest.marks[mark] == nil {
            Issue.record("in \(seeds) seeds this never happened: \(mark)")
        }
    }
}

/// Mistakes planted on purpose: a simulation that never finds anything proves nothing.
@Suite struct PlantedBugTests {
    @Test(arguments: Bug.allCases)
    func isFoundWithinAThousandSeeds(_ bug: Bug) {
        let found = (1...1000).lazy.map { Run(seed: $0, bug: bug) }.first { !$0.violations.isEmpty }
        guard let found else {
            Issue.record("\(bug) was not found")
            return
        }
        print("\(bug): found by seed \(found.seed): \(found.violations[0])")
        #expect(Run(seed: found.seed).violations.isEmpty, "seed \(found.seed) fails without the bug, too")
    }
}
