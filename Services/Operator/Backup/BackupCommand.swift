import Kafka
import Models

extension Command {
    static let backup = Command(
        name: ["backup"],
        summary: "writes all topics of the suite into files",
        details: """
            Writes the committed records of all topics into the folder DIR: keys, values, headers and times, in the order of
            each partition, and where each consumer group stands. The services may run meanwhile. Everything is of one
            moment, at which no message to a phone was between two topics; if there is no such moment, the command says so.

            A backup that was interrupted goes on where it ended, for 12 hours; run the same command again. In a folder with a
            backup of the same cluster, the topics that are kept for ever go on behind the last one, and all others are
            written anew: what was erased since is then gone from the folder, too. The former backup stays valid until the new
            one is complete.

            The folder holds personal data, in personal-data/. Only the user who runs the command may read it. Pictures, keys
            and the registry's folder are not in it.
            """,
        operands: ["DIR"],
        options: [
            Option(
                name: "--check", value: nil,
                help: "only reads the files of a complete backup and compares them with their SHA-256")
        ],
        targets: { $0.has("--check") ? nil : $0.operands }
    ) { arguments, surroundings in
        let folder = BackupFolder(path: arguments.operands[0])
        if arguments.has("--check") {
            let manifest = try Restore.manifest(of: folder)
            try Restore.check(manifest, in: folder)
            Terminal.say("the backup of \(manifest.cutAt) is whole: \(manifest.summary)")
            return .done
        }
        let manifest = try Backup(surroundings, to: folder).run()
        Terminal.say("backed up \(manifest.summary)")
        return .done
    }

    static let restore = Command(
        name: ["restore"],
        summary: "writes a backup onto an empty cluster",
        details: """
            Reads all files of the backup in DIR and compares them with their SHA-256, then writes the records to the topics
            of the prefix, each to its partition, in its order, with its headers and its time. Then it reads them back and
            compares each, and commits for every consumer group what it had processed. Only then may the services start, with
            empty data folders.

            It refuses if a topic is missing, has another number of partitions than it had, or has ever held a record, and if a
            consumer group has members. Make the topics with dayu topics create.

            What happened after the backup is lost. A message that waited for the SMS gateway at the moment of the backup
            goes out when Notification starts; one whose answer was outstanding goes out again under the same reference.
            """,
        operands: ["DIR"],
        options: [
            Option(name: "--dry-run", value: nil, help: "only checks the files and the cluster"),
            Option(
                name: "--resume", value: nil,
                help:
                    "goes on with a restore that was interrupted: topics may hold the first records of the backup"
            ),
            Option(
                name: "--topic", value: "NAME",
                help:
                    "restores only this topic, named without the prefix, and the positions of the groups on it; may be "
                    + "given several times", mayRepeat: true),
        ],
        targets: { $0.targets(shown: ["--topic", "--resume"]) }
    ) { arguments, surroundings in
        let folder = BackupFolder(path: arguments.operands[0])
        let manifest = try Restore.manifest(of: folder).only(arguments.texts("--topic"))
        try Restore.check(manifest, in: folder)
        let restore = try Restore(
            manifest, from: folder, to: surroundings, resumes: arguments.has("--resume"))
        guard !arguments.has("--dry-run") else {
            Terminal.say("would restore the backup of \(manifest.cutAt): \(manifest.summary)")
            return .done
        }
        try restore.run()
        Terminal.say("restored the backup of \(manifest.cutAt): \(manifest.summary)")
        return .done
    }
}

extension BackupManifest {
    var summary: String {
        let partitions = topics.reduce(0) { $0 + $1.partitions.count }
        return "\(records) records of \(topics.count) topics (\(partitions) partitions), \(bytes) bytes"
    }

    /// The part of it that is about these topics; all of it if there is none.
    func only(_ names: [String]) throws(Arguments.Misuse) -> BackupManifest {
        guard !names.isEmpty else { return self }
        for name in names where !topics.contains(where: { $0.name == name }) {
            throw Arguments.Misuse(what: "the backup has no topic \(Terminal.harmless(name))")
        }
        var part = self
        part.topics.removeAll { !names.contains($0.name) }
        for index in part.groups.indices {
            part.groups[index].places.removeAll { !names.contains($0.topic) }
        }
        part.groups.removeAll { $0.places.isEmpty }
        return part
    }
}
