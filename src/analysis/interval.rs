//! Intervals and tests: how far chance alone moves a rate, a difference, a score or a ratio.
//!
//! **Owns** the normal distribution and the intervals built on it. Counts go in, estimates come
//! out; every function returns `None` when the question has no answer (no trials, more successes
//! than trials, a confidence outside 0 to 1) instead of a NaN.
//!
//! **Does not know** which KPI a count belongs to, thresholds, or how a verdict is worded. The KPI
//! itself is an exact decimal from [`crate::kpi`]; nothing here replaces it.
//!
//! Formulas: E. B. Wilson, "Probable inference", JASA 22 (1927); R. G. Newcombe, "Interval
//! estimation for the difference between independent proportions", Statistics in Medicine 17
//! (1998), method 10; D. Katz et al., "Obtaining confidence intervals for the risk ratio",
//! Biometrics 34 (1978).
#![allow(clippy::float_arithmetic, reason = "confidence limits are estimates: no decimal expansion of theirs is exact")]
#![allow(clippy::cast_precision_loss, reason = "a count above 2^53 loses digits far below the width of its own interval")]

use std::f64::consts::{PI, SQRT_2};
use std::sync::OnceLock;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

/// Fewest customers (or whatever was drawn) from which a mean of theirs has an interval: with
/// fewer, amounts as skewed as those of orders leave the normal distribution too far behind.
pub const FEWEST_DRAWN: u64 = 30;

/// The confidence that is used when nobody asks for another: 95 %.
pub const DEFAULT_CONFIDENCE: f64 = 0.95;

/// Decimal places of an estimate: more would pretend to an exactness that it has not.
pub const ESTIMATE_PLACES: u32 = 10;

/// The estimate as a decimal of [`ESTIMATE_PLACES`] places at most; `None` where it is no number or
/// too large for a decimal.
pub fn rounded(estimate: f64) -> Option<Decimal> {
    // Of a share so many places are known far better than to a thousandth of the last one: unless
    // it lies that near to the middle of two, the nearest is the same by a shorter way.
    let units = estimate * 1e10;
    let nearest = units.round();
    if estimate.abs() <= 1.0 && (units - nearest).abs() < 0.499 {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number, 1e10 at most")]
        return Some(Decimal::new(nearest as i64, ESTIMATE_PLACES));
    }
    Some(Decimal::from_f64(estimate)?.round_dp(ESTIMATE_PLACES))
}

/// Two confidence limits, `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies between the limits, both included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    fn clamped(self, lowest: f64, highest: f64) -> Self {
        Interval { low: self.low.clamp(lowest, highest), high: self.high.clamp(lowest, highest) }
    }
}

/// Successes out of trials: opens of delivered, orders of visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

impl Proportion {
    /// `None` when there are no trials, or more successes than trials: totals (clicks per
    /// delivered, where one person clicks twice) are not proportions.
    pub const fn new(successes: u64, trials: u64) -> Option<Self> {
        if trials == 0 || successes > trials { None } else { Some(Proportion { successes, trials }) }
    }

