import Models

/// What a gateway's answer means, for the message and for the gateway.
enum Verdict: Equatable, Sendable {
    /// The gateway has it; with its own name of the message, if it gives one.
    case accepted(String?)
    /// It will never take this message, and no other gateway will: the number is wrong.
    case refused(String)
    /// It will never send to this number: its blacklist. Another gateway may.
    case declined(String)
    /// It will never send these words. Another gateway may, and the number is not to blame.
    case forbidden(String)
    /// Its templates, or the fields that fill them in, do not fit this kind of notice. It takes others, and
    /// this one as soon as somebody has mended the template.
    case unfit(String)
    /// The number has had as many messages of it as it may. Another gateway may send, or this one later; the
    /// number is not to blame.
    case limited(String)
    /// It did not take this message, and may take it later.
    case later(String)
    /// It takes nothing now; with the time after which it may be asked again, if it names one.
    case busy(String, Duration?)
    /// It did not take the message, and that is not the message's fault: its settings, its account, its
    /// contract. It will take no other message either until somebody acts.
    case fault(String)
    /// Nobody knows whether it took the message.
    case unclear(String)
}

/// The codes of one gateway and what they mean. The first entry that fits counts; `*` at the end stands for
/// any rest.
struct GatewayCodes: Sendable {
    enum Meaning: Equatable, Sendable {
        case refused, declined, forbidden, unfit, limited, later, unclear, fault
        case busy(Duration?)
    }

    let entries: [(code: String, meaning: Meaning)]
    /// Of a code that stands in no entry: it is new, so its words must be looked at.
    let other: Meaning

    func meaning(of code: String) -> Meaning {
        entries.first { entry in
            entry.code.hasSuffix("*") ? code.hasPrefix(entry.code.dropLast()) : code == entry.code
        }?.meaning ?? other
    }

    func verdict(on code: String) -> Verdict {
        switch meaning(of: code) {
        case .refused: .refused(code)
        case .declined: .declined(code)
        case .forbidden: .forbidden(code)
        case .unfit: .unfit(code)
        case .limited: .limited(code)
        case .later: .later(code)
        case .unclear: .unclear(code)
        case .fault: .fault(code)
        case .busy(let time): .busy(code, time)
        }
    }
}

extension GatewayCodes {
    /// An account whose day or month is used up gets no more soon.
    private static let long = Duration.seconds(600)

    /// Aliyun, Dysmsapi 2017-05-25: help.aliyun.com 101346 (error codes of SendSms) and 101867.
    static let aliyun = GatewayCodes(
        entries: [
            // Of one number: so many a minute, an hour, a day.
            ("isv.BUSINESS_LIMIT_CONTROL", .limited),
            // Of the account.
            ("isv.DAY_LIMIT_CONTROL", .busy(long)), ("isv.MONTH_LIMIT_CONTROL", .busy(long)),
            ("Throttling*", .busy(nil)), ("ServiceUnavailable*", .busy(nil)),
            // The first is documented as one to try again. The other is any failure of the platform.
            ("isp.SYSTEM_ERROR", .later), ("InternalError*", .unclear),
            ("isv.MOBILE_NUMBER_ILLEGAL", .refused), ("isv.MOBILE_COUNT_OVER_LIMIT", .refused),
            // A forbidden word in the message.
            ("isv.BLACK_KEY_CONTROL_LIMIT", .forbidden), ("isv.SMS_CONTENT_ILLEGAL", .forbidden),
            // The template, or what fills its blanks. Every kind of notice has its own.
            ("isv.SMS_TEMPLATE_ILLEGAL", .unfit), ("isv.TEMPLATE*", .unfit),
            ("isv.INVALID_JSON_PARAM", .unfit), ("isv.INVALID_PARAMETERS", .unfit), ("isv.PARAM*", .unfit),
            ("isv.SMS_SIGNATURE_ILLEGAL", .fault),
            ("isv.SIGN_STATE_ILLEGAL", .fault), ("isv.OUT_OF_SERVICE", .fault),
            ("isv.AMOUNT_NOT_ENOUGH", .fault), ("isp.RAM_PERMISSION_DENY", .fault),
            ("isv.DENY_IP_RANGE", .fault), ("InvalidAccessKeyId*", .fault), ("SignatureDoesNotMatch", .fault),
        ], other: .fault)

    /// Tencent Cloud SMS 2021-01-11: cloud.tencent.com 382/55981 (error codes of SendSms) and 59177.
    static let tencent = GatewayCodes(
        entries: [
            // Of one number: so many in 30 seconds, an hour, a day.
            ("LimitExceeded.DeliveryFrequencyLimit", .limited), ("LimitExceeded.PhoneNumber*", .limited),
            ("LimitExceeded.App*", .busy(long)), ("RequestLimitExceeded*", .busy(nil)),
            ("LimitExceeded*", .busy(nil)),
            ("FailedOperation.PhoneNumberInBlacklist", .declined),
            ("FailedOperation.ContainSensitiveWord", .forbidden),
            ("InvalidParameterValue.IncorrectPhoneNumber", .refused),
            // The template, or what fills its blanks. Every kind of notice has its own.
            ("FailedOperation.Template*", .unfit), ("InvalidParameterValue.Template*", .unfit),
            ("InvalidParameterValue.ContentLengthLimit", .unfit),
            ("FailedOperation.SignatureIncorrectOrUnapproved", .fault),
            ("FailedOperation.InsufficientBalanceInSmsPackage", .fault), ("AuthFailure*", .fault),
            ("UnauthorizedOperation*", .fault),
            // It may have been sent all the same: a time-out, or a failure behind the platform's door.
            ("InternalError*", .unclear),
            ("ResourceInsufficient*", .later),
        ], other: .fault)

    /// Kannel 1.4.5: what sendsms answers, by status and the beginning of its text (gw/smsbox.c,
    /// `smsbox_req_sendsms`).
    static let kannel = GatewayCodes(
        entries: [
            // bearerbox is stopping, or its queue is full.
            ("503*", .busy(nil)),
            // No link may take it. Kannel reports that besides, in the notice's own address.
            ("403 Not routable*", .busy(nil)),
            ("403 *", .fault),
            ("400 Missing receiver*", .refused), ("400 Empty receiver*", .refused),
            ("400 Number(s) has/have been denied*", .refused),
            // A wrong coding, charset, priority, validity or content type: ours.
            ("400 *", .fault), ("404 *", .fault),
            // Another 2xx is none of Kannel's answers.
            ("2*", .unclear),
            // Nor is this; it may come from a proxy that had passed the message on.
            ("5*", .unclear),
        ], other: .fault)
}
