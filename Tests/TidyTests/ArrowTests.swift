import Testing

@Suite("The arrows between modules run one way")
struct ArrowTests {
    static let services: Set = [
        "Intake", "Routing", "Notification", "Disclosure", "Analytics", "Operator", "LivedCity",
    ]
    static let shared: Set = [
        "Text", "Geo", "Models", "Readings", "Processing", "Kafka", "Store", "HTTP", "Crypto", "Links",
        "Pictures", "Media", "Version", "Host", "Gzip", "Open311",
    ]
    private static let wrapped = [
        "Kafka": "CRdKafka", "Store": "CSQLite", "HTTP": "CMicroHTTPD", "Crypto": "CCrypto",
        "Pictures": "CGD", "Version": "CVersion", "Gzip": "CZlib",
    ]
    private static let wrappers = Set(wrapped.values)

    /// What each module may import of ours, its C library included.
    private static let allowed: [String: Set<String>] = [
        "Text": [], "Geo": ["Text"], "Models": ["Text", "Geo"], "Readings": ["Text", "Geo", "Models"],
        "Processing": ["Text", "Models"], "Kafka": ["CRdKafka"], "Store": ["CSQLite"],
        "HTTP": ["CMicroHTTPD"], "Crypto": ["CCrypto"], "Links": ["Text", "Models", "Processing", "Crypto"],
        "Pictures": ["CGD"], "Media": ["Text", "Models", "Crypto", "HTTP"], "Version": ["CVersion"],
        "Gzip": ["CZlib"], "Open311": ["Text"],
        "Host": ["Text", "Models", "Processing", "Kafka", "Store", "HTTP", "Links", "Media", "Version"],
    ]

    /// What a module in Services may import of the others there.
    ///
    /// A service knows no other service. The one that runs several of them is the operator's invented city,
    /// and it has their cores alone.
    private static let allowedServices: [String: Set<String>] = [
        "Operator": ["LivedCity"], "LivedCity": ["Intake", "Routing", "Analytics"],
    ]

    @Test("the repository is where it is looked for")
    func root() {
        let imports = Dictionary(grouping: Repository.source.filter(\.isSwift), by: \.module)
            .mapValues { Set($0.flatMap(\.imports)) }
        #expect(imports["Host"]?.isSuperset(of: ["Kafka", "Models", "Foundation"]) == true)
        #expect(imports["Store"] == ["CSQLite"])
        #expect(Repository.swift.count > 50 && Repository.text("Package.swift") != nil)
        #expect(Set(Repository.source.filter { $0.isSwift && $0.isService }.map(\.module)) == Self.services)
        #expect(Set(Repository.source.filter { $0.isSwift && !$0.isService }.map(\.module)) == Self.shared)
    }

    @Test(
        "a module in Shared imports what stands below it and nothing else of ours",
        arguments: ArrowTests.shared.sorted()
    )
    func downward(_ module: String) {
        let ours = Self.shared.union(Self.services).union(Self.wrappers)
        for file in Repository.source where file.isSwift && !file.isService && file.module == module {
            let wrong = Set(file.imports).intersection(ours).subtracting(Self.allowed[module] ?? [])
            #expect(wrong.isEmpty, "\(file.path) imports \(wrong.sorted())")
        }
    }

    @Test("whoever writes a file of SQLite also removes from its log what was deleted")
    func tidied() {
        let opened = "Database(path:"
        let writers = Repository.source.filter { file in
            file.isSwift && file.module != "Store"
                && file.text.split(separator: "\n").contains {
                    $0.contains(opened) && !$0.contains("access: .readOnly")
                }
        }
        #expect(writers.count >= 4)
        for file in writers { #expect(file.text.contains("LogTidying("), "\(file.path)") }
    }

    @Test("an enumeration of the vocabulary that is read from a log knows all its words")
    func words() {
        // Then it takes the reading in JSON.swift, which compares no word that is longer than any of them.
        for file in Repository.source where file.isSwift && file.module == "Models" {
            let lines = file.text.split(separator: "\n")
            for line in lines where line.contains("enum ") && line.contains(": String") {
                let isRead = ["Codable", "Decodable", "JSONCoded"].contains { line.contains($0) }
                #expect(!isRead || line.contains("CaseIterable"), "\(file.path): \(line)")
            }
        }
    }

    @Test("no service imports another, or a C library of ours", arguments: ArrowTests.services.sorted())
    func apart(_ module: String) {
        let forbidden = Self.services.union(Self.wrappers).subtracting([module])
            .subtracting(Self.allowedServices[module] ?? [])
        for file in Repository.source where file.isSwift && file.isService && file.module == module {
            let wrong = Set(file.imports).intersection(forbidden)
            #expect(wrong.isEmpty, "\(file.path) imports \(wrong.sorted())")
        }
    }

    @Test("the invented city has the cores of the services and nothing of what surrounds them")
    func livedCity() {
        for file in Repository.source where file.isSwift && file.module == "LivedCity" {
            let ours = Set(file.imports).intersection(Self.shared)
            #expect(
                ours.isSubset(of: ["Text", "Geo", "Models", "Processing"]),
                "\(file.path) imports \(ours.sorted())")
        }
    }

