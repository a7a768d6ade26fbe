//! Special functions of a positive real argument, to about fifteen digits.
//!
//! **Owns** the log-gamma function, its two derivatives, differences of log-gammas that do not
//! cancel, the log-beta function with its derivatives, one hypergeometric series, the
//! exponential integral of real order and the quantile of the normal distribution.
//!
//! **Does not know** any model. Arguments outside a domain give NaN, never a panic; callers
//! validate before they call.
//!
//! The usual closed forms of these models need the general ₂F₁ and subtract nearly equal values
//! of it. The models here use sums of positive terms instead, so ₂F₁ appears only as
//! ₂F₁(1, b; c; z), as a continued fraction.

use std::f64::consts::TAU;

use super::quadrature::integrate;

/// From here on Stirling's series with the coefficients below is exact to rounding.
const STIRLING_FROM: f64 = 10.0;

/// B(2k) / (2k (2k - 1)): coefficients of Stirling's series for log-gamma.
const STIRLING: [f64; 8] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0, -3617.0 / 122_400.0];

/// B(2k): Bernoulli numbers, for the two derivatives of log-gamma.
const BERNOULLI: [f64; 8] =
    [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0];

/// ln Γ(x) for x > 0. Absolute error below 1e-14 near the zeros at 1 and 2, relative elsewhere.
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (shifted, product) = shifted_up(x);
    let stirling = (shifted - 0.5) * shifted.ln() - shifted + 0.5 * TAU.ln() + stirling_tail(shifted);
    stirling - product.ln()
}

/// ln Γ(x + by) − ln Γ(x) for x > 0 and by ≥ 0, without the cancellation of the plain difference.
pub fn ln_gamma_increase(x: f64, by: f64) -> f64 {
    if !(x > 0.0 && by >= 0.0) {
        return f64::NAN;
    }
    let mut low = x;
    let mut below_stirling = 0.0;
    while low < STIRLING_FROM {
        below_stirling += (by / low).ln_1p();
        low += 1.0;
    }
    let high = low + by;
    let stirling = (low - 0.5) * (by / low).ln_1p() + by * high.ln() - by + stirling_tail(high) - stirling_tail(low);
    stirling - below_stirling
}

/// The digamma function ψ(x) = d ln Γ(x) / dx for x > 0.
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let mut at = x;
    let mut sum = 0.0;
    while at < STIRLING_FROM {
        sum -= 1.0 / at;
        at += 1.0;
    }
    let square = at * at;
    let mut power = square;
    let mut tail = 0.0;
    for (index, bernoulli) in BERNOULLI.iter().enumerate() {
        tail += bernoulli / (2.0 * (index as f64 + 1.0) * power);
        power *= square;
    }
    sum + at.ln() - 0.5 / at - tail
}

/// The trigamma function ψ′(x) for x > 0.
pub fn trigamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let mut at = x;
    let mut sum = 0.0;
    while at < STIRLING_FROM {
        sum += 1.0 / (at * at);
        at += 1.0;
    }
    let square = at * at;
    let mut power = square * at;
    let mut tail = 0.0;
    for bernoulli in BERNOULLI {
        tail += bernoulli / power;
        power *= square;
    }
    sum + 1.0 / at + 0.5 / square + tail
}

/// ln B(a, b) for a, b > 0.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    ln_gamma(small) - ln_gamma_increase(large, small)
}

/// ln B(a, b) with its first and second partial derivatives.
#[derive(Clone, Copy, Debug)]
pub struct LnBeta {
    /// ln B(a, b).
    pub value: f64,
    /// ∂/∂a and ∂/∂b.
    pub gradient: [f64; 2],
    /// ∂²/∂a², ∂²/∂a∂b and ∂²/∂b².
    pub hessian: [f64; 3],
}

impl LnBeta {
    /// At a, b > 0.
    pub fn at(a: f64, b: f64) -> Self {
        let (slope_of_sum, bend_of_sum) = (digamma(a + b), trigamma(a + b));
        LnBeta {
            value: ln_beta(a, b),
            gradient: [digamma(a) - slope_of_sum, digamma(b) - slope_of_sum],
            hessian: [trigamma(a) - bend_of_sum, -bend_of_sum, trigamma(b) - bend_of_sum],
        }
    }
}

