import Kafka
import Testing

/// The partition that we compute is the one that librdkafka chose.
@Suite struct PartitionerTests {
    @Test(arguments: [1, 2, 7, 12, 100] as [Int32])
    func librdkafkaPutsEveryKeyThere(partitions: Int32) throws {
        let broker = try MockBroker(topics: [("keys", partitions)])
        var random = SystemRandomNumberGenerator()
        let keys: [[UInt8]] =
            (0..<500).map { number in (0..<number % 67).map { _ in random.next() } }
            + [[0], [255], [128, 128, 128, 128], [255, 255, 255, 255, 255], Array("7K3M-9QXT".utf8)]
        var chosen: [Int: Int32] = [:]
        do {
            let producer = try Producer(.mock(broker), clientID: "keys", onLog: { _ in }) {
                if $0.error == nil { chosen[Int($0.token)] = $0.place.partition }
            }
            for (index, key) in keys.enumerated() {
                try producer.send(
                    OutgoingRecord(topic: "keys", key: key, value: nil), token: UInt(index))
            }
            try producer.flush(timeoutMilliseconds: 20_000)
        }
        #expect(chosen.count == keys.count)
        for (index, key) in keys.enumerated() {
            // Our producers let a key's part before its first slash choose.
            let part = Array(key.prefix { $0 != UInt8(ascii: "/") })
            #expect(Partitioner.partition(of: part, among: partitions) == chosen[index], "\(key)")
        }
    }

    /// The numbers of Apache Kafka's own test (`UtilsTest.testMurmur2`), which are signed.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)])
    func hashIsThatOfKafka(key: String, hash: Int32) {
        let expected = Int32(UInt32(bitPattern: hash) & 0x7fff_ffff)
        #expect(Partitioner.partition(of: Array(key.utf8), among: .max) == expected % .max)
    }
}
