public import Models
public import Processing

/// Takes the records of one topic to the outside world, and writes what came of each.
///
/// What is outside can't be in a transaction: a crash between the deed and the commit repeats the deed, so
/// whoever acts carries a reference by which the other side, or a reader of the log, knows a repetition.
public final class OutsideLoop {
    private let context: HostContext
    private let name: String
    private let input: Topic
    private let worker: Int
    private let member: OutsideMember<KafkaLog>

    /// - Parameter perform: acts on one record; it never throws, for what went wrong outside is something to
    ///   write down too.
    public init(
        _ context: HostContext, name: String, input: Topic, worker: Int = 0,
        perform: @escaping (Record, _ now: Instant) -> [Outgoing]
    ) {
        self.context = context
        self.name = name
        self.input = input
        self.worker = worker
        member = OutsideMember(context, name: name, worker: worker, clock: { .now }, perform: perform)
    }

    public func run() throws {
        let log = try KafkaLog(context, name: name, inputs: [input], worker: worker)
        while !context.stop.isRaised { try member.turn(log) }
        log.close()
    }
}
