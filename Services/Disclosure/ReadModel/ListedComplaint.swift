import Models
import Store
import Text

/// What a list shows of a complaint, without its words and without names of the registry.
///
/// It is written when the complaint changes and not when somebody asks. A list shows many complaints, and
/// reading the whole state of each took most of the time of its answer (Tests/Benchmarks, k).
struct ListedComplaint: Equatable, Sendable, Spoken {
    let code: TrackingCode
    let category: CategoryCode
    let river: RiverID?
    let reach: ReachID?
    let region: RegionID?
    let isCitizens: Bool
    let receivedAt: Instant
    /// Those fields of an answer that depend on the complaint alone, as JSON.
    let fields: [UInt8]

    /// Marks beside a status, which never hide it; the most urgent first.
    enum Mark: String, CaseIterable, JSONWritable, Sendable {
        case supervised, overdue
        case atRisk = "at-risk"
        case urged
    }
}

extension ListedComplaint {
    init(_ complaint: PublicComplaint) {
        code = complaint.code
        category = complaint.category
        river = complaint.river
        reach = complaint.reach
        region = complaint.region
        isCitizens = complaint.isCitizens
        receivedAt = complaint.receivedAt
        fields = JSON.fields { json in
            json.field("trackingCode", complaint.code.description)
            json.field("status", complaint.status)
            json.field("marks", complaint.marks)
            // Null if the citizen named a water, or only described the place.
            json.field("place", orNull: complaint.place)
            json.field("receivedAt", complaint.receivedAt)
            json.field("updatedAt", complaint.updatedAt)
            json.field("assignee", orNull: complaint.assignee)
            json.field("grade", orNull: complaint.grade)
        }
    }
}

extension PublicComplaint {
    /// Marks say what is wrong while the complaint is open. After its end only the timeline shows them.
    var marks: [ListedComplaint.Mark] {
        guard status.isOpen else { return [] }
        let marks: [(ListedComplaint.Mark, Bool)] = [
            (.supervised, order > 0), (.overdue, isLate), (.atRisk, !atRisk.isEmpty), (.urged, isUrged),
        ]
        return marks.filter(\.1).map(\.0)
    }
}

// MARK: In the table

extension ListedComplaint {
    /// Its columns in `complaints`, in the order in which they are read.
    static let columns = "code, category, river, reach, citizens, received_at, listed, region"
    static let columnCount: Int32 = 8

    init(_ row: borrowing Row) throws {
        guard let code = TrackingCode(row.text(0)), let category = CategoryCode(row.text(1)) else {
            throw Malformed("complaints", "holds a complaint without a code or a category")
        }
        self.code = code
        self.category = category
        river = row.textIfPresent(2).flatMap { RiverID($0) }
        reach = row.textIfPresent(3).flatMap { ReachID($0) }
        isCitizens = row.integer(4) != 0
        receivedAt = Instant(millisecondsSince1970: row.integer(5))
        fields = row.blob(6)
        region = row.textIfPresent(7).flatMap { RegionID($0) }
    }
}
