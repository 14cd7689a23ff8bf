import Links
import Models
import Processing
import Text

@testable import Intake
@testable import Operator

/// Reads a record as the service does that reads its topic, and writes what it understood again.
enum LogReading {
    /// - Returns: the value as this version writes it; nil for a tombstone.
    static func again(_ logged: LoggedRecord) throws -> [UInt8]? {
        let event = try logged.event()
        let type = try EventType(event.type)
        guard let data = event.data else {
            try tombstone(logged)
            return nil
        }
        switch logged.topic {
        case .registry where type == RegistryRenewal.type:
            try hold(logged.key == RegistryRenewal.key, "the key is not the renewal's")
            return JSON.encode(try JSON.decode(RegistryRenewal.self, from: data))
        case .registry:
            guard let key = RegistryKey(logged.key) else { throw Malformed("key", "is not kind/id") }
            let entity = try RegistryEntity(kind: key.kind, data: data)
            try hold(entity.key == key && type.name == key.kind.rawValue, "the key is not the entity's")
            return entity.data
        case .gateway:
            _ = try GatewayRecords.understand(logged)
            return data
        case .submissions:
            let submission = try JSON.decode(Submission.self, from: data)
            try hold(submission.complaint.compact == logged.key, "the key is not the complaint's code")
            return JSON.encode(submission)
        case .contacts:
            try hold(TrackingCode(logged.key) != nil, "the key is not a code")
            return JSON.encode(try JSON.decode(Contact.self, from: data))
        case .words:
            _ = try WordsKey(logged.key)
            return JSON.encode(try JSON.decode(Words.self, from: data))
        case .actions:
            let action = try JSON.decode(ComplaintAction.self, from: data)
            try hold(action.verb.name.rawValue == type.name, "the type is not the verb's")
            return JSON.encode(action)
        case .events:
            let fact = try ComplaintFact(event)
            let again = fact.cloudEvent(source: event.source)
            try hold(again == event, "the headers are not written as they were")
            return again.data
        case .refusals: return JSON.encode(try JSON.decode(ActionRefusal.self, from: data))
        case .reports where type.name == "reviewed":
            return JSON.encode(try JSON.decode(Review.self, from: data))
        case .reports: return JSON.encode(try JSON.decode(Report.self, from: data))
        case .assessments: return JSON.encode(try JSON.decode(Assessment.self, from: data))
        case .alarms: return try AlarmEvent(event).data
        case .breaches: return try BreachEvent(event).data
        case .summaries: return JSON.encode(try DaySummary(data, key: logged.key))
        case .noticeRequests where type.name == "withdrawn":
            return JSON.encode(try JSON.decode(NoticeWithdrawal.self, from: data))
        case .noticeRequests where type == NoticeSettlement.type:
            let settlement = try JSON.decode(NoticeSettlement.self, from: data)
            try hold(settlement.handle.text == logged.key, "the key is not the number's handle")
            return JSON.encode(settlement)
        case .noticeRequests: return JSON.encode(try JSON.decode(NoticeRequest.self, from: data))
        case .messages where type == PhoneMessage.type:
            let message = try JSON.decode(PhoneMessage.self, from: data)
            try hold(message.handle.text == logged.key, "the key is not the handle")
            return JSON.encode(message)
        case .messages where type == DeskLinkAsked.type:
            let asked = try JSON.decode(DeskLinkAsked.self, from: data)
            try hold(asked.handle.text == logged.key, "the key is not the handle")
            return JSON.encode(asked)
        case .noticeEvents where type == PhoneAnswer.type:
            let answer = try JSON.decode(PhoneAnswer.self, from: data)
            try hold(answer.handle.text == logged.key, "the key is not the handle")
            return JSON.encode(answer)
        case .noticeEvents where event.type == NumberConfirmed.type.description, .messages:
            let confirmed = try JSON.decode(NumberConfirmed.self, from: data)
            try hold(confirmed.handle.text == logged.key, "the key is not the handle")
            return JSON.encode(confirmed)
        case .noticeEvents:
            guard let kind = NoticeEvent.Kind(rawValue: type.name) else {
                throw Malformed("ce_type", "is not a notice's event")
            }
            return try NoticeEvent(kind: kind, data: data).data
        case .jobs, .urgentJobs: return JSON.encode(try JSON.decode(SMSJob.self, from: data))
        case .jobWithdrawals: return JSON.encode(try JSON.decode(JobWithdrawal.self, from: data))
        case .receipts: return JSON.encode(try JSON.decode(SMSReceipt.self, from: data))
        case .links:
            try hold(LinkHandle(logged.key) != nil, "the key is not a handle")
            return event.type == DeskLink.type.description
                ? JSON.encode(try JSON.decode(DeskLink.self, from: data))
                : JSON.encode(try JSON.decode(ActionLink.self, from: data))
        case .access where type == ComplaintOpened.type:
            let opened = try JSON.decode(ComplaintOpened.self, from: data)
            try hold(logged.key == opened.by.accessKey, "the key is not the official")
            return JSON.encode(opened)
        case .access:
            let view = try JSON.decode(ContactViewed.self, from: data)
            try hold(
                logged.key == "\(view.by.role.rawValue)/\(view.by.id ?? "")", "the key is not the official")
            return JSON.encode(view)
        case .follows:
            let follow = try JSON.decode(Follow.self, from: data)
            try hold(follow.key.description == logged.key, "the key is not the follow's")
            return JSON.encode(follow)
        case .followCounts:
            let count = try JSON.decode(FollowCount.self, from: data)
            try hold(count.complaint.compact == logged.key, "the key is not the complaint's code")
            return JSON.encode(count)
        case .sources where type == SeenReadings.type:
            let seen = try JSON.decode(SeenReadings.self, from: data)
            try hold(SeenReadings.key(of: seen.source) == logged.key, "the key is not the source's")
            try hold(SeenLedger(seen).seen(of: seen.source) == seen, "is not what was seen")
            return JSON.encode(seen)
        case .sources:
            let standing = try JSON.decode(SourceStanding.self, from: data)
            try hold(standing.source.rawValue == logged.key, "the key is not the source")
            return JSON.encode(standing)
        case .indicators:
            let indicator = try JSON.decode(Indicator.self, from: data)
            try hold(indicator.key == logged.key, "the key is not the indicator's")
            return JSON.encode(indicator)
        case .publications:
            let publication = try JSON.decode(Publication.self, from: data)
            try hold(publication.key == logged.key, "the key is not the publication's")
            try hold(publication.faults.isEmpty, "\(publication.faults)")
            return JSON.encode(publication)
        case .deadLetters, .restrictedDeadLetters: return try deadLetter(logged, type, data)
        }
    }

