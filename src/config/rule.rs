//! Rules of checks: `open_rate >= 20%`, `cac < 40 by channel`, `response_time.p90 <= 2h`.
//!
//! ```text
//! rule    = [ literal ("<" | "<=") ] subject test [ "by" dimension { "," dimension } ]
//! subject = KPI or measure [ "." statistic ]
//! test    = operator literal                        open_rate >= 20%
//!         | "in" literal ".." literal               open_rate in 18%..40%
//!         | ("drop" | "rise" | "change") operator literal    against a baseline
//! ```
//!
//! The rules of `mak.toml` and those of `--require` are the same language.

use std::fmt;
use std::ops::Range;

use rust_decimal::Decimal;

use super::literal::{Literal, LiteralError, LiteralKind};
use crate::finding::nearest;
use crate::kpi::{Additivity, Catalogue, Expr, Kpi, Measure, Unit};

/// What is wrong with a rule, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Bytes of the rule that are at fault.
    pub span: Range<usize>,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// A KPI.
    Kpi(&'static Kpi),
    /// A measure by itself.
    Measure(Measure),
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Subject {
    /// The KPI or measure of that name.
    pub fn named(name: &str, catalogue: &Catalogue) -> Option<Subject> {
        catalogue.kpi(name).map(Subject::Kpi).or_else(|| catalogue.measure(name).map(Subject::Measure))
    }

    /// Its id.
    pub const fn id(self) -> &'static str {
        match self {
            Subject::Kpi(kpi) => kpi.id,
            Subject::Measure(measure) => measure.id(),
        }
    }

    /// Unit of its value.
    pub const fn unit(self) -> Unit {
        match self {
            Subject::Kpi(kpi) => kpi.unit,
            Subject::Measure(measure) => measure.unit(),
        }
    }

    /// Whether it is a duration or score with a mean and quantiles of its own.
    pub fn is_sample(self) -> bool {
        let measure = match self {
            Subject::Kpi(Kpi { formula: Expr::Measure(measure), .. }) => *measure,
            Subject::Measure(measure) => measure,
            Subject::Kpi(_) => return false,
        };
        measure.additivity() == Additivity::Sample
    }
}

/// A statistic of a duration or score; its value is the median where none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// Arithmetic mean.
    Mean,
    /// 50th percentile.
    Median,
    /// 90th percentile.
    P90,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
}

impl Stat {
    const ALL: &'static [Stat] = &[Stat::Mean, Stat::Median, Stat::P90, Stat::Min, Stat::Max];

    /// The word for it in rules.
    pub const fn word(self) -> &'static str {
        match self {
            Stat::Mean => "mean",
            Stat::Median => "median",
            Stat::P90 => "p90",
            Stat::Min => "min",
            Stat::Max => "max",
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Op {
    /// Longest first, so that `<=` is not read as `<`.
    const SPELLINGS: &'static [(&'static str, Op)] = &[
        ("<=", Op::AtMost),
        (">=", Op::AtLeast),
        ("==", Op::Equal),
        ("!=", Op::NotEqual),
        ("≤", Op::AtMost),
        ("≥", Op::AtLeast),
        ("≠", Op::NotEqual),
        ("<", Op::Less),
        (">", Op::More),
    ];

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Op::Less => "<",
            Op::AtMost => "<=",
            Op::More => ">",
            Op::AtLeast => ">=",
            Op::Equal => "==",
            Op::NotEqual => "!=",
        }
    }

    /// Whether the comparison holds, exactly.
    pub fn holds(self, value: Decimal, limit: Decimal) -> bool {
        match self {
            Op::Less => value < limit,
            Op::AtMost => value <= limit,
            Op::More => value > limit,
            Op::AtLeast => value >= limit,
            Op::Equal => value == limit,
            Op::NotEqual => value != limit,
        }
    }
}

/// A limit as written, and in the unit of the subject's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// As written.
    pub written: Literal,
    /// The exact number to compare with.
    pub value: Decimal,
}

/// Which way a value moves from its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// How much it fell; negative when it rose.
    Drop,
    /// How much it rose; negative when it fell.
    Rise,
    /// How far it moved, either way.
    Change,
}