    /// Successes by trials, between 0 and 1.
    pub fn rate(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Wilson's limits at `z` standard deviations.
    fn wilson_at(self, z: f64) -> Interval {
        let n = self.trials as f64;
        let rate = self.rate();
        let shrink = 1.0 + z * z / n;
        let centre = (rate + z * z / (2.0 * n)) / shrink;
        let half = z * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt() / shrink;
        // At the edges the formula gives 0 and 1 but for the last bit.
        let low = if self.successes == 0 { 0.0 } else { centre - half };
        let high = if self.successes == self.trials { 1.0 } else { centre + half };
        Interval { low, high }.clamped(0.0, 1.0)
    }
}

/// Wilson's two-sided score interval of a rate, between 0 and 1; `confidence` such as
/// [`DEFAULT_CONFIDENCE`].
///
/// It keeps its promise for few trials and for rates near 0 and 1, where the textbook interval
/// has zero width.
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Option<Interval> {
    Some(Proportion::new(successes, trials)?.wilson_at(two_sided_z(confidence)?))
}

/// The rate is above this with the given one-sided confidence: what a gate compares with a
/// minimum before it calls the minimum met beyond doubt.
///
/// The bound at 95 % is the lower limit of the two-sided interval at 90 %.
pub fn wilson_lower_bound(successes: u64, trials: u64, confidence: f64) -> Option<f64> {
    Some(Proportion::new(successes, trials)?.wilson_at(one_sided_z(confidence)?).low)
}

/// The rate is below this with the given one-sided confidence: what a gate compares with a
/// minimum before it calls the minimum missed beyond doubt.
pub fn wilson_upper_bound(successes: u64, trials: u64, confidence: f64) -> Option<f64> {
    Some(Proportion::new(successes, trials)?.wilson_at(one_sided_z(confidence)?).high)
}

/// A test of two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateTest {
    /// Second rate less first, in standard errors of the pooled rate: positive when the second is
    /// larger.
    pub z: f64,
    /// How often chance alone gives a difference at least that large, in either direction.
    pub p_value: f64,
}

/// The two-proportion z test with pooled variance, without continuity correction. `None` when
/// every trial of both came out the same: there is no variance to test against.
pub fn two_proportion_test(first: Proportion, second: Proportion) -> Option<RateTest> {
    let (n_first, n_second) = (first.trials as f64, second.trials as f64);
    let pooled = (first.successes as f64 + second.successes as f64) / (n_first + n_second);
    let variance = pooled * (1.0 - pooled) * (1.0 / n_first + 1.0 / n_second);
    if variance <= 0.0 {
        return None;
    }
    let z = (second.rate() - first.rate()) / variance.sqrt();
    Some(RateTest { z, p_value: erfc(z.abs() / SQRT_2) })
}

/// Newcombe's interval (method 10, from two Wilson intervals) of the second rate less the first,
/// between -1 and 1.
pub fn newcombe_difference(first: Proportion, second: Proportion, confidence: f64) -> Option<Interval> {
    let z = two_sided_z(confidence)?;
    let (limits_first, limits_second) = (first.wilson_at(z), second.wilson_at(z));
    let (rate_first, rate_second) = (first.rate(), second.rate());
    let difference = rate_second - rate_first;
    let below = (rate_second - limits_second.low).hypot(limits_first.high - rate_first);
    let above = (limits_second.high - rate_second).hypot(rate_first - limits_first.low);
    Some(Interval { low: difference - below, high: difference + above }.clamped(-1.0, 1.0))
}

/// The interval of the second rate over the first (Katz's logarithm). `None` when either has no
/// success: the ratio or its logarithm is then infinite.
pub fn rate_ratio(first: Proportion, second: Proportion, confidence: f64) -> Option<Interval> {
    let z = two_sided_z(confidence)?;
    if first.successes == 0 || second.successes == 0 {
        return None;
    }
    let share = |rate: Proportion| 1.0 / rate.successes as f64 - 1.0 / rate.trials as f64;
    let half = z * (share(first) + share(second)).max(0.0).sqrt();
    let centre = (second.rate() / first.rate()).ln();
    Some(Interval { low: (centre - half).exp(), high: (centre + half).exp() })
}

/// A net promoter score, -100 to 100, with its margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetPromoter {
    /// Promoters less detractors, in percent of the answers.
    pub score: f64,
    /// Half the width of the normal interval, in points. Zero when everybody answered alike.
    pub margin: f64,
    /// Score less and plus margin, within -100 and 100.
    pub interval: Interval,
}

/// The net promoter score from the number of promoters (9, 10), passives (7, 8) and detractors
/// (0 to 6); variance `(p + d - (p - d)²) / n`. `None` without answers.
pub fn net_promoter(promoters: u64, passives: u64, detractors: u64, confidence: f64) -> Option<NetPromoter> {
    let z = two_sided_z(confidence)?;
    let answers = promoters as f64 + passives as f64 + detractors as f64;
    if answers <= 0.0 {
        return None;
    }
    let (promoting, detracting) = (promoters as f64 / answers, detractors as f64 / answers);
    let net = promoting - detracting;
    let variance = (promoting + detracting - net * net).max(0.0) / answers;
    let (score, margin) = (100.0 * net, 100.0 * z * variance.sqrt());
    let interval = Interval { low: score - margin, high: score + margin }.clamped(-100.0, 100.0);
    Some(NetPromoter { score, margin, interval })
}

