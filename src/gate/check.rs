//! Checks over documents: a line a rule and group, and what all of them come to.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::compare::{comparable, side_of, with_key};
use super::estimate::{self, Limits};
use super::figure::{Absent, Figure, ids_to_compute};
use super::period::{Calendar, Pair};
use super::verdict::{Moved, moved, with_interval};
use crate::config::{Check, Level, Limit, MeasuredBy, Movement, OnMissing, Op, Rule, Subject, Test};
use crate::contract::{CheckCounts, CheckLine, CheckOutcome, CheckReport, CheckStatus, Compute, Group, Number, Warning};
use crate::kpi::Unit;
use crate::measures::Period;

/// Confidence of the interval that is shown where the check names none.
const SHOWN_CONFIDENCE: Decimal = Decimal::from_parts(95, 0, 0, false, 2);

/// Everything that a verdict rests on.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    /// The checks.
    pub checks: &'a [Check],
    /// The results, one a grouping of [`groupings`].
    pub documents: &'a BTreeMap<Vec<String>, Compute>,
    /// What rules about a change start from.
    pub baseline: Baseline<'a>,
    /// The two periods, where the results are those of one and the baseline those of the other.
    pub periods: Option<&'a Pair>,
    /// The configuration that the checks with a line stand in.
    pub file: Option<&'a str>,
    /// Whether a warning fails.
    pub strict: bool,
    /// Whether a period counts whose end the data do not reach.
    pub with_incomplete: bool,
}

/// What rules about a change start from.
#[derive(Clone, Copy, Debug)]
pub enum Baseline<'a> {
    /// Nothing: such rules have no answer.
    None,
    /// One earlier result, in whatever groups it was computed.
    Result(&'a Compute),
    /// The results of an earlier period, one a grouping of [`groupings`].
    Period(&'a BTreeMap<Vec<String>, Compute>),
}

impl<'a> Baseline<'a> {
    fn by(self, by: &[String]) -> Option<&'a Compute> {
        match self {
            Baseline::None => None,
            Baseline::Result(document) => Some(document),
            Baseline::Period(documents) => documents.get(by),
        }
    }
}

/// The groupings that the checks need, each once.
pub fn groupings(checks: &[Check]) -> BTreeSet<Vec<String>> {
    rules(checks).map(|rule| rule.by.clone()).collect()
}

/// Ids of the KPIs and measures to compute: those that the checks are about and the measures that
/// these read, by which a group that has nothing of a KPI is told from one that lost a part.
pub fn subjects(checks: &[Check]) -> Vec<String> {
    ids_to_compute(rules(checks).map(|rule| rule.subject))
}

fn rules(checks: &[Check]) -> impl Iterator<Item = &Rule> {
    checks.iter().flat_map(|check| check.rules.iter().map(|(_, rule)| rule))
}

