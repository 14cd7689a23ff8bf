import Foundation
import Kafka
import Links
import Models
import Processing
import Text

extension Command {
    static let smsTest = Command(
        name: ["sms", "test"],
        summary: "sends one message to a number and follows it to its receipt",
        details: """
            Gives the pusher one message, as any notice is given to it, and prints what becomes of it: which gateway got
            it, whether that took it, and what it reported. It is one attempt: nothing is tried again, and nobody's
            complaint is touched. Exit code 0 when it is on the phone, or when a gateway that reports nothing took it; 1
            otherwise. It needs DAYU_NUMBER_KEY, the same as Notification's. A number without a country code belongs to
            the country of DAYU_CALLING_CODE (default: +86). The message begins with the signature of
            DAYU_NOTIFICATION_SIGNATURE, as Notification's messages do.
            """,
        operands: ["NUMBER"],
        options: [
            Option(name: "--text", value: "TEXT", help: "what it says; default: that it is a test"),
            Option(
                name: "--within", value: "SECONDS",
                help: "how long to wait for the gateway's answer and its report, 1 to 86400; default: 900"),
        ],
        // The number is on no log.
        targets: { $0.targets(hidden: ["--text"]).map { $0.filter { $0.hasPrefix("-") } } }
    ) { arguments, surroundings in
        let within = try arguments.number("--within", preset: 900, in: 1...86_400)
        let key = try SMSCommands.numberKey(surroundings)
        let number = try SMSCommands.number(arguments.operands[0], surroundings)
        let sentence = arguments.text("--text") ?? "测试短信，无需处理。A test of the messages."
        // Gateways block a signature that they have not approved; a template has its own.
        let text = try SMSCommands.signature(surroundings).signed(sentence, in: .zh)
        let now = Instant.now
        let job = SMSJob(
            reference: "test/\(UUID().uuidString.lowercased())", attempt: 1, handle: key.handle(of: number),
            phone: number, text: text, expiresAt: now + .seconds(3600),
            fields: NoticeFields(code: "TEST", sentence: sentence))
        return try SMSCommands(surroundings).follow(
            SMSTest(job), until: ContinuousClock.now + .seconds(Int(within)))
    }

    static let smsAddress = Command(
        name: ["sms", "address"],
        summary: "prints the address to which a gateway is to report, or hand over what phones sent",
        details: """
            Aliyun and Tencent report all messages to one address, which is entered in their console. With --messages it is
            the address to which a gateway hands over what phones sent; for Kannel it is the get-url of its sms-service.
            Either holds a token that proves who calls, so treat it as a secret. GATEWAY is the recipe and the place in
            the settings, such as aliyun-1. It needs DAYU_NUMBER_KEY, the same as Intake's, and DAYU_SMS_CALLBACK, the
            address of Intake's reports as the gateway reaches it, such as https://intake.example.org/v1/receipts.
            """,
        operands: ["GATEWAY"],
        options: [Option(name: "--messages", value: nil, help: "for what phones send, not for reports")],
        targets: { $0.targets() }
    ) { arguments, surroundings in
        let key = try SMSCommands.numberKey(surroundings)
        guard let base = surroundings.environment["DAYU_SMS_CALLBACK"], !base.isEmpty else {
            throw Arguments.Misuse(what: "DAYU_SMS_CALLBACK is not set")
        }
        let gateway = try SMSAddress.checked(arguments.operands[0])
        Terminal.say(
            arguments.has("--messages")
                ? try SMSAddress.ofMessages(gateway, beside: base, key)
                : SMSAddress.ofReports(gateway, base, key))
        return .done
    }
}

struct SMSCommands {
    private let surroundings: Surroundings

    private static let pollMilliseconds: Int32 = 500
    private static let flushMilliseconds: Int32 = 30_000

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    static func signature(_ surroundings: Surroundings) throws -> Signature {
        let setting = surroundings.environment["DAYU_NOTIFICATION_SIGNATURE"] ?? Signature.preset
        guard let signature = Signature(setting) else {
            throw Arguments.Misuse(what: "DAYU_NOTIFICATION_SIGNATURE: must be \(Signature.form)")
        }
        return signature
    }

    static func numberKey(_ surroundings: Surroundings) throws -> NumberKey {
        guard let text = surroundings.environment["DAYU_NUMBER_KEY"], !text.isEmpty else {
            throw Arguments.Misuse(what: "DAYU_NUMBER_KEY is not set")
        }
        do throws(Malformed) {
            return try NumberKey(text)
        } catch {
            throw Arguments.Misuse(what: "DAYU_NUMBER_KEY: \(error)")
        }
    }

    /// Error messages about a number do not show it.
    static func number(_ text: String, _ surroundings: Surroundings) throws -> PhoneNumber {
        let name = surroundings.environment["DAYU_CALLING_CODE"] ?? ""
        guard let country = name.isEmpty ? CallingCode.china : CallingCode(name) else {
            throw Arguments.Misuse(what: "DAYU_CALLING_CODE is not a country code")
        }
        do throws(Malformed) {
            return try PhoneNumber(text, country: country)
        } catch {
            throw Arguments.Misuse(what: "NUMBER: \(error)")
        }
    }

    /// Begins to read before it sends, so that no receipt is missed.
    func follow(_ test: SMSTest, until end: ContinuousClock.Instant) throws -> ExitCode {
        var test = test
        let topic = surroundings.name(of: .receipts)
        let cluster = try surroundings.openCluster()
        let wait = Surroundings.answerWithinMilliseconds
        guard let count = try cluster.partitionCount(of: topic, timeoutMilliseconds: wait), count > 0 else {
            throw LogReading.Failure(description: "there is no topic \(topic): dayu topics create makes it")
        }
        let places = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
        let marks = try cluster.watermarks(of: places, timeoutMilliseconds: wait)
        let consumer = try Consumer(surroundings.cluster, clientID: Surroundings.clientID, group: nil)
        try consumer.assign(marks.mapValues(\.high))
        try send(test.job)
        Self.say("the message waits for the pusher")
        while test.end == nil, ContinuousClock.now < end {
            switch consumer.poll(timeoutMilliseconds: Self.pollMilliseconds) {
            case .record(let record):
                let receipt = record.valueBytes.flatMap { try? JSON.decode(SMSReceipt.self, from: $0) }
                if let line = receipt.flatMap({ test.take($0) }) { Self.say(line) }
            case .failed(let error):
                if error.remedy == .restart { throw error }
                Terminal.complain("dayu sms test: \(error)")
            default: break
            }
        }
        if test.end == nil { Self.say("nothing more came in time; what became of it is unknown") }
        return test.end ?? .fault
    }

    private static func say(_ text: String) {
        Terminal.say("\(Instant.now.description.dropFirst(11).prefix(8))Z  \(text)")
    }

    private func send(_ job: SMSJob) throws {
        let outgoing = Outgoing(
            .jobs, key: job.handle.text, id: "\(job.reference)/\(job.attempt)",
            source: Surroundings.clientID, type: EventType("sms", "job"),
            trail: Trail(at: .now, cause: job.reference), data: JSON.encode(job))
        let producer = try Producer(surroundings.cluster, clientID: Surroundings.clientID)
        try producer.send(OutgoingRecord(outgoing, prefix: surroundings.prefix))
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}
