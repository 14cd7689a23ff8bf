import Text

/// A word that announces something about a person, as people usually write it, or as they write it to get
/// past a filter: 微信, 微❤信, 微x, V x, V.X.
struct AnnouncingWord {
    /// What follows the word.
    enum What {
        /// A phone number, perhaps without its area code.
        case number
        /// A name or number in a messenger. The word has no other meaning, so even a short name counts.
        case messenger
        /// The same, after the first character of such a word and a colon (微：). It must not end another word
        /// (细微：), and a figure with a unit is no number.
        case initial
        /// A name or number in another network.
        case handle
        /// A name in a network after whose word a number has another meaning: the name must begin with a
        /// letter.
        case profile
        /// Such a name, after a word that has other meanings, too: a name of letters only does not count.
        case name
        /// The number of an account or an identity card, or a name as above.
        case account
        case plate

        var isOfNames: Bool {
            switch self {
            case .messenger, .initial, .handle, .profile: true
            case .number, .name, .account, .plate: false
            }
        }
    }

    let what: What
    private let text: String
    private let scalars: [Unicode.Scalar]
    /// Whether other characters may stand between its characters, although they are Latin letters.
    private let isLoose: Bool
    /// Whether a letter directly after it makes it another word.
    private let endsAtLetter: Bool

    private init(_ text: String, _ what: What) {
        let scalars = Array(text.unicodeScalars)
        let isLatin = scalars.allSatisfy(\.isASCIILetter)
        self.what = what
        self.text = text
        self.scalars = scalars
        isLoose = isLatin ? scalars.count == 2 && what.isOfNames : !scalars[0].isASCII
        let isWhole = !isLoose || isLatin || scalars[0] == "加"
        endsAtLetter = isWhole && scalars[scalars.count - 1].isASCIILetter
    }

    static func at(_ index: Int, in text: FoldedText) -> (what: What, end: Int)? {
        guard let first = text[index]?.mark, let candidates = words[first.lowercased] else { return nil }
        for word in candidates {
            guard let end = word.end(in: text, at: index) ?? Spelling.end(of: word.text, in: text, at: index)
            else { continue }
            let beginsInside = text[index]?.isASCIILetter == true && text[index - 1]?.isASCIILetter == true
            if beginsInside || word.endsAtLetter && text[end]?.isASCIILetter == true { continue }
            if word.what == .initial, let before = text[index - 1], before.isLetter,
                !initialLeads.contains(before.mark)
            {
                continue
            }
            return (word.what, end)
        }
        return nil
    }

    /// In Chinese words, and in words of two Latin letters, a blank or a picture may stand between the
    /// characters: 微❤️信, V.X.
    private func end(in text: FoldedText, at index: Int) -> Int? {
        var at = index
        for scalar in scalars {
            if scalar == " " {
                let gap = text.run(at: at, atMost: Self.fillerLimit, where: Self.isFiller)
                guard gap > 0 else { return nil }
                at += gap
                continue
            }
            if scalar == "❤", let heart = text[at], Self.hearts.contains(heart.mark) {
                at += 1
                continue
            }
            if at > index, isLoose || !scalar.isASCII, text[at]?.mark.lowercased != scalar {
                at += text.run(at: at, atMost: Self.fillerLimit, where: Self.isFiller)
            }
            guard text[at]?.mark.lowercased == scalar else { return nil }
            at += 1
        }
        return at
    }

    private static let fillerLimit = 3

    private static func isFiller(_ symbol: FoldedText.Symbol) -> Bool {
        if symbol.isBlank || fillers.contains(symbol.mark) { return true }
        guard !symbol.mark.isASCII else { return false }
        return switch symbol.mark.properties.generalCategory {
        case .otherSymbol, .modifierSymbol: true
        default: false
        }
    }

    /// People write any heart for the character that sounds like it, 心.
    private static let hearts = Set("❤♥♡❣💓💔💕💖💗💘💙💚💛💜💝💞🖤🤍🤎🧡🩷🩵🩶".unicodeScalars)
    /// May stand before 微： without making it another word.
    private static let initialLeads = Set("我的他她加系请".unicodeScalars)
    private static let fillers = Set("*.-_~|/\\+·•".unicodeScalars)

    // MARK: All of them

    private static let spelled: [(What, String)] = [
        (
            .number,
            "电话,手机,座机,固话,联系方式,联系我,致电,電話,手機,号码,號碼,传真,傳真,fax,☎,☏,📞,tel,telephone,phone,mobile,cell,call,call me"
        ),
        (.messenger, "微信,薇信,威信,徽信,维信,溦信,微芯,薇芯,威芯,微鑫,wei信,微x,薇x,威x,维x,微❤,薇❤,微号,薇号,威号"),
        (.messenger, "绿泡泡,卫星号,加微,加薇,加威,加我微,加我薇,加我v,v信,加v,+v,+微,+薇,+威,vx,wx,wechat,weixin"),
        (.messenger, "wei xin,威❤,维❤,徽❤,v❤,live:.cid."),
        (.initial, "微:,薇:,威:,维:,扣:,抠:,叩:,q:"),
        (.messenger, "qq,q号,q群,扣扣,抠抠,叩叩,蔻蔻,球球,秋秋"),
        (.handle, "企鹅,企鹅号,钉钉,飞书,陌陌,抖音,快手,微博,小红书,小红薯,支付宝,视频号,whatsapp,telegram,tg,skype,tiktok"),
        (.handle, "douyin,kuaishou,weibo,xiaohongshu,kakaotalk,viber"),
        (.handle, "电报,飞机号,t.me/,wa.me/"),
        (.handle, "line id,line号,line account,signal id,signal号,邮箱,邮件,电邮,email,e-mail,mail"),
        (.profile, "facebook,fb,脸书,instagram,insta,ig号,ins号,twitter,推特,snapchat,discord,linkedin,messenger"),
        (.profile, "line @,line@,signal @,signal@,ig @,ig@,ins @,ins@"),
        (.name, "we chat,v:,line:,signal,ins,ig"),
        (.account, "身份证,身份證,证件号,卡号,银行卡,账号,帐号,账户,帐户"),
        (.plate, "车牌,车号,plate"),
    ]

    /// By their first characters; longer words come first.
    private static let words: [Unicode.Scalar: [AnnouncingWord]] = {
        let all = spelled.flatMap { what, words in
            words.split(separator: ",").map { AnnouncingWord(String($0), what) }
        }
        return Dictionary(grouping: all) { $0.scalars[0] }
            .mapValues { $0.sorted { $0.text.utf8.count > $1.text.utf8.count } }
    }()
}
