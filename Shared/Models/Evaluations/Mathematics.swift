import Glibc

// The functions of the C library that formulas of water statistics need, in one place.

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
func logarithm10(_ value: Double) -> Double { log10(value) }
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// erfc, the two tails of a normal distribution.
func complementaryError(_ value: Double) -> Double { erfc(value) }

/// The probability that a value of Student's distribution is at least as large: one tail.
///
/// Half of the regularised incomplete beta function I(x; df/2, 1/2) at x = df/(df + t²), by its continued
/// fraction (Abramowitz and Stegun 26.5.8, 26.7.1).
func studentTail(_ t: Double, degreesOfFreedom: Int) -> Double {
    let freedom = Double(degreesOfFreedom)
    let tail = incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return t >= 0 ? tail : 1 - tail
}

private func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    return x < (a + 1) / (a + b + 2)
        ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
}

/// By Lentz's method. It ends after some ten steps; the limit is for a defect.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var (c, d) = (1.0, 1 / kept(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1...300 {
        let m = Double(step)
        for numerator in [
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ] {
            d = 1 / kept(1 + numerator * d)
            c = kept(1 + numerator / c)
            fraction *= c * d
        }
        if abs(c * d - 1) < 1e-14 { break }
    }
    return fraction
}
