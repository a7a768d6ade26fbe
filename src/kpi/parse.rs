//! The parser of formulas as people write them in `mak.toml`: text to the tree of [`Expr`].
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = factor { ("*" | "/") factor }
//! factor  = "-" factor | number [ "%" ] | name | "(" sum ")"
//!         | "first_of" "(" sum { "," sum } ")" | "sum_present" "(" name { "," name } ")"
//! ```
//!
//! What a name means is the caller's to say: a measure, or the formula of a KPI, which is put in
//! its place. `recipients` is the messages that rates are divided by. Printing a parsed formula
//! and parsing it again gives the same text.
//!
//! Some formulas are well formed and yet never what was meant. They are errors here, because
//! nothing later can tell them from good ones:
//! - a division by zero, or by a part of the formula that is zero whatever the data;
//! - a division that is no ratio: a number by a number, or something by itself;
//! - a duration or a score combined with another measure. Such a measure stands for its median,
//!   and a median divided by a count says nothing about the group. Scaling it by a number is fine.

use std::ops::Range;

use rust_decimal::Decimal;

use super::expr::{Basis, Expr};
use super::measure::{Additivity, Measure};
use super::set::MeasureSet;

/// Names with a meaning of their own, which no KPI or measure may take.
pub const RESERVED: &[&str] = &["recipients", "first_of", "sum_present", "cost"];

/// Brackets and signs inside each other, at most. Keeps the parser's own stack small.
const MAX_DEPTH: u32 = 100;

/// Nodes of a formula, with the formulas of KPIs put in their place, at most. A KPI that squares
/// another that squares another would otherwise grow without end.
const MAX_NODES: usize = 1_000;

/// What is wrong with a formula, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaError {
    /// Bytes of the formula that are at fault; empty at the end of the text.
    pub span: Range<usize>,
    /// What is the matter, without a final full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Why a name could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What is the matter with it.
    pub message: String,
    /// What to do about it: the nearest known name.
    pub help: Option<String>,
}

/// Parses a formula. `names` gives the formula that a name stands for: [`Expr::Measure`] for a
/// measure, its own formula for a KPI.
///
/// The tree is leaked, to live as long as the rows of the catalogue: call this once a formula.
///
/// # Errors
/// The first thing that is wrong, with the bytes at fault.
pub fn parse_formula(text: &str, names: &mut dyn FnMut(&str) -> Result<Expr, UnknownName>) -> Result<Expr, FormulaError> {
    let mut parser = Parser { text, at: 0, depth: 0, nodes: 0, names };
    let (formula, _) = parser.sum()?;
    match parser.peek() {
        None => Ok(formula),
        Some(')') => Err(parser.error_here("this bracket closes nothing", None)),
        Some(',') => {
            Err(parser.error_here("a comma is not expected here", Some("decimals are written with a point: 1.5".to_owned())))
        }
        Some(_) => {
            Err(parser.error_here("an operator is expected here", Some("write +, -, * or / between two parts".to_owned())))
        }
    }
}

/// A part of the tree with the bytes that it was read from.
type Part = (Expr, Range<usize>);

struct Parser<'t, 'n> {
    text: &'t str,
    at: usize,
    depth: u32,
    nodes: usize,
    names: &'n mut dyn FnMut(&str) -> Result<Expr, UnknownName>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Sub,
    Mul,
    Div,
}

impl Operator {
    fn of(c: char) -> Option<Operator> {
        Some(match c {
            '+' => Operator::Add,
            '-' | '−' => Operator::Sub,
            '*' | '×' => Operator::Mul,
            '/' | '÷' => Operator::Div,
            _ => return None,
        })
    }
}