impl Gate<'_> {
    /// Judges every check.
    pub fn judge(&self) -> CheckReport {
        let lines: Vec<CheckLine> = self.checks.iter().flat_map(|check| self.check(check)).collect();
        let counts = CheckCounts::of(lines.iter().map(|line| line.status));
        let judged = counts.passed.saturating_add(counts.failed).saturating_add(counts.warned);
        let outcome = match counts {
            CheckCounts { unanswered: 1.., .. } => CheckOutcome::Unanswered,
            CheckCounts { failed: 1.., .. } => CheckOutcome::Failed,
            _ if judged == 0 => CheckOutcome::Unanswered,
            _ => CheckOutcome::Passed,
        };
        let nothing = judged == 0 && counts.unanswered == 0;
        let reason = if self.checks.is_empty() {
            "there is no check: write --require 'open_rate >= 20%' or [[check]] in mak.toml"
        } else {
            "nothing was judged: every check was passed over"
        };
        let first = self.documents.values().next();
        CheckReport {
            schema: CheckReport::SCHEMA.to_owned(),
            outcome,
            exit_code: outcome.exit_code(),
            reason: nothing.then(|| reason.to_owned()),
            basis: first.map(|document| document.basis.clone()).unwrap_or_default(),
            currency: first.and_then(|document| document.currency.clone()),
            after: self.periods.map(|pair| side_of(&pair.after)),
            before: self.periods.map(|pair| side_of(&pair.before)),
            counts,
            checks: lines,
            notes: self.periods.map(|pair| pair.notes.clone()).unwrap_or_default(),
            warnings: self.warnings(),
        }
    }

    /// What the results warn of, each once.
    fn warnings(&self) -> Vec<Warning> {
        let mut out: Vec<Warning> = Vec::new();
        for warning in self.documents.values().flat_map(|document| &document.warnings) {
            if !out.contains(warning) {
                out.push(warning.clone());
            }
        }
        out
    }

    /// The lines of a check. A warning says nothing new where the failure of the same check is
    /// there already.
    fn check(&self, check: &Check) -> Vec<CheckLine> {
        let (fail, warn): (Vec<_>, Vec<_>) = check.rules.iter().partition(|(level, _)| *level == Level::Fail);
        let failing: Vec<CheckLine> = fail.into_iter().flat_map(|(level, rule)| self.rule(check, *level, rule)).collect();
        let said = |line: &CheckLine| {
            let same =
                |other: &&CheckLine| other.subject == line.subject && other.statistic == line.statistic && other.by == line.by;
            failing.iter().filter(same).any(|other| other.status != CheckStatus::Passed)
        };
        let mut lines: Vec<CheckLine> =
            warn.into_iter().flat_map(|(level, rule)| self.rule(check, *level, rule)).filter(|line| !said(line)).collect();
        lines.extend(failing);
        lines
    }

    fn rule(&self, check: &Check, level: Level, rule: &Rule) -> Vec<CheckLine> {
        let judge = Judge { gate: self, check, level, rule };
        let Some(document) = self.documents.get(&rule.by) else {
            return vec![judge.absent(&IndexMap::new(), &Absent::because("the result was not computed"))];
        };
        if rule.by.is_empty() {
            return vec![judge.group(document, Some(&document.total), &IndexMap::new())];
        }
        let mut keys: Vec<_> = document.groups.iter().map(|group| &group.by).collect();
        if let (Some(baseline), true) = (self.baseline.by(&rule.by), rule.needs_baseline()) {
            // A group that is gone has dropped to nothing.
            let gone = baseline.groups.iter().filter(|old| baseline.by == rule.by && with_key(document, &old.by).is_none());
            keys.extend(gone.map(|group| &group.by));
        }
        let lines: Vec<CheckLine> = keys.iter().map(|key| judge.group(document, with_key(document, key), key)).collect();
        if lines.iter().any(|line| line.status != CheckStatus::Skipped || line.found.is_some()) {
            return lines;
        }
        // No group has anything to judge: that is no reason to pass.
        let why = match Figure::find(document, &document.total, rule.subject, rule.stat) {
            Err(absent) => absent.reason,
            Ok(_) if keys.is_empty() => format!("there are no groups by {}", rule.by.join(", ")),
            Ok(_) => format!("no group by {} has it", rule.by.join(", ")),
        };
        vec![judge.absent(&IndexMap::new(), &Absent::because(why))]
    }
}

/// One rule of one check.
#[derive(Clone, Copy)]
struct Judge<'a> {
    gate: &'a Gate<'a>,
    check: &'a Check,
    level: Level,
    rule: &'a Rule,
}

