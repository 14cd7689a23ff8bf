import Geo
import Models

/// Distances that decide which water a complaint is about.
extension Rules {
    /// The farthest that a place may lie from what goes by the rules of this water, if the complaint is to
    /// count as about it.
    ///
    /// A registry may give a category any distance. But a distance that is too far for a reach that the
    /// citizen picked is also too far for a guess.
    func limit(of kind: WaterKind, for category: Category?) -> Distance {
        let metres = (category?.reachMetres ?? reachDistance.metres) * kind.share
        return min(Distance(metres: max(0, metres)), max(reachDistance, pickedDistance))
    }

    /// Two waters count as equally near if their distances differ by at most this.
    ///
    /// A phone is right to about 5 metres under the open sky, and less so near buildings, bridges and trees
    /// (GPS.gov, GPS Accuracy), which is where rivers run: say 10. An error of 10 metres may bring one water
    /// 10 metres nearer and move the other 10 metres away, so a difference of 20 metres tells nothing.
    static let nearTie = Distance(metres: 20)

    /// How far a citizen may stand from the registered outfall that he complains about: on the other bank of
    /// a canal.
    static let outfallDistance = Distance(metres: 100)

    /// How many reaches an officer sees in addition to the chosen one.
    static let runnersUp = 3
}

extension WaterKind {
    /// The limit for a water of this kind, as a share of the limit for a wide river.
    ///
    /// A registry draws a river as its middle, which is a kilometre from the bank where it is widest. A ditch
    /// or pond is seen from a few steps away: whoever stands farther off means something else.
    fileprivate var share: Double {
        switch self {
        case .river, .lake, .reservoir: 1
        case .canal: 0.5
        case .ditch, .pond: 0.25
        }
    }
}

extension Category {
    /// Whether the category belongs to the group 排污口 (outfalls), one of the eight groups of complaints in the
    /// published interfaces of river chief platforms. In a city with other groups, the rule for outfalls
    /// never applies.
    var isAboutOutfalls: Bool { group.zh == "排污口" }
}
