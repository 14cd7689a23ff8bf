package import Models
package import Processing

/// Routing as `dayu simulate` runs it, with the default rules.
package func routingInMemory(by registry: Registry) -> any MemoryLoop {
    ProcessorMemory(Routing(registry: registry))
}
