import Kafka
import Models
import Processing
import Text

/// What records hold. Many audits ask the same of the same records, and a record never changes, so each is
/// read once.
extension SimulatedCluster {
    /// The values that were read from one record, each of its own type.
    final class Reading {
        fileprivate var values: [AnyObject] = []
    }

    fileprivate final class ReadValue<Value> {
        let value: Value?

        init(_ value: Value?) { self.value = value }
    }

    /// What a record holds, or nil if it holds nothing of the kind.
    func reading<Value>(_ record: Record, _ read: (Record) throws -> Value?) -> Value? {
        let place = TopicPartition(record.topic, record.partition)
        guard let reading = log(of: place)?.entries[Int(record.offset)].reading else { return nil }
        for known in reading.values {
            if let known = known as? ReadValue<Value> { return known.value }
        }
        let value = try? read(record)
        reading.values.append(ReadValue(value))
        return value
    }

    func event(_ record: Record) -> CloudEvent? { reading(record) { try $0.cloudEvent() } }

    func value<Value: Decodable>(_ type: Value.Type, of record: Record) -> Value? {
        reading(record) { try $0.value.map { try JSON.decode(type, from: $0) } }
    }

    func fact(_ record: Record) -> ComplaintFact? {
        reading(record) { record in try event(record).map { try ComplaintFact($0) } }
    }

    /// What happened to a notice; nil for the other records of its topic.
    func notice(_ record: Record) -> NoticeEvent? {
        reading(record) { record in
            guard let event = event(record), let data = event.data,
                let kind = (try? EventType(event.type)).flatMap({ NoticeEvent.Kind(rawValue: $0.name) }),
                event.type == EventType("notice", kind.rawValue).description
            else { return nil }
            return try NoticeEvent(kind: kind, data: data)
        }
    }
}
