import Models
import Support

@testable import Notification
// The registry has gateways, too: this says which one is meant.
@testable import protocol Notification.Gateway

/// Whoever delivers short messages: it takes them, puts them off, refuses them, or the pusher dies before its
/// word is written down.
final class SimulatedGateway: Gateway {
    struct Message: Hashable {
        let reference: String
        let attempt: Int
        let phone: String
    }

    private(set) var taken: [Message] = []
    private(set) var refused: Set<String> = []
    private var prng: SplitMix64
    private let marks: Marks
    var isMoody: Bool
    /// The pusher dies before it can say anything.
    var onDeath: () -> Void = {}

    init(prng: SplitMix64, marks: Marks, isMoody: Bool) {
        self.prng = prng
        self.marks = marks
        self.isMoody = isMoody
    }

    func send(_ job: SMSJob) -> SMSReceipt {
        switch isMoody ? Int.random(in: 0..<12, using: &prng) : 0 {
        case 9, 10:
            marks.hit(.gatewayDeferred)
            return SMSReceipt(job, .deferred, reason: "busy")
        case 11 where prng.once(in: 3):
            marks.hit(.gatewayRefused)
            refused.insert(job.reference)
            return SMSReceipt(job, .refused, reason: "no such number")
        case 8:
            marks.hit(.gatewayDied)
            onDeath()
            fallthrough
        default:
            taken.append(Message(reference: job.reference, attempt: job.attempt, phone: job.phone))
            return SMSReceipt(job, .accepted)
        }
    }
}
