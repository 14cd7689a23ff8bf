import Foundation
import Glibc
import HTTP
import Kafka
import Models
import Synchronization
import Version

/// One executable of the suite. Its `@main` type only conforms to this.
public protocol HostedService {
    associatedtype Settings

    /// The executable's name; also the client id and the consumer group.
    static var name: String { get }
    static var summary: String { get }
    static var adminPort: Int { get }
    static func settings(from reader: inout SettingsReader) -> Settings
    /// The loops to run, each on a thread of its own.
    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker]
}

/// A loop that owns one thread; it returns when the stop flag is raised and throws when the process must
/// restart.
public struct Worker: Sendable {
    let name: String
    let run: @Sendable () throws -> Void

    public init(_ name: String, run: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.run = run
    }
}

extension HostedService {
    /// If the partitions of a service's topics no longer fit its caches, the service stops working but does
    /// not exit: its `/readyz` and its API say why (`Standstill`).
    ///
    /// Exit codes: 0 stopped as asked, 1 a loop failed (start it again), 64 wrong usage, 78 wrong settings
    /// (sysexits.h).
    ///
    /// - Parameter words: the command line without the program's name.
    public static func main(_ words: [String] = Array(CommandLine.arguments.dropFirst())) {
        let environment = ProcessInfo.processInfo.environment
        var reader = SettingsReader(SettingsSource(environment: environment))
        let common = CommonSettings(from: &reader, service: name, adminPort: adminPort)
        let own = settings(from: &reader)
        reader.refuseUnknown(prefix: "\(environmentPrefix(of: name))_")
        let invocation: Invocation
        do {
            invocation = try Invocation(words)
        } catch {
            FileHandle.standardError.write(Data("\(name): \(error.what); try --help\n".utf8))
            exit(64)
        }
        switch invocation.purpose {
        case .run: break
        case .help:
            print(Usage.text(name: name, summary: summary, settings: reader.descriptions))
            exit(0)
        case .version:
            print(Version.text(of: name))
            exit(0)
        case .check:
            for line in reader.faults + reader.warnings.map({ "warning: \($0)" }) {
                FileHandle.standardError.write(Data("\(line)\n".utf8))
            }
            exit(reader.faults.isEmpty ? 0 : 78)
        }
        // What a service keeps, phone numbers and texts among it, may be read by its own user alone. SQLite
        // makes its files with the modes that this mask leaves.
        umask(0o077)
        let log = Log(service: name, threshold: common.logLevel)
        guard reader.faults.isEmpty else {
            reader.faults.forEach { log.error("a setting is wrong", ["fault": .text($0)]) }
            exit(78)
        }
        reader.warnings.forEach { log.warning("a setting is unwise", ["warning": .text($0)]) }
        let execution = Execution(
            name: name, common: common, invocation: invocation, log: log,
            supervisor: Supervisor(environment: environment))
        exit(execution.run { try workers(own, $0) })
    }
}

/// `dayu-intake` → `DAYU_INTAKE`.
func environmentPrefix(of name: String) -> String {
    String(name.map { $0 == "-" ? "_" : Character($0.uppercased()) })
}

/// The settings that every service has.
struct CommonSettings {
    let cluster: ClusterSettings
    let topics: TopicNames
    let dataFolder: String
    let adminAddress: String
    let adminPort: UInt16
    let logLevel: Log.Level
    /// How long records may wait while a loop reads none of them.
    let stuckAfter: Duration
    let diskFreeMegabytes: Int
    let batch: BatchSettings

