import Models
import Store
import Text

/// The complaints, their timelines, and the counts for each river and reach.
final class ComplaintTable {
    private let words: WordsTable
    private let erasure: Erasure
    private let select: Statement
    private let upsert: Statement
    private let insertEntry: Statement
    private let selectKey: Statement
    private let count: Statement
    /// Nil for the public.
    private let desk: DeskTable?

    init(
        _ database: borrowing Database, _ words: WordsTable, _ erasure: Erasure, _ desk: DeskTable?
    ) throws {
        self.desk = desk
        self.words = words
        self.erasure = erasure
        select = try database.prepare("SELECT complaint, words FROM complaints WHERE code = ?")
        upsert = try database.prepare(
            """
            INSERT INTO complaints (code, received_at, status, category, river, reach, words, citizens, listed,
                complaint, \(ComplaintFilter.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (code) DO UPDATE SET status = excluded.status, category = excluded.category,
                river = excluded.river, reach = excluded.reach, listed = excluded.listed,
                complaint = excluded.complaint, region = excluded.region, assignee = excluded.assignee,
                overdue = excluded.overdue, updated_at = excluded.updated_at, longitude = excluded.longitude,
                latitude = excluded.latitude
            """)
        insertEntry = try database.prepare("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?)")
        selectKey = try database.prepare("SELECT words FROM timeline WHERE code = ? AND version = ?")
        count = try database.prepare(
            """
            INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (kind, id) DO UPDATE SET complaints = complaints + excluded.complaints,
                open = open + excluded.open, ratings = ratings + excluded.ratings,
                satisfied = satisfied + excluded.satisfied
            """)
    }

    /// Returns whether the fact was news.
    func take(_ fact: ComplaintFact) throws -> Bool {
        let known = try select.first(.text(fact.complaint.compact)) { row in
            (complaint: try JSON.decode(PublicComplaint.self, from: row.blob(0)), words: row.textIfPresent(1))
        }
        guard let after = PublicComplaint.evolve(known?.complaint, fact) else {
            throw Malformed("ce_version", "the first event of a complaint must be received")
        }
        guard after != known?.complaint else { return false }
        let key = known.map(\.words) ?? fact.words?.description
        try put(after, words: key)
        try desk?.put(after, after: fact, words: key)
        if let desk { try desk.steps.take(fact, before: known?.complaint, after: after) }
        if case .received(let received) = fact.event, received.submission.anonymous {
            try desk?.noteAnonymous(fact.complaint)
        }
        if let entry = TimelineEntry(fact, for: desk == nil ? .everybody : .officials) {
            try insertEntry.run(
                .text(fact.complaint.compact), .integer(fact.version),
                .integer(fact.at.millisecondsSince1970), .text(orNull: fact.wordsOfEntry?.description),
                .blob(JSON.encode(entry)), .text(after.status.rawValue))
        }
        try judgeWords(fact, complaint: key)
        if let before = known?.complaint { try recount(before, by: -1) }
        try recount(after, by: 1)
        return true
    }

    /// Applies what a fact means for words that were said with it or earlier.
    ///
    /// - Parameter complaint: the key of the words of the complaint itself.
    private func judgeWords(_ fact: ComplaintFact, complaint: String?) throws {
        if !fact.event.isPublic, desk == nil, let key = fact.words {
            try words.remove(key.description)
            erasure.noteRemoval()
        }
        switch fact.event {
        // The timeline shows that somebody wrote, but abusive words are not published.
        case .rejected(let rejected) where rejected.reason == .abuse:
            guard let complaint else { return }
            try words.remove(complaint)
            try erasure.note()
        case .withheld(let withheld):
            try judge(withheld.passage, .withheld(withheld.reason), of: fact.complaint, complaint)
        case .released(let released): try judge(released.passage, .released, of: fact.complaint, complaint)
        case .erased(let erased):
            if try words.erase(fact.complaint, until: erased.until) { try erasure.note() }
        default: break
        }
    }

    private func judge(
        _ passage: Passage, _ verdict: Withholding.Verdict, of code: TrackingCode, _ complaint: String?
    ) throws {
        let key =
            passage.version == 1
            ? complaint
            : try selectKey.first(.text(code.compact), .integer(passage.version)) { $0.textIfPresent(0) }
                .flatMap(\.self)
        // Words that were said at another complaint can only be withheld there.
        guard let key, key.hasPrefix("\(code.compact)/") else { return }
        try words.judge(key, verdict, on: passage.part)
    }

    private func put(_ complaint: PublicComplaint, words: String?) throws {
        let values: [Value] = [
            .text(complaint.code.compact), .integer(complaint.receivedAt.millisecondsSince1970),
            .text(complaint.status.rawValue), .text(complaint.category.rawValue),
            .text(orNull: complaint.river?.rawValue), .text(orNull: complaint.reach?.rawValue),
            .text(orNull: words), .integer(complaint.isCitizens ? 1 : 0),
            .blob(ListedComplaint(complaint).fields), .blob(JSON.encode(complaint)),
        ]
        try upsert.run(values + ComplaintFilter.values(of: complaint))
    }

    private func recount(_ complaint: PublicComplaint, by sign: Int) throws {
        let places: [(kind: RegistryEntity.Kind, id: String?)] = [
            (.river, complaint.river?.rawValue), (.reach, complaint.reach?.rawValue),
        ]
        for (kind, id) in places {
            guard let id else { continue }
            try count.run(
                .text(kind.rawValue), .text(id), .integer(sign), .integer(complaint.status.isOpen ? sign : 0),
                .integer(sign * complaint.ratings), .integer(sign * complaint.satisfied))
        }
    }
}
