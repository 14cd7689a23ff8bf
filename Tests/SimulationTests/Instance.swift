import Models
import Processing

@testable import Analytics
@testable import Host
@testable import Notification
@testable import Routing

/// One process of the suite: what dies and is started again, and what it keeps meanwhile.
final class Instance {
    let loop: Loop
    let number: Int
    var disks: [Int32: Disk] = [:]
    /// How wrong its clock is.
    var skewMilliseconds: Int64 = 0
    /// Nil while it is dead.
    var log: SimulatedLog?
    var turn: () throws -> Void = {}
    /// What it still does when it is asked to stop.
    var end: () throws -> Void = {}
    /// A pusher's talk with the gateway.
    var session: SimulatedSession?
    /// In the middle of a turn.
    var isBusy = false
    /// Steps of the world during which it does nothing, not even send heartbeats.
    var frozenSteps = 0
    var isDoomed = false
    /// Its last turn wrote nothing.
    var wroteNothing = false

    init(_ loop: Loop, _ number: Int) {
        self.loop = loop
        self.number = number
    }

    func disk(_ partition: Int32) -> Disk {
        let disk = disks[partition] ?? Disk()
        disks[partition] = disk
        return disk
    }
}

extension Instance: CustomStringConvertible {
    var description: String { "\(loop)/\(number)" }
}

enum Loop: CaseIterable {
    case routing, addressing, dispatch, pusher, urgentPusher, grading, alarming, summarising, inspecting

    /// What a loop says of itself, asked once: it is needed in every round.
    private static let names = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.ownName) })
    private static let inputs = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.ownInputs) })

    var group: String { Self.names[self] ?? ownName }
    var inputs: [Topic] { Self.inputs[self] ?? ownInputs }

    private var ownName: String {
        switch self {
        case .routing: Routing().name
        case .addressing: Town.addressing.name
        case .dispatch: Dispatch().name
        case .pusher: Pushing.Kind.ordinary.name
        case .urgentPusher: Pushing.Kind.urgent.name
        case .grading: Grading().name
        case .alarming: Alarming().name
        case .summarising: Summarising().name
        case .inspecting: Inspecting().name
        }
    }

    private var ownInputs: [Topic] {
        switch self {
        case .routing: Routing().inputs
        case .addressing: Town.addressing.inputs
        case .dispatch: Dispatch().inputs
        case .pusher: [.jobs]
        case .urgentPusher: [.urgentJobs]
        case .grading: Grading().inputs
        case .alarming: Alarming().inputs
        case .summarising: Summarising().inputs
        case .inspecting: Inspecting().inputs
        }
    }
}

extension Loop {
    /// What it reads beside its inputs without committing positions.
    var followed: [Topic] {
        switch self {
        case .pusher, .urgentPusher: [Pushing.Kind.followed]
        case .routing, .addressing, .dispatch, .grading, .alarming, .summarising, .inspecting: []
        }
    }
}
