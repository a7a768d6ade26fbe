//! Maximum likelihood by Newton's method in the logarithms of positive parameters.
//!
//! **Owns** the iteration, the rule for when it has converged, and the covariance at the maximum.
//! **Does not know** what is maximised: it is given value, exact gradient and exact Hessian.
//!
//! Logarithms keep parameters positive and make steps independent of the unit of time. A step is
//! damped (Levenberg–Marquardt) until the likelihood grows as the quadratic model promised.
//!
//! *Converged* means all of: the gradient is small, the undamped Newton step is small, the
//! negative Hessian is positive definite and not nearly singular, and no parameter sits at the
//! edge of its range. The last two catch the usual false success: a likelihood that flattens
//! towards infinity has a small gradient everywhere out there.

use super::derivatives::Derivatives;

/// Iterations before giving up. From the starts of the models fewer than 20 are usual.
const MOST_ITERATIONS: u32 = 200;

/// Longest step in the logarithm of a parameter.
const LONGEST_STEP: f64 = 1.5;

/// A parameter may move this far, in logarithms, from where its natural scale puts it: a factor of
/// 4.8e8 either way.
const RANGE: f64 = 20.0;

/// The gradient by log-parameters may be this large for each unit of log-likelihood.
const GRADIENT_TOLERANCE: f64 = 1e-9;

/// The last Newton step in log-parameters, that is the relative change of each.
const STEP_TOLERANCE: f64 = 1e-7;

/// Smallest pivot of the correlation-scaled negative Hessian: below it two parameters cannot be
/// told apart.
const SMALLEST_PIVOT: f64 = 1e-9;

/// The maximum that was found, or the best point on the way.
#[derive(Clone, Debug)]
pub struct Maximum<const N: usize> {
    /// Where.
    pub parameters: [f64; N],
    /// The value there.
    pub value: f64,
    /// Largest absolute component of the gradient by the logarithms of the parameters.
    pub gradient_norm: f64,
    /// Covariance of the parameters: the inverse of the observed information. None if that is not
    /// positive definite.
    pub covariance: Option<[[f64; N]; N]>,
    /// Newton steps that were tried.
    pub iterations: u32,
    /// Why this is not a maximum, if it is not.
    pub why_not: Option<Obstacle>,
}

/// Why an iteration did not converge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The likelihood is not finite at the start.
    NotFinite,
    /// The parameter with this index ran to the edge of its range.
    AtTheEdge(usize),
    /// The likelihood bends upwards or is flat in some direction.
    NotIdentified,
    /// The gradient or the last step is not small, and no better point was found.
    Stalled,
    /// The limit of iterations was reached.
    OutOfIterations,
}

/// Maximises from the best of `starts`; tries the others if that does not converge.
///
/// `centre` is the natural scale of each parameter, 1 or the unit of time's own size. Only finite
/// positive starts are used. Without any the result says [`Obstacle::NotFinite`].
pub fn maximise<const N: usize>(
    starts: &[[f64; N]],
    centre: &[f64; N],
    evaluate: impl Fn(&[f64; N]) -> Derivatives<N>,
) -> Maximum<N> {
    maximise_by(starts, centre, |parameters| evaluate(parameters).value, &evaluate)
}

/// As [`maximise`], for a likelihood whose value alone, by which the starts are ranked, costs much less
/// than its derivatives.
pub fn maximise_by<const N: usize>(
    starts: &[[f64; N]],
    centre: &[f64; N],
    value: impl Fn(&[f64; N]) -> f64,
    evaluate: impl Fn(&[f64; N]) -> Derivatives<N>,
) -> Maximum<N> {
    let by_logs = |logs: &[f64; N]| {
        let parameters = logs.map(f64::exp);
        evaluate(&parameters).by_log_parameters(&parameters)
    };
    let centre = centre.map(f64::ln);
    let ranked = starts.iter().map(|start| (start.map(f64::ln), value(start)));
    let mut candidates: Vec<([f64; N], f64)> = ranked.filter(|(_, value)| value.is_finite()).collect();
    candidates.sort_by(|(_, one), (_, other)| other.total_cmp(one));

    let mut best: Option<Maximum<N>> = None;
    for (logs, _) in candidates {
        let at = by_logs(&logs);
        if !is_finite(&at) {
            continue;
        }
        let found = climb(logs, at, &centre, &by_logs);
        let converged = found.why_not.is_none();
        if best.as_ref().is_none_or(|best| converged || found.value > best.value) {
            best = Some(found);
        }
        if converged {
            break;
        }
    }
    best.unwrap_or(Maximum {
        parameters: [f64::NAN; N],
        value: f64::NAN,
        gradient_norm: f64::NAN,
        covariance: None,
        iterations: 0,
        why_not: Some(Obstacle::NotFinite),
    })
}

