// swift-tools-version: 6.2

import PackageDescription

/// Every module: Swift 6 mode, existentials spelled `any`, imports internal unless said otherwise, no warning
/// left.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // The loops are generic and stand in one module, what they run stands in another: without this they run
    // unspecialised in a release. It takes up to a quarter off what a complaint costs (Tests/Benchmarks).
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// The modules that wrap C say `unsafe` wherever memory safety rests on a rule of the C library.
let wrapsC = strict + [.strictMemorySafety()]

func module(
    _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude,
        swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A service is a library, so that tests and the operator's simulated city can use its core, and an
/// executable of two lines around it.
func service(
    _ name: String, _ dependencies: [Target.Dependency] = [], runs command: String, besides: [String] = [],
    resources: [Resource] = [], pages: [String] = []
) -> [Target] {
    let path = "Services/\(name)"
    return [
        .target(
            name: name,
            dependencies: pure + ["Kafka", "Store", "HTTP", "Host"] + dependencies,
            path: path, exclude: ["README.md", "Executable"] + besides + pages, resources: resources,
            swiftSettings: strict),
        .executableTarget(
            name: command, dependencies: [.target(name: name)], path: "\(path)/Executable",
            swiftSettings: strict),
    ]
}

/// Tests run once for each time they are compiled, so it does not pay to optimise them. What they test is
/// optimised.
///
/// - Parameter isLong: the tests' own code does much of the work.
func tests(
    _ name: String, of dependencies: [Target.Dependency], exclude: [String] = [], isLong: Bool = false
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["Support"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: strict + (isLong ? [] : [.unsafeFlags(["-Onone"], .when(configuration: .release))]))
}

/// What `--version` says. The commit is told by whoever builds (deploy/up does), because SwiftPM evaluates
/// this file only when it or the environment has changed: what it asked git itself would soon be wrong. (A
/// build-tool plugin was tried. SwiftPM gives its output to Swift targets alone, and did not always run it.)
let version = "0.9.0"
let commit = Context.environment["DAYU_COMMIT"] ?? "commit unknown"

/// The C libraries of the distribution.
let libraries: [Target] = [
    library("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    // Its pkg-config file has a flag of Windows, of which SwiftPM warns at each build.
    .systemLibrary(name: "CGD", path: "Shared/CGD", providers: [.apt(["libgd-dev"])]),
    .target(
        name: "CVersion", path: "Shared/CVersion",
        cSettings: [
            .define("DAYU_VERSION", to: "\"\(version)\""), .define("DAYU_COMMIT", to: "\"\(commit)\""),
        ]),
]

/// What is pure: neither files nor the network nor a clock.
let pure: [Target.Dependency] = ["Text", "Geo", "Models", "Processing"]

/// What the services share, each module above those that it uses.
let shared: [Target] = [
    module("Text", []),
    module("Geo", ["Text"]),
    module("Models", ["Text", "Geo"], exclude: ["README.md"]),
    module("Readings", ["Text", "Geo", "Models"]),
    module("Processing", ["Text", "Models"]),
    module("Open311", ["Text"]),
    module("Kafka", ["CRdKafka"], wrapsC),
    module("Store", ["CSQLite"], wrapsC),
    module("HTTP", ["CMicroHTTPD"], wrapsC),
    module("Crypto", ["CCrypto"], wrapsC),
    module("Gzip", ["CZlib"], wrapsC),
    module("Pictures", ["CGD"], wrapsC),
    module("Version", ["CVersion"], wrapsC),
    module("Links", ["Text", "Models", "Processing", "Crypto"]),
    module("Media", ["Text", "Models", "Crypto", "HTTP"]),
    module(
        "Host", ["Text", "Models", "Processing", "Kafka", "Store", "HTTP", "Links", "Media", "Version"]),
]

/// The five services and the operator's command. No service imports another.
let services: [Target] =
    service(
        "Intake", ["Readings", "Open311", "Links", "Crypto", "Media", "Pictures"], runs: "dayu-intake")
    + service("Routing", ["Crypto"], runs: "dayu-routing")
    + service("Notification", ["Links", "Crypto"], runs: "dayu-notification")
    + service(
        "Disclosure", ["Readings", "Open311", "Links", "Crypto", "Gzip", "Media"], runs: "dayu-disclosure",
        resources: [.copy("Site")], pages: ["Desk/README.md"])
    + service("Analytics", ["Crypto"], runs: "dayu-analytics")
    + service(
        "Operator", ["Readings", "Links", "Crypto", "Version", "LivedCity"], runs: "dayu",
        besides: ["LivedCity"])
    + [
        // The one module that imports several services: it runs their cores on a clock of its own.
        .target(
            name: "LivedCity", dependencies: pure + ["Intake", "Routing", "Analytics"],
            path: "Services/Operator/LivedCity", swiftSettings: strict)
    ]

/// What the tests and benchmarks share and run.
let instruments: [Target] = [
    .target(name: "Support", path: "Tests/Support", swiftSettings: strict),
    .target(
        name: "Parsers", dependencies: pure + ["Readings", "HTTP"], path: "Tests/Parsers",
        swiftSettings: strict),
    .executableTarget(name: "RawCopy", dependencies: ["CRdKafka"], path: "Tests/Benchmarks/RawCopy"),
    .executableTarget(
        name: "Measures",
        dependencies: pure + ["Readings", "HTTP", "Parsers", "Support", "Disclosure", "Intake", "Analytics"],
        path: "Tests/Benchmarks/Measures", swiftSettings: strict),
]

let testTargets: [Target] = [
    // The repository's text.
    tests("TidyTests", of: []),

    // The shared modules.
    tests("TextTests", of: ["Text"]),
    tests("GeoTests", of: ["Text", "Geo"]),
    tests("ModelsTests", of: pure),
    tests("ReadingsTests", of: pure + ["Readings"]),
    tests("ProcessingTests", of: pure),
    tests("Open311Tests", of: ["Text", "Open311"]),
    tests("KafkaTests", of: ["Kafka"]),
    tests("StoreTests", of: ["Store"]),
    tests("HTTPTests", of: ["HTTP"]),
    tests("CryptoTests", of: ["Crypto"]),
    tests("GzipTests", of: ["Gzip"]),
    tests("PicturesTests", of: ["Pictures"]),
    tests("MediaTests", of: pure + ["Crypto", "HTTP", "Media"]),
    tests("LinksTests", of: pure + ["Links"]),
    tests("HostTests", of: pure + ["Host", "HTTP", "Kafka", "Links", "Store"]),

    // The services, each by itself.
    tests(
        "IntakeTests",
        of: pure + [
            "Readings", "Open311", "Crypto", "Intake", "Links", "Host", "Store", "HTTP", "Kafka", "Media",
            "Pictures",
        ]),
    tests("RoutingTests", of: pure + ["Routing", "Operator"]),
    tests(
        "NotificationTests", of: pure + ["Notification", "Links", "Host", "Kafka", "HTTP"]),
    tests(
        "DisclosureTests",
        of: pure + ["Readings", "Disclosure", "Open311", "Host", "Links", "Store", "HTTP", "Gzip"]),
    tests("AnalyticsTests", of: pure + ["Readings", "Analytics", "Host", "Store"]),
    tests("OperatorTests", of: pure + ["Readings", "Operator", "LivedCity", "Links", "Kafka"]),

    // What only several of them show.
    tests(
        "FuzzTests",
        of: pure + [
            "Readings", "Intake", "Routing", "Notification", "Analytics", "Disclosure", "Host", "HTTP",
            "Links", "Parsers", "Store",
        ], isLong: true),
    tests(
        "LogTests",
        of: pure + [
            "Readings", "Intake", "Routing", "Notification", "Analytics", "Disclosure", "Operator", "Crypto",
            "Host", "Links", "Store",
        ], exclude: ["Recorded"]),
    tests(
        "LivedCityTests",
        of: pure + [
            "LivedCity", "Operator", "Analytics", "Disclosure", "Host", "Links", "Notification", "Routing",
            "Store",
        ]),
    tests(
        "SimulationTests",
        of: pure + [
            "Readings", "Intake", "Routing", "Notification", "Analytics", "Disclosure", "Host", "Kafka",
            "Links", "Store", "HTTP",
        ], isLong: true),
]

let package = Package(name: "Dayu", targets: libraries + shared + services + instruments + testTargets)
