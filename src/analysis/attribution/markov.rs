//! Attribution by removal effects of a Markov chain, solved exactly.
//!
//! The chain walks from a start through the last `order` channels of a path to a conversion or to
//! nothing (Anderl et al., "Mapping the customer journey", 2016). The removal effect of a channel
//! is the share of the conversion probability that is lost when every step into the channel leads
//! to nothing. Credits are all conversions, and all value, in proportion to the removal effects:
//! the whole is divided, not each journey, which is a different model under the same name.
//!
//! A credit is never negative, but it may exceed the conversions whose path touched the channel:
//! a chain knows of what follows a channel only through the channel after it. The smallest example
//! has two paths, `search` that converts and `display > search` that does not. Half of all walks
//! convert; with display removed a quarter does, with search none. The effects 1/2 and 1 give
//! display a third of a conversion that it never touched. That is what the definition says, and any
//! solver of it agrees; whoever needs the bound takes Shapley or a rule, or learns without nulls.
//!
//! Nothing is simulated. States are eliminated one after the other, adding to the steps of each
//! predecessor what leads through the eliminated state (Grassmann, Taksar and Heyman 1985). No
//! number is ever subtracted, so that the effect of the rarest channel has as many right digits
//! as that of the largest. All removal effects come from one recursion: eliminating everything but
//! one channel, with the work shared among the channels of each half, costs about as much as one
//! dense inverse.
#![allow(clippy::float_arithmetic, reason = "probabilities are estimates; the credits are divided exactly, by tally")]
#![allow(clippy::cast_precision_loss, reason = "counts of journeys above 2^53 lose digits below those of the probabilities")]

use std::collections::BTreeMap;
use std::ops::Range;

use indexmap::IndexSet;

use super::tally::Tally;
use super::{Attribution, Journey, Model, Refused, check_channels, decay, place};

/// More states than this would need gigabytes.
const MOST_STATES: usize = 3_000;

/// The shape of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainSettings {
    /// How many channels back the chain remembers: 1 unless set.
    pub order: usize,
    /// Whether journeys that ended in nothing are learned from: yes unless set.
    pub nulls: bool,
}

impl Default for ChainSettings {
    fn default() -> Self {
        ChainSettings { order: 1, nulls: true }
    }
}

/// One end of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Before the first touch.
    Start,
    /// The last touches' channels, oldest first, at most `order` of them.
    Touched(Vec<u32>),
    /// The path ended in a conversion.
    Conversion,
    /// The path ended in nothing.
    Nothing,
}

/// A step of the chain and how often it was seen: a cell of the transition matrix, a band of a
/// Sankey chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Where from.
    pub from: State,
    /// Where to. The same as `from` for a channel that follows itself.
    pub to: State,
    /// How often.
    pub count: u64,
}

/// A chain, solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// How it was made.
    pub settings: ChainSettings,
    /// The probability that a path ends in a conversion: conversions by all ends.
    pub conversion_probability: f64,
    /// By channel number: the share of that probability that goes with the channel, 0 to 1. They
    /// do not add up to 1.
    pub removal_effects: Vec<f64>,
    /// Every step that was seen, in order of its ends.
    pub transitions: Vec<Transition>,
}

/// The states of a chain and every journey in terms of them.
pub(super) struct Chain {
    settings: ChainSettings,
    channels: usize,
    /// Sorted by last channel. State number `n` of the matrix is `states[n - 1]`; 0 is the start.
    states: Vec<Vec<u32>>,
    /// The channels that occur and the numbers of the states that end in them.
    groups: Vec<(usize, Range<usize>)>,
    /// The states of all journeys, one after the other.
    steps: Vec<usize>,
    /// Where each journey's steps are.
    journeys: Vec<Range<usize>>,
}

/// How often a journey ended in a conversion and in nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) conversions: u64,
    pub(super) nulls: u64,
}

/// Learns the chain from the journeys and divides their conversions by its removal effects.
pub fn attribute(journeys: &[Journey], channels: usize, settings: ChainSettings) -> Result<Attribution, Refused> {
    let mut tally = Tally::over(journeys, channels);
    for journey in journeys {
        if journey.touches.is_empty() {
            tally.leave(journey)?;
        } else {
            tally.gather(journey)?;
        }
    }
    let solution = solve(journeys, channels, settings)?;
    tally.divide_whole(&integer_shares(&solution.removal_effects))?;
    let settled = tally.settle()?;
    let (credits, unattributed, total) = (settled.credits, settled.unattributed, settled.total);
    Ok(Attribution { model: Model::Markov, credits, unattributed, total, chain: Some(solution) })
}