/// Damped Newton steps from one start.
fn climb<const N: usize>(
    mut logs: [f64; N],
    mut at: Derivatives<N>,
    centre: &[f64; N],
    evaluate: &impl Fn(&[f64; N]) -> Derivatives<N>,
) -> Maximum<N> {
    let mut damping = 0.0_f64;
    let mut iterations = 0;
    let mut obstacle = Obstacle::OutOfIterations;
    while iterations < MOST_ITERATIONS {
        let Some(step) = damped_step(&at, &mut damping) else {
            obstacle = Obstacle::NotIdentified;
            break;
        };
        iterations += 1;
        let next_logs = moved(&logs, &step, centre);
        let next = evaluate(&next_logs);
        let promised = gain(&at, &difference(&next_logs, &logs));
        // Below this the value is rounding noise, and the gradient is the better judge.
        let noise = 1e-13 * (1.0 + at.value.abs());
        let better = if promised.abs() <= noise {
            is_finite(&next) && norm(&next.gradient) < norm(&at.gradient)
        } else {
            is_finite(&next) && next.value - at.value > 1e-4 * promised
        };
        if better {
            let good_model = next.value - at.value > 0.5 * promised;
            (logs, at) = (next_logs, next);
            damping = if good_model { relaxed(damping) } else { damping };
        } else if promised.abs() <= noise || damping > 1e12 {
            obstacle = Obstacle::Stalled;
            break;
        } else {
            damping = (damping * 8.0).max(1e-3);
        }
        if damping <= 0.0 && verdict(&logs, &at, centre).is_none() && norm(&step) <= STEP_TOLERANCE {
            break;
        }
    }
    let why_not = verdict(&logs, &at, centre).map(|found| if found == Obstacle::Stalled { obstacle } else { found });
    let parameters = logs.map(f64::exp);
    Maximum {
        parameters,
        value: at.value,
        gradient_norm: norm(&at.gradient),
        covariance: covariance(&at, &parameters),
        iterations,
        why_not,
    }
}

/// What stands against calling this point a maximum. [`Obstacle::Stalled`] if only the gradient or
/// the step is too large.
fn verdict<const N: usize>(logs: &[f64; N], at: &Derivatives<N>, centre: &[f64; N]) -> Option<Obstacle> {
    if let Some(index) = (0..N).find(|&i| (logs[i] - centre[i]).abs() >= RANGE) {
        return Some(Obstacle::AtTheEdge(index));
    }
    let Some(factor) = Cholesky::of_negative(&at.hessian, 0.0) else { return Some(Obstacle::NotIdentified) };
    if factor.smallest_pivot < SMALLEST_PIVOT {
        return Some(Obstacle::NotIdentified);
    }
    let step = factor.solve(&at.gradient);
    let small = norm(&at.gradient) <= GRADIENT_TOLERANCE * (1.0 + at.value.abs()) && norm(&step) <= STEP_TOLERANCE;
    if small { None } else { Some(Obstacle::Stalled) }
}

/// The Newton step with as little damping as makes the matrix positive definite.
fn damped_step<const N: usize>(at: &Derivatives<N>, damping: &mut f64) -> Option<[f64; N]> {
    while *damping < 1e15 {
        if let Some(factor) = Cholesky::of_negative(&at.hessian, *damping) {
            let step = factor.solve(&at.gradient);
            if step.iter().all(|component| component.is_finite()) {
                return Some(step);
            }
        }
        *damping = (*damping * 8.0).max(1e-3);
    }
    None
}

