import Models

extension Wording {
    /// What the suite writes back.
    ///
    /// - Parameters:
    ///   - open: all that the number was asked, if he has to say which one is meant.
    ///   - isLast: whether nothing more is answered for 24 hours. Then it says so, and where one can act all
    ///     the same.
    func reply(
        _ outcome: PhoneAnswer.Outcome, to asked: Asked, of open: [Asked], _ answers: PhoneAnswers,
        isLast: Bool
    ) -> Written {
        let isOfficial = !asked.recipient.kind.isCitizen
        // An official's message may have no link, because he has a desk.
        let place = isOfficial ? desk : nil
        let code = asked.complaint.description
        if outcome == .needsLink { return needsLink(code, at: place, isLast: isLast) }
        let end = isLast ? farewell(at: place) : ""
        func text(_ sentence: String) -> Written {
            let space = language == .en && !end.isEmpty ? " " : ""
            return signed("\(sentence)\(space)\(end)", isLast ? place : nil)
        }
        guard outcome == .askedWhich else { return text(manual(code, asked, answers)) }
        let codes = Set(open.map(\.complaint)).sorted().map(\.description)
        let example = String(asked.complaint.compact.suffix(TypedAnswer.leastOfCode))
        // As many codes as have room.
        return (1...codes.count).reversed().lazy.map { text(which(codes, $0, example)) }
            .first { Segments.count($0.text) <= segments } ?? text(which(codes, 1, example))
    }

    private func signed(_ sentence: String, _ address: String?) -> Written {
        let text = signature.signed(sentence, in: language)
        return Written(
            text: address.map { "\(text)\n\($0)" } ?? text, sentence: sentence, address: address)
    }

    private func needsLink(_ code: String, at desk: String?, isLast: Bool) -> Written {
        if language == .en {
            let end = isLast ? " No more replies for 24 hours." : ""
            return desk == nil
                ? signed("Complaint \(code): please use the link in our message for this.\(end)", nil)
                : signed("Complaint \(code).\(end) For this, please go to your desk:", desk)
        }
        let end = isLast ? "24小时内不再自动回复" : ""
        return desk == nil
            ? signed("投诉\(code)：此项请点短信中的链接办理。\(end)\(isLast ? "。" : "")", nil)
            : signed("投诉\(code)：\(end)\(isLast ? "，" : "")此项请到工作台办理：", desk)
    }

    /// All that he may answer.
    private func manual(_ code: String, _ asked: Asked, _ answers: PhoneAnswers) -> String {
        guard asked.question.kind == .act else {
            if answers == .all {
                return language == .en
                    ? "Complaint \(code): 1 very satisfied, 2 satisfied, 3 fair, 4 not satisfied, or a text."
                    : "投诉\(code)：回复1非常满意、2比较满意、3一般、4不满意，或直接补充说明。"
            }
            return language == .en
                ? "Complaint \(code): 4 not satisfied, or a text; for other grades use the link."
                : "投诉\(code)：回复4不满意，或直接补充说明；其他评价请点链接。"
        }
        let ways: [Name?] = [
            asked.isAccepted ? nil : Name(zh: "1受理", en: "1 accept"),
            Name(zh: "2加进展", en: "2 and how it stands"),
            asked.question.mayResolve(answers) ? Name(zh: "3加办理结果", en: "3 and the result") : nil,
            Name(zh: "0非我责", en: "0 not mine"),
        ]
        let all = ways.compactMap(\.self)
        return language == .en
            ? "Complaint \(code): \(all.map(\.en).joined(separator: ", "))."
            : "投诉\(code)：回复\(all.map(\.zh).joined(separator: "，"))。"
    }

    private func which(_ codes: [String], _ count: Int, _ example: String) -> String {
        let more = count < codes.count
        let list = codes.prefix(count)
        return language == .en
            ? "Which complaint? \(list.joined(separator: ", "))\(more ? ", …" : ""). "
                + "Please add the end of its code: 1 \(example)."
            : "您指哪一件投诉？\(list.joined(separator: "、"))\(more ? "等" : "")。请注明编号末几位，如：1 \(example)。"
    }

    private func farewell(at desk: String?) -> String {
        if language == .en {
            return desk == nil
                ? "No more replies for 24 hours; use the link in our messages."
                : "No more replies for 24 hours; go on at your desk:"
        }
        return desk == nil ? "24小时内不再自动回复，请点短信中的链接办理。" : "24小时内不再自动回复，请到工作台办理："
    }
}