impl Movement {
    const ALL: &'static [Movement] = &[Movement::Drop, Movement::Rise, Movement::Change];

    /// The word for it in rules.
    pub const fn word(self) -> &'static str {
        match self {
            Movement::Drop => "drop",
            Movement::Rise => "rise",
            Movement::Change => "change",
        }
    }
}

/// How a change is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuredBy {
    /// As a part of the baseline: `drop <= 10%`.
    Part,
    /// In the unit of the value: `drop <= 2pp`, `rise <= 5`.
    Difference,
}

/// What a rule demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The value compared with a limit.
    Compare(Op, Limit),
    /// The value between two limits; each is part of the range when its flag says so.
    Between {
        /// Lower limit and whether the value may be equal to it.
        low: (Limit, bool),
        /// Upper limit and whether the value may be equal to it.
        high: (Limit, bool),
    },
    /// The movement from a baseline compared with a limit.
    Moves(Movement, Op, MeasuredBy, Limit),
}

impl Test {
    /// Whether a value passes; `None` for a test that needs a baseline.
    pub fn holds(&self, value: Decimal) -> Option<bool> {
        match self {
            Test::Compare(op, limit) => Some(op.holds(value, limit.value)),
            Test::Between { low: (low, with_low), high: (high, with_high) } => {
                let above = if *with_low { value >= low.value } else { value > low.value };
                let below = if *with_high { value <= high.value } else { value < high.value };
                Some(above && below)
            }
            Test::Moves(..) => None,
        }
    }
}

/// A rule, resolved against a catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// As written.
    pub text: String,
    /// What it is about.
    pub subject: Subject,
    /// Which statistic, where one is named.
    pub stat: Option<Stat>,
    /// What it demands.
    pub test: Test,
    /// Dimensions: the rule holds for each group by itself.
    pub by: Vec<String>,
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// It is not well formed, names nothing known, or demands the impossible.
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Rule, RuleError> {
        Parser { text, at: 0, catalogue }.rule()
    }

    /// Whether it needs an earlier result to compare with.
    pub fn needs_baseline(&self) -> bool {
        matches!(self.test, Test::Moves(..))
    }
}

/// The rule in its canonical form; reading it back gives the same rule.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut subject = self.subject.id().to_owned();
        if let Some(stat) = self.stat {
            subject = format!("{subject}.{}", stat.word());
        }
        match &self.test {
            Test::Compare(op, limit) => write!(f, "{subject} {} {}", op.sign(), limit.written)?,
            Test::Between { low: (low, with_low), high: (high, with_high) } => {
                let sign = |with: bool| if with { "<=" } else { "<" };
                write!(f, "{} {} {subject} {} {}", low.written, sign(*with_low), sign(*with_high), high.written)?;
            }
            Test::Moves(movement, op, _, limit) => write!(f, "{subject} {} {} {}", movement.word(), op.sign(), limit.written)?,
        }
        if !self.by.is_empty() {
            write!(f, " by {}", self.by.join(", "))?;
        }
        Ok(())
    }
}

/// Reads `open_rate` or `response_time.p90`.
///
/// # Errors
/// No KPI or measure has that name, or it has no such statistic.
pub fn parse_subject(text: &str, catalogue: &Catalogue) -> Result<(Subject, Option<Stat>), RuleError> {
    let mut parser = Parser { text, at: 0, catalogue };
    let subject = parser.subject()?;
    parser.skip_blanks();
    if parser.rest().is_empty() { Ok(subject) } else { Err(parser.error_here("nothing may follow the name", None)) }
}

struct Parser<'t, 'c> {
    text: &'t str,
    at: usize,
    catalogue: &'c Catalogue,
}