/// Less damping after a good step; none once it is negligible, so that the end is pure Newton.
fn relaxed(damping: f64) -> f64 {
    if damping < 1e-2 { 0.0 } else { damping / 10.0 }
}

/// The point after a step, shortened to [`LONGEST_STEP`] and kept within [`RANGE`].
fn moved<const N: usize>(logs: &[f64; N], step: &[f64; N], centre: &[f64; N]) -> [f64; N] {
    let shortening = (LONGEST_STEP / norm(step)).min(1.0);
    let mut result = *logs;
    for i in 0..N {
        result[i] = (logs[i] + shortening * step[i]).clamp(centre[i] - RANGE, centre[i] + RANGE);
    }
    result
}

/// What the quadratic model promises for a step.
fn gain<const N: usize>(at: &Derivatives<N>, step: &[f64; N]) -> f64 {
    let mut total = 0.0;
    for i in 0..N {
        total += at.gradient[i] * step[i] + 0.5 * at.hessian[i][i] * step[i] * step[i];
        for j in 0..i {
            total += at.hessian[i][j] * step[i] * step[j];
        }
    }
    total
}

/// Inverse of the observed information, taken from log-parameters to parameters.
fn covariance<const N: usize>(at: &Derivatives<N>, parameters: &[f64; N]) -> Option<[[f64; N]; N]> {
    let factor = Cholesky::of_negative(&at.hessian, 0.0)?;
    let mut result = [[0.0; N]; N];
    for j in 0..N {
        let mut unit = [0.0; N];
        unit[j] = 1.0;
        let column = factor.solve(&unit);
        for i in 0..N {
            result[i][j] = parameters[i] * parameters[j] * column[i];
        }
    }
    Some(result)
}

fn is_finite<const N: usize>(at: &Derivatives<N>) -> bool {
    at.value.is_finite()
        && at.gradient.iter().all(|entry| entry.is_finite())
        && at.hessian.iter().flatten().all(|entry| entry.is_finite())
}

fn norm<const N: usize>(vector: &[f64; N]) -> f64 {
    vector.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()))
}

fn difference<const N: usize>(one: &[f64; N], other: &[f64; N]) -> [f64; N] {
    let mut result = *one;
    for i in 0..N {
        result[i] -= other[i];
    }
    result
}

/// Cholesky factor of a matrix scaled to a unit diagonal, so that pivots compare across parameters.
struct Cholesky<const N: usize> {
    lower: [[f64; N]; N],
    scale: [f64; N],
    smallest_pivot: f64,
}

impl<const N: usize> Cholesky<N> {
    /// Of the negative of a matrix given by its lower triangle, with `damping` added to the
    /// diagonal relative to its size. None if that is not positive definite.
    fn of_negative(matrix: &[[f64; N]; N], damping: f64) -> Option<Self> {
        let mut scale = [0.0; N];
        for i in 0..N {
            scale[i] = matrix[i][i].abs().sqrt().max(f64::MIN_POSITIVE.sqrt());
        }
        let mut lower = [[0.0; N]; N];
        let mut smallest_pivot = f64::INFINITY;
        for i in 0..N {
            for j in 0..=i {
                let mut entry = -matrix[i][j] / (scale[i] * scale[j]);
                if i == j {
                    entry += damping;
                }
                for k in 0..j {
                    entry -= lower[i][k] * lower[j][k];
                }
                if i > j {
                    lower[i][j] = entry / lower[j][j];
                } else if entry > f64::EPSILON {
                    smallest_pivot = smallest_pivot.min(entry);
                    lower[i][i] = entry.sqrt();
                } else {
                    return None;
                }
            }
        }
        Some(Cholesky { lower, scale, smallest_pivot })
    }

