import Models

/// How near is near.
extension Rules {
    /// How far a place may lie from a water of some kind to be taken to be about it.
    ///
    /// A registry may give a category any distance. What is absurdly far for a reach that the citizen picked
    /// is too far for a guess.
    func limit(of kind: WaterKind, for category: Category?) -> Distance {
        let metres = (category?.reachMetres ?? reachDistance.metres) * kind.share
        return min(Distance(metres: max(0, metres)), max(reachDistance, pickedDistance))
    }

    /// Two waters are as near as each other where the difference is within this.
    ///
    /// A phone is right to about 5 metres under the open sky, and less so near buildings, bridges and trees
    /// (GPS.gov, GPS Accuracy), which is where rivers run: say 10. Moving the place by as much brings one
    /// water nearer and takes the other farther away, so that twice that says nothing.
    static let nearTie = Distance(metres: 20)

    /// How far from a registered outfall someone who complains about one may stand: on the other bank of a
    /// canal.
    static let outfallDistance = Distance(metres: 100)

    /// How many reaches an officer is shown beside the one that was chosen.
    static let runnersUp = 3
}

extension WaterKind {
    /// What part of the distance to a wide river counts for a water of this kind.
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
    /// Whether it stands in the group 排污口, one of the eight in which the published interfaces of river
    /// chief platforms sort what is complained about. A city that sorts otherwise does without the rule.
    var isAboutOutfalls: Bool { group.zh == "排污口" }
}
