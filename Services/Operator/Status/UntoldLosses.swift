import Models
import Processing

/// What a loop lost since its service was started, by the service's own word.
///
/// A loop that writes to the log also writes a dead letter about it. But dead letters can be lost themselves:
/// `dayu broker` drops the oldest when it has no room. So the two are compared.
struct LoopLoss: Hashable {
    let loop: String
    /// Topic and partition, such as `complaints.submissions/3`.
    let place: String
    let records: Int64
}

extension MetricsText {
    /// Only of the loops that write dead letters. `lost` tells of the others.
    var losses: [LoopLoss] {
        let readers = Set(ServiceLoop.all.filter { $0.kind == .reader }.map(\.name))
        return samples.compactMap { sample in
            guard sample.name == "dayu_records_lost_total", let loop = sample.labels["loop"],
                !readers.contains(loop), let records = Int64(exactly: sample.value), records > 0
            else { return nil }
            let place = "\(sample.labels["topic"] ?? "?")/\(sample.labels["partition"] ?? "?")"
            return LoopLoss(loop: loop, place: place, records: records)
        }
    }
}

extension Status {
    /// Notes the losses of which no dead letter tells, open or dismissed.
    mutating func compareLosses(with letters: [DeadLetters.Entry]) {
        var told: [LoopLoss] = []
        for letter in letters {
            guard let lost = letter.lost else { continue }
            let place = "\(letter.origin.topic.rawValue)/\(letter.origin.partition)"
            // The metric counts one where nobody knows how many.
            told.append(LoopLoss(loop: letter.refusedBy, place: place, records: lost.records ?? 1))
        }
        for service in services {
            for loss in service.losses {
                let known = told.filter { $0.loop == loss.loop && $0.place == loss.place }
                let missing = loss.records - known.reduce(0) { $0 + $1.records }
                guard missing > 0 else { continue }
                untoldLosses.append(
                    "\(service.name) at \(service.address): up to \(missing) records of \(loss.place) were lost before "
                        + "\(loss.loop) read them, and the dead letter about it is gone; restart the service once this "
                        + "is dealt with")
            }
        }
    }

    /// - Parameter gone: how many records of the topics of dead letters are no longer on the log.
    mutating func take(_ letters: DeadLetters, gone: Int64) {
        deadLetters = Letters(letters.open, gone: gone)
        compareLosses(with: letters.entries)
        if gone > 0, kafka.cluster?.hasPrefix(Self.inMemory) == true {
            warnings.append(
                "dayu broker had no room for all dead letters: up to \(gone) records about them are gone")
        }
    }

    /// How librdkafka's mock names its clusters. Other brokers remove a letter only after 90 days.
    private static let inMemory = "mockCluster"
}