/// Learns the chain from the journeys and solves it.
pub fn solve(journeys: &[Journey], channels: usize, settings: ChainSettings) -> Result<Solution, Refused> {
    let chain = Chain::over(journeys, channels, settings)?;
    let ends = journeys.iter().map(|journey| Ends { conversions: journey.conversions, nulls: journey.nulls });
    let counts = chain.counts(ends)?;
    let (conversion_probability, removal_effects) = chain.removal_effects(&counts);
    let transitions = chain.transitions(&counts);
    Ok(Solution { settings, conversion_probability, removal_effects, transitions })
}

impl Chain {
    /// Finds the states and writes every journey in terms of them.
    pub(super) fn over(journeys: &[Journey], channels: usize, settings: ChainSettings) -> Result<Self, Refused> {
        if settings.order == 0 {
            return Err(Refused::OrderZero);
        }
        check_channels(journeys, channels)?;
        let mut seen: IndexSet<Vec<u32>> = IndexSet::new();
        let mut steps = Vec::new();
        let mut ranges = Vec::with_capacity(journeys.len());
        let mut path = Vec::new();
        for journey in journeys {
            let from = steps.len();
            path.clear();
            for touch in &journey.touches {
                path.push(touch.channel);
                let window = &path[path.len().saturating_sub(settings.order)..];
                let state = seen.get_index_of(window).unwrap_or_else(|| seen.insert_full(window.to_vec()).0);
                if state >= MOST_STATES {
                    return Err(Refused::TooManyStates { states: state + 1, limit: MOST_STATES });
                }
                steps.push(state);
            }
            ranges.push(from..steps.len());
        }
        // Number the states so that those of one channel lie together.
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|a, b| seen[*a].iter().rev().cmp(seen[*b].iter().rev()));
        let mut number = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            number[*old] = new + 1;
        }
        for step in &mut steps {
            *step = number[*step];
        }
        let states: Vec<Vec<u32>> = order.iter().map(|old| seen[*old].clone()).collect();
        let groups = groups_by_last_channel(&states, channels)?;
        Ok(Chain { settings, channels, states, groups, steps, journeys: ranges })
    }

    /// Counts the steps of the journeys, each as often as it ended. One row a state; the last two
    /// columns are conversion and nothing.
    pub(super) fn counts(&self, ends: impl Iterator<Item = Ends>) -> Result<Vec<u64>, Refused> {
        let states = self.states.len() + 1;
        let width = states + 2;
        let mut counts = vec![0_u64; states * width];
        let mut add = |from: usize, to: usize, by: u64| {
            let cell = &mut counts[from * width + to];
            *cell = cell.checked_add(by).ok_or(Refused::Overflow)?;
            Ok(())
        };
        for (range, end) in self.journeys.iter().zip(ends) {
            let nulls = if self.settings.nulls { end.nulls } else { 0 };
            let walks = end.conversions.checked_add(nulls).ok_or(Refused::Overflow)?;
            if walks == 0 || range.is_empty() {
                continue;
            }
            let mut at = 0;
            for step in &self.steps[range.clone()] {
                add(at, *step, walks)?;
                at = *step;
            }
            add(at, states, end.conversions)?;
            add(at, states + 1, nulls)?;
        }
        Ok(counts)
    }

    /// The probability of a conversion, and the removal effect of every channel.
    pub(super) fn removal_effects(&self, counts: &[u64]) -> (f64, Vec<f64>) {
        let states = self.states.len() + 1;
        let matrix = Matrix { states, cells: counts.iter().map(|count| *count as f64).collect() };
        let mut effects = vec![0.0; self.channels];
        let mut probability = 0.0;
        if !self.groups.is_empty() {
            leave_one_out(&matrix, &self.groups, &mut effects, &mut probability);
        }
        (probability, effects)
    }

    fn transitions(&self, counts: &[u64]) -> Vec<Transition> {
        let states = self.states.len() + 1;
        let state = |number: usize| match number {
            0 => State::Start,
            _ if number == states => State::Conversion,
            _ if number > states => State::Nothing,
            _ => State::Touched(self.states[number - 1].clone()),
        };
        let seen = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let cells = seen.map(|(cell, count)| ((state(cell / (states + 2)), state(cell % (states + 2))), *count));
        let ordered: BTreeMap<_, _> = cells.collect();
        ordered.into_iter().map(|((from, to), count)| Transition { from, to, count }).collect()
    }
}

