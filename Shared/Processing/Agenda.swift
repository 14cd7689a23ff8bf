public import Models

/// Entries with the moment at which each is due, the earliest first. Entries of the same moment come in the
/// order in which they were put in, so that the same entries always give the same order.
public struct Agenda<Entry> {
    private struct Slot {
        let at: Instant
        let number: Int
        let entry: Entry

        func isBefore(_ other: Slot) -> Bool { (at, number) < (other.at, other.number) }
    }

    /// A binary heap: no slot is before the one at half its index.
    private var slots: [Slot] = []
    private var count = 0

    public init() {}

    public var next: Instant? { slots.first?.at }

    public mutating func put(_ entry: Entry, at moment: Instant) {
        slots.append(Slot(at: moment, number: count, entry: entry))
        count += 1
        var place = slots.count - 1
        while place > 0, slots[place].isBefore(slots[(place - 1) / 2]) {
            slots.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes out the earliest entry, unless it is due after this moment.
    public mutating func take(until moment: Instant) -> (at: Instant, entry: Entry)? {
        guard let first = slots.first, first.at <= moment else { return nil }
        let last = slots.removeLast()
        if !slots.isEmpty {
            slots[0] = last
            sink()
        }
        return (first.at, first.entry)
    }

    private mutating func sink() {
        var place = 0
        while true {
            let below = [2 * place + 1, 2 * place + 2].filter { $0 < slots.count }
            guard let least = below.min(by: { slots[$0].isBefore(slots[$1]) }),
                slots[least].isBefore(slots[place])
            else { return }
            slots.swapAt(place, least)
            place = least
        }
    }
}
