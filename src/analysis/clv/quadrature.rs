//! Gauss–Legendre quadrature with twenty nodes on one panel.
//!
//! **Owns** the nodes and weights. **Does not know** where an integrand is difficult: callers cut
//! their interval into panels on which it is smooth.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Nodes of the rule. Polynomials up to degree 39 are integrated exactly.
pub const NODES: usize = 20;

/// Node in (−1, 1) and weight.
static RULE: LazyLock<[(f64, f64); NODES]> = LazyLock::new(legendre_rule);

/// The nodes and weights on an interval from `start` to `end`.
pub fn nodes(start: f64, end: f64) -> impl Iterator<Item = (f64, f64)> {
    let (middle, half) = (0.5 * (start + end), 0.5 * (end - start));
    RULE.iter().map(move |(node, weight)| (middle + half * node, half * weight))
}

/// The integral of a function that is smooth from `start` to `end`.
pub fn integrate(start: f64, end: f64, function: impl Fn(f64) -> f64) -> f64 {
    nodes(start, end).map(|(at, weight)| weight * function(at)).sum()
}

/// Newton's method on the Legendre polynomial, from Tricomi's approximation of its roots.
fn legendre_rule() -> [(f64, f64); NODES] {
    let count = NODES as f64;
    let mut rule = [(0.0, 0.0); NODES];
    for (index, entry) in rule.iter_mut().enumerate() {
        let mut root = (PI * (index as f64 + 0.75) / (count + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..10 {
            let value;
            (value, slope) = legendre(root);
            root -= value / slope;
        }
        *entry = (root, 2.0 / ((1.0 - root * root) * slope * slope));
    }
    rule
}

/// The Legendre polynomial of degree [`NODES`] and its derivative.
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut current) = (1.0, x);
    for degree in 2..=NODES {
        let degree = degree as f64;
        let next = ((2.0 * degree - 1.0) * x * current - (degree - 1.0) * before) / degree;
        (before, current) = (current, next);
    }
    let slope = NODES as f64 * (before - x * current) / (1.0 - x * x);
    (current, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_exactly() {
        for power in 0..40_i32 {
            let exact = (3.0_f64.powi(power + 1) - 1.0) / f64::from(power + 1);
            let found = integrate(1.0, 3.0, |x| x.powi(power));
            assert!((found / exact - 1.0).abs() < 1e-13, "x^{power}: {found} is not {exact}");
        }
    }

    #[test]
    fn weights_are_positive_and_sum_to_the_length() {
        assert!(RULE.iter().all(|(_, weight)| *weight > 0.0));
        assert!((integrate(-2.0, 5.0, |_| 1.0) - 7.0).abs() < 1e-13);
    }
}
