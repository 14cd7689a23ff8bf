import Models

extension MetricsText {
    /// Troubles in a service's metrics that somebody should look after.
    var troubles: [String] { [disk, spool, understanding].compactMap(\.self) + unfit + lost + misplaced }

    private var disk: String? {
        guard let free = sum("dayu_disk_free_bytes"), let least = sum("dayu_disk_least_bytes"), free < least
        else { return nil }
        return "its disk is nearly full: \(free / 1_000_000) MB are free"
    }

    private var spool: String? {
        guard let limit = sum("dayu_spool_limit_records"), limit > 0,
            let waiting = sum("dayu_spool_records")
        else { return nil }
        let kept = waiting + (sum("dayu_spool_aside_records") ?? 0)
        return kept * 5 >= limit * 4 ? "its spool is nearly full: \(kept) of \(limit) records" : nil
    }

    private var understanding: String? {
        guard let count = sum("dayu_sms_answers_not_understood"), count > 0 else { return nil }
        return "the SMS gateway's last \(count) answers look like success but do not match the settings "
            + "(DAYU_SMS_SUCCESS_…); the service's log says what is missing"
    }

    private var unfit: [String] {
        samples.filter { $0.name == "dayu_sms_unfit_kinds" && $0.value > 0 }.map { sample in
            "the SMS gateway \(sample.labels["gateway"] ?? "?") does not take \(Int64(exactly: sample.value) ?? 0) kinds "
                + "of notices because of their template or a word; the notes say which"
        }
    }

    /// Misplaced records that the loops left out which write nothing. Other loops write a dead letter about
    /// them.
    private var misplaced: [String] {
        let readers = Set(ServiceLoop.all.filter { $0.kind == .reader }.map(\.name))
        return samples.filter { sample in
            sample.name == "dayu_records_misplaced_total" && readers.contains(sample.labels["loop"] ?? "")
        }.map { sample in
            "\(Int64(exactly: sample.value) ?? 0) records of \(sample.labels["topic"] ?? "?") lie on another partition "
                + "than their key's and were left out; its log says which"
        }
    }

    /// Lost records of the loops that write nothing. Other loops write a dead letter about them.
    private var lost: [String] {
        let readers = Set(ServiceLoop.all.filter { $0.kind == .reader }.map(\.name))
        return samples.filter { sample in
            sample.name == "dayu_records_lost_total" && readers.contains(sample.labels["loop"] ?? "")
        }.map { sample in
            let place = "\(sample.labels["topic"] ?? "?")/\(sample.labels["partition"] ?? "?")"
            return
                "up to \(Int64(exactly: sample.value) ?? 0) records of \(place) were lost before it read them; "
                + "start it once with --rebuild to read what is left"
        }
    }
}
