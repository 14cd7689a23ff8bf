import Testing

@testable import Host

@Suite("A member's phases")
struct PhaseTests {
    /// The number tells one restore from another.
    private typealias MemberPhase = Phase<Int>

    private func name(_ phase: MemberPhase?) -> String { phase.map { "\($0)" } ?? "not allowed" }

    @Test("follow each other as the diagram says, and in no other way")
    func transitions() {
        let phases: [MemberPhase] = [.joining, .restoring(1), .working, .closed]
        let steps: [MemberPhase.Step] = [.assigned(2), .restored, .revoked, .closed]
        let table = phases.map { phase in steps.map { name(phase.after($0)) } }
        #expect(
            table == [
                ["restoring(2)", "not allowed", "joining", "closed"],
                ["restoring(2)", "working", "joining", "closed"],
                ["restoring(2)", "not allowed", "joining", "closed"],
                ["not allowed", "not allowed", "not allowed", "not allowed"],
            ])
    }

    @Test("a member's life: it joins, restores, loses its partitions, gets others, works, and closes")
    func life() {
        var phase = MemberPhase.joining
        for step in [.assigned(1), .revoked, .assigned(2), .restored, .closed] as [MemberPhase.Step] {
            phase.take(step)
        }
        #expect(name(phase) == "closed")
    }
}
