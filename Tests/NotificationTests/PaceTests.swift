import HTTP
import Testing

@testable import Notification

@Suite("How many messages are under way at a gateway")
struct PaceTests {
    @Test("a quick gateway gets as many as the settings allow")
    func quick() {
        var pace = Pace(most: 16, timeout: .seconds(5))
        #expect(pace.window == 1, "nobody knows yet how quick it is")
        for _ in 0..<15 { pace.note(.milliseconds(60)) }
        #expect(pace.window == 16)
        pace.note(.milliseconds(60))
        #expect(pace.window == 16)
    }

    @Test("an answer that is late or missing halves the window, and one message is always under way")
    func slow() {
        var pace = Pace(most: 16, timeout: .seconds(5))
        for _ in 0..<15 { pace.note(.zero) }
        pace.note(.seconds(3))
        #expect(pace.window == 8)
        pace.note(.seconds(2))
        #expect(pace.window == 8)
        for _ in 0..<9 { pace.note(nil) }
        #expect(pace.window == 1)
    }

    /// Virtual time: the gateway works off one message after another, as many as are under way at once.
    @Test(
        "no message waits longer than its time at a gateway that takes one after another",
        arguments: [100, 600, 1000, 2000, 4500])
    func serial(milliseconds: Int) {
        let (each, timeout) = (Duration.milliseconds(milliseconds), Duration.seconds(5))
        // Two pushers share the gateway where each of their messages takes at most half of the time.
        var pushers = Array(repeating: Pace(most: 16, timeout: timeout), count: milliseconds > 2400 ? 1 : 2)
        var now = Duration.zero
        var queue: [(pusher: Int, since: Duration)] = []
        var longest = Duration.zero
        for _ in 0..<500 {
            for index in pushers.indices {
                while queue.count(where: { $0.pusher == index }) < pushers[index].window {
                    queue.append((index, now))
                }
            }
            let first = queue.removeFirst()
            now += each
            longest = max(longest, now - first.since)
            pushers[first.pusher].note(now - first.since)
        }
        #expect(longest < timeout, "one waited for \(longest)")
    }

    /// It answered at once until the window was open. From then on it takes one message after another.
    @Test("at a gateway that becomes slow no message is given up", arguments: [500, 1000, 2000])
    func becomesSlow(milliseconds: Int) {
        let patience = Calls.Patience(silence: .seconds(5), limit: HTTPGateway.longest)
        var pace = Pace(most: 16, timeout: .seconds(5))
        for _ in 0..<15 { pace.note(.milliseconds(20)) }
        let start = ContinuousClock.now
        var now = start
        var answered = start
        var queue: [ContinuousClock.Instant] = []
        var most = 0
        for _ in 0..<200 {
            while queue.count < pace.window(underWay: queue.count, oldest: queue.first.map { now - $0 }) {
                queue.append(now)
            }
            most = max(most, queue.count)
            now += .milliseconds(milliseconds)
            for begun in queue {
                #expect(now < patience.deadline(begun: begun, answered: answered), "since \(begun - start)")
            }
            answered = now
            pace.note(now - queue.removeFirst())
        }
        #expect(most == 16 && pace.window < 16)
    }

    @Test("while the oldest message waits long, nothing more is given to the gateway")
    func waiting() {
        var pace = Pace(most: 16, timeout: .seconds(5))
        for _ in 0..<15 { pace.note(.zero) }
        #expect(pace.window(underWay: 0, oldest: nil) == 16)
        #expect(pace.window(underWay: 4, oldest: .milliseconds(1200)) == 16)
        #expect(pace.window(underWay: 4, oldest: .milliseconds(1300)) == 4)
    }
}