impl<'t> Parser<'t, '_> {
    fn rule(mut self) -> Result<Rule, RuleError> {
        self.skip_blanks();
        let lower = if self.rest().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '+' | '.')) {
            Some(self.lower_bound()?)
        } else {
            None
        };
        let (subject, stat) = self.subject()?;
        let test = match lower {
            Some(lower) => self.upper_bound(subject, lower)?,
            None => self.test(subject)?,
        };
        let by = self.by()?;
        Ok(Rule { text: self.text.trim().to_owned(), subject, stat, test, by })
    }

    /// `18% <=` before the subject.
    fn lower_bound(&mut self) -> Result<(Literal, Range<usize>, bool), RuleError> {
        let (literal, span) = self.literal()?;
        self.skip_blanks();
        let at = self.at;
        match self.operator()? {
            Op::AtMost => Ok((literal, span, true)),
            Op::Less => Ok((literal, span, false)),
            _ => Err(error(at..self.at, "a rule that begins with a number is a range", Some("write 18% <= open_rate <= 40%"))),
        }
    }

    fn upper_bound(&mut self, subject: Subject, lower: (Literal, Range<usize>, bool)) -> Result<Test, RuleError> {
        let (literal, span, with_low) = lower;
        let low = limit(subject, literal, span.clone())?;
        self.skip_blanks();
        let at = self.at;
        let with_high = match self.operator()? {
            Op::AtMost => true,
            Op::Less => false,
            _ => return Err(error(at..self.at, "a range goes up from its lower limit", Some("write 18% <= open_rate <= 40%"))),
        };
        let (literal, upper) = self.literal()?;
        let high = limit(subject, literal, upper.clone())?;
        between(low, with_low, high, with_high, span.start..upper.end)
    }

    fn subject(&mut self) -> Result<(Subject, Option<Stat>), RuleError> {
        let (name, span) = self.word();
        if name.is_empty() {
            return Err(self.error_here("the name of a KPI or measure is expected here", Some("write open_rate >= 20%")));
        }
        let Some(subject) = Subject::named(name, self.catalogue) else {
            return Err(unknown_subject(name, span, self.catalogue));
        };
        if !self.rest().starts_with('.') {
            return Ok((subject, None));
        }
        self.at += 1;
        let (word, stat_span) = self.word();
        if !subject.is_sample() {
            let message = format!("{} has no statistics: it is one number", subject.id());
            return Err(error(
                span.end..stat_span.end,
                message,
                Some("durations and scores have .mean, .median, .p90, .min and .max"),
            ));
        }
        match Stat::ALL.iter().find(|stat| stat.word() == word) {
            Some(stat) => Ok((subject, Some(*stat))),
            None => {
                Err(error(stat_span, format!("there is no statistic {word}"), Some("there are mean, median, p90, min and max")))
            }
        }
    }

    fn test(&mut self, subject: Subject) -> Result<Test, RuleError> {
        let before = self.at;
        let (word, span) = self.word();
        if word == "in" {
            return self.range(subject);
        }
        if let Some(movement) = Movement::ALL.iter().find(|movement| movement.word() == word) {
            return self.movement(subject, *movement);
        }
        if !word.is_empty() {
            let help = nearest(word, ["drop", "rise", "change", "in"]).map(|near| format!("did you mean {near}?"));
            let help = help.unwrap_or_else(|| "write <, <=, >, >=, == or !=, or in, drop, rise, change".to_owned());
            return Err(RuleError { span, message: "a comparison is expected here".to_owned(), help: Some(help) });
        }
        self.at = before;
        let op = self.operator()?;
        let (literal, span) = self.literal()?;
        Ok(Test::Compare(op, limit(subject, literal, span)?))
    }

    /// `18%..40%`
    fn range(&mut self, subject: Subject) -> Result<Test, RuleError> {
        let (literal, lower) = self.literal()?;
        let low = limit(subject, literal, lower.clone())?;
        self.skip_blanks();
        if !self.rest().starts_with("..") {
            return Err(self.error_here("two points are expected between the limits", Some("write open_rate in 18%..40%")));
        }
        self.at += 2;
        let (literal, upper) = self.literal()?;
        let high = limit(subject, literal, upper.clone())?;
        between(low, true, high, true, lower.start..upper.end)
    }

    fn movement(&mut self, subject: Subject, movement: Movement) -> Result<Test, RuleError> {
        let op = self.operator()?;
        let (written, span) = self.literal()?;
        let refuse = |message: String, help: &str| Err(error(span.clone(), message, Some(help)));
        let unit = subject.unit();
        let (by, value) = match written.kind {
            LiteralKind::Percent => (MeasuredBy::Part, written.value),
            LiteralKind::Points if unit.is_percentage() => (MeasuredBy::Difference, written.value),
            LiteralKind::Points => {
                return refuse(
                    format!("{} is no percentage, so it has no percentage points", subject.id()),
                    "write a part of it: drop <= 10%",
                );
            }
            LiteralKind::Plain if unit.is_percentage() => {
                return refuse(
                    format!("{written} may be a part or percentage points"),
                    "write drop <= 10% (of the value) or drop <= 2pp",
                );
            }
            LiteralKind::Plain | LiteralKind::Duration => {
                // A change may be beyond the range of values: only its kind has to fit.
                let unit = if matches!(unit, Unit::Count | Unit::Points) { Unit::Number } else { unit };
                let value = written.in_unit(unit).map_err(|why| at(span.clone(), why))?;
                (MeasuredBy::Difference, value)
            }
        };
        Ok(Test::Moves(movement, op, by, Limit { written, value }))
    }

    fn by(&mut self) -> Result<Vec<String>, RuleError> {
        self.skip_blanks();
        if self.rest().is_empty() {
            return Ok(Vec::new());
        }
        let (word, span) = self.word();
        if word != "by" {
            let span = if word.is_empty() { self.here() } else { span };
            return Err(error(span, "nothing but \"by\" may follow the limit", Some("write cac < 40 by channel")));
        }
        let mut by: Vec<String> = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.at;
            let name = self.rest().split(',').next().unwrap_or("").trim_end();
            self.at += name.len();
            let name = name.to_lowercase();
            if name.is_empty() {
                return Err(self.error_here("the name of a dimension is missing", Some("write by channel, month")));
            }
            if by.contains(&name) {
                return Err(error(start..self.at, format!("{name} is named twice"), None));
            }
            by.push(name);
            self.skip_blanks();
            if !self.rest().starts_with(',') {
                return Ok(by);
            }
            self.at += 1;
        }
    }

    fn operator(&mut self) -> Result<Op, RuleError> {
        self.skip_blanks();
        if let Some((sign, op)) = Op::SPELLINGS.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
            self.at += sign.len();
            return Ok(*op);
        }
        for (wrong, right) in [("=>", ">="), ("=<", "<="), ("<>", "!="), ("=", "==")] {
            if self.rest().starts_with(wrong) {
                let span = self.at..self.at + wrong.len();
                return Err(error(span, format!("{wrong} is no comparison"), Some(&format!("write {right}"))));
            }
        }
        Err(self.error_here("a comparison is expected here", Some("write <, <=, >, >=, == or !=")))
    }

    fn literal(&mut self) -> Result<(Literal, Range<usize>), RuleError> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let ends = |(i, c): (usize, char)| {
            c.is_whitespace() || matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥') || rest[i..].starts_with("..")
        };
        let mut length = rest.char_indices().find(|found| ends(*found)).map_or(rest.len(), |(i, _)| i);
        // `20 %` and `2 h` are written with a blank, too.
        let after = rest[length..].trim_start();
        let unit = after.find(|c: char| !(c.is_ascii_alphabetic() || c == '%')).map_or(after, |end| &after[..end]);
        if ["%", "pp", "s", "min", "h", "d", "w", "mo"].contains(&unit) {
            length = rest.len() - after.len() + unit.len();
        }
        self.at += length;
        let literal = Literal::parse(&rest[..length]).map_err(|why| at(start..self.at, why))?;
        Ok((literal, start..self.at))
    }

    fn word(&mut self) -> (&'t str, Range<usize>) {
        self.skip_blanks();
        let rest = self.rest();
        let word = &rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())];
        let span = self.at..self.at + word.len();
        self.at = span.end;
        (word, span)
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn here(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn error_here(&self, message: &str, help: Option<&str>) -> RuleError {
        error(self.here(), message, help)
    }
}

