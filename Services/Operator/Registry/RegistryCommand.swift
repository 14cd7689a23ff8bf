import Foundation
import Kafka
import Models
import Processing

extension Command {
    private static let folder = """
        DIR holds regions, rivers, reaches, sections, stations, chiefs, plans and categories as .csv, and the shapes
        of regions and reaches as .geojson.
        """

    static let registryCheck = Command(
        name: ["registry", "check"],
        summary: "says everything that is wrong with a registry's folder",
        details: """
            Reads a registry's folder and says everything that is wrong with it, as file:line: what. Exit code 1 if
            anything is; warnings do not count.
            \(folder)
            """,
        operands: ["DIR"]
    ) { arguments, _ in
        guard let entities = try RegistryCommand.read(arguments.operands[0]) else { return .fault }
        Terminal.say("\(entities.count) entities, no fault")
        return .done
    }

    static let registryPublish = Command(
        name: ["registry", "publish"],
        summary: "brings the registry topic up to what a folder says",
        details: """
            Brings the registry topic up to what a folder says: writes what is new or changed, removes what left, and
            nothing else. While anything is wrong with the folder nothing is written, and the exit code is 1.
            \(folder)
            """,
        operands: ["DIR"],
        options: [Option(name: "--dry-run", value: nil, help: "says what would change, and writes nothing")]
    ) { arguments, surroundings in
        guard let entities = try RegistryCommand.read(arguments.operands[0]) else { return .fault }
        let published = try RegistryTopic(surroundings).read()
        for key in published.foreignKeys.sorted() {
            Terminal.complain("the topic holds a key that names no entity: \(key.debugDescription)")
        }
        let changes = RegistryChanges(from: published, to: entities)
        if arguments.has("--dry-run") {
            for entity in changes.new { Terminal.say("new \(entity.key)") }
            for entity in changes.changed { Terminal.say("changed \(entity.key)") }
            for key in changes.removed { Terminal.say("removed \(key)") }
            Terminal.say("would be: \(changes.summary)")
        } else {
            try RegistryTopic(surroundings).write(
                changes.records(source: Surroundings.clientID, at: .now))
            Terminal.say(changes.summary)
        }
        return .done
    }
}

enum RegistryCommand {
    /// A registry is a few megabytes; whatever is larger is another file under its name.
    private static let fileBytes = 268_435_456

    /// The entities of a folder; nil where it has faults, which are said.
    static func read(_ folder: String) throws -> [RegistryEntity]? {
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
                throw Unfit(description: "\(name) has \(size) bytes; \(fileBytes) are the most")
            }
            texts[name] = [UInt8](try Data(contentsOf: url))
        }
        let reading = RegistryReading(texts)
        for finding in reading.findings {
            Terminal.complain(
                URL(fileURLWithPath: folder).appendingPathComponent(finding.description).relativePath)
        }
        guard reading.faults.isEmpty else {
            Terminal.complain("\(reading.faults.count) faults, \(reading.warnings.count) warnings")
            return nil
        }
        return reading.entities
    }

    /// A folder that can't be read at all.
    struct Unfit: Error, CustomStringConvertible {
        let description: String
    }
}
