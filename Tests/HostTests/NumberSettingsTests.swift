import Links
import Models
import Testing

@testable import Host

@Suite("The settings of numbers")
struct NumberSettingsTests {
    @Test("the key of numbers' handles is needed, and never shown")
    func key() {
        for (secret, isRead) in [
            (String(repeating: "5a", count: 32), true), ("hunter2", false), (nil, false),
        ] {
            var reader = SettingsReader(environment: secret.map { ["DAYU_NUMBER_KEY": $0] } ?? [:])
            #expect((reader.numberKey() != nil) == isRead && reader.faults.isEmpty == isRead)
            #expect(reader.faults.allSatisfy { $0.hasPrefix("DAYU_NUMBER_KEY: ") && !$0.contains("hunter2") })
        }
    }

    @Test("a country code, with its plus sign or without")
    func callingCode() {
        for (text, digits) in [("+86", "86"), ("44", "44"), ("", "86"), ("086", nil), ("China", nil)] {
            var reader = SettingsReader(environment: ["DAYU_CALLING_CODE": text])
            let code = reader.callingCode()
            #expect(reader.faults.isEmpty == (digits != nil))
            if let digits { #expect(code.digits == digits) }
        }
    }
}
