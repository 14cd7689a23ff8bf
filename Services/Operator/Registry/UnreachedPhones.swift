import Models

extension RegistryReading {
    /// The officials whose numbers no message reaches. Their notices go to whoever stands above.
    func unreachedPhones(_ mobiles: MobileNumbers) -> [Finding] {
        entities.compactMap { entity in
            guard let (column, phone) = entity.officialsPhone else { return nil }
            do throws(MobileNumbers.Obstacle) {
                _ = try mobiles.number(phone, country: .china)
                return nil
            } catch {
                return Finding(
                    entity.kind.file, standing.rows[entity.key],
                    "\(column) gets no message: \(error.words)", weight: .warning)
            }
        }.sorted()
    }
}

extension RegistryEntity {
    fileprivate var officialsPhone: (column: String, phone: String)? {
        switch self {
        case .chief(let chief): chief.phone.map { ("phone", $0) }
        case .department(let department): department.phone.map { ("phone", $0) }
        case .clerk(let clerk): clerk.phone.map { ("phone", $0) }
        case .region(let region): region.dutyPhone.map { ("duty_phone", $0) }
        default: nil
        }
    }
}

extension MobileNumbers.Obstacle {
    fileprivate var words: String {
        switch self {
        case .short: "it is a short number"
        case .landline: "it is not a mobile number"
        case .country: "its country is not in DAYU_SMS_COUNTRIES"
        case .unreadable: "it is not a phone number"
        }
    }
}
