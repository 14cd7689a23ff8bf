#if canImport(Glibc)
import Glibc
#endif

/// The coordinates of Chinese maps, which are shifted by some hundred metres within China.
///
/// The shift of GCJ-02 (高德, 腾讯, WeChat) is not published. The formula here is the approximation that open
/// software uses, and agrees with those maps to about a metre. BD-09 (百度) shifts GCJ-02 once more. Both
/// are inverted numerically, to less than a centimetre of the formula.
public enum ShiftedMap: Sendable {
    case gcj02, bd09

    /// The place in WGS 84 that the map shows here.
    public func place(shownAt shown: Coordinate) -> Coordinate {
        var place = shown
        // The shift changes little from one place to the next. So each step makes the error some thousand
        // times smaller.
        for _ in 0..<Self.steps {
            let again = position(of: place)
            place = Coordinate(
                longitude: place.longitude + shown.longitude - again.longitude,
                latitude: place.latitude + shown.latitude - again.latitude)
        }
        return place
    }

    private static let steps = 6

    /// Where the map shows a place.
    public func position(of place: Coordinate) -> Coordinate {
        guard Self.mayBeChina(place) else { return place }
        let shifted = Self.gcj02(place)
        return self == .gcj02 ? shifted : Self.bd09(shifted)
    }

    /// The maps do not shift what lies elsewhere. They use this rectangle, which is larger than China.
    private static func mayBeChina(_ place: Coordinate) -> Bool {
        (72.004...137.8347).contains(place.longitude) && (0.8293...55.8271).contains(place.latitude)
    }

    // MARK: The formulas

    /// The ellipsoid of Krasovsky (1940).
    private static let semimajorAxis = 6_378_245.0
    private static let eccentricitySquared = 0.006_693_421_622_965_943_23

    private static func gcj02(_ place: Coordinate) -> Coordinate {
        let (east, north) = (place.longitude - 105, place.latitude - 35)
        let both = (20 * sin(6 * east * .pi) + 20 * sin(2 * east * .pi)) * 2 / 3
        var northward =
            -100 + 2 * east + 3 * north + 0.2 * north * north + 0.1 * east * north + 0.2
            * abs(east).squareRoot()
        northward += both
        northward += (20 * sin(north * .pi) + 40 * sin(north / 3 * .pi)) * 2 / 3
        northward += (160 * sin(north / 12 * .pi) + 320 * sin(north / 30 * .pi)) * 2 / 3
        var eastward =
            300 + east + 2 * north + 0.1 * east * east + 0.1 * east * north + 0.1 * abs(east).squareRoot()
        eastward += both
        eastward += (20 * sin(east * .pi) + 40 * sin(east / 3 * .pi)) * 2 / 3
        eastward += (150 * sin(east / 12 * .pi) + 300 * sin(east / 30 * .pi)) * 2 / 3
        // From metres to degrees, by the two radii of curvature at this latitude.
        let latitude = place.latitude / 180 * .pi
        let square = 1 - eccentricitySquared * sin(latitude) * sin(latitude)
        let meridian = semimajorAxis * (1 - eccentricitySquared) / (square * square.squareRoot())
        let parallel = semimajorAxis / square.squareRoot() * cos(latitude)
        return Coordinate(
            longitude: place.longitude + eastward / parallel * 180 / .pi,
            latitude: place.latitude + northward / meridian * 180 / .pi)
    }

    private static func bd09(_ shown: Coordinate) -> Coordinate {
        let (x, y) = (shown.longitude, shown.latitude)
        let turn = Double.pi * 3000 / 180
        let radius = (x * x + y * y).squareRoot() + 0.000_02 * sin(y * turn)
        let angle = atan2(y, x) + 0.000_003 * cos(x * turn)
        return Coordinate(longitude: radius * cos(angle) + 0.0065, latitude: radius * sin(angle) + 0.006)
    }
}
