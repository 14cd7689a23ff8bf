import Models

/// Who hears what, and when: for each event and each part that a recipient has in it.
struct DeliveryTable: Equatable, Sendable {
    enum Way: String, CaseIterable, Sendable {
        /// A message of its own, at once.
        case now
        /// It waits for others to the same number, and they become one message.
        case digest
        case never
    }

    enum Preset: String, CaseIterable, Sendable {
        /// Everything at once.
        case every
        /// What can wait some minutes becomes one message. Who complained hears that it was received and how
        /// it ends; who only follows it hears how it ends.
        case calm
        /// As `calm`, without what the reader need do nothing about.
        case few
    }

    struct Cell: Hashable, Sendable {
        let event: ComplaintEvent.Kind
        let part: Addressee.Part

        init(_ event: ComplaintEvent.Kind, _ part: Addressee.Part) {
            self.event = event
            self.part = part
        }
    }

    private let preset: Preset
    private let exceptions: [Cell: Way]

    static let every = DeliveryTable(.every)
    static let form =
        "every, calm or few, and exceptions such as calm,accepted/complainant=never,warned/holder=now"

    init(_ preset: Preset, except exceptions: [Cell: Way] = [:]) {
        self.preset = preset
        self.exceptions = exceptions
    }

    /// Nil for a text of another form, and for an exception about something that nobody is told anyway.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let preset = parts.first.flatMap({ Preset(rawValue: String($0)) }) else { return nil }
        var exceptions: [Cell: Way] = [:]
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            let names = sides[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, names.count == 2, let way = Way(rawValue: String(sides[1])),
                let event = ComplaintEvent.Kind(rawValue: names[0]),
                let part = Addressee.Part(rawValue: names[1]), Self.cells[event]?.contains(part) == true,
                exceptions.updateValue(way, forKey: Cell(event, part)) == nil
            else { return nil }
        }
        self.init(preset, except: exceptions)
    }

    subscript(event: ComplaintEvent.Kind, part: Addressee.Part) -> Way {
        if let way = exceptions[Cell(event, part)] { return way }
        switch preset {
        case .every: return .now
        case .calm: return Self.calm(event, part)
        case .few: return Self.few(event, part)
        }
    }

    /// Whether no assignee hears that a complaint is his. Then nobody acts before it goes up.
    var leavesAssigneesUntold: Bool { self[.assigned, .holder] == .never }

    /// Everything that anybody can be told; see `Audience`.
    static let cells: [ComplaintEvent.Kind: [Addressee.Part]] = [
        .received: [.complainant], .assigned: [.holder, .former], .accepted: [.complainant, .follower],
        .urged: [.holder, .superior], .transferred: [.former], .warned: [.holder], .lapsed: [.holder],
        .escalated: [.former], .unreached: [.superior], .supervised: [.superior, .former],
        .extended: [.complainant, .follower, .holder],
        .resolved: [.complainant, .follower, .checker], .verified: [.complainant, .follower],
        .unchecked: [.complainant, .follower, .checker, .superior], .reopened: [.follower, .superior],
        .rejected: [.complainant, .follower, .former], .merged: [.complainant, .follower, .former],
        .parted: [.complainant, .follower], .informed: [.complainant, .follower],
        .closed: [.complainant, .follower, .former],
    ]

    private static func calm(_ event: ComplaintEvent.Kind, _ part: Addressee.Part) -> Way {
        switch (event, part) {
        // The dead number stands in this message alone.
        case (.unreached, _): .now
        case (.received, .complainant), (.resolved, .complainant), (.verified, .complainant),
            (.unchecked, .complainant), (.rejected, .complainant), (.closed, .complainant):
            .now
        case (.accepted, .complainant), (.accepted, .follower), (.extended, .follower), (.parted, .follower),
            (.informed, .follower):
            .never
        // The assignee has to act on it, and it goes up if he is late.
        case (.reopened, .superior): .never
        default: .digest
        }
    }

    private static func few(_ event: ComplaintEvent.Kind, _ part: Addressee.Part) -> Way {
        switch (event, part) {
        // Who was late learns that it is no longer his.
        case (.escalated, .former), (.supervised, .former): .digest
        case (_, .former): .never
        case (.parted, .complainant): .never
        case (.extended, .holder): .never
        case (.merged, .follower), (.reopened, .follower): .never
        default: calm(event, part)
        }
    }
}
