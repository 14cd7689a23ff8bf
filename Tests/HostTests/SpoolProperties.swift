import Foundation
import Models
import Processing
import Support
import Testing

@testable import Host

/// A spool beside a log that is away, refuses batches and keeps its answers to itself, and a process that is
/// killed at any moment.
@Suite("Whatever the log does, the spool loses nothing and keeps each complaint's order")
struct SpoolProperties {
    private static let seeds = 0..<40 as Range<UInt64>

    /// Mistakes planted on purpose: a property that never fails proves nothing.
    enum Bug: CaseIterable {
        /// A complaint's next record is under way before the one ahead of it is on the log.
        case letsSuccessorsPast
        case forgetsWhatFailed
        case forgetsWhenKilled
        /// Sets aside whatever was in a batch that the log refused.
        case blamesTheBatch
    }

    @Test("nothing is lost, each complaint's order is kept, and only what the log never takes is set aside")
    func well() throws {
        for seed in Self.seeds {
            #expect(try Run(seed).violations() == [], "seed \(seed)")
        }
    }

    @Test("mistakes are found", arguments: Bug.allCases)
    func planted(_ bug: Bug) throws {
        let isFound = try Self.seeds.contains { try !Run($0, bug).violations().isEmpty }
        #expect(isFound)
    }
}

extension SpoolProperties {
    private final class Run {
        private static let lane = Lane.unknown
        private static let steps = 40

        private var random: SplitMix64
        private let bug: Bug?
        private let folder = NSTemporaryDirectory() + "dayu-spool-\(UUID().uuidString)"
        private var spool: Spool
        private var drain = SpoolDrain()
        private var now = Instant(millisecondsSince1970: 0)
        private var token: UInt = 0
        private var isLogWell = false

        private var written = 0
        /// Records that the log never takes.
        private var poison: Set<String> = []
        private var keys: [String: String] = [:]
        private var log: [String] = []
        private var setAside: Set<String> = []

        init(_ seed: UInt64, _ bug: Bug? = nil) throws {
            random = SplitMix64(seed: seed)
            self.bug = bug
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            spool = try Spool(path: folder + "/spool.sqlite", limit: 10_000)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func violations() throws -> [String] {
            for _ in 0..<Self.steps {
                if random.once(in: 2) { try append() } else { try round() }
                if random.once(in: 12) { try restart() }
            }
            isLogWell = true
            while try !spool.first(1, of: Self.lane).isEmpty { try round() }
            return lost() + outOfOrder() + setAside.subtracting(poison).map { "\($0) was set aside" }
        }

        private func append() throws {
            let records = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                written += 1
                let id = "\(written)"
                keys[id] = random.one(of: ["a", "b", "c"])
                if random.once(in: 12) { poison.insert(id) }
                return (record: record(id, key: keys[id] ?? ""), lane: Self.lane)
            }
            try spool.append(records)
        }

        private func record(_ id: String, key: String) -> Outgoing {
            Outgoing(
                topic: .submissions, key: key,
                event: CloudEvent(
                    id: id, source: "test", type: "t", trail: Trail(at: now), data: Array(id.utf8)))
        }

        /// Sends a round, hears of some or all of it, and settles it unless it is killed before.
        private func round() throws {
            now = now + .seconds(2)
            guard drain.mayBegin(at: now) else { return }
            let entries = try spool.first(drain.window, of: Self.lane)
            let chosen = bug == .letsSuccessorsPast ? entries.map(withKeyOfItsOwn) : entries
            let sent = drain.begin(chosen) {
                token += 1
                return token
            }
            let numbers = Dictionary(uniqueKeysWithValues: entries.map { ($0.record.event.id, $0.number) })
            if bug == .forgetsWhenKilled {
                try settle(sent.compactMap { numbers[$0.record.event.id] })
            }
            var refused: [(number: Int64, reason: String)] = []
            var rest = sent[...]
            while !rest.isEmpty {
                let batch = rest.prefix(Int.random(in: 1...4, using: &random))
                rest = rest.dropFirst(batch.count)
                let report = take(batch.map(\.record.event.id))
                if random.once(in: 30), !isLogWell { return try restart() }
                for (token, record) in batch {
                    _ = drain.note(token, report)
                    guard case .refused(let reason) = report, let number = numbers[record.event.id] else {
                        continue
                    }
                    refused.append((number, reason))
                }
            }
            guard let outcome = drain.end(at: now) else { return }
            var delivered = outcome.delivered
            if bug == .forgetsWhatFailed { delivered = sent.compactMap { numbers[$0.record.event.id] } }
            try settle(delivered, refused: bug == .blamesTheBatch ? refused : outcome.refused)
        }

        private func withKeyOfItsOwn(_ entry: Spool.Entry) -> Spool.Entry {
            Spool.Entry(
                number: entry.number, record: record(entry.record.event.id, key: "key-\(entry.number)"))
        }

        private func settle(
            _ delivered: [Int64], refused: [(number: Int64, reason: String)] = []
        ) throws {
            let waiting = try spool.first(10_000, of: Self.lane)
            for entry in waiting where refused.contains(where: { $0.number == entry.number }) {
                setAside.insert(entry.record.event.id)
            }
            try spool.settle(Self.lane, delivered: delivered, refused: refused)
        }

        /// The broker does not say which record of a batch it means. What failed may be on the log all the
        /// same.
        private func take(_ batch: [String]) -> SpoolDrain.Report {
            guard poison.isDisjoint(with: batch) else { return .refused(reason: "too large") }
            let fails = !isLogWell && random.once(in: 3)
            if !fails || random.once(in: 4) { log += batch }
            return fails ? .failed(reason: "away") : .delivered
        }

        /// Killed, and started again.
        private func restart() throws {
            drain = SpoolDrain()
            spool = try Spool(path: folder + "/spool.sqlite", limit: 10_000)
        }

        // MARK: What must hold

        private func lost() -> [String] {
            let there = Set(log)
            return keys.keys.filter { !poison.contains($0) && !there.contains($0) }
                .map { "\($0) is not on the log" }
        }

        /// What is there twice counts by its first place.
        private func outOfOrder() -> [String] {
            var seen: Set<String> = []
            let first = log.filter { seen.insert($0).inserted }
            return Dictionary(grouping: first) { keys[$0] ?? "" }.compactMap { key, ids in
                let numbers = ids.compactMap(Int.init)
                return numbers == numbers.sorted() ? nil : "\(key): \(numbers)"
            }
        }
    }
}
