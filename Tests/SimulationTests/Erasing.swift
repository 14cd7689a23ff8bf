import Kafka
import Models
import Processing
import Support
import Text

extension Workload {
    /// What `dayu erase` writes: tombstones of the contact, of what was said about a complaint until now, or
    /// of both.
    /// - Parameter codes: complaints of whose notices a job waits; these are preferred.
    func erase(_ prng: inout SplitMix64, preferring codes: Set<String> = []) {
        let waiting = citizens.filter { codes.contains($0.code.compact) }
        guard let citizen = (waiting.isEmpty ? citizens : waiting).randomElement(using: &prng) else { return }
        let (contact, words) = prng.one(of: [(true, true), (true, false), (false, true)])
        if contact, citizen.contact {
            marks.hit(.contactErased)
            tombstone(.contacts, citizen.code.compact)
            auditor.contactErased(citizen.code)
        }
        guard words else { return }
        // What is still on its way to the log comes after the tombstone, and would stay.
        guard !stages.contains(where: { $0.joined().contains { isOf($0, citizen) } }) else { return }
        let said = cluster.committedRecords(.words).compactMap { try? $0.keyText() }
            .filter { $0.hasPrefix("\(citizen.code.compact)/") }
        guard !said.isEmpty else { return }
        marks.hit(.wordsErased)
        auditor.wordsErased(citizen.code)
        for key in Set(said).sorted() { tombstone(.words, key) }
        let follows = cluster.committedRecords(.follows).compactMap { try? $0.keyText() }
            .filter { $0.hasPrefix("\(citizen.code.compact)/") }
        for key in Set(follows).sorted() { tombstone(.follows, key) }
        withdrawNotices(about: citizen)
    }

    /// Of everything that was asked for so far, as `dayu erase` does it; what was sent is sent.
    private func withdrawNotices(about citizen: Citizen) {
        let requests = cluster.committedRecords(.noticeRequests).compactMap { record in
            record.value.flatMap { try? JSON.decode(NoticeRequest.self, from: $0) }
        }
        for request in requests where request.complaint == citizen.code {
            guard request.bare != nil || request.recipient.kind.isCitizen else { continue }
            marks.hit(.noticeWithdrawn)
            let handle = request.recipient.handle
            let withdrawal = NoticeWithdrawal(
                reference: request.reference, handle: handle, complaint: citizen.code)
            cluster.append(
                Outgoing(
                    .noticeRequests, key: handle.text, id: "erased/\(request.reference)/\(now)",
                    source: "dayu",
                    type: NoticeWithdrawal.type, trail: Trail(at: now), data: JSON.encode(withdrawal)))
        }
    }

    private func isOf(_ outgoing: Outgoing, _ citizen: Citizen) -> Bool {
        Topic.partitionKey(of: outgoing.key) == citizen.code.compact
    }

    private func tombstone(_ topic: Topic, _ key: String) {
        cluster.append(topic, key: Array(key.utf8), value: nil, headers: [])
    }
}
