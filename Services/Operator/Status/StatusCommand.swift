import Kafka
import Models
import Processing
import Text

extension Command {
    static let status = Command(
        name: ["status"],
        summary: "shows on one screen whether the suite works",
        details: """
            Asks Kafka and the services: which services are ready, how many records wait for each consumer group, how many
            dead letters and complaints are open, and how many records Intake keeps on disk until Kafka is back.

            The exit code is 0 if all is well, 1 if there is a fault or something can't be found out, and 2 if there are
            only warnings. These are faults:
              Kafka or a service can't be reached, or a service is not ready
              a topic is missing, or topics that belong together have different numbers of partitions
              records wait behind a transaction that does not end
              records were lost before they were read, and nobody has dismissed their dead letter yet; or the
                letter is gone
              records of the registry are gone, and nobody has published it since
              a disk or a spool is nearly full
              many notices don't get through, or the SMS gateway's success answer is not understood
              an SMS gateway does not take a kind of notice because of its template or a word
              the clock of a service or a broker differs by more than 5 s from this machine's
              the last key of a gateway has ended, or the last year of the calendar is over

            These are warnings, not faults: the last key of a gateway ends within 14 days; the calendar ends before a
            deadline that is given now; a station is silent; a source has brought nothing for long; no broker's clock can
            be asked; dayu broker has dropped dead letters. Records that wait are not a fault. The oldest open complaint is
            taken from Disclosure's public list.

            The command looks for the services on this machine, at the ports that DAYU_INTAKE_ADMIN_PORT,
            DAYU_DISCLOSURE_PORT and so on give. If they run elsewhere, set:
              DAYU_STATUS_HOSTS
                  admin ports, such as intake=10.0.0.5:9101,routing=10.0.0.6:9102,routing=10.0.0.7:9102
              DAYU_STATUS_DISCLOSURE
                  the public API, such as http://10.0.0.8:8081
            """,
        options: [Option(name: "--json", value: nil, help: "prints the same as one JSON object")]
    ) { arguments, surroundings in
        guard let addresses = surroundings.addresses(for: "status") else { return .wrongSettings }
        let status = StatusCommand.ask(surroundings, addresses)
        if arguments.has("--json") {
            Terminal.say(String(decoding: JSON.encode(status), as: UTF8.self))
        } else {
            Terminal.say(status.text)
        }
        return status.exitCode
    }
}

enum StatusCommand {
    private static let connectMilliseconds: Int32 = 5000
    private static let disclosure = "dayu-disclosure"

    static func ask(_ surroundings: Surroundings, _ addresses: Addresses) -> Status {
        let servers = surroundings.cluster.bootstrapServers
        var status = Status(at: .now, kafka: Status.Kafka(servers: servers, prefix: surroundings.prefix))
        let services = ServiceCheck()
        status.services = services.services(addresses.instances)
        let unreachable = status.services.filter { $0.state == .unreachable }.map(\.address)
        let reachable = addresses.instances.filter { !unreachable.contains($0.address) }
        status.warnings += StationsReport(StationCheck.answers(of: reachable)).warnings(at: status.at)
        do throws(ServiceCheck.Unanswered) {
            status.complaints = try services.complaints(addresses.disclosure)
        } catch {
            status.unanswered.append(error.description)
        }
        do {
            let groups = try GroupCheck(surroundings, timeoutMilliseconds: connectMilliseconds)
            status.kafka.cluster = groups.clusterID(timeoutMilliseconds: connectMilliseconds)
            status.kafka.missingTopics = groups.missingTopics
            status.kafka.layoutFaults = groups.layoutFaults
            status.kafka.held = groups.held.sorted { $0.key < $1.key }.map { place, held in
                Status.Kafka.Held(
                    topic: place.topic, partition: place.partition, offsets: held.offsets, since: held.since)
            }
            askClocks(surroundings, &status)
            askGroups(groups, &status)
            if !status.kafka.missingTopics.contains(surroundings.name(of: .deadLetters)) {
                askLetters(surroundings, &status)
            } else {
                status.compareLosses(with: [])
            }
            if !status.kafka.missingTopics.contains(surroundings.name(of: .registry)) {
                askRegistry(surroundings, &status)
            }
            if !status.kafka.missingTopics.contains(surroundings.name(of: .sources)) {
                askSources(surroundings, &status)
            }
            if !status.kafka.missingTopics.contains(surroundings.name(of: .noticeEvents)) {
                askNotices(surroundings, &status)
            }
        } catch {
            status.kafka.error = "not reachable: \(error)"
        }
        return status
    }