impl Judge<'_> {
    fn group(&self, document: &Compute, group: Option<&Group>, key: &IndexMap<String, Option<String>>) -> CheckLine {
        if let Some(label) = self.incomplete(document, key) {
            let last = Calendar::of(document).last_day.map_or_else(String::new, |day| format!(": the data end on {day}"));
            return self.skipped(key, format!("{label} is not complete{last}; --incomplete judges it all the same"));
        }
        let figure = match group {
            Some(group) => Figure::find(document, group, self.rule.subject, self.rule.stat),
            None => Err(Absent::because("the baseline has this group, the data have not")),
        };
        let figure = match figure {
            Ok(figure) => figure,
            Err(absent) if absent.not_concerned && self.check.on_missing == OnMissing::Error => {
                return self.skipped(key, format!("nothing to judge in this group: {}", absent.reason));
            }
            Err(absent) => return self.absent(key, &absent),
        };
        let mut line = self.found(key, &figure);
        if let (Some(least), Some(n)) = (self.check.min_n, figure.n)
            && n < least
        {
            line.status = CheckStatus::Skipped;
            line.reason = Some(format!("too few to judge: {n} of at least {least}"));
            return line;
        }
        if self.check.min_n.is_some() && figure.n.is_none() {
            line.reason = Some("min_n was not applied: how many rows the group has is not known".to_owned());
        }
        match self.rule.test {
            Test::Moves(movement, op, by, limit) => self.movement(line, document, &figure, (movement, op, by, limit)),
            test => self.value(line, &figure, &test),
        }
    }

    /// The label of a period in the key that the data do not reach the end of.
    fn incomplete(&self, document: &Compute, key: &IndexMap<String, Option<String>>) -> Option<String> {
        if self.gate.with_incomplete {
            return None;
        }
        let calendar = Calendar::of(document);
        let label = |(name, value): (&String, &Option<String>)| {
            let (period, label) = (Period::from_word(name)?, value.as_deref()?);
            (!calendar.is_complete(period, label)).then(|| label.to_owned())
        };
        key.iter().find_map(label)
    }

    /// A test of the value itself.
    fn value(&self, line: CheckLine, figure: &Figure<'_>, test: &Test) -> CheckLine {
        let limits = estimate::of_value(figure, self.confidence());
        let holds = test.holds(figure.value).unwrap_or(false);
        self.ruled(line, holds, limits, test)
    }

    /// A test of how far the value moved from its baseline.
    fn movement(
        &self,
        mut line: CheckLine,
        document: &Compute,
        after: &Figure<'_>,
        (movement, op, by, limit): (Movement, Op, MeasuredBy, Limit),
    ) -> CheckLine {
        let before = match self.baseline(document, &line.by) {
            Ok(Some(before)) => before,
            Ok(None) => {
                line.status = CheckStatus::Skipped;
                line.reason = Some("the baseline has no such group".to_owned());
                return line;
            }
            Err(why) => return self.missing(line, why),
        };
        line.baseline = Some(Number(before.value));
        match moved(movement, op, by, limit.value, before.exact(), after.exact()) {
            Err(why) => self.missing(line, why.to_owned()),
            Ok(Moved { amount, holds }) => {
                line.change = Some(Number(amount));
                line.change_in = Some(change_in(by, self.rule.subject.unit()).to_owned());
                let limits = match by {
                    MeasuredBy::Difference => estimate::of_difference(&before, after, self.confidence()),
                    MeasuredBy::Part => estimate::of_relative_difference(&before, after, self.confidence()),
                };
                let limits = limits.map(|limits| match movement {
                    Movement::Drop => limits.negated(),
                    Movement::Rise => limits,
                    Movement::Change => limits.absolute(),
                });
                self.ruled(line, holds, limits, &Test::Compare(op, limit))
            }
        }
    }

    /// The baseline's value of the same group; `None` when it has no such group.
    fn baseline(&self, document: &Compute, key: &IndexMap<String, Option<String>>) -> Result<Option<Figure<'_>>, String> {
        let Some(baseline) = self.gate.baseline.by(&self.rule.by) else {
            let why =
                "a rule about a change needs --baseline, an earlier `mak compute --format json`, or --period with --compare";
            return Err(why.to_owned());
        };
        comparable(baseline, document).map_err(|why| format!("the baseline cannot be compared: {why}"))?;
        let group = if key.is_empty() {
            &baseline.total
        } else if baseline.by == self.rule.by {
            match with_key(baseline, key) {
                Some(group) => group,
                None => return Ok(None),
            }
        } else {
            return Err(format!("the baseline was not computed with --by {}", self.rule.by.join(",")));
        };
        let found = Figure::find(baseline, group, self.rule.subject, self.rule.stat);
        found.map(Some).map_err(|absent| format!("in the baseline: {}", absent.reason))
    }

    /// The verdict on a value with its interval.
    fn ruled(&self, mut line: CheckLine, holds: bool, limits: Option<Limits>, test: &Test) -> CheckLine {
        let decides = self.check.confidence.is_some();
        line.interval = limits.map(|limits| limits.document(self.confidence(), decides));
        let (holds, note) = match (limits, decides) {
            (Some(limits), true) => {
                let ruling = with_interval(test, holds, limits, self.check.mode);
                (ruling.holds, ruling.note)
            }
            (None, true) => {
                let why = format!("there is no interval of {}, so that its confidence cannot be told", self.rule.subject.id());
                return self.missing(line, format!("{why}; leave confidence out to compare the value itself"));
            }
            (_, false) => (holds, None),
        };
        if let Some(note) = note {
            line.reason = Some(line.reason.map_or_else(|| note.to_owned(), |reason| format!("{note}; {reason}")));
        }
        line.status = if holds { CheckStatus::Passed } else { self.missed() };
        line
    }

    fn confidence(&self) -> Decimal {
        self.check.confidence.unwrap_or(SHOWN_CONFIDENCE)
    }

    /// What a missed rule means.
    fn missed(&self) -> CheckStatus {
        if self.level == Level::Fail || self.gate.strict { CheckStatus::Failed } else { CheckStatus::Warned }
    }

    fn skipped(&self, key: &IndexMap<String, Option<String>>, reason: String) -> CheckLine {
        CheckLine { status: CheckStatus::Skipped, reason: Some(reason), ..self.blank(key) }
    }

    fn absent(&self, key: &IndexMap<String, Option<String>>, absent: &Absent) -> CheckLine {
        self.missing(self.blank(key), absent.reason.clone())
    }

    /// The line when there is no value to judge.
    fn missing(&self, line: CheckLine, reason: String) -> CheckLine {
        let status = match self.check.on_missing {
            OnMissing::Error => CheckStatus::Unanswered,
            OnMissing::Fail => CheckStatus::Failed,
            OnMissing::Warn if self.gate.strict => CheckStatus::Failed,
            OnMissing::Warn => CheckStatus::Warned,
            OnMissing::Skip => CheckStatus::Skipped,
        };
        CheckLine { status, reason: Some(reason), ..line }
    }

    fn found(&self, key: &IndexMap<String, Option<String>>, figure: &Figure<'_>) -> CheckLine {
        CheckLine { found: Some(Number(figure.value)), n: figure.n, ..self.blank(key) }
    }

    fn blank(&self, key: &IndexMap<String, Option<String>>) -> CheckLine {
        let from_file = self.check.line > 0;
        CheckLine {
            status: CheckStatus::Unanswered,
            level: if self.level == Level::Fail { "fail" } else { "warn" }.to_owned(),
            rule: self.rule.to_string(),
            name: self.check.name.clone(),
            subject: self.rule.subject.id().to_owned(),
            statistic: self.rule.stat.map(|stat| stat.word().to_owned()),
            by: key.clone(),
            expected: expected(self.rule),
            found: None,
            unit: unit_word(self.rule.subject),
            baseline: None,
            change: None,
            change_in: None,
            interval: None,
            n: None,
            owner: self.check.owner.clone(),
            reason: None,
            file: self.gate.file.filter(|_| from_file).map(str::to_owned),
            line: from_file.then_some(self.check.line),
        }
    }
}

fn change_in(by: MeasuredBy, unit: Unit) -> &'static str {
    match by {
        MeasuredBy::Part => "percent",
        MeasuredBy::Difference if unit.is_percentage() => "percentage-points",
        MeasuredBy::Difference => unit.word(),
    }
}

fn unit_word(subject: Subject) -> String {
    let unit: Unit = subject.unit();
    unit.word().to_owned()
}

/// What the rule demands, without its subject: `>= 20%`, `18% to 40%`, `drop <= 2pp`.
fn expected(rule: &Rule) -> String {
    match &rule.test {
        Test::Compare(op, limit) => format!("{} {}", op.sign(), limit.written),
        Test::Between { low: (low, true), high: (high, true) } => format!("{} to {}", low.written, high.written),
        Test::Between { low: (low, with_low), high: (high, with_high) } => {
            let sign = |with: &bool| if *with { "=" } else { "" };
            format!(">{} {}, <{} {}", sign(with_low), low.written, sign(with_high), high.written)
        }
        Test::Moves(movement, op, _, limit) => format!("{} {} {}", movement.word(), op.sign(), limit.written),
    }
}
