import Models
import Support
import Testing

@Suite("Where a complaint stands after an event")
struct StatusTests {
    /// What each event leads to, wherever the complaint stood; nil: it stays there.
    private func expected(after event: ComplaintEvent) -> ComplaintStatus? {
        switch event.kind {
        case .received: .received
        case .assigned: .assigned
        case .accepted: .accepted
        case .resolved:
            if case .resolved(let value) = event, value.checker != nil { .verifying } else { .resolved }
        case .verified: if case .verified(let value) = event, value.passed { .resolved } else { .returned }
        case .unchecked: .resolved
        case .reopened, .parted: .returned
        case .rejected: .rejected
        case .merged: .merged
        case .closed: .closed
        case .noted, .urged, .transferred, .warned, .lapsed, .escalated, .unreached, .supervised, .extended,
            .rated, .edited, .joined, .informed, .withheld, .released, .erased:
            nil
        }
    }

    @Test("every event in every status", arguments: ComplaintEvent.Kind.allCases)
    func all(kind: ComplaintEvent.Kind) {
        for seed in UInt64(0)..<40 {
            var random = SplitMix64(seed: seed)
            let event = random.event(kind)
            for status in ComplaintStatus.allCases {
                #expect(
                    status.after(event) == expected(after: event) ?? status,
                    "\(kind) while \(status), seed \(seed)")
            }
        }
    }

    @Test("every status but the first is reached, and the first by received alone")
    func reached() {
        var reached: [ComplaintStatus: Set<ComplaintEvent.Kind>] = [:]
        for kind in ComplaintEvent.Kind.allCases {
            for seed in UInt64(0)..<40 {
                var random = SplitMix64(seed: seed)
                let event = random.event(kind)
                for status in ComplaintStatus.allCases where status.after(event) != status {
                    reached[status.after(event), default: []].insert(kind)
                }
            }
        }
        #expect(Set(reached.keys) == Set(ComplaintStatus.allCases))
        #expect(reached[.received] == [.received])
        #expect(reached[.returned] == [.verified, .reopened, .parted])
        #expect(reached[.resolved] == [.resolved, .verified, .unchecked])
        #expect(reached[.verifying] == [.resolved])
    }

    @Test("open is what somebody has yet to answer for")
    func open() {
        #expect(
            ComplaintStatus.allCases.filter(\.isOpen) == [
                .received, .assigned, .accepted, .verifying, .returned,
            ])
    }
}
