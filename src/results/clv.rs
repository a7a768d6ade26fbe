//! Lifetime value: fit, forecasts and the best customers as a table, Markdown, CSV and JSON.

use rust_decimal::Decimal;

use super::cohort::findings;
use super::csv::guarded;
use super::layout::{Tone, hanging, paint, width};
use super::markdown::{escaped, table as markdown_table};
use super::number::{fixed, human};
use super::table::joined;
use super::{Format, Page, RenderError, json};
use crate::contract::{Clv, ClvCustomer, ClvFit, ClvHorizon, ClvInterval, Number};
use crate::finding::escape;
use crate::kpi::Unit;

/// Customers that are listed unless all are asked for.
const CUSTOMERS: usize = 10;

/// Periods of a survival curve that are listed unless all are asked for.
const PERIODS: usize = 24;

/// The document as bytes. `raw` writes ids to CSV without the guard against formulas.
///
/// # Errors
/// The format is NDJSON, or the document cannot be written.
pub fn clv(document: &Clv, format: Format, raw: bool, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => {
            let page = &Page { width: page.columns(), ..*page };
            let mut sections: Vec<Vec<String>> = blocks(document, page).iter().map(|block| block.lines(page)).collect();
            sections.push(findings(&document.warnings, page));
            Ok(joined(&sections))
        }
        Format::Markdown => {
            let blocks = blocks(document, page);
            Ok(blocks.iter().map(Block::markdown).collect::<Vec<_>>().join("\n").into_bytes())
        }
        Format::Json => json::document(document),
        Format::Csv => csv(document, raw),
        Format::Ndjson => Err(RenderError::NotInThisFormat { document: "clv", format }),
    }
}

/// A table with a title and a remark.
struct Block {
    title: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    note: String,
}

impl Block {
    fn lines(&self, page: &Page) -> Vec<String> {
        let header: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&header).chain(&self.rows).collect();
        let widest = |index: usize| rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..header.len()).map(widest).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate();
            let text: String = cells
                .map(|(index, (cell, wide))| {
                    let blanks = " ".repeat(wide.saturating_sub(width(cell)));
                    if index == 0 { format!("  {cell}{blanks}") } else { format!("  {blanks}{cell}") }
                })
                .collect();
            super::layout::cut(text.trim_end(), page.width)
        };
        let mut out =
            hanging("", &self.title, page.width).iter().map(|line| paint(line, Tone::Strong, page.color)).collect::<Vec<_>>();
        if header.iter().any(|name| !name.is_empty()) {
            out.push(paint(&line(&header), Tone::Faint, page.color));
        }
        out.extend(self.rows.iter().map(line));
        if !self.note.is_empty() {
            out.extend(hanging("  ", &self.note, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)));
        }
        out
    }

    fn markdown(&self) -> String {
        let header: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
        format!("### {}\n\n{}\n{}\n", escaped(&self.title), markdown_table(&header, &[], &rows), escaped(&self.note))
    }
}

fn blocks(document: &Clv, page: &Page) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(document.fit.iter().chain(&document.spending).map(fit));
    blocks.extend(formula(document));
    blocks.push(total(document));
    blocks.extend(holdout(document));
    blocks.extend(curve(document, page));
    blocks.extend(customers(document, page));
    blocks
}

/// Significant digits that say something about an estimate.
fn estimate(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "n/a".to_owned()
    } else if size >= 1e15 || (size > 0.0 && size < 1e-4) {
        format!("{value:.3e}")
    } else if size >= 100.0 {
        Decimal::try_from(value).map_or_else(|_| format!("{value:.2}"), |value| fixed(value, 2))
    } else {
        format!("{value:.6}")
    }
}

fn interval_text(interval: Option<&ClvInterval>) -> String {
    interval.map_or_else(String::new, |interval| format!("{} – {}", estimate(interval.low), estimate(interval.high)))
}

