import Foundation
import Models

/// Events as Routing wrote them, to values and back.
enum JSONMeasure {
    private struct Line: Decodable {
        let kind: ComplaintEvent.Kind
        let data: String
    }

    /// Reads `{"kind": …, "data": …}` lines from standard input, the data as text.
    static func run() throws {
        var records: [(kind: ComplaintEvent.Kind, data: [UInt8])] = []
        while let text = readLine() {
            let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
            records.append((line.kind, Array(line.data.utf8)))
        }
        let events = try records.map { try ComplaintEvent(kind: $0.kind, data: $0.data) }
        precondition(zip(events, records).allSatisfy { $0.data == $1.data }, "an event is written otherwise")
        var next = 0
        var bytes = 0
        let decoded = try perSecond {
            let record = records[next % records.count]
            bytes += try ComplaintEvent(kind: record.kind, data: record.data).kind == record.kind ? 1 : 0
            next += 1
        }
        let encoded = perSecond {
            bytes += events[next % events.count].data.count
            next += 1
        }
        precondition(bytes > 0, "nothing was done")
        try Program.report(["decoded": decoded, "encoded": encoded])
    }
}
