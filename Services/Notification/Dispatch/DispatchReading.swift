import Models
import Processing
import Text

/// What the records mean that Dispatch reads.
extension Dispatch {
    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let event = try record.cloudEvent()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        switch record.topic {
        case .receipts:
            let receipt = try receipt(data, key)
            let trail = receipt.reference.isEmpty ? event.next : event.trail.causedBy(receipt.reference)
            return (key, .receipt(receipt, trail))
        case .messages where event.type == PhoneMessage.type.description:
            return (key, .message(try message(data, key), event.next))
        case .messages where event.type == DeskLinkAsked.type.description:
            return (key, .deskLink(try deskLink(data, key), event.next))
        case .messages: return (key, .confirmed(try confirmed(event, key), event.next))
        case _ where event.type == NoticeWithdrawal.type.description:
            return (key, .withdrawn(try withdrawal(data, key)))
        case _ where event.type == NoticeSettlement.type.description:
            return (key, .settled(try settlement(data, key), event.trail))
        default:
            let request = try JSON.decode(NoticeRequest.self, from: data)
            guard request.recipient.handle.text == key else {
                throw Malformed("recipient.handle", "differs from the record's key")
            }
            return (key, .requested(request, event.trail.causedBy(request.reference)))
        }
    }

    private func withdrawal(_ data: [UInt8], _ key: String) throws(Malformed) -> NoticeWithdrawal {
        let withdrawal = try JSON.decode(NoticeWithdrawal.self, from: data)
        guard withdrawal.handle.text == key else {
            throw Malformed("handle", "differs from the record's key")
        }
        return withdrawal
    }

    private func settlement(_ data: [UInt8], _ key: String) throws(Malformed) -> NoticeSettlement {
        let settlement = try JSON.decode(NoticeSettlement.self, from: data)
        guard settlement.handle.text == key else {
            throw Malformed("handle", "differs from the record's key")
        }
        return settlement
    }

    private func receipt(_ data: [UInt8], _ key: String) throws(Malformed) -> SMSReceipt {
        let receipt = try JSON.decode(SMSReceipt.self, from: data)
        guard receipt.handle.text == key else {
            throw Malformed("handle", "differs from the record's key")
        }
        // The reference is looked up, and a gateway may send anything. The suite's own references fit into a
        // header.
        guard receipt.reference.utf8.count <= Limit.headerBytes else {
            throw Malformed("reference", "is longer than \(Limit.headerBytes) bytes")
        }
        guard !receipt.reference.isEmpty || receipt.gatewayReference != nil else {
            throw Malformed("reference", "is empty, and gatewayReference is missing")
        }
        return receipt
    }

    private func message(_ data: [UInt8], _ key: String) throws(Malformed) -> PhoneMessage {
        let message = try JSON.decode(PhoneMessage.self, from: data)
        guard message.handle.text == key else { throw Malformed("handle", "differs from the record's key") }
        return message
    }

    private func deskLink(_ data: [UInt8], _ key: String) throws(Malformed) -> DeskLinkAsked {
        let asked = try JSON.decode(DeskLinkAsked.self, from: data)
        guard asked.handle.text == key else { throw Malformed("handle", "differs from the record's key") }
        return asked
    }

    /// Reads a confirmation. It has the same form on `sms.messages` and on the own log.
    private func confirmed(_ event: CloudEvent, _ key: String) throws(Malformed) -> NumberHandle {
        guard event.type == NumberConfirmed.type.description, let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not a type that a phone sends")
        }
        let handle = try JSON.decode(NumberConfirmed.self, from: data).handle
        guard handle.text == key else { throw Malformed("handle", "differs from the record's key") }
        return handle
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .noticeRequests {
            switch try understand(record) {
            case (let key, .requested(let request, let trail)): return (key, .requested(request, trail))
            case (let key, .withdrawn(let withdrawal)): return (key, .withdrawn(withdrawal, nil, job: nil))
            case (let key, .settled(let settlement, _)): return (key, .settled(settlement))
            case (_, .receipt), (_, .confirmed), (_, .message), (_, .deskLink), (_, .elapsed):
                throw Malformed("", "is not a request")
            }
        }
        let event = try record.cloudEvent()
        let key = try record.keyText()
        if event.type == NumberConfirmed.type.description {
            return (key, .confirmed(try confirmed(event, key), event.trail))
        }
        let type = try EventType(event.type)
        if type == PhoneAnswer.type {
            let answer = try JSON.decode(PhoneAnswer.self, from: event.data ?? [])
            guard answer.handle.text == key else {
                throw Malformed("handle", "differs from the record's key")
            }
            return (key, .answered(answer, event.trail, nil))
        }
        guard let kind = NoticeEvent.Kind(rawValue: type.name), let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not a notice's event")
        }
        guard let handle = NumberHandle(key) else { throw Malformed("key", "is not a number's handle") }
        let happened = try NoticeEvent(kind: kind, data: data)
        return (key, .happened(happened, about: handle, event.trail, sends: nil))
    }
}
