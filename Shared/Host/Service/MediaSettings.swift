public import Media
import Models

extension SettingsReader {
    /// Whether words may hold links to pictures on other sites. Intake refuses them otherwise, and the site
    /// that Disclosure serves does not offer them.
    public mutating func mediaLinks() -> Bool {
        flag(
            "DAYU_MEDIA_LINKS", preset: true,
            help: "whether complaints and actions may hold links to pictures on other sites (https only)")
    }

    /// Where the bytes of pictures are; Intake and Disclosure need the same.
    public mutating func media() -> MediaPlace {
        let place = text(
            "DAYU_MEDIA", preset: ".run/media",
            help: """
                where pictures are stored: a folder that Intake and Disclosure share, or a bucket of S3, \
                s3://bucket/prefix
                """)
        let endpoint = address(
            "DAYU_MEDIA_ENDPOINT", preset: "https://s3.amazonaws.com",
            help: "the address of the store that has the bucket; any that speaks the protocol of S3")
        let region = text("DAYU_MEDIA_REGION", preset: "us-east-1", help: "the region of the bucket")
        let keyID = optionalText("DAYU_MEDIA_KEY_ID", help: "the access key's id for the bucket")
        let secret = optionalText("DAYU_MEDIA_SECRET", help: "the access key's secret for the bucket")
        guard place.hasPrefix("s3:") else { return .folder(place) }
        guard let (bucket, prefix) = S3Place.parse(place) else {
            fault("DAYU_MEDIA: \"\(place)\" is not of the form s3://bucket/prefix")
            return .folder(place)
        }
        if endpoint.split(separator: "/").count != 2 {
            fault("DAYU_MEDIA_ENDPOINT: \"\(endpoint)\" must be a scheme and a host")
        }
        if keyID == nil || secret == nil {
            fault("DAYU_MEDIA: a bucket needs DAYU_MEDIA_KEY_ID and DAYU_MEDIA_SECRET")
        }
        if endpoint.hasPrefix("http://"), !endpoint.hasPrefix("http://127.0.0.1") {
            warn(
                "DAYU_MEDIA_ENDPOINT: pictures that nobody has released go over the network without encryption"
            )
        }
        return .s3(
            S3Place(
                endpoint: endpoint, bucket: bucket, prefix: prefix, region: region, keyID: keyID ?? "",
                secret: secret ?? ""))
    }
}
