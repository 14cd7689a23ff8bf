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

func service(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: ["Models", "Processing", "Kafka", "Store", "HTTP", "Host"] + dependencies,
        path: "Services/\(name)", exclude: ["README.md"], resources: resources, swiftSettings: strict)
}

func tests(_ name: String, of dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["Support"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: strict)
}

/// What `--version` says. The commit is told by whoever builds (deploy/up does), because SwiftPM evaluates
/// this file only when it or the environment has changed: what it asked git itself would soon be wrong.
let version = "0.1.0"
let commit = Context.environment["DAYU_COMMIT"] ?? "commit unknown"

let package = Package(
    name: "Dayu",
    products: [
        .executable(name: "dayu", targets: ["Operator"]),
        .executable(name: "dayu-intake", targets: ["Intake"]),
        .executable(name: "dayu-routing", targets: ["Routing"]),
        .executable(name: "dayu-notification", targets: ["Notification"]),
        .executable(name: "dayu-disclosure", targets: ["Disclosure"]),
        .executable(name: "dayu-analytics", targets: ["Analytics"]),
    ],
    targets: [
        library("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),

        .target(
            name: "CVersion", path: "Shared/CVersion",
            cSettings: [
                .define("DAYU_VERSION", to: "\"\(version)\""), .define("DAYU_COMMIT", to: "\"\(commit)\""),
            ]),
        module("Version", ["CVersion"], wrapsC),

        module("Models", [], exclude: ["README.md"]),
        module("Processing", ["Models"]),
        module("Kafka", ["CRdKafka"], wrapsC),
        module("Store", ["CSQLite"], wrapsC),
        module("HTTP", ["CMicroHTTPD"], wrapsC),
        module("Crypto", ["CCrypto"], wrapsC),
        module("Links", ["Models", "Processing", "Crypto"]),
        module("Host", ["Models", "Processing", "Kafka", "Store", "HTTP", "Links", "Version"]),

        service("Intake", ["Links", "Crypto"]),
        service("Routing", ["Crypto"]),
        service("Notification", ["Links"]),
        service("Disclosure", ["Links"], resources: [.copy("Site")]),
        service("Analytics", ["Crypto"]),
        service("Operator", ["Links", "Version"]),

        .executableTarget(name: "RawCopy", dependencies: ["CRdKafka"], path: "Tests/Benchmarks/RawCopy"),
        .executableTarget(
            name: "Measures", dependencies: ["Models", "HTTP", "Parsers", "Processing", "Support"],
            path: "Tests/Benchmarks/Measures",
            swiftSettings: strict),

        .target(name: "Support", path: "Tests/Support", swiftSettings: strict),
        .target(
            name: "Parsers", dependencies: ["HTTP", "Models", "Processing"], path: "Tests/Parsers",
            swiftSettings: strict),
        tests("FuzzTests", of: ["Intake", "Models", "Parsers", "Processing"]),
        tests("TidyTests", of: []),
        tests("ModelsTests", of: ["Models"]),
        tests("OperatorTests", of: ["Operator", "Links", "Models", "Processing", "Kafka"]),
        tests("StoreTests", of: ["Store"]),
        tests("KafkaTests", of: ["Kafka"]),
        tests("HTTPTests", of: ["HTTP"]),
        tests("CryptoTests", of: ["Crypto"]),
        tests("LinksTests", of: ["Links", "Models"]),
        tests(
            "LogTests", of: ["Crypto", "Intake", "Links", "Models", "Operator", "Processing"],
            exclude: ["Recorded"]),
        tests("HostTests", of: ["Host", "Kafka", "Links", "Models", "Processing", "Store"]),
        tests(
            "DisclosureTests", of: ["Disclosure", "Host", "Links", "Models", "Processing", "Store", "HTTP"]),
        tests("AnalyticsTests", of: ["Analytics", "Host", "Models", "Processing", "Store"]),
        tests("ProcessingTests", of: ["Models", "Processing"]),
        tests("RoutingTests", of: ["Routing", "Operator", "Models", "Processing"]),
        tests(
            "NotificationTests",
            of: ["Notification", "Links", "Host", "Kafka", "Models", "Processing", "HTTP"]),
        tests("IntakeTests", of: ["Intake", "Links", "Host", "Models", "Processing", "Store", "HTTP"]),
        tests(
            "SimulationTests",
            of: [
                "Intake", "Routing", "Notification", "Analytics", "Disclosure", "Host", "Kafka", "Links",
                "Store", "HTTP",
                "Models", "Processing",
            ]),
    ]
)