    private static func askGroups(_ groups: borrowing GroupCheck, _ status: inout Status) {
        // If the broker does not tell the members of one group, it is not asked about the other groups.
        var tellsMembers = true
        for plan in GroupPlan.all {
            let members = tellsMembers ? groups.members(of: plan) : nil
            tellsMembers = members != nil
            do {
                var group = try groups.group(plan, members: members)
                if group.lag.isEmpty { group.lag = status.services.lag(of: plan.loop) }
                status.groups.append(group)
            } catch {
                status.unanswered.append("group \(plan.loop): \(error)")
            }
        }
        // Disclosure has no group: each of its instances reads everything.
        status.groups += status.services.filter { $0.name == disclosure }.map { replica in
            Status.Group(
                name: "\(disclosure) \(replica.address)", members: 1, lag: [replica].lag(of: disclosure))
        }
    }

    private static func askClocks(_ surroundings: Surroundings, _ status: inout Status) {
        do {
            status.take(try BrokerClocks(surroundings).ask())
        } catch {
            status.unanswered.append("the brokers' clocks: \(error)")
        }
    }

    private static func askLetters(_ surroundings: Surroundings, _ status: inout Status) {
        do {
            let topic = DeadLetterTopic(surroundings)
            let gone = try topic.gone()
            status.take(try topic.read(), gone: gone)
        } catch {
            status.compareLosses(with: [])
            status.unanswered.append("dead letters: \(error)")
        }
    }

    private static func askNotices(_ surroundings: Surroundings, _ status: inout Status) {
        do {
            status.notices = try NoticeCheck(surroundings).notices(at: status.at)
        } catch {
            status.unanswered.append("notices: \(error)")
        }
    }

    private static func askSources(_ surroundings: Surroundings, _ status: inout Status) {
        do {
            status.warnings += try SourcesReport.read(surroundings, at: status.at).faults
        } catch {
            status.unanswered.append("sources: \(error)")
        }
    }

    private static func askRegistry(_ surroundings: Surroundings, _ status: inout Status) {
        do {
            let published = try RegistryTopic(surroundings).read()
            status.registryGap = published.gap
            let registry = Registry(published.entities)
            status.take(
                EndingKeys(registry.gatewayKeys.values, at: status.at).endings,
                registry.calendarEnd(at: status.at))
        } catch {
            status.unanswered.append("registry: \(error)")
        }
    }
}

extension [Status.Service] {
    /// What a loop has not processed yet, over all instances that run it.
    func lag(of loop: String) -> [Status.Lag] {
        let own = flatMap(\.standing).filter { $0.loop == loop }
        return Dictionary(grouping: own, by: \.topic).sorted { $0.key < $1.key }.map { topic, places in
            let offsets = places.reduce(0) { $0 + $1.lag }
            return Status.Lag(topic: topic, records: offsets, isExact: offsets == 0)
        }
    }
}

extension Status.Letters {
    init(_ entries: [DeadLetters.Entry], gone: Int64 = 0) {
        self.gone = gone
        open = entries.count
        newest = entries.last.map { entry in
            Newest(
                origin: entry.origin.description, refusedAt: entry.refusedAt, refusedBy: entry.refusedBy,
                reason: entry.reason)
        }
        lost = entries.filter { $0.lost != nil }.map {
            Lost(origin: $0.origin.description, reason: $0.reason)
        }
    }
}
