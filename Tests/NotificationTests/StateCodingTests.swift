import Foundation
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("The stored state of a number")
struct DispatchCodingTests {
    /// Numbers with notices in every stage, at the end of a few lives.
    private func states() throws -> [DispatchState] {
        let act = NoticeQuestion(.act, by: Actor(role: .chief, id: "wang"), needsPicture: true, language: .en)
        let manner = NoticeManner(
            isDigest: true, quiet: QuietHours(from: 1320, until: 420, zone: .beijing), gist: "新投诉",
            dueAt: Town.start, address: "https://r.example.org/act#A", language: .zh, overtakes: .all)
        var states: [DispatchState] = []
        var desk = Desk(answers: .all)
        func note() { if let state = desk.state { states.append(state) } }
        try desk.confirm()
        note()
        for number in 1...3 {
            let request = NoticeRequest(
                reference: "\(Town.code.compact).\(number)/\(Desk.recipient.key)", recipient: Desk.recipient,
                complaint: Town.code, about: .assigned, text: "notice “\(number)”\n\\", bare: "bare",
                fields: NoticeFields(
                    code: "c", sentence: "s", category: "y", place: "p", due: "d", link: "l"),
                manner: number == 1 ? manner : nil, question: act, isUrgent: number == 2)
            try desk.request(request)
            note()
        }
        try desk.hear(.taken, attempt: 1, of: 2, hold: desk.now + .seconds(60))
        note()
        try desk.hear(.deferred, attempt: 1, of: 2, reason: "busy", hold: desk.now + .seconds(60))
        note()
        try desk.hear(.refused, attempt: 1, of: 3, reason: "no such number")
        note()
        try desk.wait(.seconds(7200))
        note()
        try desk.withdraw(2)
        note()
        return states
    }

    @Test("is byte for byte what Codable writes, and reads the same both ways")
    func coding() throws {
        let states = try states()
        #expect(states.count == 9 && states.contains { !$0.ended.isEmpty && !$0.conversation.asked.isEmpty })
        for state in states {
            let codable = JSON.encodeByCodable(state)
            #expect(String(decoding: state.stored, as: UTF8.self) == String(decoding: codable, as: UTF8.self))
            #expect(
                try DispatchState(stored: codable) == state && DispatchState(stored: state.stored) == state)
            #expect(try JSON.decodeByCodable(DispatchState.self, from: state.stored) == state)
        }
    }

    @Test("as an earlier version stored it can still be read")
    func earlier() throws {
        for state in try states() {
            let text = String(decoding: state.stored, as: UTF8.self)
                .replacing(#""isAccepted":false,"#, with: "").replacing(#""isBehind":false,"#, with: "")
            #expect(text.count < state.stored.count || state.waiting.isEmpty)
            #expect(try DispatchState(stored: Array(text.utf8)) == state)
        }
    }
}