    init(from reader: inout SettingsReader, service: String, adminPort preset: Int) {
        let own = environmentPrefix(of: service)
        let servers = reader.text(
            "DAYU_KAFKA", preset: "127.0.0.1:9092",
            help: "Kafka's bootstrap servers, host:port separated by commas")
        cluster = ClusterSettings(bootstrapServers: servers, environment: reader.environment)
        topics = TopicNames(
            prefix: reader.text(
                "DAYU_PREFIX", preset: "dayu.", help: "the first part of the name of every topic")
        )
        let folder = reader.text(
            "DAYU_DATA", preset: ".run/data",
            help: "the folder of the caches; each service has a folder of its own in it")
        dataFolder = "\(folder)/\(service)"
        adminAddress = reader.text(
            "DAYU_ADMIN_ADDRESS", preset: "127.0.0.1",
            help: "the address at which /healthz, /readyz and /metrics listen")
        adminPort = reader.port(
            "\(own)_ADMIN_PORT", preset: preset, help: "the port of /healthz, /readyz and /metrics")
        logLevel = reader.choice("DAYU_LOG_LEVEL", preset: .info, help: "the lowest level that is logged")
        stuckAfter = reader.duration(
            "DAYU_STUCK_AFTER", preset: .seconds(30),
            help: "the service is not ready if a loop reads nothing for this long although records wait")
        diskFreeMegabytes = reader.integer(
            "DAYU_DISK_FREE_MEGABYTES", preset: 256, in: 0...1_000_000_000,
            help: """
                if the data folder's disk has less free room than this (on a smaller disk: less than a twentieth), \
                /readyz and dayu status report it as nearly full
                """)
        var batch = BatchSettings()
        batch.records = reader.integer(
            "DAYU_BATCH_RECORDS", preset: batch.records, in: 1...100_000,
            help: "how many records a batch holds at most")
        batch.bytes = reader.integer(
            "DAYU_BATCH_BYTES", preset: batch.bytes, in: 1024...1_073_741_824,
            help: "how many bytes of keys and values a batch holds; the record that exceeds it is the last")
        batch.linger = reader.duration(
            "DAYU_BATCH_LINGER", preset: batch.linger, help: "how long a batch waits for more records")
        self.batch = batch
    }
}

/// What the command line asks for.
struct Invocation {
    enum Purpose {
        case run, help, version, check
    }

    struct Misuse: Error {
        let what: String
    }

    private(set) var purpose = Purpose.run
    /// Forget the caches and read everything again.
    private(set) var rebuilds = false
    /// How many loops of one kind run beside each other, each a member of the group.
    private(set) var workers = 1

    private static let workersRange = 1...64

    init(_ words: some Sequence<String>) throws(Misuse) {
        var words = words.makeIterator()
        while let word = words.next() {
            switch word {
            case "--help": purpose = .help
            case "--version": purpose = .version
            case "--check": purpose = .check
            case "--rebuild": rebuilds = true
            case "--workers":
                guard let count = words.next().flatMap({ Int($0) }), Self.workersRange.contains(count) else {
                    throw Misuse(what: "--workers needs a number from 1 to \(Self.workersRange.upperBound)")
                }
                workers = count
            default: throw Misuse(what: "unknown argument \(word)")
            }
        }
    }
}

enum Usage {
    static func text(name: String, summary: String, settings: [SettingsReader.Description]) -> String {
        let lines = settings.map { setting in
            let preset = setting.preset.isEmpty ? "not set" : setting.preset
            return "  \(setting.name)\n      \(setting.help) [\(setting.form)] default: \(preset)"
        }
        return """
            \(name): \(summary)

            usage: \(name) [--help | --version | --check] [--workers N] [--rebuild]

            --check checks the settings and exits with 0 (right) or 78 (wrong). It also warns of unwise settings.
            --workers runs N loops of each kind in parallel; each is a member of the consumer group. Default: 1.
            --rebuild deletes the caches and reads everything again; nothing is lost.
            Settings are environment variables. Those that begin with KAFKA_ are passed on to librdkafka
            (KAFKA_SECURITY_PROTOCOL is its security.protocol). A setting may also be a file of its name in the folder
            that CREDENTIALS_DIRECTORY names, so that a secret need not stand in the environment.

            \(lines.joined(separator: "\n"))
            """
    }
}

/// The life of a process: threads, signals, the admin port, an orderly stop.
private struct Execution {
    let name: String
    let common: CommonSettings
    let invocation: Invocation
    let log: Log
    let supervisor: Supervisor?

    /// Longer than a commit takes, shorter than a supervisor's patience.
    private static let stopWithinSeconds = 15

    func run(_ makeWorkers: (HostContext) throws -> [Worker]) -> Int32 {
        let signals = blockSignals()
        let context = HostContext(
            name: name, cluster: common.cluster, topics: common.topics, dataFolder: common.dataFolder,
            batch: common.batch, workers: invocation.workers, log: log, metrics: Metrics(), health: Health(),
            stop: StopFlag(), partitions: PartitionWatch(folder: common.dataFolder))
        do {
            try OpenFiles.raise()
            let folder = try DataFolder(path: common.dataFolder)
            defer { folder.release() }
            if invocation.rebuilds { try folder.forgetCaches() }
            try folder.claim(for: context)
            let watched = context.health.part(PartitionWatch.name)
            let watch = Worker(PartitionWatch.name) {
                try context.watchPartitions { watched.ready() }
            }
            let workers = try makeWorkers(context) + [watch]
            let progress = ProgressWatch(context, patience: common.stuckAfter)
            context.health.expect(parts: workers.count + 1)
            let admin = try AdminServer(common, context)
            defer { admin.stop() }
            let crew = Crew(workers, context)
            log.info("started", ["kafka": .text(common.cluster.bootstrapServers), "admin": .of(admin.port)])
            crew.start()
            progress.start()
            supervisor?.start(context.health)
            wait(for: signals)
            log.info("stopping")
            supervisor?.stopping()
            context.stop.raise()
            context.obstruction.end()
            guard crew.join(withinSeconds: Self.stopWithinSeconds) else {
                log.error("a loop did not stop in time", ["seconds": .of(Self.stopWithinSeconds)])
                return 1
            }
            log.info("stopped", ["failed": .text(String(crew.hasFailed))])
            return crew.hasFailed ? 1 : 0
        } catch {
            log.error("can't start", ["reason": .text("\(error)")])
            return 1
        }
    }