/// Non-negative numbers as integers in the same proportion, adding up to about 10^18.
pub(super) fn integer_shares(parts: &[f64]) -> Vec<u64> {
    let sum: f64 = parts.iter().sum();
    if sum <= 0.0 {
        return vec![0; parts.len()];
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10^18")]
    let share = |part: &f64| (part / sum * decay::WHOLE as f64).round() as u64;
    parts.iter().map(share).collect()
}

fn groups_by_last_channel(states: &[Vec<u32>], channels: usize) -> Result<Vec<(usize, Range<usize>)>, Refused> {
    let mut groups: Vec<(usize, Range<usize>)> = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let channel = place(state.last().copied().unwrap_or(u32::MAX), channels)?;
        let number = index + 1;
        match groups.last_mut() {
            Some((last, range)) if *last == channel => range.end = number + 1,
            _ => groups.push((channel, number..number + 1)),
        }
    }
    Ok(groups)
}

/// Weights of steps: one row a state (0 is the start), then two columns for the ends. A row's
/// weights have any sum; only their proportions count.
struct Matrix {
    states: usize,
    cells: Vec<f64>,
}

impl Matrix {
    fn width(&self) -> usize {
        self.states + 2
    }

    fn row(&self, state: usize) -> &[f64] {
        &self.cells[state * self.width()..(state + 1) * self.width()]
    }

    /// The chain as seen only at the states that are not dropped.
    fn without(&self, dropped: Range<usize>) -> Matrix {
        let mut reduced = Matrix { states: self.states, cells: self.cells.clone() };
        for state in dropped.clone() {
            reduced.bypass(state, &(dropped.start..state));
        }
        let keep = |index: &usize| !dropped.contains(index);
        let width = self.width();
        let cells = (0..self.states).filter(keep).flat_map(|state| {
            let row = reduced.row(state);
            (0..width).filter(keep).map(move |column| row[column])
        });
        let cells: Vec<f64> = cells.collect();
        Matrix { states: self.states - dropped.len(), cells }
    }

    /// Leads every step into `state` on to where `state` leads. States in `gone` are skipped.
    fn bypass(&mut self, state: usize, gone: &Range<usize>) {
        let width = self.width();
        let onward: Vec<(usize, f64)> = self
            .row(state)
            .iter()
            .enumerate()
            .filter(|(to, weight)| *to != state && !gone.contains(to) && **weight > 0.0)
            .map(|(to, weight)| (to, *weight))
            .collect();
        let leaving: f64 = onward.iter().map(|(_, weight)| weight).sum();
        if leaving <= 0.0 {
            return;
        }
        for from in 0..self.states {
            let entering = self.cells[from * width + state];
            if from == state || gone.contains(&from) || entering <= 0.0 {
                continue;
            }
            let row = &mut self.cells[from * width..(from + 1) * width];
            for (to, weight) in &onward {
                row[*to] += entering * (weight / leaving);
            }
        }
    }
}

/// The removal effect of every channel among `groups`, in a chain of the start and their states.
fn leave_one_out(matrix: &Matrix, groups: &[(usize, Range<usize>)], effects: &mut [f64], probability: &mut f64) {
    let first = groups[0].1.start;
    let shifted = |range: &Range<usize>| range.start - first + 1..range.end - first + 1;
    if let [(channel, range)] = groups {
        (*probability, effects[*channel]) = one_left(matrix, shifted(range));
        return;
    }
    let (left, right) = groups.split_at(groups.len() / 2);
    let middle = right[0].1.start - first + 1;
    leave_one_out(&matrix.without(middle..matrix.states), left, effects, probability);
    leave_one_out(&matrix.without(1..middle), right, effects, probability);
}

/// The probability of a conversion and the share of it that passes the states in `range`, which
/// are all there are beside the start.
fn one_left(matrix: &Matrix, range: Range<usize>) -> (f64, f64) {
    let conversion = matrix.states;
    let started: f64 = matrix.row(0).iter().sum();
    let without = matrix.row(0)[conversion];
    // Set the conversions that avoid the channel aside: what gathers then passes through it.
    let mut through = Matrix { states: matrix.states, cells: matrix.cells.clone() };
    through.cells[conversion] = 0.0;
    for state in range.clone() {
        through.bypass(state, &(range.start..state));
    }
    let with = through.cells[conversion];
    if with <= 0.0 {
        (without / started.max(f64::MIN_POSITIVE), 0.0)
    } else {
        ((with + without) / started, with / (with + without))
    }
}
