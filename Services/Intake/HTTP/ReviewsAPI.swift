import HTTP
import Models
import Processing
import Readings
import Text

/// Reviews at the HTTP door: as JSON, or as the table of measurements that wait for review, with a verdict in
/// each row.
extension API {
    /// 202: only Analytics knows whether the reviewed measurements still exist. Reviewed measurements leave
    /// the list.
    func reviews(_ request: Request) throws(Problem) -> Plan {
        let proof = try office(of: request, for: "a review")
        let read = try draft(request)
        let receipt = try take(.reviews(read.draft), request, proof, nil)
        let answer = ReviewsAccepted(accepted: read.draft.items.count, undecidedRows: read.undecidedRows)
        return Plan(stages: receipt.stages, answer: .json(JSON.encode(answer), status: 202))
    }

    private func draft(_ request: Request) throws(Problem) -> (draft: ReviewsDraft, undecidedRows: Int?) {
        let type = request.headers["content-type"]?.split(separator: ";").first?.lowercased()
        do throws(Malformed) {
            switch type {
            case "application/json":
                guard request.query.isEmpty else { throw Malformed("query", "is allowed for tables only") }
                return (try ReviewsForm.read(try Form(request.body), registry: registry, now: now), nil)
            case "text/csv", "text/tab-separated-values":
                let table = try ReviewTable(request.body, sections: sectionBook)
                return (ReviewsDraft(by: try reviewer(request), table, now: now), table.undecidedRows)
            default: break
            }
        } catch {
            throw Problem(fields: error)
        }
        throw Problem(status: 415, detail: "reviews must be application/json or text/csv")
    }

    /// Each row of a table holds a decision; the address says who decided: `?office=hangzhou`, or
    /// `?department=city-ecology`.
    private func reviewer(_ request: Request) throws(Malformed) -> Official {
        let known = ["office", "department"]
        if let other = request.query.keys.sorted().first(where: { !known.contains($0) }) {
            throw Malformed(other, "is unknown")
        }
        switch (request.query["office"], request.query["department"]) {
        case (let text?, nil):
            guard let office = RegionID(text) else { throw Malformed("office", "is not an identifier") }
            return .office(office)
        case (nil, let text?):
            guard let department = DepartmentID(text) else {
                throw Malformed("department", "is not an identifier")
            }
            return .department(department)
        case (nil, nil): throw Malformed("office", "is missing")
        case (_?, _?): throw Malformed("department", "may not stand beside office")
        }
    }
}

extension ReviewsDraft {
    /// Rows of one reading with the same verdict become one review.
    init(by official: Official, _ table: ReviewTable, now: Instant) {
        struct Sheet: Hashable {
            let key: ReadingKey
            let verdict: Review.Verdict
            let seenAt: Instant
        }
        var order: [Sheet] = []
        var parameters: [Sheet: [Parameter]] = [:]
        for row in table.rows {
            let sheet = Sheet(key: row.key, verdict: row.verdict, seenAt: row.receivedAt ?? now)
            if parameters[sheet] == nil { order.append(sheet) }
            parameters[sheet, default: []].append(row.parameter)
        }
        self.init(
            by: official,
            items: order.map {
                Item(
                    key: $0.key, parameters: parameters[$0] ?? [], verdict: $0.verdict, seenAt: $0.seenAt)
            })
    }
}

private struct ReviewsAccepted: Encodable {
    let accepted: Int
    /// Rows of the table without a verdict.
    let undecidedRows: Int?
}