    /// Before any thread starts, so that every thread inherits the mask and only `sigwait` sees these
    /// signals.
    private func blockSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        return signals
    }

    private func wait(for signals: sigset_t) {
        var signals = signals
        var received: Int32 = 0
        sigwait(&signals, &received)
    }
}

/// The threads of a process. A loop that fails ends them all: the supervisor starts the process again, and
/// restoring does the rest.
private final class Crew: Sendable {
    private struct State {
        var running: Int
        var hasFailed = false
    }

    private let workers: [Worker]
    private let context: HostContext
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)

    init(_ workers: [Worker], _ context: HostContext) {
        self.workers = workers
        self.context = context
        state = Mutex(State(running: workers.count))
    }

    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    func start() {
        for worker in workers {
            let thread = Thread { self.run(worker) }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    private func run(_ worker: Worker) {
        // What `top -H` and a debugger show; the system keeps 15 bytes (proc_pid_comm(5)). Foundation's own
        // way leaves out a thread that is quicker than its starter.
        let comm = FileHandle(forWritingAtPath: "/proc/thread-self/comm")
        try? comm?.write(contentsOf: Data(worker.name.utf8))
        try? comm?.close()
        do {
            try worker.run()
        } catch let fault as any Standstill {
            context.obstruction.obstruct(fault.outward)
            context.health.hinder("stopped", fault.description)
            context.log.error("the service stops working", ["reason": .text(fault.description)])
            context.stop.raise()
        } catch {
            context.log.error("a loop failed", ["loop": .text(worker.name), "reason": .text("\(error)")])
            state.withLock { $0.hasFailed = true }
            // Wakes the main thread out of sigwait.
            kill(getpid(), SIGTERM)
        }
        ended.signal()
    }

    func join(withinSeconds seconds: Int) -> Bool {
        let deadline = DispatchTime.now() + .seconds(seconds)
        return workers.allSatisfy { _ in ended.wait(timeout: deadline) == .success }
    }
}

/// `/healthz` (nothing hangs that a restart would help), `/readyz` (every part can work), `/metrics`
/// (Prometheus), and the service's own pages.
private struct AdminServer {
    private static let connections = 256
    private let server: Server

    init(_ common: CommonSettings, _ context: HostContext) throws {
        let disk = DiskWatch(context, megabytes: common.diskFreeMegabytes)
        var router = Router()
        router.on(.get, "/healthz") { [health = context.health] _ in
            let hangs = health.hangs
            return .now(
                hangs.isEmpty ? .text("ok\n") : .text(hangs.joined(separator: "\n") + "\n", status: 503))
        }
        router.on(.get, "/readyz") { [health = context.health] _ in
            disk.look()
            let reasons = health.reasons
            return .now(
                reasons.isEmpty
                    ? .text((["ready"] + health.notes).joined(separator: "\n") + "\n")
                    : .text(reasons.joined(separator: "\n") + "\n", status: 503))
        }
        let ready = context.metrics.gauge("dayu_ready", help: "1 while /readyz answers 200, else 0.")
        let notes = context.metrics.gauge(
            "dayu_notes", help: "What an operator should know although the service works: lines of /readyz.")
        router.on(.get, "/metrics") { [metrics = context.metrics, health = context.health] _ in
            disk.look()
            ready.set(health.reasons.isEmpty ? 1 : 0)
            notes.set(health.notes.count)
            return .now(.text(metrics.render()))
        }
        for page in context.pages.all { router.on(.get, page.path) { _ in .now(page.answer()) } }
        var settings = ServerSettings()
        settings.address = common.adminAddress
        settings.port = common.adminPort
        settings.threads = 1
        settings.connections = Self.connections
        server = try Server(settings, router)
    }

    var port: UInt16 { server.port }

    func stop() { server.drain(within: .seconds(1)) }
}