fn fit(fit: &ClvFit) -> Block {
    let row = |(name, value): (&String, &f64)| {
        let error = fit.standard_errors.get(name).map_or_else(String::new, |error| estimate(*error));
        vec![escape(name), estimate(*value), error, interval_text(fit.intervals.get(name))]
    };
    let unit = match fit.unit.as_deref() {
        Some("table") => ", time in the table's own unit".to_owned(),
        Some(unit) => format!(", time in {}s", escape(unit)),
        None => String::new(),
    };
    let state = match &fit.why_not {
        None if fit.given => "given, not estimated: no intervals".to_owned(),
        None => "converged".to_owned(),
        Some(why) => format!("NOT A GOOD FIT: {}", escape(why)),
    };
    let (verb, value) = if fit.given { ("given, for", "given") } else { ("fitted to", "estimate") };
    Block {
        title: format!("{} {verb} {} customers{unit}", escape(&fit.model), human(fit.customers.into(), Unit::Count, None)),
        header: vec!["parameter", value, "std. error", "95 % interval"],
        rows: fit.parameters.iter().map(row).collect(),
        note: format!(
            "log-likelihood {:.6}, gradient norm {:.1e}, {} iterations; {state}",
            fit.log_likelihood, fit.gradient_norm, fit.iterations
        ),
    }
}

fn formula(document: &Clv) -> Option<Block> {
    let formula = document.formula.as_ref()?;
    let money = |number: Number| human(number.0, Unit::Money, document.currency.as_deref());
    let share = |number: Number| human(number.0, Unit::Share, None);
    let mut rows = vec![
        vec![format!("revenue a customer and {}", formula.period), money(formula.arpu)],
        vec![
            format!("churn a {}", formula.period),
            format!("{} = {} / {}", share(formula.churn_rate), formula.lost_customers, formula.customers_at_start),
        ],
    ];
    let mut optional = |name: &str, text: Option<String>| {
        rows.extend(text.map(|text| vec![name.to_owned(), text]));
    };
    optional("revenue churn", formula.revenue_churn_rate.map(share));
    optional("CLV = ARPU / churn", formula.arpu_over_churn.map(money));
    optional("CLV = ARPU × margin / churn", formula.margin_over_churn.map(money));
    optional("CLV = ARPU × margin / revenue churn", formula.margin_over_revenue_churn.map(money));
    let margin = if formula.gross_margin.is_none() { " The variants with a margin need --margin." } else { "" };
    Some(Block {
        title: format!(
            "Plain formula over {} whole {}{}",
            formula.periods,
            formula.period,
            if formula.periods == 1 { "" } else { "s" }
        ),
        header: vec!["", ""],
        rows,
        note: format!(
            "Lost: bought in one {0} and not in the next. Whoever buys less often counts as lost; a --model does better.{margin}",
            formula.period
        ),
    })
}

fn total(document: &Clv) -> Block {
    let total = &document.total;
    let money = |number: Number| human(number.0, Unit::Money, document.currency.as_deref());
    let mut rows = vec![vec!["customers".to_owned(), human(total.customers.into(), Unit::Count, None), String::new()]];
    let mut row = |name: &str, text: Option<String>, key: &str| {
        rows.extend(text.map(|text| vec![name.to_owned(), text, interval_text(total.intervals.get(key))]));
    };
    row("net revenue so far", total.revenue.map(money), "");
    row("historic value a customer", total.revenue_per_customer.map(money), "");
    row("mean probability alive", total.probability_alive.map(estimate), "");
    row("expected value of a purchase", total.expected_value.map(estimate), "");
    row("expected purchases", total.expected_purchases.map(estimate), "expected_purchases");
    row("expected purchases of a new customer", total.purchases_of_new_customer.map(estimate), "");
    row("expected value", total.clv.map(estimate), "clv");
    row("correlation of frequency and value", document.correlation.map(estimate), "");
    let over = document.horizon.as_ref().map(|horizon| {
        let length = match horizon.periods {
            Some(1) => format!("next {}", escape(&horizon.period)),
            Some(periods) => format!("next {periods} {}s", escape(&horizon.period)),
            None => format!("all the future by {}s", escape(&horizon.period)),
        };
        format!(", {length}{}", discount_text(horizon))
    });
    let note = total.interval_method.as_ref().map_or_else(String::new, |method| format!("95 % intervals: {method}"));
    Block { title: format!("Everybody{}", over.unwrap_or_default()), header: vec!["", "", ""], rows, note }
}

fn discount_text(horizon: &ClvHorizon) -> String {
    let percent = Decimal::try_from(horizon.discount).ok().and_then(|rate| rate.checked_mul(Decimal::ONE_HUNDRED));
    match percent.filter(|percent| !percent.is_zero()) {
        Some(percent) => format!(", discounted by {} % each", percent.round_dp(4).normalize()),
        None => ", undiscounted".to_owned(),
    }
}