    @Test("an executable runs its service and does nothing else", arguments: ArrowTests.services.sorted())
    func executables(_ service: String) {
        let path = "Services/\(service)/Executable/"
        let files = Repository.source.filter { $0.path.hasPrefix(path) }
        if service == "LivedCity" { return #expect(files.isEmpty) }
        #expect(files.map(\.path) == ["\(path)main.swift"])
        #expect(files.first?.text == "import \(service)\n\nrun\(service)()\n")
    }

    @Test("Package.swift has the arrows that the imports have")
    func package() throws {
        let package = try #require(Repository.text("Package.swift"))
        for match in package.matches(of: /service\(\s*"(\w+)"(?:, \[([^\]]*)\])?/) {
            let named = Set((match.2 ?? "").matches(of: /"(\w+)"/).map { String($0.1) })
            let others = named.intersection(Self.services)
            #expect(others == Self.allowedServices[String(match.1)] ?? [], "\(match.1)")
        }
        #expect(package.matches(of: /service\(\s*"/).count == Self.services.count - 1)
    }

    /// An undeclared module is there only if another target happens to have been built before.
    @Test("Package.swift declares every module of ours that a module imports")
    func declared() throws {
        let package = try #require(Repository.text("Package.swift"))
        func names(_ list: Substring?) -> Set<String> {
            Set((list ?? "").matches(of: /"(\w+)"/).map { String($0.1) })
        }
        let pure = names(package.firstMatch(of: /let pure[^=]*= \[([^\]]*)\]/)?.1)
        #expect(pure.contains("Models"))
        let target = /\b(module|service|tests)\(\s*"(\w+)",\s*(?:of: )?(pure)?(?: \+ )?(?:\[([^\]]*)\])?/
        let ours = Self.shared.union(Self.services)
        var seen = 0
        for match in package.matches(of: target) {
            let module = String(match.2)
            var declared = names(match.4)
            if match.3 != nil || match.1 == "service" { declared.formUnion(pure) }
            if match.1 == "service" { declared.formUnion(["Kafka", "Store", "HTTP", "Host"]) }
            let files = Repository.swift.filter { $0.module == module && !$0.path.contains("/Executable/") }
            #expect(!files.isEmpty, "\(module)")
            seen += 1
            let missing = Set(files.flatMap(\.imports)).intersection(ours).subtracting(declared)
            #expect(missing.sorted() == [], "\(module)")
        }
        #expect(seen > 30)
    }

    @Test("only the modules that wrap C say unsafe")
    func unsafe() {
        for file in Repository.source where file.isSwift && Self.wrapped[file.module] == nil {
            for (number, line) in file.code where line.contains("unsafe ") || line.contains("Unmanaged<") {
                Issue.record("\(found(file, number, line))")
            }
        }
    }

    @Test("Package.swift names no package")
    func noPackage() throws {
        let package = try #require(Repository.text("Package.swift"))
        for word in [".package(", ".binaryTarget(", "https://"] {
            #expect(!package.contains(word))
        }
        // Two flags that SwiftPM has no word for, and no other: for the modules, and for most of the tests.
        let flags = package.split(separator: "unsafeFlags(").dropFirst().map { $0.prefix { $0 != ")" } }
        #expect(
            flags
                == ["-cross-module-optimization", "-Onone"].map {
                    "[\"\($0)\"], .when(configuration: .release"
                })
        #expect(Repository.text("Package.resolved") == nil)
    }

    @Test("what is pure asks nobody for the time, a number drawn by chance or a setting, and holds no thread")
    func pure() {
        let impure = [
            "Date()", "Instant.now", "at: .now", "ContinuousClock", "SystemRandomNumberGenerator", "UUID()",
            ".random(",
            "ProcessInfo", "FileManager", "URLSession", "Thread", "Task {", "Task.", "DispatchQueue", "Mutex",
            "Atomic",
            "getenv", "clock_gettime", "print(",
        ]
        for file in Repository.source where file.isSwift && Self.isPure(file) {
            let modules = Set(file.imports).subtracting([
                "FoundationEssentials", "Text", "Geo", "Models", "Readings", "Processing", "HTTP", "Crypto",
                "Links", "Open311",
            ]).subtracting(Self.allowedServices[file.module] ?? [])
            // For the cosine, for GB18030 (iconv), and for the zones' clocks, alone.
            let leaves: Set = ["Glibc", "FoundationInternationalization"]
            #expect(modules.subtracting(leaves).isEmpty, "\(file.path) imports \(modules.sorted())")
            for (number, line) in file.code {
                for word in impure where line.contains(word) { Issue.record("\(found(file, number, line))") }
            }
        }
    }

    /// The cores: all of Text, Geo, Models, Readings, Processing, Links and Open311, and what of the services
    /// decides.
    private static func isPure(_ file: Repository.File) -> Bool {
        switch file.module {
        case "Text", "Geo", "Models", "Readings", "Processing", "Links", "Open311", "LivedCity": true
        case "Routing", "Intake":
            !file.path.hasSuffix("/Program.swift") && !file.path.hasSuffix("/main.swift")
                && !file.imports.contains("Host")
        case "Analytics": file.path.contains("/Alarming/")
        case "Notification": ["/Addressing/", "/Dispatch/"].contains { file.path.contains($0) }
        default: false
        }
    }
}