/// The normal interval of the second score less the first, from their margins; the answers of the
/// two are independent. Both must have been made at the same confidence.
pub fn net_promoter_difference(first: NetPromoter, second: NetPromoter) -> Interval {
    let difference = second.score - first.score;
    let margin = first.margin.hypot(second.margin);
    Interval { low: difference - margin, high: difference + margin }.clamped(-200.0, 200.0)
}

/// The z test of two independent scores whose margins were made at `confidence`. `None` when
/// neither varies: all answers of each were alike.
pub fn net_promoter_test(first: NetPromoter, second: NetPromoter, confidence: f64) -> Option<RateTest> {
    let margin = first.margin.hypot(second.margin);
    if margin <= 0.0 {
        return None;
    }
    let z = (second.score - first.score) / margin * two_sided_z(confidence)?;
    Some(RateTest { z, p_value: erfc(z.abs() / SQRT_2) })
}

/// Means, variances and covariance of pairs, gathered in one pass (Welford's update, so that a
/// large mean does not swallow a small variance).
///
/// One pair is what the sampling drew: for the average order value of an experiment over
/// customers, a customer's number of orders and their revenue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairedMoments {
    n: u64,
    mean_below: f64,
    mean_above: f64,
    squares_below: f64,
    squares_above: f64,
    products: f64,
}

/// A ratio of two means and how far chance moves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanRatio {
    /// Mean numerator by mean denominator.
    pub ratio: f64,
    /// Standard error by the delta method.
    pub standard_error: f64,
    /// The normal interval.
    pub interval: Interval,
}

impl PairedMoments {
    /// Adds one pair: what stands below the line (orders), what stands above it (revenue).
    pub fn add(&mut self, denominator: f64, numerator: f64) {
        self.n = self.n.saturating_add(1);
        let n = self.n as f64;
        let below = denominator - self.mean_below;
        let above = numerator - self.mean_above;
        self.mean_below += below / n;
        self.mean_above += above / n;
        self.squares_below += below * (denominator - self.mean_below);
        self.squares_above += above * (numerator - self.mean_above);
        self.products += below * (numerator - self.mean_above);
    }

    /// Adds the pairs of the other (Chan's update).
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        let (n, m) = (self.n as f64, other.n as f64);
        let below = other.mean_below - self.mean_below;
        let above = other.mean_above - self.mean_above;
        let weight = n * m / (n + m);
        self.n = self.n.saturating_add(other.n);
        self.mean_below += below * m / (n + m);
        self.mean_above += above * m / (n + m);
        self.squares_below += other.squares_below + below * below * weight;
        self.squares_above += other.squares_above + above * above * weight;
        self.products += other.products + below * above * weight;
    }

    /// The moments of `drawn` pairs from sums over them: of what stands below and above the line,
    /// of their squares, and of their products.
    pub fn from_sums(drawn: u64, [below, above]: [f64; 2], [below_squared, above_squared]: [f64; 2], products: f64) -> Self {
        let n = drawn as f64;
        PairedMoments {
            n: drawn,
            mean_below: below / n,
            mean_above: above / n,
            squares_below: below_squared - below * below / n,
            squares_above: above_squared - above * above / n,
            products: products - below * above / n,
        }
    }

    /// Mean above by mean below with the delta method's standard error (sample variances, n - 1).
    /// `None` for fewer than two pairs, a mean below of zero, or numbers too large for an estimate.
    pub fn ratio(&self, confidence: f64) -> Option<MeanRatio> {
        let z = two_sided_z(confidence)?;
        if self.n < 2 || self.mean_below == 0.0 {
            return None;
        }
        let ratio = self.mean_above / self.mean_below;
        let squares = self.squares_above - 2.0 * ratio * self.products + ratio * ratio * self.squares_below;
        let variance = squares.max(0.0) / (self.n as f64 - 1.0);
        let standard_error = (variance / self.n as f64).sqrt() / self.mean_below.abs();
        let interval = Interval { low: ratio - z * standard_error, high: ratio + z * standard_error };
        (ratio.is_finite() && standard_error.is_finite()).then_some(MeanRatio { ratio, standard_error, interval })
    }
}

