//! The normal distribution and Student's t.

/// Probability that a standard normal number is at most `x`; to 1e-7 (Press et al., Numerical Recipes, section 6.2).
pub(super) fn normal(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * z);
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let sum = COEFFICIENTS.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let tail = t * (sum - z * z).exp() / 2.0;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Probability that Student's t with `freedom` degrees is at most `x`, by the incomplete beta function.
fn student(x: f64, freedom: f64) -> f64 {
    let tail = incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + x * x)) / 2.0;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The `t` that is exceeded with probability 0.025: half the width of a 95 % interval, in standard errors.
pub(super) fn student_95(freedom: f64) -> f64 {
    let (mut low, mut high) = (1.0, 13.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if student(middle, freedom) < 0.975 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Regularized incomplete beta function, by its continued fraction (Numerical Recipes, section 6.4).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front = (log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for step in 1..300 {
        let m = f64::from(step);
        for coefficient in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / guard(1.0 + coefficient * d);
            c = guard(1.0 + coefficient / c);
            result *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    result
}

/// Logarithm of the gamma function for positive `x` (Lanczos, SIAM J. Numer. Anal. 1964).
fn log_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.120_865_097_386_617_9e-2,
        -0.539_523_938_495_3e-5,
    ];
    let base = x + 5.5 - (x + 0.5) * (x + 5.5).ln();
    let series =
        (1..).zip(COEFFICIENTS).fold(1.000_000_000_190_015, |sum, (n, c)| sum + c / (x + f64::from(n)));
    (2.506_628_274_631_000_5 * series / x).ln() - base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_tables() {
        for (x, p) in [(0.0, 0.5), (1.959_964, 0.975), (-1.0, 0.158_655), (3.0, 0.998_650)] {
            assert!((normal(x) - p).abs() < 1e-6, "{x}: {}", normal(x));
        }
        for (freedom, t) in
            [(1.0, 12.706_2), (2.0, 4.302_65), (9.0, 2.262_16), (39.0, 2.022_69), (1e6, 1.959_97)]
        {
            assert!((student_95(freedom) - t).abs() < 1e-4, "{freedom}: {}", student_95(freedom));
        }
    }
}
