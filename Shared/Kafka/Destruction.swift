import CRdKafka
import Dispatch
import Glibc

/// The end of a librdkafka client. Its destruction is never waited for without a limit.
///
/// The destructor of 2.0.2 waits for the client's broker threads, and each of these waits until nothing
/// refers to its broker. 2.0.2 never frees a partition that was assigned when its topic was deleted, so the
/// thread of that partition's leader spins for ever: whether the topic was made again or not, and whatever we
/// do before (unassign, close, pause; seen on noida-db 0.2.3, and in Intake on Apache Kafka 3.9; 2.1.0 says
/// that it fixed such a reference, #4187). A thread can't be ended from outside, and a service that lost a
/// loop in the destructor would look alive. So the process logs what happened and ends; its supervisor starts
/// it again.
enum Destruction {
    /// Also long enough for a broker thread that waits for a name server which does not answer.
    static let limit: Duration = .seconds(15)

    static func destroy(_ client: OpaquePointer, flags: Int32 = 0) {
        let given = unsafe Given(client: client)
        finish(within: limit) { unsafe rd_kafka_destroy_flags(given.client, flags) }
    }

    /// Ends the process if the work is not done in time.
    static func finish(within limit: Duration, _ work: @escaping @Sendable () -> Void) {
        guard !finishes(within: limit, work) else { return }
        let words = Array(
            """
            librdkafka could not close a client within \(limit): perhaps one of its topics was deleted and made \
            again. The process ends, so that its supervisor can start it again.\n
            """.utf8)
        _ = unsafe words.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(1)
    }

    /// Does the work on a thread of its own and waits for it; false if it is still running, or if no thread
    /// could be created in that time. It is never done on the caller's thread, where nothing could limit it.
    static func finishes(
        within limit: Duration, startingBy start: (Job) -> Bool = Destruction.start,
        _ work: @escaping @Sendable () -> Void
    ) -> Bool {
        let end = DispatchTime.now() + .nanoseconds(Int(limit / .nanoseconds(1)))
        let job = Job(work)
        while !start(job) {
            guard .now() < end else { return false }
            usleep(pauseMicroseconds)
        }
        return job.done.wait(timeout: end) == .success
    }

    /// Between two attempts to create a thread.
    private static let pauseMicroseconds: UInt32 = 50_000

    /// False if no thread could be created.
    static func start(_ job: Job) -> Bool {
        var thread = pthread_t()
        let isStarted = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let job = unsafe Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
                job.work()
                job.done.signal()
                return nil
            }, Unmanaged.passRetained(job).toOpaque())
        guard isStarted == 0 else {
            unsafe Unmanaged.passUnretained(job).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// `@unchecked Sendable` because the caller hands the handle over and no longer uses it.
    @safe private struct Given: @unchecked Sendable {
        let client: OpaquePointer
    }

    final class Job: Sendable {
        let work: @Sendable () -> Void
        let done = DispatchSemaphore(value: 0)

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