/// An estimate with its standard error, such as a ratio by the delta method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The estimate.
    pub value: f64,
    /// Its standard error, above zero.
    pub standard_error: f64,
}

impl Measured {
    /// The normal interval.
    pub fn interval(self, confidence: f64) -> Option<Interval> {
        around(self.value, self.standard_error, confidence)
    }

    /// The normal interval of another, independent estimate less this one.
    pub fn difference(self, other: Measured, confidence: f64) -> Option<Interval> {
        around(other.value - self.value, self.standard_error.hypot(other.standard_error), confidence)
    }

    /// The interval of another, independent estimate over this one, normal in the logarithm.
    /// `None` unless both are above zero.
    pub fn ratio(self, other: Measured, confidence: f64) -> Option<Interval> {
        if self.value <= 0.0 || other.value <= 0.0 {
            return None;
        }
        let error = (self.standard_error / self.value).hypot(other.standard_error / other.value);
        let logarithms = around((other.value / self.value).ln(), error, confidence)?;
        Some(Interval { low: logarithms.low.exp(), high: logarithms.high.exp() })
    }

    /// The z test of whether another, independent estimate differs.
    pub fn test(self, other: Measured) -> Option<RateTest> {
        let error = self.standard_error.hypot(other.standard_error);
        if !(error > 0.0 && error.is_finite()) {
            return None;
        }
        let z = (other.value - self.value) / error;
        Some(RateTest { z, p_value: erfc(z.abs() / SQRT_2) })
    }
}

fn around(value: f64, standard_error: f64, confidence: f64) -> Option<Interval> {
    let half = two_sided_z(confidence)? * standard_error;
    (value.is_finite() && half.is_finite()).then_some(Interval { low: value - half, high: value + half })
}

/// What each of so many results cost: the cost is a decision, the number of results is what chance
/// moves, as a Poisson variable. Not for what the cost itself is charged by (clicks, impressions).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostPerResult {
    cost: f64,
    results: u64,
}

impl CostPerResult {
    /// `None` without results or without a cost.
    pub fn new(cost: f64, results: u64) -> Option<Self> {
        (results > 0 && cost > 0.0 && cost.is_finite()).then_some(CostPerResult { cost, results })
    }

    fn value(self) -> f64 {
        self.cost / self.results as f64
    }

    /// The cost by the limits of Rao's score interval of a Poisson mean,
    /// `k + z²/2 ± z √(k + z²/4)`.
    pub fn interval(self, confidence: f64) -> Option<Interval> {
        let z = two_sided_z(confidence)?;
        let results = self.results as f64;
        let (centre, half) = (results + z * z / 2.0, z * (results + z * z / 4.0).sqrt());
        Some(Interval { low: self.cost / (centre + half), high: self.cost / (centre - half) })
    }

    /// The interval of another, independent cost less this one, from the intervals of both (MOVER:
    /// Zou and Donner, Statistics in Medicine 27, 2008), as Newcombe's is from those of two rates.
    pub fn difference(self, other: CostPerResult, confidence: f64) -> Option<Interval> {
        let (first, second) = (self.interval(confidence)?, other.interval(confidence)?);
        let difference = other.value() - self.value();
        let below = (other.value() - second.low).hypot(first.high - self.value());
        let above = (second.high - other.value()).hypot(self.value() - first.low);
        Some(Interval { low: difference - below, high: difference + above })
    }