    private static func tombstone(_ logged: LoggedRecord) throws {
        switch logged.topic {
        case .registry: try hold(RegistryKey(logged.key) != nil, "the key is not kind/id")
        case .words: _ = try WordsKey(logged.key)
        case .follows: _ = try FollowKey(logged.key)
        case .contacts: try hold(TrackingCode(logged.key) != nil, "the key is not a code")
        default: throw Malformed("", "\(logged.topic.rawValue) has no tombstones")
        }
    }

    private static func deadLetter(_ logged: LoggedRecord, _ type: EventType, _ data: [UInt8]) throws
        -> [UInt8]
    {
        guard let origin = DeadLetter.Origin(logged.key), origin.topic.deadLetters == logged.topic else {
            throw Malformed("key", "is not the place of a record whose dead letters lie here")
        }
        var letters = DeadLetters()
        letters.take(headers: try logged.event().headers, value: data)
        try hold(letters.unreadable == 0, "dayu dead-letters can't read it")
        switch DeadLetters.Kind(rawValue: type.name) {
        case .refused: return JSON.encode(try JSON.decode(DeadLetter.self, from: data))
        case .replayed: return JSON.encode(try JSON.decode(DeadLetters.Replay.self, from: data))
        case .dismissed: return JSON.encode(try JSON.decode(DeadLetters.Dismissal.self, from: data))
        case nil: throw Malformed("ce_type", "is nothing that happens to a dead letter")
        }
    }

    private static func hold(_ condition: Bool, _ otherwise: String) throws(Malformed) {
        if !condition { throw Malformed("", otherwise) }
    }
}

/// What gateways wrote is read by Intake's door, with a registry that knows what the samples name.
private enum GatewayRecords {
    static func understand(_ logged: LoggedRecord) throws -> GatewayDoor.Input {
        guard case .gateway(let id) = logged.topic else { throw Malformed("", "not a gateway's topic") }
        let reception = Reception(
            atlas: Atlas(Registry(SampleRegistry().entities)),
            identities: Identities(key: [UInt8](0..<32)), links: nil)
        let input = try GatewayDoor([id], reception, country: .china).understand(logged.record()).input
        if case .complaint(let draft) = try input.request.get().draft, !draft.faults.isEmpty {
            throw Malformed(draft.faults)
        }
        return input
    }
}
