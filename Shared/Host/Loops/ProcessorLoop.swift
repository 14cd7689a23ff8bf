import Dispatch
import Kafka
import Models
public import Processing

/// Runs a processor on Kafka: one thread, one member of the processor's group, until it is asked to stop.
///
/// `Member` has the order of the steps. This adds the live log, the live stores and the registry.
public final class ProcessorLoop<P: Processor> {
    private let processor: P
    private let context: HostContext
    private let usesRegistry: Bool
    private let worker: Int
    private let member: Member<P, KafkaLog>

    /// - Parameter worker: which of the process's loops of this kind it is.
    public init(_ processor: P, _ context: HostContext, registry: Bool = false, worker: Int = 0) {
        self.processor = processor
        self.context = context
        usesRegistry = registry
        self.worker = worker
        let (folder, shape) = ("\(context.dataFolder)/\(processor.name)", processor.stateShape)
        member = Member(processor, context, worker: worker, clock: { .now }) { number in
            try StateFile(folder: folder, partition: number, shape: shape)
        }
    }

    /// - Parameter isWanted: asked in each turn; if it returns false, the loop ends in good order.
    public func run(while isWanted: () throws -> Bool = { true }) throws {
        do {
            try work(while: isWanted)
        } catch is Stopped {
            return
        }
    }

    private func work(while isWanted: () throws -> Bool) throws {
        member.layout = try context.layout(of: processor.inputs + processor.memory)
        let registry = usesRegistry ? try RegistryReplica(context, loop: processor.name, worker: worker) : nil
        if let registry { try adopt(published: registry) }
        let log = try KafkaLog(context, name: processor.name, inputs: processor.inputs, worker: worker)
        member.waits(for: "the consumer group")
        do {
            // Also after an error: a restore has threads of its own, and they must not outlive the loop.
            defer { member.close() }
            while !context.stop.isRaised, try isWanted() {
                if let registry { try follow(registry) }
                try member.turn(log)
            }
        } catch is Stopped {
            // It was asked to stop while it waited for a disk.
        }
        log.close()
    }

    private func follow(_ registry: RegistryReplica) throws {
        if try registry.refresh(isAwaited: member.awaitsRegistry) { member.adopt(registry.registry) }
        member.registryRead = registry.position
    }

    /// Waits until a registry is published. With an empty registry every place would lie outside the city,
    /// and such a decision can't be taken back.
    private func adopt(published registry: RegistryReplica) throws {
        while registry.registry.isEmpty, !context.stop.isRaised {
            member.waits(for: "the registry, which is not published yet")
            context.stop.wait(for: .milliseconds(200))
            _ = try registry.refresh()
        }
        member.adopt(registry.registry)
    }
}