    /// The interval of another cost over this one: of all results, the share that is the other's
    /// is a proportion (Wilson), given how many there are in all.
    pub fn ratio(self, other: CostPerResult, confidence: f64) -> Option<Interval> {
        let all = self.results.checked_add(other.results)?;
        let share = wilson(other.results, all, confidence)?;
        let ratio = |share: f64| (1.0 - share) / share * other.cost / self.cost;
        Some(Interval { low: ratio(share.high), high: ratio(share.low) })
    }

    /// The score test of two Poisson rates (K. Gu et al., Biometrical Journal 50, 2008, statistic
    /// W2): positive when a result of the other costs more. `None` where fewer than five results
    /// would be expected on a side: too few for a normal distribution.
    pub fn test(self, other: CostPerResult) -> Option<RateTest> {
        let all = self.results as f64 + other.results as f64;
        let share = other.cost / (self.cost + other.cost);
        let expected = all * share;
        if expected < 5.0 || all - expected < 5.0 {
            return None;
        }
        let z = (expected - other.results as f64) / (expected * (1.0 - share)).sqrt();
        Some(RateTest { z, p_value: erfc(z.abs() / SQRT_2) })
    }
}

/// Standard deviations on either side of the mean that hold the given share of a normal
/// distribution: 1.96 for 0.95. `None` outside 0 to 1.
pub fn two_sided_z(confidence: f64) -> Option<f64> {
    static OF_DEFAULT: OnceLock<Option<f64>> = OnceLock::new();
    // Nearly every interval asks for this one.
    if confidence.to_bits() == DEFAULT_CONFIDENCE.to_bits() {
        return *OF_DEFAULT.get_or_init(|| normal_quantile(0.5 + DEFAULT_CONFIDENCE / 2.0));
    }
    if confidence > 0.0 && confidence < 1.0 { normal_quantile(0.5 + confidence / 2.0) } else { None }
}

/// Standard deviations above the mean that have the given share of a normal distribution below
/// them: 1.64 for 0.95. `None` outside 0.5 to 1: a bound at less is no bound.
pub fn one_sided_z(confidence: f64) -> Option<f64> {
    if (0.5..1.0).contains(&confidence) { normal_quantile(confidence) } else { None }
}

/// Share of a standard normal distribution below `x`, to 13 digits in both tails.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// The value below which the share `probability` of a standard normal distribution lies, to 13
/// digits. `None` outside the open range 0 to 1.
pub fn normal_quantile(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    if probability > 0.5 {
        // By symmetry; `1 - p` is exact here, so no digit of the tail is lost.
        return normal_quantile(1.0 - probability).map(|quantile| -quantile);
    }
    // A start within 4.5e-4 (Abramowitz and Stegun 26.2.23), then Halley's step, which cubes the
    // error: two are enough, three leave a margin.
    let t = (-2.0 * probability.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = above / below - t;
    for _ in 0..3 {
        let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
        if density == 0.0 {
            break;
        }
        let step = (normal_cdf(x) - probability) / density;
        x -= step / (1.0 + 0.5 * x * step);
    }
    Some(x)
}

/// The complementary error function, to 13 digits wherever the result is a normal float.
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        2.0 - erfc(-x)
    } else if x < 2.0 {
        1.0 - erf_series(x)
    } else {
        erfc_fraction(x)
    }
}

