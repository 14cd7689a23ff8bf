/// Which numbers of a country belong to mobile phones, as far as its numbering plan says.
enum MobilePlan {
    /// Nil if the country's plan is not known here.
    ///
    /// 1. China (工业和信息化部《电信网编号计划》): 1, then 3 to 9, then nine digits.
    /// 2. Hong Kong: eight digits that begin with 4 to 9 (OFCA, 5 February 2018: 4, 7, 8 join 5, 6, 9). Fixed
    ///    lines begin with 2, 3 and 58, services with 900. Numbers with 7 and 8 may also be pagers and
    ///    personal numbers: their blocks are given to mobile phones step by step (Communications Authority,
    ///    statement of 24 June 2016), so all of them count.
    /// 3. Macau: eight digits that begin with 6 (Despacho do Secretário para os Transportes e Obras Públicas
    ///    n.º 43/2016, annex: 6 is for mobile phones, 2 and 8 for fixed ones).
    /// 4. Taiwan: 9 and eight digits, without the 0 that is dialled inside the country (NCC).
    static func isMobile(_ number: PhoneNumber) -> Bool? {
        for (code, isMobile) in plans {
            if let national = number.national(in: code) { return isMobile(national) }
        }
        return nil
    }

    /// The countries whose plan is known.
    static var codes: [String] { plans.map(\.code.digits) }

    private static let plans: [(code: CallingCode, isMobile: @Sendable (String) -> Bool)] = [
        (.china, China.isMobile), (.hongKong, isOfHongKong),
        (.macau, { $0.utf8.count == 8 && $0.hasPrefix("6") }),
        (.taiwan, { $0.utf8.count == 9 && $0.hasPrefix("9") }),
    ]

    private static let isOfHongKong: @Sendable (String) -> Bool = { national in
        guard national.utf8.count == 8, let first = national.utf8.first else { return false }
        return (UInt8(ascii: "4")...UInt8(ascii: "9")).contains(first)
            && !national.hasPrefix("58") && !national.hasPrefix("900")
    }
}
