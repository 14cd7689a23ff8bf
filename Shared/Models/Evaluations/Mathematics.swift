import Glibc

// The functions of the C library that formulas of water statistics need, in one place.

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
func logarithm10(_ value: Double) -> Double { log10(value) }
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// erfc, the two tails of a normal distribution.
func complementaryError(_ value: Double) -> Double { erfc(value) }