    /// x with A x = `right`.
    fn solve(&self, right: &[f64; N]) -> [f64; N] {
        let mut x = *right;
        for i in 0..N {
            x[i] /= self.scale[i];
            for k in 0..i {
                x[i] -= self.lower[i][k] * x[k];
            }
            x[i] /= self.lower[i][i];
        }
        for i in (0..N).rev() {
            for k in i + 1..N {
                x[i] -= self.lower[k][i] * x[k];
            }
            x[i] /= self.lower[i][i];
        }
        for (entry, scale) in x.iter_mut().zip(self.scale) {
            *entry /= scale;
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n ln λ − λ S: the exponential distribution, with maximum n/S and variance n/S².
    fn exponential(n: f64, total: f64) -> impl Fn(&[f64; 1]) -> Derivatives<1> {
        move |p| Derivatives {
            value: n * p[0].ln() - p[0] * total,
            gradient: [n / p[0] - total],
            hessian: [[-n / (p[0] * p[0])]],
        }
    }

    #[test]
    fn a_known_maximum_and_its_variance() {
        let found = maximise(&[[1e-3], [50.0]], &[1.0], exponential(40.0, 25.0));
        assert_eq!(found.why_not, None);
        assert!((found.parameters[0] - 1.6).abs() < 1e-12);
        assert!((found.covariance.unwrap()[0][0] - 40.0 / 625.0).abs() < 1e-12);
        assert!(found.gradient_norm < 1e-9);
    }

    /// −(1 − x)² − 100 (y − x²)²: Rosenbrock's valley, with maximum at (1, 1).
    fn valley(p: &[f64; 2]) -> Derivatives<2> {
        let [x, y] = *p;
        let off = y - x * x;
        Derivatives {
            value: -(1.0 - x) * (1.0 - x) - 100.0 * off * off,
            gradient: [2.0 * (1.0 - x) + 400.0 * x * off, -200.0 * off],
            hessian: [[-2.0 + 400.0 * off - 800.0 * x * x, 0.0], [400.0 * x, -200.0]],
        }
    }

    #[test]
    fn a_bent_valley_is_followed() {
        for start in [[0.01, 9.0], [5.0, 0.01], [0.2, 0.2]] {
            let found = maximise(&[start], &[1.0, 1.0], valley);
            assert_eq!(found.why_not, None, "from {start:?}: {found:?}");
            assert!((found.parameters[0] - 1.0).abs() < 1e-9 && (found.parameters[1] - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_likelihood_that_flattens_towards_infinity_is_not_a_maximum() {
        let flattening = |p: &[f64; 1]| Derivatives {
            value: -1.0 / p[0],
            gradient: [1.0 / (p[0] * p[0])],
            hessian: [[-2.0 / (p[0] * p[0] * p[0])]],
        };
        let found = maximise(&[[1.0]], &[1.0], flattening);
        assert_eq!(found.why_not, Some(Obstacle::AtTheEdge(0)));
    }

    #[test]
    fn parameters_that_only_count_together_are_not_identified() {
        // The exponential likelihood of a product λμ: a ridge.
        let ridge = |p: &[f64; 2]| {
            let one = exponential(40.0, 25.0)(&[p[0] * p[1]]);
            let (slope, bend) = (one.gradient[0], one.hessian[0][0]);
            Derivatives {
                value: one.value,
                gradient: [slope * p[1], slope * p[0]],
                hessian: [[bend * p[1] * p[1], 0.0], [bend * p[0] * p[1] + slope, bend * p[0] * p[0]]],
            }
        };
        let found = maximise(&[[1.0, 1.0]], &[1.0, 1.0], ridge);
        assert!(matches!(found.why_not, Some(Obstacle::NotIdentified | Obstacle::AtTheEdge(_))), "{found:?}");
    }

    #[test]
    fn numbers_that_are_not_finite_end_the_search_politely() {
        let nothing = |_: &[f64; 1]| Derivatives { value: f64::NAN, gradient: [f64::NAN], hessian: [[f64::NAN]] };
        let found = maximise(&[[1.0], [f64::NAN], [-1.0]], &[1.0], nothing);
        assert_eq!(found.why_not, Some(Obstacle::NotFinite));
        assert_eq!(found.iterations, 0);
        assert!(maximise(&[], &[1.0], nothing).why_not.is_some());
    }
}
