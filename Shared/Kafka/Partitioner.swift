/// The partition that a key belongs to, as Kafka's Java client and our producers choose it.
///
/// The partition is the murmur2 hash of the key, without its sign, modulo the number of partitions. Our
/// producers tell librdkafka to use the same (`partitioner=murmur2_random`). This type is for code that must
/// know the partition of a record that another program wrote, or of a key other than the record's own.
public enum Partitioner {
    public static func partition(of key: [UInt8], among count: Int32) -> Int32 {
        partition(of: key.span, among: count)
    }

    public static func partition(of key: Span<UInt8>, among count: Int32) -> Int32 {
        precondition(count > 0, "a topic has at least one partition, not \(count)")
        return Int32(murmur2(key) & 0x7fff_ffff) % count
    }

    /// The 32-bit murmur2 of Kafka (`org.apache.kafka.common.utils.Utils.murmur2`), with its seed.
    static func murmur2(_ bytes: Span<UInt8>) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word = littleEndian(bytes, from: index, count: 4) &* multiplier
            word ^= word >> 24
            hash = (hash &* multiplier) ^ (word &* multiplier)
            index += 4
        }
        if index < bytes.count {
            hash ^= littleEndian(bytes, from: index, count: bytes.count - index)
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ (hash >> 15)
    }

    private static func littleEndian(_ bytes: Span<UInt8>, from start: Int, count: Int) -> UInt32 {
        var word: UInt32 = 0
        for place in 0..<count { word |= UInt32(bytes[start + place]) << UInt32(8 * place) }
        return word
    }
}
