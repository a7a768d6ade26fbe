//! Checks and targets: `[[check]]` and `[target.KPI]`.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::rule::{Limit, Op, Rule, RuleError, Stat, Subject, Test, parse_subject};
use super::section::{Located, Section};
use super::setting::confidence;
use crate::kpi::Catalogue;

/// What a missed check means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is shown.
    Warn,
    /// The run fails.
    Fail,
}

/// What counts as missed when there is an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Missed only when the whole interval is: noise fails no build.
    FailWhenSure,
    /// Passed only when the whole interval passes.
    PassWhenSure,
}

/// What happens when the value is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMissing {
    /// The question could not be answered.
    Error,
    /// The check is missed.
    Fail,
    /// It is shown.
    Warn,
    /// The check is passed over, and counted.
    Skip,
}

/// One check; both of its levels may have a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What must hold, at least one rule, each with what it means when it does not.
    pub rules: Vec<(Level, Rule)>,
    /// Groups with fewer rows or trials are passed over, and counted.
    pub min_n: Option<u64>,
    /// Confidence of the interval that the verdict rests on; none compares the value itself.
    pub confidence: Option<Decimal>,
    /// Which side of the interval decides.
    pub mode: Mode,
    /// What an unavailable value means.
    pub on_missing: OnMissing,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Line of `mak.toml`.
    pub line: u64,
}

impl Check {
    /// A check of one rule with everything else as it is by default, as `--require` makes them.
    pub fn required(rule: Rule) -> Self {
        Check {
            name: None,
            rules: vec![(Level::Fail, rule)],
            min_n: None,
            confidence: None,
            mode: Mode::FailWhenSure,
            on_missing: OnMissing::Error,
            owner: None,
            line: 0,
        }
    }
}

/// How often a target is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every quarter.
    Quarterly,
    /// Every year.
    Yearly,
}

impl Cadence {
    const WORDS: &'static [(&'static str, Cadence)] = &[
        ("weekly", Cadence::Weekly),
        ("monthly", Cadence::Monthly),
        ("quarterly", Cadence::Quarterly),
        ("yearly", Cadence::Yearly),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Cadence::WORDS.iter().find(|(_, cadence)| *cadence == self).map_or("", |(word, _)| word)
    }
}

/// Where a KPI is meant to go.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it is about.
    pub subject: Subject,
    /// Which statistic, where one is named.
    pub stat: Option<Stat>,
    /// The value aimed at.
    pub value: Limit,
    /// The value that one started from.
    pub start: Option<Limit>,
    /// When it is due.
    pub by: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// How often it is looked at.
    pub cadence: Option<Cadence>,
    /// Line of `mak.toml`.
    pub line: u64,
}