/// ₂F₁(1, b; c; z) for 0 < b ≤ c and 0 ≤ z < 1, and at z = 1 where it is finite (c > b + 1).
///
/// Gauss's continued fraction (NIST Handbook of Mathematical Functions, 15.7.5), evaluated from the
/// front by Lentz's method. Infinite at z = 1 otherwise.
pub fn hypergeometric_one(b: f64, c: f64, z: f64) -> f64 {
    if !(b > 0.0 && c >= b && (0.0..=1.0).contains(&z)) {
        return f64::NAN;
    }
    if z >= 1.0 {
        return if c - b > 1.0 { (c - 1.0) / (c - b - 1.0) } else { f64::INFINITY };
    }
    // 1 / (1 − k₁z/(1 − k₂z/(1 − …))) with k from the contiguous relation for a = 1, written
    // with a' = 0 so that the leading ratio is 1.
    let coefficient = |n: u32| {
        let m = f64::from(n / 2);
        let denominator = (c + f64::from(n) - 1.0) * (c + f64::from(n) - 2.0);
        if n == 1 {
            b / c
        } else if n % 2 == 1 {
            (c - 1.0 + m) * (b + m) / denominator
        } else {
            m * (c - 1.0 - b + m) / denominator
        }
    };
    let fraction = continued_fraction(1.0, |n| (-coefficient(n) * z, 1.0));
    1.0 / fraction
}

/// e^z `E_s(z)` = ∫₀^∞ e^(−zv) (1 + v)^(−s) dv for s ≥ 0 and z > 0: the present value of one unit a
/// period, discounted at z, from somebody who survives as a Pareto distribution.
///
/// NIST Handbook, 8.19.17 (continued fraction) for z ≥ 1; below, Gauss–Legendre quadrature after
/// v = e^w − 1, which makes the integrand analytic and keeps all terms positive.
pub fn scaled_exponential_integral(s: f64, z: f64) -> f64 {
    if !(s >= 0.0 && z > 0.0) {
        return f64::NAN;
    }
    if z >= 1.0 {
        // 1/(z + s/(1 + 1/(z + (s+1)/(1 + 2/(z + …))))), contracted to its even part.
        let fraction = continued_fraction(z + s, |n| {
            let n = f64::from(n);
            (-n * (s + n - 1.0), z + s + 2.0 * n)
        });
        return 1.0 / fraction;
    }
    // Beyond this point e^(−z(e^w − 1)) is below 1e-20.
    let end = (46.0 / z).ln_1p();
    let panels = (end * 2.0).ceil();
    let width = end / panels;
    let mut total = 0.0;
    let mut start = 0.0;
    while start < end - 0.5 * width {
        total += integrate(start, start + width, |w: f64| ((1.0 - s) * w - z * w.exp_m1()).exp());
        start += width;
    }
    total
}

