public import Models

/// Takes the records of one topic to the outside world, and writes the outcome of each.
public final class OutsideLoop<World: Outside> {
    private let context: HostContext
    private let name: String
    private let input: Topic
    private let worker: Int
    private let member: OutsideMember<World, KafkaLog>

    public init(_ outside: World, _ context: HostContext, name: String, input: Topic, worker: Int = 0) {
        self.context = context
        self.name = name
        self.input = input
        self.worker = worker
        member = OutsideMember(outside, context, name: name, worker: worker, clock: { .now })
    }

    public func run() throws {
        member.layout = try context.layout(of: [input])
        let log = try KafkaLog(context, name: name, inputs: [input], worker: worker)
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