/// Reads `[[check]]`.
pub(super) fn read_checks(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<Check> {
    top.array_of_tables("check").iter().filter_map(|section| read_check(section, catalogue)).collect()
}

fn read_check(section: &Section<'_, '_>, catalogue: &Catalogue) -> Option<Check> {
    let mut rules = read_rules(section, catalogue);
    let by: Vec<String> = section
        .texts("by")
        .iter()
        .flat_map(|text| text.text.split(',').map(|name| name.trim().to_lowercase()).collect::<Vec<_>>())
        .collect();
    if let Some(value) = section.get("by") {
        if by.iter().any(String::is_empty) {
            section.problem(value.span(), "the name of a dimension is missing", Some("write by = \"channel\"".to_owned()));
        }
        if rules.iter().flatten().any(|(_, rule)| !rule.by.is_empty()) {
            section.problem(value.span(), "by stands here and in the rule", Some("keep one of them".to_owned()));
        }
    }
    for (_, rule) in rules.iter_mut().flatten().filter(|(_, rule)| rule.by.is_empty()) {
        rule.by.clone_from(&by);
    }
    let check = Check {
        name: section.text("name").map(|name| name.text),
        rules: Vec::new(),
        min_n: section.whole("min_n"),
        confidence: read_confidence(section),
        mode: section
            .word("mode", &[("fail_when_sure", Mode::FailWhenSure), ("pass_when_sure", Mode::PassWhenSure)])
            .unwrap_or(Mode::FailWhenSure),
        on_missing: section
            .word(
                "on_missing",
                &[("error", OnMissing::Error), ("fail", OnMissing::Fail), ("warn", OnMissing::Warn), ("skip", OnMissing::Skip)],
            )
            .unwrap_or(OnMissing::Error),
        owner: section.text("owner").map(|owner| owner.text),
        line: section.line(),
    };
    if let (Some(value), None) = (section.get("mode"), section.get("confidence")) {
        section.problem(value.span(), "mode needs a confidence", Some("add confidence = 0.95".to_owned()));
    }
    section.done();
    let rules = rules?;
    warn_before_fail(section, &rules);
    Some(Check { rules, ..check })
}

/// The rules of a check: `rule`, or `warn` and `fail`, or `kpi` with `min` and `max`. `None`
/// when something is wrong with them, which is noted.
fn read_rules(section: &Section<'_, '_>, catalogue: &Catalogue) -> Option<Vec<(Level, Rule)>> {
    let level = section.word("level", &[("warn", Level::Warn), ("fail", Level::Fail)]);
    let kpi = section.text("kpi");
    let limits: Vec<_> = [("min", Op::AtLeast), ("max", Op::AtMost)]
        .into_iter()
        .filter_map(|(key, op)| Some((section.get(key)?.span(), key, op)))
        .collect();
    let texts = [("rule", level.unwrap_or(Level::Fail)), ("warn", Level::Warn), ("fail", Level::Fail)];
    let texts: Vec<_> = texts.into_iter().filter_map(|(key, level)| Some((key, level, section.text(key)?))).collect();
    let forms = [!limits.is_empty(), texts.iter().any(|(key, ..)| *key == "rule"), texts.iter().any(|(key, ..)| *key != "rule")];
    if forms.iter().filter(|there| **there).count() != 1 {
        let help = "write rule = \"open_rate >= 20%\", or warn and fail, or kpi with min and max".to_owned();
        section.problem(section.span.clone(), "a check has one rule, or one for each level", Some(help));
        return None;
    }
    if let (Some(value), true) = (section.get("level"), forms[2]) {
        section.problem(value.span(), "level stands beside warn or fail", Some("leave it out".to_owned()));
    }
    if let (Some(kpi), true) = (&kpi, forms[1]) {
        section.problem(kpi.span.clone(), "kpi stands beside a rule", Some("the rule names its KPI; leave kpi out".to_owned()));
    }
    if !limits.is_empty() {
        return read_limits(section, kpi.as_ref(), level.unwrap_or(Level::Fail), catalogue).map(|rule| vec![rule]);
    }
    let rules: Vec<_> =
        texts.iter().map(|(_, level, text)| Some((*level, read_rule(section, kpi.as_ref(), text, catalogue)?))).collect();
    rules.into_iter().collect()
}

fn read_rule(section: &Section<'_, '_>, kpi: Option<&Located>, text: &Located, catalogue: &Catalogue) -> Option<Rule> {
    let prefix = kpi.filter(|_| !names_a_subject(&text.text)).map_or_else(String::new, |kpi| format!("{} ", kpi.text));
    match Rule::parse(&format!("{prefix}{}", text.text), catalogue) {
        Ok(rule) => Some(rule),
        Err(why) if why.span.start < prefix.len() => {
            let at = kpi.map_or(text.span.clone(), |kpi| kpi.part(why.span.clone()));
            note(section, RuleError { span: at, ..why });
            None
        }
        Err(why) => {
            let span = why.span.start.saturating_sub(prefix.len())..why.span.end.saturating_sub(prefix.len());
            note(section, RuleError { span: text.part(span), ..why });
            None
        }
    }
}

/// Whether a rule is whole, rather than the part after `kpi`.
fn names_a_subject(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("");
    let word = first.trim_end_matches(|c: char| !c.is_alphanumeric());
    first.starts_with(|c: char| c.is_alphabetic()) && !matches!(word, "in" | "drop" | "rise" | "change")
}

/// `kpi` with `min` and `max`.
fn read_limits(section: &Section<'_, '_>, kpi: Option<&Located>, level: Level, catalogue: &Catalogue) -> Option<(Level, Rule)> {
    let Some(kpi) = kpi else {
        section.problem(section.span.clone(), "min and max need a kpi", Some("add kpi = \"open_rate\"".to_owned()));
        return None;
    };
    let subject = match parse_subject(&kpi.text, catalogue) {
        Ok(found) => Some(found),
        Err(why) => {
            note(section, RuleError { span: kpi.part(why.span.clone()), ..why });
            None
        }
    };
    let (low, high) = (section.literal("min"), section.literal("max"));
    let (subject, stat) = subject?;
    let limit = |key: &str, given: Option<(super::literal::Literal, std::ops::Range<usize>)>| {
        let (written, span) = given?;
        match written.in_unit(subject.unit()) {
            Ok(value) => Some(Limit { written, value }),
            Err(why) => {
                section.literal_problem(span, key, why);
                None
            }
        }
    };
    let (low, high) = (limit("min", low), limit("max", high));
    let test = match (low, high, section.get("min"), section.get("max")) {
        (Some(low), Some(high), _, Some(value)) if low.value > high.value => {
            section.problem(value.span(), format!("no value lies between {} and {}", low.written, high.written), None);
            return None;
        }
        (Some(low), Some(high), ..) => Test::Between { low: (low, true), high: (high, true) },
        (Some(low), None, _, None) => Test::Compare(Op::AtLeast, low),
        (None, Some(high), None, _) => Test::Compare(Op::AtMost, high),
        _ => return None,
    };
    let mut rule = Rule { text: String::new(), subject, stat, test, by: Vec::new() };
    rule.text = rule.to_string();
    Some((level, rule))
}

/// A warning that comes no earlier than the failure is never seen.
fn warn_before_fail(section: &Section<'_, '_>, rules: &[(Level, Rule)]) {
    let [(Level::Warn, warn), (Level::Fail, fail)] = rules else { return };
    if warn.subject != fail.subject || warn.stat != fail.stat || warn.by != fail.by {
        return;
    }
    let (Test::Compare(warn_op, warn), Test::Compare(fail_op, fail)) = (warn.test, fail.test) else { return };
    let too_late = match (warn_op, fail_op) {
        (Op::AtLeast | Op::More, Op::AtLeast | Op::More) => warn.value < fail.value,
        (Op::AtMost | Op::Less, Op::AtMost | Op::Less) => warn.value > fail.value,
        _ => false,
    };
    if let (true, Some(value)) = (too_late, section.get("warn")) {
        let message = format!("this warning is never seen: the check fails at {} already", fail.written);
        section.problem(value.span(), message, Some("swap warn and fail".to_owned()));
    }
}

fn read_confidence(section: &Section<'_, '_>) -> Option<Decimal> {
    let (literal, span) = section.literal("confidence")?;
    match confidence(literal) {
        Ok(value) => Some(value),
        Err(why) => {
            section.literal_problem(span, "confidence", why);
            None
        }
    }
}

/// Reads `[target.KPI]`.
pub(super) fn read_targets(top: &Section<'_, '_>, catalogue: &Catalogue) -> Vec<Target> {
    top.named_tables("target").iter().filter_map(|(name, section)| read_target(name, section, catalogue)).collect()
}

fn read_target(name: &Located, section: &Section<'_, '_>, catalogue: &Catalogue) -> Option<Target> {
    let about = parse_subject(&name.text, catalogue);
    if let Err(why) = &about {
        note(section, RuleError { span: name.part(why.span.clone()), ..why.clone() });
    }
    let about = about.ok();
    let limit = |key: &'static str| {
        let (written, span) = section.literal(key)?;
        let value = written.in_unit(about?.0.unit());
        value.map_err(|why| section.literal_problem(span, key, why)).ok().map(|value| Limit { written, value })
    };
    let (value, start) = (limit("value"), limit("start"));
    if section.get("value").is_none() {
        section.problem(
            section.span.clone(),
            format!("value is missing in [{}]", section.path),
            Some("write value = \"25%\"".to_owned()),
        );
    }
    let (by, owner) = (section.date("by"), section.text("owner").map(|owner| owner.text));
    let cadence = section.word("cadence", Cadence::WORDS);
    section.done();
    let (subject, statistic) = about?;
    Some(Target { subject, stat: statistic, value: value?, start, by, owner, cadence, line: section.line() })
}

fn note(section: &Section<'_, '_>, why: RuleError) {
    // A rule about a KPI whose own declaration has a mistake is not another one.
    if section.source.text.get(why.span.clone()).is_some_and(|name| section.source.is_broken(name)) {
        return;
    }
    section.problem(why.span, why.message, why.help);
}
