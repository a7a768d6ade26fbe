//! Exact sums of shares, and the one rounding at their end.
//!
//! A share is an integer over an integer. Journeys with the same denominator (all of the same
//! length, in the linear model) are added as integers, so that a million thirds are exactly a
//! third of a million. Each denominator is divided out once, at the end, to 20 places beyond the
//! input's own, and the channels' sums are rounded together by largest remainder.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Credit, Journey, Refused};

/// Decimal places of a credit. More only where the values themselves have more, fewer only where
/// the whole would not fit in a decimal.
pub const CREDIT_SCALE: u32 = 12;

/// Denominators up to this can be divided out without overflow.
const LARGEST_DENOMINATOR: u64 = 1_500_000_000_000_000_000;

/// Places beyond the input's own to which a denominator is divided out.
const GUARD_PLACES: u32 = 20;
const GUARD: i128 = 10_i128.pow(GUARD_PLACES);

/// An integer as `high × 10^14 + low`: room for a decimal's 28 digits times a share's 18.
#[derive(Clone, Copy, Debug, Default)]
struct Limbs {
    high: i128,
    low: i128,
}

const RADIX: i128 = 10_i128.pow(14);

impl Limbs {
    fn of(amount: i128) -> Self {
        Limbs { high: amount / RADIX, low: amount % RADIX }
    }

    /// Adds `amount × numerator`.
    fn add_product(&mut self, amount: Limbs, numerator: u64) -> Option<()> {
        let numerator = i128::from(numerator);
        self.high = self.high.checked_add(amount.high.checked_mul(numerator)?)?;
        // |amount.low| < 10^14 and numerator < 2 × 10^18, so this product always fits.
        self.low = self.low.checked_add(amount.low.checked_mul(numerator)?)?;
        if self.low.abs() > 10_i128.pow(37) {
            self.high = self.high.checked_add(self.low / RADIX)?;
            self.low %= RADIX;
        }
        Some(())
    }

    /// Divides, downwards: the whole part and the rest in units of `10^-20`.
    fn divided_by(self, denominator: u64) -> Option<(i128, i128)> {
        let denominator = i128::from(denominator);
        let upper = self.high.div_euclid(denominator);
        let rest = self.high.rem_euclid(denominator).checked_mul(RADIX)?.checked_add(self.low)?;
        let whole = upper.checked_mul(RADIX)?.checked_add(rest.div_euclid(denominator))?;
        let fraction = rest.rem_euclid(denominator).checked_mul(GUARD)? / denominator;
        Some((whole, fraction))
    }
}

/// What one channel has of the journeys with one denominator, times the denominator.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    conversions: Limbs,
    value: Limbs,
}

/// What a journey has to give, value in units of the tally's scale.
#[derive(Clone, Copy, Debug, Default)]
struct Amounts {
    conversions: i128,
    value: i128,
}

impl Amounts {
    fn add(&mut self, other: Amounts) -> Option<()> {
        self.conversions = self.conversions.checked_add(other.conversions)?;
        self.value = self.value.checked_add(other.value)?;
        Some(())
    }

    fn credit(self, value_scale: u32) -> Option<Credit> {
        let decimal = |mantissa, scale| Decimal::try_from_i128_with_scale(mantissa, scale).ok();
        Some(Credit { conversions: decimal(self.conversions, 0)?, value: decimal(self.value, value_scale)?.normalize() })
    }
}

/// The credits of all channels, while they are being added up.
pub(super) struct Tally {
    channels: usize,
    value_scale: u32,
    sums: BTreeMap<u64, Vec<Sum>>,
    attributed: Amounts,
    unattributed: Amounts,
}

/// The credits by channel, what no touch preceded, and both together.
pub(super) struct Settled {
    pub(super) credits: Vec<Credit>,
    pub(super) unattributed: Credit,
    pub(super) total: Credit,
}

impl Tally {
    /// A tally that can hold the values of these journeys.
    pub(super) fn over(journeys: &[Journey], channels: usize) -> Self {
        let value_scale = journeys.iter().map(|journey| journey.value.normalize().scale()).max().unwrap_or(0);
        let (attributed, unattributed) = (Amounts::default(), Amounts::default());
        Tally { channels, value_scale, sums: BTreeMap::new(), attributed, unattributed }
    }

    /// Notes a journey that no touch preceded.
    pub(super) fn leave(&mut self, journey: &Journey) -> Result<(), Refused> {
        let amounts = self.amounts(journey).ok_or(Refused::Overflow)?;
        self.unattributed.add(amounts).ok_or(Refused::Overflow)
    }

    /// Divides a journey: every `(channel, numerator)` gets its numerator over the denominator,
    /// and the numerators add up to the denominator.
    pub(super) fn divide(
        &mut self,
        journey: &Journey,
        denominator: u64,
        shares: impl Iterator<Item = (usize, u64)>,
    ) -> Result<(), Refused> {
        let amounts = self.amounts(journey).ok_or(Refused::Overflow)?;
        self.divide_amounts(amounts, denominator, shares).ok_or(Refused::Overflow)
    }

