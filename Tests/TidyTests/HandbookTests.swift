import Testing

/// The handbook names what the code has. The code is read as text: a setting's name is a literal, or it is
/// put together here as it is there.
@Suite("The operator's handbook")
struct HandbookTests {
    @Test("deploy/settings.md has every setting and none besides")
    func settings() throws {
        let page = try #require(Repository.text("deploy/settings.md"))
        let named = Set(page.matches(of: /`(DAYU_[A-Z_]+)`/).map { String($0.1) })
        var known: Set<String> = []
        var serving: Set<String> = []
        for file in Repository.source where file.isSwift {
            known.formUnion(file.text.matches(of: /"(DAYU_[A-Z_]*[A-Z])"/).map { String($0.1) })
            serving.formUnion(file.text.matches(of: /\.server\(\s*"(DAYU_[A-Z]+)"/).map { String($0.1) })
            if file.text.contains("static let adminPort =") {
                // The desk is a part of Disclosure with a port of its own.
                let service = file.path.contains("/Desk/") ? "DESK" : file.module.uppercased()
                known.insert("DAYU_\(service)_ADMIN_PORT")
            }
        }
        known.subtract(serving)
        let server = try #require(Repository.text("Shared/Host/Service/ServerReading.swift"))
        for match in server.matches(of: /"\\\(prefix\)_([A-Z_]+)"/) {
            known.formUnion(serving.map { "\($0)_\(match.1)" })
        }
        let alarms = try #require(Repository.text("Services/Analytics/AlarmSettings.swift"))
        for match in alarms.matches(of: /\b(?:name|count)\(\s*"([A-Z_]+)"/) {
            known.insert("DAYU_ANALYTICS_ALARM_\(match.1)")
        }
        #expect(known.subtracting(named).sorted() == [], "settings that the page lacks")
        #expect(named.subtracting(known).sorted() == [], "settings that are gone")
        #expect(serving.count == 3 && known.count > 60, "the code is looked at")
    }

    @Test("deploy/README.md has every metric and none besides")
    func metrics() throws {
        let page = try #require(Repository.text("deploy/README.md"))
        let named = Set(page.matches(of: /`(dayu_[a-z_]+)`/).map { String($0.1) })
        var known: Set<String> = []
        for file in Repository.source where file.isSwift {
            known.formUnion(file.text.matches(of: /"(dayu_[a-z_]+)"/).map { String($0.1) })
        }
        #expect(known.subtracting(named).sorted() == [], "figures that the page lacks")
        #expect(named.subtracting(known).sorted() == [], "figures that are gone")
    }
}
