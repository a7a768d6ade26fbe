//! Powers of one half in integers, so that time decay gives the same digits on every machine.

use std::sync::LazyLock;
use std::time::Duration;

/// A weight of one; weights are integers over this.
const ONE: u128 = 1 << 64;

/// What the shares of one journey add up to.
pub(super) const WHOLE: u64 = 1_000_000_000_000_000_000;

/// `2^-(byte / 256^(place + 1))` in units of `2^-64`, by place and byte.
static POWERS: LazyLock<Vec<[u128; 256]>> = LazyLock::new(powers_of_a_half);

/// A half-life that can be computed with: longer than nothing, at most 500 years.
pub(super) fn is_possible(half_life: Duration) -> bool {
    !half_life.is_zero() && half_life <= Duration::from_secs(500 * 366 * 86_400)
}

/// Shares of [`WHOLE`] by age, half as much for every half-life more; right to 17 digits. Units
/// that rounding leaves over go to the latest touches.
pub(super) fn divide(ages: &[Duration], half_life: Duration, shares: &mut Vec<u64>) {
    shares.clear();
    let Some(youngest) = ages.iter().min() else { return };
    let weights: Vec<u128> = ages.iter().map(|age| half_to_the(age.saturating_sub(*youngest), half_life)).collect();
    // At least one weight is ONE, so the sum is neither zero nor, below 2^64 touches, too large.
    let sum: u128 = weights.iter().sum();
    shares.extend(weights.iter().map(|weight| u64::try_from(weight * u128::from(WHOLE) / sum).unwrap_or(WHOLE)));
    let mut left = WHOLE - shares.iter().sum::<u64>();
    for share in shares.iter_mut().rev() {
        if left == 0 {
            break;
        }
        *share += 1;
        left -= 1;
    }
}

/// `2^-(age / half_life)` in units of `2^-64`.
fn half_to_the(age: Duration, half_life: Duration) -> u128 {
    let (age, half_life) = (age.as_nanos(), half_life.as_nanos().max(1));
    let halvings = age / half_life;
    if halvings > 64 {
        return 0;
    }
    // The half-life is below 2^64 nanoseconds, so the shift fits and the quotient is below 2^64.
    let fraction = ((age % half_life) << 64) / half_life;
    let bytes = fraction.to_be_bytes();
    let mut weight = ONE;
    for (power, byte) in POWERS.iter().zip(&bytes[8..]) {
        if *byte != 0 {
            weight = (weight * power[usize::from(*byte)]) >> 64;
        }
    }
    weight >> halvings
}

fn powers_of_a_half() -> Vec<[u128; 256]> {
    // roots[k] is 2^-(2^-(k + 1)): each the square root of the one before.
    let mut roots = Vec::with_capacity(64);
    let mut root = ONE / 2;
    for _ in 0..64 {
        root = (root << 64).isqrt();
        roots.push(root);
    }
    let power = |bits: &[u128], byte: usize| {
        let set = bits.iter().enumerate().filter(|(bit, _)| byte & (0x80 >> bit) != 0);
        set.fold(ONE, |product, (_, root)| (product * root) >> 64)
    };
    roots.chunks(8).map(|bits| std::array::from_fn(|byte| power(bits, byte))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_lives_halve_and_roots_are_roots() {
        let day = Duration::from_secs(86_400);
        assert_eq!(half_to_the(Duration::ZERO, day), ONE);
        assert_eq!(half_to_the(day * 3, day), ONE / 8);
        assert_eq!(half_to_the(day * 65, day), 0);
        // Python decimal at 50 digits: 2**64 * 2**(-1/3), 2**64 * 2**(-7/10)
        let third = half_to_the(day / 3, day);
        assert!(third.abs_diff(14_641_190_473_997_345_813) < 100, "{third}");
        let seven_tenths = half_to_the(Duration::from_secs(60_480), day);
        assert!(seven_tenths.abs_diff(11_355_302_955_375_478_541) < 100, "{seven_tenths}");
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        let mut shares = Vec::new();
        let ages: Vec<Duration> = (0..1000_u64).rev().map(|n| Duration::from_secs(n * n)).collect();
        divide(&ages, Duration::from_secs(3_600), &mut shares);
        assert_eq!(shares.iter().sum::<u64>(), WHOLE);
        assert!(shares.is_sorted());
    }
}
