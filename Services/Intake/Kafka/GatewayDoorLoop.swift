import Dispatch
import Host
import Kafka
import Models

/// Runs the Kafka door for the gateways that have a topic, for as long as the service runs.
///
/// Intake takes complaints over HTTP while Kafka is away, so a failure here neither ends the process nor
/// makes it unready: the door is closed for a moment and opened again.
struct GatewayDoorLoop {
    let context: HostContext
    let reception: @Sendable (Atlas) -> Reception
    let country: CallingCode
    let registry: RegistryCopy
    let security: SecurityLog
    let pictures: PictureDesk

    private static let pause = DispatchTimeInterval.seconds(2)
    /// How often to look for new or removed gateways.
    private static let lookEvery: Duration = .seconds(10)
    private static let askMilliseconds: Int32 = 5000

    func run() {
        context.health.part(GatewayDoor.name).ready()
        while !context.stop.isRaised {
            do {
                let gateways = try gatewaysWithTopic()
                if gateways.isEmpty {
                    context.stop.wait(for: Self.pause)
                } else {
                    try serve(gateways)
                }
            } catch {
                context.log.warning("gateways' topics can't be read", ["reason": .text("\(error)")])
                context.stop.wait(for: Self.pause)
            }
        }
    }

    private func serve(_ gateways: [GatewayID]) throws {
        context.log.info("gateways' topics are read", ["gateways": .of(gateways.count)])
        let door = GatewayDoor(
            gateways, reception(registry.atlas), country: country, note: { security.note($0) },
            mayBeThere: { [pictures] in pictures.mayBeThere($0, at: .now) })
        var lookAt = ContinuousClock.now + Self.lookEvery
        try ProcessorLoop(door, context.dispensable, registry: true).run {
            guard ContinuousClock.now >= lookAt else { return true }
            lookAt = .now + Self.lookEvery
            return try gatewaysWithTopic() == gateways
        }
    }

    /// The registry's gateways that have a topic. A gateway that speaks HTTP has none.
    private func gatewaysWithTopic() throws -> [GatewayID] {
        let known = registry.atlas.registry.gateways.keys.sorted()
        guard !known.isEmpty else { return [] }
        let cluster = try Cluster(context.cluster, clientID: GatewayDoor.name)
        let topics = try cluster.topics(timeoutMilliseconds: Self.askMilliseconds)
        return known.filter { topics[context.topics.name(of: .gateway($0))] != nil }
    }
}
