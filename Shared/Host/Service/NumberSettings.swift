public import Links
public import Models
import Text

extension SettingsReader {
    /// The key of the handles that stand for phone numbers on the log.
    ///
    /// - Parameter isNeeded: whether its absence is a fault. Intake needs it only to take messages of
    ///   phones.
    public mutating func numberKey(isNeeded: Bool = true) -> NumberKey? {
        let secret = optionalText(
            "DAYU_NUMBER_KEY",
            help: """
                the secret from which the handles of phone numbers are made, which replace the numbers on the log: \
                32 bytes or more in hexadecimal or base64, the same for Intake and Notification; never change it; \
                without it Intake takes no messages of phones
                """)
        guard let secret else {
            if isNeeded { fault("DAYU_NUMBER_KEY: is not set; make one with: openssl rand -hex 32") }
            return nil
        }
        do throws(Malformed) {
            return try NumberKey(secret)
        } catch {
            fault("DAYU_NUMBER_KEY: \(error)")
            return nil
        }
    }

    /// The country of phone numbers that are written without a country code.
    public mutating func callingCode() -> CallingCode {
        let preset = CallingCode.china
        let text = text(
            "DAYU_CALLING_CODE", preset: preset.description,
            help: "the country code of phone numbers that have none")
        guard let code = CallingCode(text) else {
            fault("DAYU_CALLING_CODE: \"\(text)\" is not a country code such as +86")
            return preset
        }
        return code
    }

    /// Which phone numbers get messages.
    public mutating func mobileNumbers() -> MobileNumbers {
        let countries = text(
            "DAYU_SMS_COUNTRIES", preset: CallingCode.china.digits,
            help: """
                the country codes of the numbers that get messages, such as 86,852; landlines of \
                \(MobileNumbers.knownPlans.joined(separator: ", ")) get none; of any other country every number \
                gets messages, so you are responsible for it
                """)
        let also =
            optionalText(
                "DAYU_SMS_ALSO_TO",
                help: "beginnings of further numbers that get messages in any case, such as +86000")
            ?? ""
        do throws(Malformed) {
            return try MobileNumbers(countries: countries, also: also)
        } catch {
            fault("DAYU_SMS_COUNTRIES, DAYU_SMS_ALSO_TO: \(error)")
            return .presets
        }
    }
}
