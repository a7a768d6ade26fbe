//! A log-likelihood with its exact gradient and Hessian, and how such things are added up.
//!
//! **Owns** the triple, and the logarithm of a sum of exponentials with its derivatives: every
//! model with unobserved dropout is such a sum over the moments at which a customer may have
//! left. **Does not know** models or optimisation.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::thread;

/// Rows that one thread takes at a time. Sums are made per chunk and then added in order, so the
/// result does not depend on the number of threads.
const CHUNK: usize = 2048;

/// Threads for one evaluation.
const MOST_THREADS: usize = 2;

/// A value with its first and second derivatives by N parameters. Of the Hessian only the lower
/// triangle (`hessian[i][j]` with j ≤ i) is filled.
#[derive(Clone, Copy, Debug)]
pub struct Derivatives<const N: usize> {
    /// The value.
    pub value: f64,
    /// First derivatives.
    pub gradient: [f64; N],
    /// Second derivatives, lower triangle.
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Derivatives<N> {
    /// The constant zero.
    pub const ZERO: Self = Derivatives { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// Adds `weight` times another one.
    pub fn add(&mut self, weight: f64, other: &Self) {
        self.value += weight * other.value;
        for i in 0..N {
            self.gradient[i] += weight * other.gradient[i];
            for j in 0..=i {
                self.hessian[i][j] += weight * other.hessian[i][j];
            }
        }
    }

    /// The derivatives by the logarithms of the parameters instead: θ ∂/∂θ.
    #[must_use]
    pub fn by_log_parameters(&self, parameters: &[f64; N]) -> Self {
        let mut result = *self;
        for i in 0..N {
            result.gradient[i] = parameters[i] * self.gradient[i];
            for j in 0..=i {
                result.hessian[i][j] = parameters[i] * parameters[j] * self.hessian[i][j];
            }
            result.hessian[i][i] += result.gradient[i];
        }
        result
    }
}

/// ln Σ exp(hⱼ) with derivatives, collected term by term without overflow.
#[derive(Clone, Copy, Debug)]
pub struct LogSum<const N: usize> {
    /// The largest hⱼ so far; the sums below are relative to its exponential.
    scale: f64,
    sum: f64,
    gradient: [f64; N],
    hessian: [[f64; N]; N],
}

impl<const N: usize> LogSum<N> {
    /// The empty sum.
    pub const EMPTY: Self = LogSum { scale: f64::NEG_INFINITY, sum: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// Adds exp(`term.value`). Terms of minus infinity add nothing.
    pub fn push(&mut self, term: &Derivatives<N>) {
        if term.value.is_infinite() && term.value < 0.0 {
            return;
        }
        if term.value <= self.scale {
            self.accumulate((term.value - self.scale).exp(), term);
        } else {
            self.rescale((self.scale - term.value).exp());
            self.scale = term.value;
            self.accumulate(1.0, term);
        }
    }

    /// The logarithm of the sum, with its derivatives.
    pub fn finish(&self) -> Derivatives<N> {
        let mut result = Derivatives::ZERO;
        result.value = self.scale + self.sum.ln();
        for i in 0..N {
            result.gradient[i] = self.gradient[i] / self.sum;
            for j in 0..=i {
                result.hessian[i][j] = self.hessian[i][j] / self.sum - result.gradient[i] * result.gradient[j];
            }
        }
        result
    }

    fn accumulate(&mut self, mass: f64, term: &Derivatives<N>) {
        self.sum += mass;
        for i in 0..N {
            let pull = mass * term.gradient[i];
            self.gradient[i] += pull;
            for j in 0..=i {
                self.hessian[i][j] += pull * term.gradient[j] + mass * term.hessian[i][j];
            }
        }
    }

    fn rescale(&mut self, factor: f64) {
        self.sum *= factor;
        for i in 0..N {
            self.gradient[i] *= factor;
            for j in 0..=i {
                self.hessian[i][j] *= factor;
            }
        }
    }
}

/// The sum of `part` over chunks of `0..rows`, on two threads if there is more than one chunk.
pub fn sum_in_chunks<const N: usize>(rows: usize, part: impl Fn(Range<usize>) -> Derivatives<N> + Sync) -> Derivatives<N> {
    sum_in_chunks_from(0, rows, part)
}

/// As [`sum_in_chunks`], on one thread for fewer than `worth_a_thread` rows: where a row costs little,
/// starting a thread costs more than it saves.
pub fn sum_in_chunks_from<const N: usize>(
    worth_a_thread: usize,
    rows: usize,
    part: impl Fn(Range<usize>) -> Derivatives<N> + Sync,
) -> Derivatives<N> {
    let chunk = |index: usize| part(index * CHUNK..rows.min((index + 1) * CHUNK));
    let chunks = rows.div_ceil(CHUNK);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS);
    let mut parts: Vec<Derivatives<N>> = vec![Derivatives::ZERO; chunks];
    if threads == 1 || chunks < 2 || rows < worth_a_thread {
        for (index, slot) in parts.iter_mut().enumerate() {
            *slot = chunk(index);
        }
    } else {
        let (first, second) = parts.split_at_mut(chunks / 2);
        let offset = first.len();
        thread::scope(|scope| {
            scope.spawn(|| {
                for (index, slot) in second.iter_mut().enumerate() {
                    *slot = chunk(offset + index);
                }
            });
            for (index, slot) in first.iter_mut().enumerate() {
                *slot = chunk(index);
            }
        });
    }
    parts.iter().fold(Derivatives::ZERO, |mut sum, part| {
        sum.add(1.0, part);
        sum
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Compares derivatives with central differences of the value and of the gradient.
    pub(in super::super) fn assert_derivatives_agree<const N: usize>(
        at: [f64; N],
        tolerance: f64,
        function: impl Fn(&[f64; N]) -> Derivatives<N>,
    ) {
        let exact = function(&at);
        for i in 0..N {
            let h = 1e-5 * at[i];
            let (mut above, mut below) = (at, at);
            above[i] += h;
            below[i] -= h;
            let (above, below) = (function(&above), function(&below));
            let slope = (above.value - below.value) / (2.0 * h);
            let error = (slope - exact.gradient[i]).abs() / (1.0 + slope.abs());
            assert!(error < tolerance, "gradient[{i}] {} is not {slope}", exact.gradient[i]);
            for j in 0..N {
                let bend = (above.gradient[j] - below.gradient[j]) / (2.0 * h);
                let found = exact.hessian[i.max(j)][i.min(j)];
                let error = (bend - found).abs() / (1.0 + bend.abs());
                assert!(error < tolerance, "hessian[{i}][{j}] {found} is not {bend}");
            }
        }
    }

    /// h₁ = ln(p q), h₂ = −p, as terms of a sum.
    fn sum_of_two(p: &[f64; 2]) -> Derivatives<2> {
        let product = Derivatives {
            value: (p[0] * p[1]).ln(),
            gradient: [1.0 / p[0], 1.0 / p[1]],
            hessian: [[-1.0 / (p[0] * p[0]), 0.0], [0.0, -1.0 / (p[1] * p[1])]],
        };
        let decay = Derivatives { value: -p[0], gradient: [-1.0, 0.0], hessian: [[0.0; 2]; 2] };
        let mut sum = LogSum::EMPTY;
        sum.push(&decay);
        sum.push(&product);
        sum.finish()
    }

    #[test]
    fn log_of_a_sum_and_its_derivatives() {
        let found = sum_of_two(&[2.0, 3.0]);
        assert!((found.value - (6.0 + (-2.0_f64).exp()).ln()).abs() < 1e-15);
        assert_derivatives_agree([2.0, 3.0], 1e-9, sum_of_two);
        assert_derivatives_agree([0.7, 1.1], 1e-8, |logs: &[f64; 2]| {
            let parameters = logs.map(f64::exp);
            sum_of_two(&parameters).by_log_parameters(&parameters)
        });
    }

    #[test]
    fn terms_far_apart_do_not_overflow() {
        let constant = |value| Derivatives::<1> { value, gradient: [1.0], hessian: [[0.0]] };
        let mut sum = LogSum::EMPTY;
        for value in [-2000.0, 900.0, f64::NEG_INFINITY, 899.0] {
            sum.push(&constant(value));
        }
        assert!((sum.finish().value - (900.0 + (1.0 + (-1.0_f64).exp()).ln())).abs() < 1e-12);
    }

    #[test]
    fn chunks_cover_every_row_once() {
        for rows in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
            let sum = sum_in_chunks::<1>(rows, |range| {
                let mut part = Derivatives::ZERO;
                part.value = range.map(|row| row as f64 + 1.0).sum();
                part
            });
            let expected = rows as f64 * (rows as f64 + 1.0) / 2.0;
            assert!((sum.value - expected).abs() < 1e-6, "{rows}: {}", sum.value);
        }
    }
}