/// The error for a name that is no KPI and no measure.
pub(super) fn unknown_subject(name: &str, span: Range<usize>, catalogue: &Catalogue) -> RuleError {
    let known = catalogue.kpis().flat_map(|kpi| std::iter::once(kpi.id).chain(kpi.aliases.iter().copied()));
    let near = nearest(name, known.chain(catalogue.measures().map(Measure::id)));
    let help = near.map_or_else(|| "`mak list` shows all KPIs and measures".to_owned(), |near| format!("did you mean {near}?"));
    RuleError { span, message: format!("there is no KPI or measure {name}"), help: Some(help) }
}

fn error(span: Range<usize>, message: impl Into<String>, help: Option<&str>) -> RuleError {
    RuleError { span, message: message.into(), help: help.map(str::to_owned) }
}

fn at(span: Range<usize>, why: LiteralError) -> RuleError {
    RuleError { span, message: why.message, help: why.help }
}

fn limit(subject: Subject, written: Literal, span: Range<usize>) -> Result<Limit, RuleError> {
    let value = written.in_unit(subject.unit()).map_err(|why| at(span, why))?;
    Ok(Limit { written, value })
}

fn between(low: Limit, with_low: bool, high: Limit, with_high: bool, span: Range<usize>) -> Result<Test, RuleError> {
    if low.value > high.value || (low.value == high.value && !(with_low && with_high)) {
        let message = format!("no value lies between {} and {}", low.written, high.written);
        return Err(error(span, message, Some("the lower limit comes first")));
    }
    Ok(Test::Between { low: (low, with_low), high: (high, with_high) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(text: &str) -> Rule {
        Rule::parse(text, &Catalogue::builtin()).unwrap_or_else(|why| panic!("{text}: {why:?}"))
    }

    #[test]
    fn rules_are_read_and_printed_in_one_form() {
        for (text, canonical) in [
            ("open_rate>=20%", "open_rate >= 20%"),
            ("open_rate ≥ 0.2", "open_rate >= 0.2"),
            (" cac < 40 by channel ", "cac < 40 by channel"),
            ("cac < 40 by Channel,month", "cac < 40 by channel, month"),
            ("response_time.p90 <= 2h", "response_time.p90 <= 2h"),
            ("response_time <= 120 min by owner", "response_time <= 2h by owner"),
            ("18% <= open_rate <= 40%", "18% <= open_rate <= 40%"),
            ("18 % < open_rate < 40 %", "18% < open_rate < 40%"),
            ("open_rate in 18%..40%", "18% <= open_rate <= 40%"),
            ("nps in -10 .. 50.5", "-10 <= nps <= 50.5"),
            ("open_rate drop <= 10%", "open_rate drop <= 10%"),
            ("open_rate drop <= 2pp", "open_rate drop <= 2pp"),
            ("cac rise < 5.50 by channel", "cac rise < 5.5 by channel"),
            ("response_time.mean rise <= 1h", "response_time.mean rise <= 1h"),
            ("opens != 0", "opens != 0"),
        ] {
            assert_eq!(rule(text).to_string(), canonical);
            assert_eq!(rule(canonical).to_string(), canonical);
        }
    }

    #[test]
    fn limits_are_compared_exactly() {
        let value = |text: &str| text.parse::<Decimal>().expect("a decimal");
        assert_eq!(rule("churn_rate <= 0.04").test.holds(value("0.04")), Some(true));
        assert_eq!(rule("churn_rate < 4%").test.holds(value("0.04")), Some(false));
        assert_eq!(rule("churn_rate in 4%..5%").test.holds(value("0.04")), Some(true));
        assert_eq!(rule("4% < churn_rate <= 5%").test.holds(value("0.04")), Some(false));
        assert_eq!(rule("churn_rate != 4%").test.holds(value("0.040")), Some(false));
        assert_eq!(rule("open_rate drop <= 2pp").test.holds(value("0.04")), None);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, at, message, help) in [
            ("", "", "the name of a KPI or measure is expected here", "write open_rate >= 20%"),
            ("opn_rate >= 20%", "opn_rate", "there is no KPI or measure opn_rate", "did you mean open_rate?"),
            ("zebra >= 1", "zebra", "there is no KPI or measure zebra", "`mak list` shows all KPIs and measures"),
            ("open_rate => 20%", "=>", "=> is no comparison", "write >="),
            ("open_rate = 20%", "=", "= is no comparison", "write =="),
            ("open_rate", "", "a comparison is expected here", "write <, <=, >, >=, == or !="),
            ("open_rate dorp <= 2%", "dorp", "a comparison is expected here", "did you mean drop?"),
            ("open_rate >= 20", "20", "20 is impossible: a share lies between 0 and 100 %", "write 20% or 0.2"),
            ("open_rate >= 1,5%", "1,5%", "1,5 has a comma", "decimals are written with a point: 1.5"),
            ("open_rate >= NaN", "NaN", "NaN is no threshold: nothing can be compared with it", "write a finite number"),
            ("open_rate >=", "", "a number is missing", "write 20%, 0.2, 40, 2h or 30d"),
            (
                "open_rate.p90 >= 20%",
                ".p90",
                "open_rate has no statistics: it is one number",
                "durations and scores have .mean, .median, .p90, .min and .max",
            ),
            ("response_time.p95 <= 2h", "p95", "there is no statistic p95", "there are mean, median, p90, min and max"),
            ("response_time <= 2", "2", "2 has no unit of time", "say which: 2s, 2min, 2h, 2d or 2mo"),
            (
                "40% <= open_rate <= 18%",
                "40% <= open_rate <= 18%",
                "no value lies between 40% and 18%",
                "the lower limit comes first",
            ),
            ("open_rate in 40%..18%", "40%..18%", "no value lies between 40% and 18%", "the lower limit comes first"),
            ("40% >= open_rate", ">=", "a rule that begins with a number is a range", "write 18% <= open_rate <= 40%"),
            (
                "open_rate drop <= 0.1",
                "0.1",
                "0.1 may be a part or percentage points",
                "write drop <= 10% (of the value) or drop <= 2pp",
            ),
            ("cac drop <= 2pp", "2pp", "cac is no percentage, so it has no percentage points", "write a part of it: drop <= 10%"),
            ("cac < 40 per channel", "per", "nothing but \"by\" may follow the limit", "write cac < 40 by channel"),
            ("cac < 40 by", "", "the name of a dimension is missing", "write by channel, month"),
        ] {
            let why = Rule::parse(text, &Catalogue::builtin()).expect_err(text);
            assert_eq!((&text[why.span.clone()], why.message.as_str(), why.help.as_deref()), (at, message, Some(help)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_is_a_fixed_point(
            subject in prop::sample::select(vec!["open_rate", "churn_rate", "bounce_rate"]),
            op in prop::sample::select(Op::SPELLINGS),
            thousandths in 0_u32..=1000,
            form in 0_u8..4,
            by in prop::collection::btree_set("[a-z]{1,8}", 0..3),
        ) {
            let limit = format!("{}%", Decimal::new(thousandths.into(), 1));
            let text = match form {
                0 => format!("{subject} {} {limit}", op.0),
                1 => format!("{subject} in {limit}..100%"),
                2 => format!("0%<{subject}<{limit}"),
                _ => format!("{subject} drop {} {limit}", op.0),
            };
            let by: Vec<_> = by.into_iter().collect();
            let text = if by.is_empty() { text } else { format!("{text} by {}", by.join(",")) };
            let Ok(read) = Rule::parse(&text, &Catalogue::builtin()) else {
                prop_assert!(form == 2 && thousandths == 0, "{}", text);
                return Ok(());
            };
            let again = rule(&read.to_string());
            prop_assert_eq!(again.to_string(), read.to_string());
            prop_assert_eq!(Rule { text: String::new(), ..again }, Rule { text: String::new(), ..read });
        }

        #[test]
        fn no_text_makes_it_panic(text in "(open_rate|response_time|cac)?[-.a-z0-9 <>=!%,≤é]{0,25}") {
            if let Err(why) = Rule::parse(&text, &Catalogue::builtin()) {
                prop_assert!(text.get(why.span.clone()).is_some(), "{why:?}");
            }
        }
    }
}