/// `2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!`: terms of one sign, so nothing cancels.
fn erf_series(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    let mut odd = 1.0;
    while term > sum * f64::EPSILON / 4.0 {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// `e^(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))`, from the inside out. 120 levels
/// are more than x = 2 needs; larger x need fewer.
fn erfc_fraction(x: f64) -> f64 {
    let tail = (1..=120_u32).rev().fold(x, |inner, level| x + f64::from(level) / 2.0 / inner);
    (-x * x).exp() / (PI.sqrt() * tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
    }

    fn same(found: Interval, expected: [f64; 2]) {
        close(found.low, expected[0], 1e-12);
        close(found.high, expected[1], 1e-12);
    }

    fn rate(successes: u64, trials: u64) -> Proportion {
        Proportion::new(successes, trials).expect("a proportion")
    }

    proptest! {
        #[test]
        fn the_short_way_rounds_as_the_long_one(
            estimate in prop_oneof![
                4 => 0.0..1.0_f64,
                1 => (0_u64..10_000_000_000).prop_map(|units| (units as f64 + 0.5) / 1e10),
                1 => (1_u64..1_000_000, 1_u64..1_000_000).prop_map(|(above, below)| above as f64 / below as f64),
                1 => any::<f64>(),
                1 => prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            ],
        ) {
            let by_the_long_way = Decimal::from_f64(estimate).map(|decimal| decimal.round_dp(ESTIMATE_PLACES));
            prop_assert_eq!(rounded(estimate), by_the_long_way);
        }
    }

    #[test]
    fn erfc_and_the_quantile_are_those_of_the_c_library_and_of_as241() {
        // Python 3: math.erfc(x)
        for (x, expected) in [
            (0.0, 1.0),
            (0.1, 0.887_537_083_981_715_2),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (1.999_999, 0.004_677_755_648_073_953),
            (2.0, 0.004_677_734_981_047_265),
            (3.0, 2.209_049_699_858_543_8e-5),
            (10.0, 2.088_487_583_762_545e-45),
            (26.0, 5.663_192_408_856_143e-296),
            (-1.5, 1.966_105_146_475_310_8),
        ] {
            close(erfc(x) / expected, 1.0, 2e-13);
        }
        // Python 3: statistics.NormalDist().inv_cdf(p), Wichura's AS241
        for (probability, expected) in [
            (0.5, 0.0),
            (0.55, 0.125_661_346_855_074_13),
            (0.9, 1.281_551_565_544_600_8),
            (0.95, 1.644_853_626_951_471_5),
            (0.975, 1.959_963_984_540_053_6),
            (0.995, 2.575_829_303_548_9),
            (1e-10, -6.361_340_902_404_056),
            (1e-300, -37.047_096_299_361_2),
        ] {
            close(normal_quantile(probability).expect("inside"), expected, 1e-12);
        }
        for outside in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(normal_quantile(outside), None);
            assert_eq!(two_sided_z(outside), None);
            assert_eq!(one_sided_z(outside), None);
        }
    }

    // statsmodels 0.15.0: proportion_confint(successes, trials, 1 - confidence, method="wilson")
    #[test]
    fn wilson_is_that_of_statsmodels() {
        let at_95 = |successes, trials| wilson(successes, trials, DEFAULT_CONFIDENCE).expect("a proportion");
        same(at_95(45, 2000), [0.016_857_875_484_000_37, 0.029_972_904_669_596_18]);
        same(at_95(10, 100), [0.055_229_137_060_675_09, 0.174_365_661_504_913_48]);
        same(at_95(0, 50), [0.0, 0.071_347_599_133_358_74]);
        same(at_95(50, 50), [0.928_652_400_866_641_2, 1.0]);
        same(wilson(45, 2000, 0.90).expect("a proportion"), [0.017_656_136_796_298_76, 0.028_634_014_922_263_334]);
    }

    #[test]
    fn a_one_sided_bound_at_95_is_the_two_sided_limit_at_90() {
        let low = wilson_lower_bound(45, 2000, 0.95).expect("a proportion");
        let high = wilson_upper_bound(45, 2000, 0.95).expect("a proportion");
        same(Interval { low, high }, [0.017_656_136_796_298_76, 0.028_634_014_922_263_334]);
        assert_eq!(wilson_lower_bound(45, 2000, 0.3), None);
    }

    #[test]
    fn no_trials_and_more_successes_than_trials_have_no_interval() {
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(3, 2, 0.95), None);
        assert_eq!(wilson(1, 2, 1.0), None);
        assert_eq!(wilson(1, 2, f64::NAN), None);
    }

    // statsmodels 0.15.0: test_proportions_2indep, confint_proportions_2indep(method="newcomb"),
    // Table2x2.riskratio_confint
    #[test]
    fn two_rates_are_compared_as_statsmodels_does() {
        let (first, second) = (rate(200, 4000), rate(250, 4000));
        let test = two_proportion_test(first, second).expect("variance");
        close(test.z, 2.426_248_417_489_462_7, 1e-12);
        close(test.p_value, 0.015_255_823_642_624_351, 1e-12);
        let difference = newcombe_difference(first, second, 0.95).expect("an interval");
        same(difference, [0.002_397_871_495_349_436, 0.022_647_870_960_817_027]);
        let ratio = rate_ratio(first, second, 0.95).expect("an interval");
        same(ratio, [1.043_357_418_469_562_6, 1.497_569_262_786_223_4]);
    }

    #[test]
    fn a_test_without_variance_and_a_ratio_without_success_have_no_answer() {
        assert_eq!(two_proportion_test(rate(0, 10), rate(0, 20)), None);
        assert_eq!(two_proportion_test(rate(10, 10), rate(20, 20)), None);
        assert_eq!(rate_ratio(rate(0, 10), rate(2, 20), 0.95), None);
        assert_eq!(rate_ratio(rate(1, 10), rate(0, 20), 0.95), None);
    }

    #[test]
    fn net_promoter_score_60_25_15() {
        let nps = net_promoter(60, 25, 15, 0.95).expect("answers");
        close(nps.score, 45.0, 1e-12);
        close(nps.margin, 14.502_409_125_142_05, 1e-11);
        close(nps.interval.low, 45.0 - 14.502_409_125_142_05, 1e-11);
        assert_eq!(net_promoter(0, 0, 0, 0.95), None);
        let unanimous = net_promoter(7, 0, 0, 0.95).expect("answers");
        same(unanimous.interval, [100.0, 100.0]);
    }

    // Six customers; the delta method's formula worked out in numpy with ddof=1.
    #[test]
    fn average_order_value_by_the_delta_method() {
        let pairs = [(2.0, 30.0), (1.0, 12.0), (3.0, 70.0), (1.0, 0.0), (4.0, 95.0), (2.0, 41.0)];
        let mut all = PairedMoments::default();
        for &(orders, revenue) in &pairs {
            all.add(orders, revenue);
        }
        let estimate = all.ratio(0.95).expect("an estimate");
        close(estimate.ratio, 19.076_923_076_923_077, 1e-12);
        close(estimate.standard_error, 2.666_096_480_946_007_5, 1e-12);
        same(estimate.interval, [13.851_469_994_959_924, 24.302_376_158_886_23]);

        let (mut left, mut right) = (PairedMoments::default(), PairedMoments::default());
        for &(orders, revenue) in &pairs[..2] {
            left.add(orders, revenue);
        }
        for &(orders, revenue) in &pairs[2..] {
            right.add(orders, revenue);
        }
        left.merge(&right);
        left.merge(&PairedMoments::default());
        let merged = left.ratio(0.95).expect("an estimate");
        close(merged.standard_error, estimate.standard_error, 1e-12);
        let mut one = PairedMoments::default();
        one.add(1.0, 2.0);
        assert_eq!(one.ratio(0.95), None);

        let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|&(orders, revenue)| of(orders, revenue)).sum::<f64>();
        let squares = [sum(&|orders, _| orders * orders), sum(&|_, revenue| revenue * revenue)];
        let sums = [sum(&|orders, _| orders), sum(&|_, revenue| revenue)];
        let from_sums = PairedMoments::from_sums(6, sums, squares, sum(&|orders, revenue| orders * revenue));
        close(from_sums.ratio(0.95).expect("an estimate").standard_error, 2.666_096_480_946_007_5, 1e-12);
    }

    // Python 3 over two months of orders: means with the delta method's standard error, math.erfc.
    #[test]
    fn two_means_over_customers_are_compared_as_worked_out_by_hand() {
        let january = Measured { value: 233.922_564_102_564_05, standard_error: 28.142_708_275_676_807 };
        let february = Measured { value: 205.761_379_310_344_8, standard_error: 18.771_805_394_880_047 };
        let test = january.test(february).expect("both vary");
        close(test.z, -0.832_460_013_473_811_3, 1e-12);
        close(test.p_value, 0.405_149_339_562_567_7, 1e-12);
        let difference = january.difference(february, 0.95).expect("an interval");
        close(difference.low, -94.464_559_202_242_14, 1e-10);
        close(difference.high, 38.142_189_617_803_65, 1e-10);
        same(january.ratio(february, 0.95).expect("an interval"), [0.654_291_748_280_294_9, 1.182_529_681_662_97]);
        let nothing = Measured { value: 0.0, standard_error: 0.0 };
        assert_eq!(nothing.test(nothing), None);
        assert_eq!(nothing.ratio(january, 0.95), None);
    }

    // statsmodels 0.15.0: confint_poisson(method="score"), test_poisson_2indep(method="score"),
    // proportion_confint(method="wilson"); MOVER's formula worked out in numpy.
    #[test]
    fn costs_per_result_are_compared_as_statsmodels_does() {
        let cost = |cost, results| CostPerResult::new(cost, results).expect("a cost");
        let (first, second) = (cost(2_699.30, 12), cost(2_473.76, 13));
        let limits = first.interval(0.95).expect("an interval");
        close(limits.low, 128.680_875_658_786_42, 1e-10);
        close(limits.high, 393.211_136_804_405_6, 1e-10);
        let test = first.test(second).expect("enough results");
        // More results for the money: each of them costs less.
        close(test.z, -0.418_392_609_048_176_54, 1e-12);
        close(test.p_value, 0.675_660_089_476_95, 1e-12);
        let difference = first.difference(second, 0.95).expect("an interval");
        close(difference.low, -220.577_126_829_456_72, 1e-10);
        close(difference.high, 131.403_087_837_115_32, 1e-10);
        let ratio = first.ratio(second, 0.95).expect("an interval");
        close(ratio.low, 0.393_347_546_249_195_05, 1e-10);
        close(ratio.high, 1.819_332_838_131_322, 1e-10);
        assert_eq!(cost(10.0, 3).test(cost(10.0, 4)), None, "too few");
        assert_eq!(CostPerResult::new(10.0, 0), None);
        assert_eq!(CostPerResult::new(0.0, 10), None);
    }

    proptest! {
        #[test]
        fn wilson_holds_the_rate_and_widens_with_confidence(trials in 1_u64..u64::MAX, part in 0_u64.., c in 0.01_f64..0.98) {
            let successes = part % trials;
            let narrow = wilson(successes, trials, c).expect("a proportion");
            let wide = wilson(successes, trials, c + 0.01).expect("a proportion");
            let rate = rate(successes, trials).rate();
            // One bit of rounding either way for counts of 19 digits.
            prop_assert!(narrow.low <= rate + 1e-15 && rate <= narrow.high + 1e-15);
            prop_assert!(wide.low <= narrow.low + 1e-15 && narrow.high <= wide.high + 1e-15);
            prop_assert!(0.0 <= wide.low && wide.high <= 1.0);
        }

        #[test]
        fn successes_and_failures_mirror_each_other(trials in 1_u64..1_000_000, part in 0_u64..) {
            let successes = part % (trials + 1);
            let found = wilson(successes, trials, 0.95).expect("a proportion");
            let mirrored = wilson(trials - successes, trials, 0.95).expect("a proportion");
            prop_assert!((found.low + mirrored.high - 1.0).abs() < 1e-14);
        }

        #[test]
        fn quantile_and_cdf_undo_each_other(probability in 1e-12_f64..0.999_999) {
            let back = normal_cdf(normal_quantile(probability).expect("inside"));
            prop_assert!((back / probability - 1.0).abs() < 1e-12, "{} {}", back, probability);
        }

        #[test]
        fn swapping_two_rates_turns_the_difference_over(a in 0_u64..=500, b in 0_u64..=300) {
            let (first, second) = (rate(a, 500), rate(b, 300));
            let one = newcombe_difference(first, second, 0.95).expect("an interval");
            let other = newcombe_difference(second, first, 0.95).expect("an interval");
            prop_assert!((one.low + other.high).abs() < 1e-14);
            prop_assert!(one.contains(second.rate() - first.rate()));
        }
    }
}