    /// Notes a journey whose part is divided later, with all others, by [`Self::divide_whole`].
    pub(super) fn gather(&mut self, journey: &Journey) -> Result<(), Refused> {
        self.amounts(journey).and_then(|amounts| self.attributed.add(amounts)).ok_or(Refused::Overflow)
    }

    /// Divides everything gathered by the same shares.
    pub(super) fn divide_whole(&mut self, shares: &[u64]) -> Result<(), Refused> {
        let whole = std::mem::take(&mut self.attributed);
        let denominator = shares.iter().try_fold(0_u64, |sum, share| sum.checked_add(*share)).ok_or(Refused::Overflow)?;
        if denominator == 0 {
            return self.unattributed.add(whole).ok_or(Refused::Overflow);
        }
        self.divide_amounts(whole, denominator, shares.iter().copied().enumerate()).ok_or(Refused::Overflow)
    }

    fn divide_amounts(&mut self, amounts: Amounts, denominator: u64, shares: impl Iterator<Item = (usize, u64)>) -> Option<()> {
        if denominator == 0 || denominator > LARGEST_DENOMINATOR {
            return None;
        }
        self.attributed.add(amounts)?;
        let (conversions, value) = (Limbs::of(amounts.conversions), Limbs::of(amounts.value));
        let channels = self.channels;
        let sums = self.sums.entry(denominator).or_insert_with(|| vec![Sum::default(); channels]);
        for (channel, numerator) in shares {
            if numerator != 0 {
                let sum = sums.get_mut(channel)?;
                sum.conversions.add_product(conversions, numerator)?;
                sum.value.add_product(value, numerator)?;
            }
        }
        Some(())
    }

    /// Divides out and rounds.
    pub(super) fn settle(self) -> Result<Settled, Refused> {
        self.try_settle().ok_or(Refused::Overflow)
    }

    fn try_settle(&self) -> Option<Settled> {
        let conversions = self.settle_one(self.attributed.conversions, 0, |sum| sum.conversions)?;
        let values = self.settle_one(self.attributed.value, self.value_scale, |sum| sum.value)?;
        let credits = conversions.into_iter().zip(values).map(|(conversions, value)| Credit { conversions, value }).collect();
        let mut total = self.attributed;
        total.add(self.unattributed)?;
        let unattributed = self.unattributed.credit(self.value_scale)?;
        Some(Settled { credits, unattributed, total: total.credit(self.value_scale)? })
    }

    /// One quantity by channel; `whole` at `scale` is what they have to add up to.
    fn settle_one(&self, whole: i128, scale: u32, of: impl Fn(&Sum) -> Limbs) -> Option<Vec<Decimal>> {
        let target = credit_scale(whole, scale);
        let finer = 10_i128.checked_pow(target.checked_sub(scale)?)?;
        let unit = GUARD / finer;
        let mut mantissas = Vec::with_capacity(self.channels);
        let mut remainders = Vec::with_capacity(self.channels);
        for channel in 0..self.channels {
            let (mut integer, mut fraction) = (0_i128, 0_i128);
            for (denominator, sums) in &self.sums {
                let (more, rest) = of(sums.get(channel)?).divided_by(*denominator)?;
                integer = integer.checked_add(more)?.checked_add((fraction + rest) / GUARD)?;
                fraction = (fraction + rest) % GUARD;
            }
            mantissas.push(integer.checked_mul(finer)?.checked_add(fraction / unit)?);
            remainders.push((std::cmp::Reverse(fraction % unit), channel));
        }
        let given = mantissas.iter().try_fold(0_i128, |sum, mantissa| sum.checked_add(*mantissa))?;
        let left = usize::try_from(whole.checked_mul(finer)?.checked_sub(given)?).ok()?;
        remainders.sort_unstable();
        for (_, channel) in remainders.into_iter().take(left) {
            mantissas[channel] += 1;
        }
        let decimal = |mantissa| Decimal::try_from_i128_with_scale(mantissa, target).ok().map(|d| d.normalize());
        mantissas.into_iter().map(decimal).collect()
    }

    fn amounts(&self, journey: &Journey) -> Option<Amounts> {
        let value = journey.value.normalize();
        let factor = 10_i128.checked_pow(self.value_scale.checked_sub(value.scale())?)?;
        Some(Amounts { conversions: i128::from(journey.conversions), value: value.mantissa().checked_mul(factor)? })
    }
}

/// The most places, up to [`CREDIT_SCALE`] but not fewer than the whole has, at which the whole
/// still fits in a decimal.
fn credit_scale(whole: i128, scale: u32) -> u32 {
    let fits = |target: u32| {
        let factor = target.checked_sub(scale).and_then(|by| 10_i128.checked_pow(by));
        factor.and_then(|factor| whole.checked_mul(factor)).is_some_and(|mantissa| mantissa.unsigned_abs() < 1 << 95)
    };
    (scale..=CREDIT_SCALE).rev().find(|target| fits(*target)).unwrap_or(scale)
}
