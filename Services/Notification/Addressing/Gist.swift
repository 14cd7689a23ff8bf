import Models

extension Notice {
    /// What the notice is about, in a word or two. Of several notices in one message it says
    /// `新投诉3件、催办1件`.
    func gist(in language: Language) -> String {
        let gist: Name =
            switch addressee.part {
            case .complainant, .follower: gistForCitizen
            case .former: gistForFormer
            case .holder, .superior, .checker: gistForOfficial
            }
        return language == .en ? gist.en : gist.zh
    }

    private var gistForOfficial: Name {
        switch fact.event {
        case .assigned(let assigned): assigned.why.gist
        case .warned: Name(zh: "即将超期", en: "at risk")
        case .urged: Name(zh: "催办", en: "urged")
        case .extended: Name(zh: "延期", en: "given more time")
        case .lapsed: Name(zh: "逾期未办", en: "too late")
        case .unreached: Name(zh: "短信未送达", en: "not reached")
        case .supervised: Name(zh: "督办", en: "ordered")
        case .resolved: Name(zh: "待查验", en: "to be checked")
        case .unchecked: Name(zh: "逾期未查验", en: "not checked in time")
        case .reopened: Name(zh: "群众不满意", en: "reopened")
        case .received, .accepted, .noted, .transferred, .escalated, .verified, .rated, .edited, .rejected,
            .merged, .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            Name(zh: "有新进展", en: "with news")
        }
    }

    /// He need do nothing.
    private var gistForFormer: Name {
        switch fact.event {
        case .escalated: Name(zh: "逾期已上报", en: "gone up")
        case .supervised: Name(zh: "被督办", en: "under an order")
        case .rejected, .merged, .closed: Name(zh: "已结束", en: "ended")
        default: Name(zh: "已交他人", en: "passed on")
        }
    }

    private var gistForCitizen: Name {
        switch fact.event {
        case .received: Name(zh: "已收到", en: "received")
        case .accepted: Name(zh: "已受理", en: "taken up")
        case .extended: Name(zh: "延期", en: "given more time")
        case .resolved, .verified, .unchecked: Name(zh: "已办结", en: "resolved")
        case .reopened: Name(zh: "重新办理", en: "reopened")
        case .rejected: Name(zh: "未被受理", en: "not accepted")
        case .merged: Name(zh: "已并入办理", en: "merged")
        case .closed: Name(zh: "已结案", en: "closed")
        case .assigned, .noted, .urged, .transferred, .warned, .lapsed, .escalated, .unreached, .supervised,
            .rated, .edited, .joined, .parted, .informed, .withheld, .released, .erased:
            Name(zh: "有新进展", en: "with news")
        }
    }
}

extension ComplaintEvent.Assigned.Why {
    fileprivate var gist: Name {
        switch self {
        case .picked, .named, .outfall, .lowerLevel, .nearest, .responsible, .noReach, .noChief:
            Name(zh: "新投诉", en: "new")
        case .escalated, .unreached: Name(zh: "上报", en: "gone up to you")
        case .reopened, .unverified: Name(zh: "重新办理", en: "reopened")
        case .transferred, .edited, .replaced, .deputy, .parted: Name(zh: "转来", en: "passed on to you")
        }
    }
}