impl<'t> Parser<'t, '_> {
    fn sum(&mut self) -> Result<Part, FormulaError> {
        let mut left = self.product()?;
        while let Some(operator @ (Operator::Add | Operator::Sub)) = self.take_operator(&[Operator::Add, Operator::Sub]) {
            let right = self.product()?;
            left = self.joined(operator, &left, &right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Part, FormulaError> {
        let mut left = self.factor()?;
        while let Some(operator) = self.take_operator(&[Operator::Mul, Operator::Div]) {
            let right = self.factor()?;
            left = self.joined(operator, &left, &right)?;
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Part, FormulaError> {
        let Some(first) = self.peek() else {
            return Err(
                self.error_here("the formula ends too early", Some("a measure, a KPI or a number is missing here".to_owned()))
            );
        };
        let start = self.at;
        self.enter()?;
        let part = match first {
            '(' => self.bracketed()?,
            '-' | '−' => {
                self.bump();
                let (operand, span) = self.factor()?;
                self.negated(operand, start..span.end)?
            }
            '0'..='9' | '.' => self.number()?,
            c if c.is_ascii_alphabetic() || c == '_' => self.named()?,
            ')' => return Err(self.error_here("a measure, a KPI or a number is missing before this bracket", None)),
            '+' | '*' | '/' | '×' | '÷' => {
                return Err(self.error_here("a measure, a KPI or a number is missing before this operator", None));
            }
            _ => {
                let help = "formulas are made of ids, numbers, + - * / and brackets".to_owned();
                return Err(self.error_here("this character has no meaning in a formula", Some(help)));
            }
        };
        self.depth = self.depth.saturating_sub(1);
        Ok(part)
    }

    fn bracketed(&mut self) -> Result<Part, FormulaError> {
        let start = self.at;
        self.bump();
        let (inner, _) = self.sum()?;
        self.close(start)?;
        Ok((inner, start..self.at))
    }

    /// Takes the closing bracket of the one at `opened`.
    fn close(&mut self, opened: usize) -> Result<(), FormulaError> {
        match self.peek() {
            Some(')') => {
                self.bump();
                Ok(())
            }
            None => Err(error(opened..opened.saturating_add(1), "this bracket is not closed", None)),
            Some(_) => Err(self.error_here("an operator or a closing bracket is expected here", None)),
        }
    }

    fn negated(&mut self, operand: Expr, span: Range<usize>) -> Result<Part, FormulaError> {
        if let Expr::Number(number) = operand {
            let mut negated = number;
            negated.set_sign_negative(number.is_sign_positive() && !number.is_zero());
            return Ok((Expr::Number(negated), span));
        }
        self.count(2, &span)?;
        Ok((Expr::Sub(keep(Expr::whole(0)), keep(operand)), span))
    }

    fn number(&mut self) -> Result<Part, FormulaError> {
        let start = self.at;
        let digits = self.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        let refuse = |help: &str| {
            Err(error(start..start.saturating_add(digits.len()), format!("{digits} is not a number"), Some(help.to_owned())))
        };
        let well_formed = digits.split('.').count() <= 2 && digits.split('.').all(is_digits);
        if !well_formed {
            return refuse("numbers are written in digits with a point for decimals: 0.5, 1000, 20%");
        }
        let Ok(number) = Decimal::from_str_exact(digits) else {
            return refuse("numbers have at most 28 digits");
        };
        let number = if self.rest().starts_with('%') {
            self.bump();
            match Decimal::try_from_i128_with_scale(number.mantissa(), number.scale().saturating_add(2)) {
                Ok(ratio) => ratio.normalize(),
                Err(_) => return refuse("numbers have at most 28 digits"),
            }
        } else {
            number
        };
        let span = start..self.at;
        self.count(1, &span)?;
        Ok((Expr::Number(number), span))
    }

    fn named(&mut self) -> Result<Part, FormulaError> {
        let (name, span) = self.word();
        match name {
            "recipients" => {
                self.count(1, &span)?;
                Ok((Expr::Recipients, span))
            }
            "first_of" => self.first_of(&span),
            "sum_present" => self.sum_present(&span),
            _ if self.peek() == Some('(') => {
                let help = "the functions are first_of(a, b) and sum_present(a, b); sums and ratios are of whole groups already"
                    .to_owned();
                Err(error(span, format!("there is no function {name}"), Some(help)))
            }
            _ => {
                let formula = self.resolve(name, &span)?;
                self.count(node_count(&formula), &span)?;
                Ok((formula, span))
            }
        }
    }

    fn first_of(&mut self, word: &Range<usize>) -> Result<Part, FormulaError> {
        let opened = self.open(word, "first_of")?;
        let mut alternatives = vec![self.sum()?.0];
        while self.take(',') {
            alternatives.push(self.sum()?.0);
        }
        self.close(opened)?;
        self.count(1, word)?;
        Ok((Expr::FirstOf(Vec::leak(alternatives)), word.start..self.at))
    }

    fn sum_present(&mut self, word: &Range<usize>) -> Result<Part, FormulaError> {
        let opened = self.open(word, "sum_present")?;
        let mut parts = Vec::new();
        loop {
            let part = self.measure_alone()?;
            parts.push(part);
            if !self.take(',') {
                break;
            }
        }
        self.close(opened)?;
        self.count(parts.len().saturating_add(1), word)?;
        Ok((Expr::SumPresent(Vec::leak(parts)), word.start..self.at))
    }

    /// An operand of `sum_present`: a measure, or a KPI that is nothing but one.
    fn measure_alone(&mut self) -> Result<Measure, FormulaError> {
        if !self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') {
            return Err(self.error_here("sum_present takes measures by name", None));
        }
        let (name, span) = self.word();
        match self.resolve(name, &span)? {
            Expr::Measure(measure) if measure.additivity() == Additivity::Sample => {
                Err(error(span, format!("{measure} stands for its median, and medians do not add up"), None))
            }
            Expr::Measure(measure) => Ok(measure),
            _ => {
                Err(error(span, format!("sum_present takes measures, and {name} is a formula"), Some("add it with +".to_owned())))
            }
        }
    }

    fn open(&mut self, word: &Range<usize>, name: &str) -> Result<usize, FormulaError> {
        if self.peek() == Some('(') {
            let opened = self.at;
            self.bump();
            return Ok(opened);
        }
        Err(error(word.clone(), format!("{name} needs its parts in brackets"), Some(format!("write {name}(a, b)"))))
    }

    fn resolve(&mut self, name: &str, span: &Range<usize>) -> Result<Expr, FormulaError> {
        (self.names)(name).map_err(|unknown| FormulaError { span: span.clone(), message: unknown.message, help: unknown.help })
    }

    fn joined(&mut self, operator: Operator, left: &Part, right: &Part) -> Result<Part, FormulaError> {
        let span = left.1.start..right.1.end;
        refuse_median(operator, left, right)?;
        if operator == Operator::Div {
            self.refuse_no_ratio(left, right, &span)?;
        }
        self.count(1, &span)?;
        let (left, right) = (keep(left.0), keep(right.0));
        let joined = match operator {
            Operator::Add => Expr::Add(left, right),
            Operator::Sub => Expr::Sub(left, right),
            Operator::Mul => Expr::Mul(left, right),
            Operator::Div => Expr::Ratio(left, right),
        };
        Ok((joined, span))
    }

    fn refuse_no_ratio(&self, (left, _): &Part, (right, at): &Part, span: &Range<usize>) -> Result<(), FormulaError> {
        let constant = right.measures().is_empty();
        if constant && is_zero(right) {
            return Err(error(at.clone(), "a division by zero", None));
        }
        if constant && left.measures().is_empty() {
            let text = &self.text[span.clone()];
            let help = "divide a measure, or write the number itself".to_owned();
            return Err(error(span.clone(), format!("{text} is no ratio: there is no measure in it"), Some(help)));
        }
        if left == right {
            return Err(error(span.clone(), "both sides of this division are the same: it is always 1", None));
        }
        if matches!(right, Expr::Sub(a, b) if a == b) {
            return Err(error(at.clone(), "a division by zero: both sides of the difference are the same", None));
        }
        Ok(())
    }

    /// Counts nodes against the limit.
    fn count(&mut self, nodes: usize, span: &Range<usize>) -> Result<(), FormulaError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("the formula grows beyond {MAX_NODES} parts, those of the KPIs in it included");
            return Err(error(span.clone(), message, None));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), FormulaError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(self.error_here(format!("brackets and signs stand more than {MAX_DEPTH} deep"), None));
        }
        Ok(())
    }

    /// The next character that is not a blank, left in place.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at = self.at.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        self.rest().chars().next()
    }

    /// Takes one character.
    fn bump(&mut self) {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        self.at = self.at.saturating_add(width);
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.bump();
        }
        there
    }

    fn take_operator(&mut self, wanted: &[Operator]) -> Option<Operator> {
        let operator = self.peek().and_then(Operator::of).filter(|operator| wanted.contains(operator))?;
        self.bump();
        Some(operator)
    }

    fn word(&mut self) -> (&'t str, Range<usize>) {
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        (word, start..self.at)
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at = self.at.saturating_add(taken.len());
        taken
    }

    /// What has not been read yet; `at` always lies between two characters.
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn error_here(&self, message: impl Into<String>, help: Option<String>) -> FormulaError {
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        error(self.at..self.at.saturating_add(width), message, help)
    }
}

