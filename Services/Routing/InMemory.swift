package import Models
package import Processing

/// Routing as `dayu simulate` runs it, with the rules that a city has that sets none.
package func routingInMemory(by registry: Registry) -> any MemoryLoop {
    ProcessorMemory(Routing(registry: registry))
}