fn holdout(document: &Clv) -> Option<Block> {
    let holdout = document.holdout.as_ref()?;
    let mut rows: Vec<Vec<String>> = holdout
        .classes
        .iter()
        .map(|class| {
            let count = |number: u64| human(number.into(), Unit::Count, None);
            vec![escape(&class.frequency), count(class.customers), count(class.actual), format!("{:.1}", class.expected)]
        })
        .collect();
    rows.push(vec!["all".to_owned(), String::new(), holdout.actual.to_string(), format!("{:.1}", holdout.expected)]);
    Some(Block {
        title: format!("Holdout from after {} to {}", holdout.calibration_end, holdout.end),
        header: vec!["bought before", "customers", "purchases", "expected"],
        rows,
        note: String::new(),
    })
}

fn curve(document: &Clv, page: &Page) -> Option<Block> {
    let shown = if page.verbose { document.curve.len() } else { document.curve.len().min(PERIODS) };
    let rows = document.curve.iter().take(shown).map(|point| {
        vec![
            point.period.to_string(),
            point.survivors.map_or_else(String::new, |count| count.to_string()),
            format!("{:.1}", point.expected),
            point.retention.map_or_else(String::new, estimate),
        ]
    });
    (!document.curve.is_empty()).then(|| Block {
        title: "Survivors".to_owned(),
        header: vec!["renewal", "survivors", "expected", "retention"],
        rows: rows.collect(),
        note: String::new(),
    })
}

/// A column of the table of customers: its name and its cell.
type CustomerColumn<'a> = (&'static str, &'a dyn Fn(&ClvCustomer) -> Option<String>);

/// The customers of the highest value; all of them with --verbose.
fn customers(document: &Clv, page: &Page) -> Option<Block> {
    let first = document.customers.first()?;
    let mut order: Vec<&ClvCustomer> = document.customers.iter().collect();
    let weight = |one: &ClvCustomer| {
        one.clv.or(one.expected_purchases).or(one.discounted_purchases).or(one.expected_value).or(one.probability_alive)
    };
    if first.revenue.is_some() {
        order.sort_by_key(|one| std::cmp::Reverse(one.revenue));
    } else {
        order.sort_by(|one, other| weight(other).unwrap_or_default().total_cmp(&weight(one).unwrap_or_default()));
    }
    let shown = if page.verbose { order.len() } else { order.len().min(CUSTOMERS) };
    let columns: [CustomerColumn<'_>; 7] = [
        ("customers", &|one| one.customers.map(|count| count.to_string())),
        ("revenue", &|one| one.revenue.map(|revenue| human(revenue.0, Unit::Money, document.currency.as_deref()))),
        ("alive", &|one| one.probability_alive.map(|share| format!("{share:.4}"))),
        ("purchases", &|one| one.expected_purchases.map(|count| format!("{count:.4}"))),
        ("discounted", &|one| one.discounted_purchases.map(|count| format!("{count:.4}"))),
        ("value of one", &|one| one.expected_value.map(estimate)),
        ("value", &|one| one.clv.map(estimate)),
    ];
    let used: Vec<_> = columns.iter().filter(|(_, cell)| order.iter().any(|one| cell(one).is_some())).collect();
    let row = |one: &&ClvCustomer| {
        let mut cells = vec![super::layout::cut(&escape(&one.id), 28)];
        cells.extend(used.iter().map(|(_, cell)| cell(one).unwrap_or_default()));
        cells
    };
    let mut header = vec!["customer"];
    header.extend(used.iter().map(|(name, _)| *name));
    let rest = order.len().saturating_sub(shown);
    Some(Block {
        title: "Customers of the highest value".to_owned(),
        header,
        rows: order.iter().take(shown).map(row).collect(),
        note: if rest > 0 { format!("{rest} more; --format csv or json has all") } else { String::new() },
    })
}

fn csv(document: &Clv, raw: bool) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record([
        "id",
        "customers",
        "revenue",
        "expected_value",
        "expected_purchases",
        "probability_alive",
        "clv",
        "discounted_purchases",
    ])?;
    let float = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for one in &document.customers {
        writer.write_record([
            if raw { one.id.clone() } else { guarded(&one.id).into_owned() },
            one.customers.map_or_else(String::new, |count| count.to_string()),
            one.revenue.map_or_else(String::new, |revenue| revenue.to_string()),
            float(one.expected_value),
            float(one.expected_purchases),
            float(one.probability_alive),
            float(one.clv),
            float(one.discounted_purchases),
        ])?;
    }
    writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))
}