fn error(span: Range<usize>, message: impl Into<String>, help: Option<String>) -> FormulaError {
    FormulaError { span, message: message.into(), help }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A node that lives as long as the program.
fn keep(expr: Expr) -> &'static Expr {
    Box::leak(Box::new(expr))
}

fn node_count(expr: &Expr) -> usize {
    match expr {
        Expr::Measure(_) | Expr::Recipients | Expr::Number(_) => 1,
        Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) | Expr::Ratio(a, b) => {
            node_count(a).saturating_add(node_count(b)).saturating_add(1)
        }
        Expr::FirstOf(alternatives) => alternatives.iter().map(node_count).fold(1, usize::saturating_add),
        Expr::SumPresent(parts) => parts.len().saturating_add(1),
    }
}

/// A duration or score is known by its median, which only a number may scale.
fn refuse_median(operator: Operator, left: &Part, right: &Part) -> Result<(), FormulaError> {
    let refuse = |median: Measure, part: &Part| {
        let message = format!("{median} stands for its median here, which does not combine with other measures");
        let help = format!("scale it by a number, or use {median} by itself, with .mean or .p90 in a check");
        Err(error(part.1.clone(), message, Some(help)))
    };
    if let Some(median) = sampled(&left.0)
        && !right.0.measures().is_empty()
    {
        return refuse(median, left);
    }
    if let Some(median) = sampled(&right.0)
        && (!left.0.measures().is_empty() || operator == Operator::Div)
    {
        return refuse(median, right);
    }
    Ok(())
}

