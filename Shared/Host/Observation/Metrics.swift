import Synchronization

/// The figures of a process, in Prometheus' text form (version 0.0.4).
public final class Metrics: Sendable {
    /// A number that only grows.
    public final class Counter: Sendable {
        private let value = Atomic<Int>(0)

        public func add(_ amount: Int = 1) { value.add(amount, ordering: .relaxed) }
        public var current: Int { value.load(ordering: .relaxed) }
    }

    /// A number that goes up and down.
    public final class Gauge: Sendable {
        private let bits = Atomic<UInt64>(0)

        public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
        public func set(_ value: some BinaryInteger) { set(Double(value)) }
        public var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    }

    /// How long something took, or how many things there were, counted in buckets.
    public final class Histogram: Sendable {
        public static let secondsBounds = [
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]
        public static let countBounds = [1.0, 3, 10, 30, 100, 300, 1000, 3000, 10_000]

        fileprivate struct Counts {
            var buckets: [Int]
            var sum = 0.0
        }

        fileprivate let bounds: [Double]
        fileprivate let counts: Mutex<Counts>

        fileprivate init(bounds: [Double]) {
            self.bounds = bounds
            counts = Mutex(Counts(buckets: [Int](repeating: 0, count: bounds.count + 1)))
        }

        public func observe(_ duration: Duration) {
            observe(Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18)
        }

        public func observe(_ value: Double) {
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            counts.withLock {
                $0.buckets[bucket] += 1
                $0.sum += value
            }
        }
    }

    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
    }

    private struct Family {
        let help: String
        let type: String
        var members: [(labels: String, instrument: Instrument)] = []
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    public func counter(_ name: String, _ labels: [String: String] = [:], help: String) -> Counter {
        let counter = Counter()
        add(.counter(counter), name, labels, help: help, type: "counter")
        return counter
    }

    public func gauge(_ name: String, _ labels: [String: String] = [:], help: String) -> Gauge {
        let gauge = Gauge()
        add(.gauge(gauge), name, labels, help: help, type: "gauge")
        return gauge
    }

    /// - Parameter bounds: the buckets' upper ends, ascending; seconds by default.
    public func histogram(
        _ name: String, _ labels: [String: String] = [:], bounds: [Double] = Histogram.secondsBounds,
        help: String
    ) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        add(.histogram(histogram), name, labels, help: help, type: "histogram")
        return histogram
    }

    /// Replaces an instrument with the same labels: a partition that comes back starts a new figure.
    private func add(
        _ instrument: Instrument, _ name: String, _ labels: [String: String], help: String, type: String
    ) {
        let text = labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        families.withLock { families in
            var family = families[name] ?? Family(help: help, type: type)
            family.members.removeAll { $0.labels == text }
            family.members.append((text, instrument))
            families[name] = family
        }
    }

    /// No longer shows these gauges. When a partition went to another instance, that instance reports on it.
    public func withdraw(_ gauges: [Gauge]) {
        let withdrawn = Set(gauges.map(ObjectIdentifier.init))
        families.withLock { families in
            for name in families.keys {
                families[name]?.members.removeAll { member in
                    guard case .gauge(let gauge) = member.instrument else { return false }
                    return withdrawn.contains(ObjectIdentifier(gauge))
                }
            }
        }
    }

    public func render() -> String {
        families.withLock { families in
            families.sorted { $0.key < $1.key }.map { name, family in
                "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.type)\n"
                    + family.members.map { Self.lines(name, $0.labels, $0.instrument) }.joined()
            }.joined()
        }
    }

    private static func lines(_ name: String, _ labels: String, _ instrument: Instrument) -> String {
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        switch instrument {
        case .counter(let counter): return "\(name)\(braces) \(counter.current)\n"
        case .gauge(let gauge): return "\(name)\(braces) \(gauge.current)\n"
        case .histogram(let histogram):
            let counts = histogram.counts.withLock { $0 }
            let comma = labels.isEmpty ? "" : ","
            var total = 0
            var text = ""
            for (index, count) in counts.buckets.enumerated() {
                total += count
                let bound = index < histogram.bounds.count ? "\(histogram.bounds[index])" : "+Inf"
                text += "\(name)_bucket{\(labels)\(comma)le=\"\(bound)\"} \(total)\n"
            }
            return text + "\(name)_sum\(braces) \(counts.sum)\n\(name)_count\(braces) \(total)\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}
