public import Models

/// Takes the records of one topic to the outside world, and writes the outcome of each.
public final class OutsideLoop<World: Outside> {
    private let context: HostContext
    private let name: String
    private let input: Topic
    private let followed: Topic?
    private let worker: Int
    private let member: OutsideMember<World, KafkaLog>

    /// - Parameter followed: a topic of the same family as `input`. What it says is known before a record of
    ///   the input is taken.
    public init(
        _ outside: World, _ context: HostContext, name: String, input: Topic,
        following followed: Topic? = nil,
        worker: Int = 0
    ) {
        self.context = context
        self.name = name
        self.input = input
        self.followed = followed
        self.worker = worker
        member = OutsideMember(
            outside, context, name: name, following: followed, worker: worker, clock: { .now })
    }

    public func run() throws {
        let topics = [input] + [followed].compactMap(\.self)
        member.layout = try context.layout(of: topics)
        let log = try KafkaLog(context, name: name, inputs: topics, worker: worker)
        while !context.stop.isRaised { try member.turn(log) }
        do {
            try member.end(log)
        } catch {
            // On the log those deeds are announced and have no outcome, as after a crash.
            context.log.warning(
                "the last outcomes were not written", ["loop": .text(name), "reason": .text("\(error)")])
        }
        log.close()
    }
}
