/// What stands between two digits of a number.
enum NumberGap {
    case none
    /// A digit of another style.
    case edge
    /// One full stop: perhaps a decimal point.
    case dot
    case separation(FoldedText.Separation)
    /// Words, from their first letter to the last one.
    case words(Range<Int>)

    var isSeparation: Bool {
        switch self {
        case .none, .edge: false
        case .dot, .separation, .words: true
        }
    }

    func widened(by separation: FoldedText.Separation) -> NumberGap {
        switch self {
        case .separation(let other): .separation(max(other, separation))
        case .words: self
        default: .separation(separation)
        }
    }

    func widened(byLetterAt index: Int) -> NumberGap {
        if case .words(let range) = self {
            .words(range.lowerBound..<index + 1)
        } else {
            .words(index..<index + 1)
        }
    }

    var letters: Int {
        if case .words(let range) = self { range.count } else { 0 }
    }
}
