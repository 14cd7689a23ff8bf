import Foundation
import Kafka
import Models
import Processing

extension Command {
    private static let folder = """
        DIR must hold regions, chiefs, rivers, reaches and categories as .csv and the shapes of reaches as .geojson. It may
        hold departments, absences, outfalls, sections, stations, plans, service-levels, calendar, news, gateways and
        gateway-keys as .csv and the boundaries of regions as .geojson. If one of these tables is missing, the topic keeps
        its entities of that kind. A table without rows removes them. Absences and boundaries are different: they are part
        of the chiefs and the regions, so without their files there are none. deploy/sample/README.md describes every
        column.
        """

    static let registryCheck = Command(
        name: ["registry", "check"],
        summary: "reports all faults of a registry's folder",
        details: """
            Reads a registry's folder and prints every fault and warning, as file:line: text. Exit code 1 if there is a
            fault; warnings do not count.
            \(folder)
            """,
        operands: ["DIR"]
    ) { arguments, surroundings in
        guard let reading = try RegistryCommand.read(arguments.operands[0], surroundings) else {
            return .fault
        }
        Terminal.say("\(reading.entities.count) entities, no fault")
        return .done
    }

    static let registryDiff = Command(
        name: ["registry", "diff"],
        summary: "shows what publishing a folder would change",
        details: """
            Shows what dayu registry publish would do: a line for each entity that is new, changed (with each changed
            field before and after) or removed. Writes nothing.
            \(folder)
            """,
        operands: ["DIR"]
    ) { arguments, surroundings in
        guard let reading = try RegistryCommand.read(arguments.operands[0], surroundings) else {
            return .fault
        }
        RegistryCommand.say(try RegistryCommand.changes(to: reading, surroundings))
        return .done
    }

    static let registryPublish = Command(
        name: ["registry", "publish"],
        summary: "publishes a registry's folder: writes only what changed",
        details: """
            Publishes a registry's folder: writes new and changed entities to the registry topic, removes entities that are
            no longer in the folder, and leaves the others alone. If the folder has a fault, nothing is written and the exit
            code is 1.
            \(folder)
            """,
        operands: ["DIR"],
        options: [Option(name: "--dry-run", value: nil, help: "the same as dayu registry diff")],
        targets: { $0.targets() }
    ) { arguments, surroundings in
        guard let reading = try RegistryCommand.read(arguments.operands[0], surroundings) else {
            return .fault
        }
        let changes = try RegistryCommand.changes(to: reading, surroundings)
        if arguments.has("--dry-run") {
            RegistryCommand.say(changes)
        } else {
            try RegistryTopic(surroundings).write(
                changes.records(source: Surroundings.clientID, at: .now))
            Terminal.say(changes.summary)
        }
        return .done
    }

    static let registryExport = Command(
        name: ["registry", "export"],
        summary: "writes the registry topic into a folder",
        details: """
            Writes the content of the registry topic as the files of a folder. Publishing these files again changes nothing.
            If a record of the topic can't be read, the command names it and leaves it out, and the exit code is 1.
            """,
        operands: ["DIR"],
        options: [Option(name: "--overwrite", value: nil, help: "replaces files that already exist")]
    ) { arguments, surroundings in
        let published = try RegistryTopic(surroundings).read()
        let files = RegistryFolder(published.entities).texts
        try RegistryCommand.write(files, to: arguments.operands[0], overwriting: arguments.has("--overwrite"))
        Terminal.say("\(published.entities.count) entities in \(files.count) files")
        RegistryCommand.complain(about: published)
        for key in published.unreadableKeys { Terminal.complain("\(key) can't be read and is left out") }
        return published.unreadableKeys.isEmpty ? .done : .fault
    }
}

enum RegistryCommand {
    /// A registry has a few megabytes. A much larger file must be some other file with the same name.
    private static let fileBytes = 268_435_456

    /// Reads a folder; nil if it has faults, which are printed.
    static func read(_ folder: String, _ surroundings: Surroundings) throws -> RegistryReading? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw Unfit(description: "\(folder) is not a folder")
        }
        var texts: [String: [UInt8]] = [:]
        for name in RegistryReading.files {
            let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: url.path) else { continue }
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard size <= fileBytes else {
                throw Unfit(description: "\(name) has \(size) bytes, more than the allowed \(fileBytes)")
            }
            texts[name] = [UInt8](try Data(contentsOf: url))
        }
        let reading = RegistryReading(texts)
        let besides =
            reading.endingKeys(at: .now) + reading.unreachedPhones(try mobiles(surroundings))
            + reading.calendarEnd(at: .now)
        for finding in reading.findings + besides {
            Terminal.complain(
                URL(fileURLWithPath: folder).appendingPathComponent(finding.description).relativePath)
        }
        guard reading.faults.isEmpty else {
            Terminal.complain("\(reading.faults.count) faults, \(reading.warnings.count) warnings")
            return nil
        }
        return reading
    }

    /// Uses the same settings as Notification.
    private static func mobiles(_ surroundings: Surroundings) throws -> MobileNumbers {
        func setting(_ name: String) -> String? {
            surroundings.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        return try MobileNumbers(
            countries: setting("DAYU_SMS_COUNTRIES") ?? CallingCode.china.digits,
            also: setting("DAYU_SMS_ALSO_TO") ?? "")
    }

    static func changes(to reading: RegistryReading, _ surroundings: Surroundings) throws -> RegistryChanges {
        let published = try RegistryTopic(surroundings).read()
        complain(about: published)
        let untold = Dictionary(grouping: published.entries.keys, by: \.kind)
            .filter { !reading.toldKinds.contains($0.key) }
        for (kind, keys) in untold.sorted(by: { $0.key.file < $1.key.file }) {
            Terminal.complain(
                "there is no \(kind.file): the topic keeps its \(keys.count) entities of this kind")
        }
        return RegistryChanges(from: published, to: reading.entities, of: reading.toldKinds)
    }

    static func complain(about published: PublishedRegistry) {
        for key in published.foreignKeys.sorted() {
            Terminal.complain(
                "the topic holds a key that is not the key of an entity: \(key.debugDescription)")
        }
    }

    static func say(_ changes: RegistryChanges) {
        for line in changes.lines { Terminal.say(line) }
        Terminal.say("What would change: \(changes.summary)")
    }

    /// Writes all files, or none if one would replace an existing file.
    static func write(_ files: [String: [UInt8]], to folder: String, overwriting: Bool) throws {
        let folder = URL(fileURLWithPath: folder)
        let present = files.keys.sorted().filter {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
        guard present.isEmpty || overwriting else {
            throw Unfit(
                description: "already there: \(present.joined(separator: ", ")); --overwrite replaces them")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in files {
            try Data(bytes).write(to: folder.appendingPathComponent(name), options: .atomic)
        }
    }

    /// A folder that can't be read or written.
    struct Unfit: Error, CustomStringConvertible {
        let description: String
    }
}