/// The z with P(Z ≤ z) = `probability` for a standard normal Z. NaN outside (0, 1).
///
/// Bisection on the distribution function is exact enough (1e-13) and has no magic constants; it
/// is called a handful of times per report.
pub fn normal_quantile(probability: f64) -> f64 {
    if !(probability > 0.0 && probability < 1.0) {
        return f64::NAN;
    }
    if probability < 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if upper_normal_tail(middle) > 1.0 - probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// P(Z > z) for z ≥ 0: quadrature of the density up to where it vanishes.
fn upper_normal_tail(z: f64) -> f64 {
    let density = |x: f64| (-0.5 * x * x).exp() / TAU.sqrt();
    (0..20).map(|panel| z + 0.5 * f64::from(panel)).map(|start| integrate(start, start + 0.5, density)).sum()
}

/// ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 10.
fn stirling_tail(x: f64) -> f64 {
    let inverse_square = 1.0 / (x * x);
    STIRLING.iter().rev().fold(0.0, |sum, coefficient| sum * inverse_square + coefficient) / x
}

/// The argument moved up to where Stirling's series holds, and the product of the steps.
fn shifted_up(x: f64) -> (f64, f64) {
    let mut at = x;
    let mut product = 1.0;
    while at < STIRLING_FROM {
        product *= at;
        at += 1.0;
    }
    (at, product)
}

/// first + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz method; `term(n)` gives (aₙ, bₙ).
fn continued_fraction(first: f64, term: impl Fn(u32) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_TERMS: u32 = 1_000_000;
    let away_from_zero = |x: f64| if x.abs() < TINY { TINY } else { x };
    let mut value = away_from_zero(first);
    let mut numerators = value;
    let mut denominators = 0.0;
    for n in 1..=MOST_TERMS {
        let (a, b) = term(n);
        denominators = 1.0 / away_from_zero(b + a * denominators);
        numerators = away_from_zero(b + a / numerators);
        let change = numerators * denominators;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{LN_2, PI};

    use super::*;

    const EULER: f64 = 0.577_215_664_901_532_9;

    fn assert_close(actual: f64, expected: f64, tolerance: f64) {
        let error = (actual - expected).abs() / expected.abs().max(1.0);
        assert!(error <= tolerance, "{actual} is not {expected}: error {error:e}");
    }

    /// Values from mpmath at 30 digits.
    #[test]
    fn ln_gamma_agrees_with_high_precision_values() {
        assert_close(ln_gamma(0.5), 0.5 * PI.ln(), 1e-14);
        assert_close(ln_gamma(1e-10), 23.025_850_929_882_733, 1e-14);
        assert_close(ln_gamma(1.0), 0.0, 1e-14);
        assert_close(ln_gamma(2.0), 0.0, 1e-14);
        assert_close(ln_gamma(3.0), LN_2, 1e-14);
        assert_close(ln_gamma(0.242_592_905), 1.319_816_398_126_189_4, 1e-14);
        assert_close(ln_gamma(171.0), 706.573_062_245_787_4, 1e-14);
        assert_close(ln_gamma(1e6), 12_815_504.569_147_611, 1e-14);
    }

    #[test]
    fn factorials_follow() {
        let mut factorial = 1.0_f64;
        for n in 1..150_u32 {
            factorial *= f64::from(n);
            assert_close(ln_gamma(f64::from(n) + 1.0), factorial.ln(), 1e-14);
        }
    }

    #[test]
    fn differences_of_log_gammas_do_not_cancel() {
        for x in [1e-3, 0.25, 3.0, 9.99, 10.0, 1234.5] {
            let mut product = 0.0_f64;
            for by in 0..30_u32 {
                assert_close(ln_gamma_increase(x, f64::from(by)), product, 1e-13);
                product += (x + f64::from(by)).ln();
            }
        }
        // Γ(x + 1)/Γ(x) = x, where both log-gammas are near 2e13 and a plain difference has three digits.
        assert_close(ln_gamma_increase(1e12, 1.0), 1e12_f64.ln(), 1e-14);
        assert_close(ln_gamma_increase(0.5, 0.25), ln_gamma(0.75) - ln_gamma(0.5), 1e-14);
    }

    #[test]
    fn digamma_and_trigamma_at_known_points() {
        assert_close(digamma(1.0), -EULER, 1e-14);
        assert_close(digamma(0.5), -EULER - 2.0 * LN_2, 1e-14);
        assert_close(trigamma(1.0), PI * PI / 6.0, 1e-14);
        assert_close(trigamma(0.5), PI * PI / 2.0, 1e-14);
        let harmonic: f64 = (1..100_u32).map(|n| 1.0 / f64::from(n)).sum();
        assert_close(digamma(100.0), harmonic - EULER, 1e-14);
        let squares: f64 = (1..25_u32).map(|n| 1.0 / f64::from(n * n)).sum();
        assert_close(trigamma(25.0), PI * PI / 6.0 - squares, 1e-13);
    }

    #[test]
    fn ln_beta_at_known_points_and_with_its_derivatives() {
        assert_close(ln_beta(0.5, 0.5), PI.ln(), 1e-14);
        assert_close(ln_beta(2.0, 3.0), -(12.0_f64.ln()), 1e-14);
        assert_close(ln_beta(1.0, 1e9), -(1e9_f64.ln()), 1e-14);
        let (a, b, h) = (0.79, 2.43, 1e-5);
        let exact = LnBeta::at(a, b);
        let slope = (ln_beta(a + h, b) - ln_beta(a - h, b)) / (2.0 * h);
        assert_close(exact.gradient[0], slope, 1e-8);
        let up = LnBeta::at(a, b + h);
        let down = LnBeta::at(a, b - h);
        assert_close(exact.hessian[1], (up.gradient[0] - down.gradient[0]) / (2.0 * h), 1e-8);
        assert_close(exact.hessian[2], (up.gradient[1] - down.gradient[1]) / (2.0 * h), 1e-8);
    }

    #[test]
    fn hypergeometric_agrees_with_its_series_and_its_closed_forms() {
        // 2F1(1, 1; 2; z) = −ln(1 − z)/z.
        for z in [1e-6, 0.1, 0.5, 0.9, 0.999, 0.999_999] {
            // Near 1 the function itself magnifies rounding of z by 1/(1 − z).
            assert_close(hypergeometric_one(1.0, 2.0, z), -(-z).ln_1p() / z, 1e-14 + 1e-16 / (1.0 - z));
        }
        // c = b: the geometric series.
        assert_close(hypergeometric_one(3.7, 3.7, 0.8), 5.0, 1e-13);
        // Gauss at z = 1, and its limit.
        assert_close(hypergeometric_one(2.0, 5.0, 1.0), 2.0, 1e-14);
        assert!(hypergeometric_one(2.0, 2.5, 1.0).is_infinite());
        for (b, c, z) in [(1.182, 1.886, 0.909_090_9), (0.3, 0.4, 0.95), (40.0, 40.9, 0.7), (0.1, 900.0, 0.99), (1.0, 1.0, 0.0)] {
            let mut term = 1.0;
            let mut sum = 0.0;
            for n in 0..5000_u32 {
                sum += term;
                term *= z * (b + f64::from(n)) / (c + f64::from(n));
            }
            assert_close(hypergeometric_one(b, c, z), sum, 1e-12);
        }
    }

    #[test]
    fn exponential_integral_meets_itself_at_the_seam_and_its_recurrence() {
        // s E_{s+1}(z) = e^{-z} − z E_s(z) (NIST 8.19.12).
        for s in [0.3, 0.6062, 1.0, 2.0, 7.5] {
            for z in [1e-6, 1e-3, 0.13, 0.999, 1.0, 1.001, 5.0, 60.0] {
                let left = s * scaled_exponential_integral(s + 1.0, z);
                assert_close(left, 1.0 - z * scaled_exponential_integral(s, z), 1e-12);
            }
        }
        // E_1(1) (NIST table 6.2; Abramowitz and Stegun table 5.1).
        assert_close(scaled_exponential_integral(1.0, 1.0) * (-1.0_f64).exp(), 0.219_383_934_395_520_3, 1e-13);
        assert_close(scaled_exponential_integral(0.0, 0.25), 4.0, 1e-13);
    }

    #[test]
    fn normal_quantiles() {
        assert_close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
        assert_close(normal_quantile(0.05), -1.644_853_626_951_472_7, 1e-12);
        assert_close(normal_quantile(0.5), 0.0, 1e-12);
    }

    #[test]
    fn outside_the_domain_is_not_a_number() {
        assert!(ln_gamma(0.0).is_nan() && ln_gamma(f64::NAN).is_nan() && digamma(-1.0).is_nan() && trigamma(0.0).is_nan());
        assert!(hypergeometric_one(1.0, 2.0, 1.5).is_nan() && hypergeometric_one(2.0, 1.0, 0.5).is_nan());
        assert!(scaled_exponential_integral(1.0, 0.0).is_nan());
        assert!(normal_quantile(1.0).is_nan());
    }
}
