import Crypto
import Models

@testable import Intake

/// A dialogue with two stations in the registry, and a clock that the tests move.
struct StationCounter {
    static let password = "s3cret"
    static let device = "FFFFFFFFFFFF000000000042"
    static let home = IPAddress(version4: 0xC000_0201)
    static let elsewhere = IPAddress(version4: 0xC633_6401)
    /// 2026-11-29 10:00 by the clocks of Beijing.
    static let opening = Instant(millisecondsSince1970: 1_795_917_600_000)

    var now = Self.opening
    var dialogue: StationDialogue

    init(
        _ settings: StationDialogue.Settings = StationDialogue.Settings(),
        stations: [Station] = [bridge, mill]
    ) {
        dialogue = StationDialogue(settings, openedAt: Self.opening)
        dialogue.adopt(StationDirectory(stations))
    }

    static func station(
        _ id: String, device: String, units: [Parameter: String] = [:], password: String? = password,
        addresses: [String] = [], timeZone: String? = nil, takes: [Station.Series] = [.hours]
    ) -> Station {
        guard let station = StationID(id), let section = SectionID("bridge") else {
            preconditionFailure("\(id) is no identifier")
        }
        return Station(
            id: station, section: section, name: "站", deviceNumber: device, units: units,
            passwordHash: password.flatMap { KeyHash(SHA256.hash($0)) },
            addresses: addresses.compactMap { AddressBlock($0) }, timeZone: timeZone, takes: takes)
    }

    /// Known by its password.
    static let bridge = station("bridge-1", device: device)
    /// Known by its address, and takes what is measured now.
    static let mill = station(
        "mill-1", device: "T1_mill", units: [.lead: "μg/L", .cadmium: "mg/L"], password: nil,
        addresses: ["192.0.2.0/24"], takes: [.now, .days])

    /// The fields of a data segment, as most stations write them.
    static func segment(
        qn: String? = "20261129100000000", st: String = "21", cn: String = "2061", pw: String? = password,
        mn: String = device, flag: Int? = 9, more: String = "", cp: String
    ) -> [UInt8] {
        let head = [
            qn.map { "QN=\($0)" }, "ST=\(st)", "CN=\(cn)", pw.map { "PW=\($0)" }, "MN=\(mn)",
            flag.map { "Flag=\($0)" },
        ].compactMap(\.self).joined(separator: ";")
        return Array("\(head);\(more)CP=&&\(cp)&&".utf8)
    }

    mutating func hear(
        _ segment: [UInt8], on line: Int = 1, from address: IPAddress? = elsewhere
    ) -> [StationDialogue.Reaction] {
        dialogue.hear(segment, on: line, from: address, at: now)
    }
}

extension [StationDialogue.Reaction] {
    /// The data segments of the answers.
    var answers: [String] {
        compactMap { if case .answer(let bytes) = $0 { bytes.segment } else { nil } }
    }

    var taken: [StationDialogue.Taken] { compactMap { if case .take(let taken) = $0 { taken } else { nil } } }

    var sent: [String] { compactMap { if case .send(let bytes, _) = $0 { bytes.segment } else { nil } } }

    var noted: [StationDialogue.Call] {
        compactMap { if case .note(let call) = $0 { call } else { nil } }
    }

    var closes: Bool { contains(.close) }

    var told: [StationDialogue.Telling] {
        compactMap { if case .tell(let telling) = $0 { telling } else { nil } }
    }
}

extension [UInt8] {
    /// What the frame says, if it is one.
    var segment: String {
        var decoder = FrameDecoder()
        guard case .frame(let data)? = decoder.take(self).first, suffix(2) == [0x0D, 0x0A] else {
            return "no frame"
        }
        return String(decoding: data, as: UTF8.self)
    }
}