/// The first measure of durations or scores in it.
fn sampled(expr: &Expr) -> Option<Measure> {
    expr.measures().into_iter().find(|measure| measure.additivity() == Additivity::Sample)
}

/// Whether a formula without measures comes to zero.
fn is_zero(constant: &Expr) -> bool {
    constant.evaluate(&MeasureSet::default(), Basis::default()).is_ok_and(|evaluation| evaluation.value.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::Catalogue;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Expr, FormulaError> {
        let catalogue = Catalogue::builtin();
        parse_formula(text, &mut |name| {
            let unknown = || UnknownName { message: format!("unknown name {name}"), help: None };
            catalogue.formula_of(name).ok_or_else(unknown)
        })
    }

    /// The message with what the caret points at.
    fn refused(text: &str) -> (String, String) {
        let why = parse(text).expect_err(text);
        (why.message, text[why.span].to_owned())
    }

    #[test]
    fn precedence_is_that_of_school() {
        let text = |formula: &str| parse(formula).expect(formula).text();
        assert_eq!(text("revenue-spend/leads"), "revenue - spend / leads");
        assert_eq!(text("( revenue - spend )/leads"), "(revenue - spend) / leads");
        assert_eq!(text("revenue - (spend - refunds)"), "revenue - (spend - refunds)");
        assert_eq!(text("revenue - spend - refunds"), "revenue - spend - refunds");
        assert_eq!(text("revenue / orders / customers * 2"), "revenue / orders / customers * 2");
        assert_eq!(text("-revenue * 2"), "(0 - revenue) * 2");
        assert_eq!(text("revenue * -2.50 - -(3)"), "revenue * -2.50 - -3");
        assert_eq!(text("20% × revenue"), "0.2 * revenue");
        assert_eq!(text("opens / recipients"), "opens / recipients");
        assert_eq!(text("first_of(revenue, conversion_value) / spend"), "first_of(revenue, conversion_value) / spend");
    }

    #[test]
    fn a_kpi_stands_for_its_formula_and_cost_for_what_is_known_of_it() {
        assert_eq!(parse("aov * 12").expect("a formula").text(), "revenue / orders * 12",);
        assert_eq!(
            parse("cost / leads").expect("a formula").text(),
            "sum_present(spend, platform_cost, setup_cost, training_cost, people_cost) / leads"
        );
    }

    #[test]
    fn every_formula_of_the_catalogue_is_read_back_as_it_is() {
        for kpi in Catalogue::builtin().kpis() {
            assert_eq!(parse(&kpi.formula.text()), Ok(kpi.formula), "{}", kpi.id);
        }
    }

    #[test]
    fn errors_point_at_what_is_wrong() {
        let cases = [
            ("", "the formula ends too early", ""),
            ("opens / ", "the formula ends too early", ""),
            ("opens delivered", "an operator is expected here", "d"),
            ("(opens", "this bracket is not closed", "("),
            ("opens)", "this bracket closes nothing", ")"),
            ("()", "a measure, a KPI or a number is missing before this bracket", ")"),
            ("opens / * 2", "a measure, a KPI or a number is missing before this operator", "*"),
            ("opens & clicks", "an operator is expected here", "&"),
            ("€ / 2", "this character has no meaning in a formula", "€"),
            ("opens * 1,5", "a comma is not expected here", ","),
            ("opens * 1.5.2", "1.5.2 is not a number", "1.5.2"),
            ("opens * .5", ".5 is not a number", ".5"),
            ("opens * 1e3", "1e3 is not a number", "1e3"),
            (
                "opens * 99999999999999999999999999999999",
                "99999999999999999999999999999999 is not a number",
                "99999999999999999999999999999999",
            ),
            ("opens / opnes", "unknown name opnes", "opnes"),
            ("sum(opens) / 2", "there is no function sum", "sum"),
            ("first_of / 2", "first_of needs its parts in brackets", "first_of"),
            ("first_of()", "a measure, a KPI or a number is missing before this bracket", ")"),
            ("sum_present(2)", "sum_present takes measures by name", "2"),
            ("sum_present(ctr)", "sum_present takes measures, and ctr is a formula", "ctr"),
            ("sum_present(lead_score)", "lead_score stands for its median, and medians do not add up", "lead_score"),
            ("opens / 0", "a division by zero", "0"),
            ("opens / (2 - 2.0)", "a division by zero", "(2 - 2.0)"),
            ("opens / (sent - sent)", "a division by zero: both sides of the difference are the same", "(sent - sent)"),
            ("opens + 1 / 2", "1 / 2 is no ratio: there is no measure in it", "1 / 2"),
            ("leads / leads", "both sides of this division are the same: it is always 1", "leads / leads"),
        ];
        for (text, message, at) in cases {
            assert_eq!(refused(text), (message.to_owned(), at.to_owned()), "{text}");
        }
    }

    #[test]
    fn medians_are_scaled_and_nothing_else() {
        assert!(parse("response_seconds / 60").is_ok());
        assert!(parse("-sales_cycle_days * 24").is_ok());
        for (text, at) in [
            ("response_seconds / leads", "response_seconds"),
            ("leads / sales_cycle_length", "sales_cycle_length"),
            ("30 / sales_cycle_days", "sales_cycle_days"),
            ("sales_cycle_days + conversion_days", "sales_cycle_days"),
            ("revenue * (2 * lead_score)", "(2 * lead_score)"),
        ] {
            let (message, caret) = refused(text);
            assert!(message.contains("stands for its median"), "{text}: {message}");
            assert_eq!(caret, at, "{text}");
        }
    }

    #[test]
    fn depth_and_growth_have_limits() {
        assert!(parse(&format!("{}opens{}", "(".repeat(99), ")".repeat(99))).is_ok());
        assert!(refused(&"(".repeat(100_000)).0.contains("100 deep"));
        assert!(refused(&"-".repeat(100_000)).0.contains("100 deep"));
        let long = vec!["opens"; 501].join("+");
        assert!(refused(&long).0.contains("1000 parts"), "{:?}", refused(&long));
        // Each name doubles the one before it.
        let mut formula = Expr::Measure(Measure::Opens);
        let grown = (0..30).try_for_each(|_| {
            formula = parse_formula("x * x", &mut |_| Ok(formula))?;
            Ok::<(), FormulaError>(())
        });
        assert!(grown.expect_err("too large").message.contains("1000 parts"));
    }

    /// Any tree that the parser lets through.
    fn formulas() -> impl Strategy<Value = Expr> {
        let summed = prop::sample::select(Measure::ALL).prop_filter("adds", |measure| measure.additivity() != Additivity::Sample);
        let number = (any::<i32>(), 0_u32..9)
            .prop_filter("no zero", |(mantissa, _)| *mantissa != 0)
            .prop_map(|(mantissa, scale)| Expr::Number(Decimal::new(mantissa.into(), scale)));
        let leaf = prop_oneof![
            4 => summed.clone().prop_map(Expr::Measure),
            1 => Just(Expr::Recipients),
            2 => number,
            1 => prop::collection::vec(summed, 1..4).prop_map(|parts| Expr::SumPresent(Vec::leak(parts))),
        ];
        leaf.prop_recursive(5, 40, 3, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                pair.clone().prop_map(|(a, b)| Expr::Add(keep(a), keep(b))),
                pair.clone().prop_map(|(a, b)| Expr::Sub(keep(a), keep(b))),
                pair.clone().prop_map(|(a, b)| Expr::Mul(keep(a), keep(b))),
                pair.prop_filter("a ratio", |(a, b)| a != b
                    && !b.measures().is_empty()
                    && !matches!(b, Expr::Sub(c, d) if c == d))
                    .prop_map(|(a, b)| Expr::Ratio(keep(a), keep(b))),
                prop::collection::vec(inner, 1..3).prop_map(|alternatives| Expr::FirstOf(Vec::leak(alternatives))),
            ]
        })
    }

    proptest! {
        #[test]
        fn printing_and_reading_is_a_fixed_point(formula in formulas()) {
            let printed = formula.text();
            let read = parse(&printed);
            prop_assert!(read.is_ok(), "{printed}: {read:?}");
            prop_assert_eq!(read.expect("just checked").text(), printed);
        }

        #[test]
        fn what_is_read_back_has_the_same_value(formula in formulas(), values in prop::collection::vec(1_u32..1000, Measure::ALL.len())) {
            let mut set = MeasureSet::default();
            for (measure, value) in Measure::ALL.iter().zip(values) {
                set.put_number(*measure, value.into());
            }
            let value = |formula: Expr| formula.evaluate(&set, Basis::Sent).and_then(|done| Ok(done.value.to_decimal()?));
            // Sums are grouped anew, so that a sum may overflow one way and not the other.
            if let (Ok(one), Ok(other)) = (value(formula), value(parse(&formula.text()).expect("just printed"))) {
                prop_assert_eq!(one, other);
            }
        }

        #[test]
        fn no_text_makes_it_panic_and_every_error_has_a_place(text in "[-a-z0-9_ +*/(),.%−×é]{0,40}") {
            if let Err(why) = parse(&text) {
                prop_assert!(text.get(why.span.clone()).is_some(), "{why:?}");
            }
        }
    }
}
