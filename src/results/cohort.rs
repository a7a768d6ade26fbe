//! Cohorts: a table with a heat map where colours are allowed, Markdown, CSV and JSON.

use rust_decimal::Decimal;

use super::csv::guarded;
use super::layout::{Tone, hanging, paint, width};
use super::markdown::{escaped, table as markdown_table};
use super::number::{fixed, human};
use super::table::joined;
use super::view::{message_text, place_text};
use super::{Format, Page, RenderError, json};
use crate::contract::{Cohort, CohortPeriod, Cohorts, CustomerPeriod, Number, Warning};
use crate::finding::escape;
use crate::kpi::Unit;

/// What follows a number of a period that has not ended.
const RUNNING: &str = "*";

/// Shades of a heat map, from nothing to everything, in the 256 colours of terminals, each with a
/// colour of text that can be read on it.
const SHADES: [(u8, u8); 6] = [(255, 0), (194, 0), (157, 0), (114, 0), (71, 255), (28, 255)];

/// Warnings that are listed unless all are asked for.
const WARNINGS: usize = 10;

/// What the cells of a cohort table show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CohortView {
    /// The share of the cohort that bought.
    #[default]
    Retention,
    /// How many bought.
    Customers,
    /// Net revenue.
    Revenue,
    /// Net revenue so far a customer of the cohort.
    Cumulative,
}

impl CohortView {
    fn title(self) -> &'static str {
        match self {
            CohortView::Retention => "Share of the cohort that bought",
            CohortView::Customers => "Customers who bought",
            CohortView::Revenue => "Net revenue",
            CohortView::Cumulative => "Net revenue so far per customer",
        }
    }

    fn text(self, cell: &CohortPeriod) -> String {
        let text = match self {
            CohortView::Retention => {
                let percent = cell.retention.and_then(|share| share.0.checked_mul(Decimal::ONE_HUNDRED));
                percent.map_or_else(String::new, |percent| fixed(percent, 1))
            }
            CohortView::Customers => human(cell.customers.into(), Unit::Count, None),
            CohortView::Revenue => human(cell.revenue.0, Unit::Money, None),
            CohortView::Cumulative => {
                cell.cumulative_revenue_per_customer.map_or_else(String::new, |number| human(number.0, Unit::Money, None))
            }
        };
        if cell.running && !text.is_empty() { format!("{text}{RUNNING}") } else { text }
    }

    /// What a cell's shade stands for.
    fn weight(self, cell: &CohortPeriod) -> Option<Decimal> {
        match self {
            CohortView::Retention => cell.retention.map(|number| number.0),
            CohortView::Customers => Some(cell.customers.into()),
            CohortView::Revenue => Some(cell.revenue.0),
            CohortView::Cumulative => cell.cumulative_revenue_per_customer.map(|number| number.0),
        }
    }
}

/// The cohorts as bytes. `raw` writes names to CSV without the guard against formulas.
///
/// # Errors
/// The format is NDJSON, or the document cannot be written.
pub fn cohorts(document: &Cohorts, format: Format, view: CohortView, raw: bool, page: &Page) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(table(document, view, page)),
        Format::Json => json::document(document),
        Format::Csv => csv(document, raw),
        Format::Markdown => Ok(markdown(document, view).into_bytes()),
        Format::Ndjson => Err(RenderError::NotInThisFormat { document: "cohort", format }),
    }
}

fn table(document: &Cohorts, view: CohortView, page: &Page) -> Vec<u8> {
    let page = &Page { width: page.columns(), ..*page };
    let mut sections = vec![total(document, page), heat_map(document, view, page), periods(document, page)];
    sections.push(findings(&document.warnings, page));
    joined(&sections)
}

fn total(document: &Cohorts, page: &Page) -> Vec<String> {
    let (total, currency) = (&document.total, document.currency.as_deref());
    let money = |number: Number| human(number.0, Unit::Money, currency);
    let share = |number: Number| human(number.0, Unit::Share, None);
    let mut facts = vec![
        ("customers", human(total.customers.into(), Unit::Count, None)),
        ("orders", human(total.orders.into(), Unit::Count, None)),
        ("revenue", money(total.revenue)),
    ];
    if let Some(rate) = total.repeat_purchase_rate {
        let counts = format!("{} = {} / {}", share(rate), total.repeat_customers, total.customers);
        facts.push(("repeat purchase rate", counts));
        facts.push(("revenue of repeat customers", money(total.repeat_revenue)));
    }
    if let Some(days) = &total.days_between_purchases {
        facts.push(("days between purchases", format!("median {}, mean {}", fixed(days.median.0, 1), fixed(days.mean.0, 1))));
    }
    for top in &total.concentration {
        facts.push(("concentration", format!("top {} % bring {} of revenue", top.top_percent, share(top.share_of_revenue))));
    }
    if !total.revenue_of_nobody.0.is_zero() {
        facts.push(("revenue in no cohort", money(total.revenue_of_nobody)));
    }
    let label = facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let heading = format!("Customers, {} to {}, by {}", document.from, document.to, document.period);
    let mut out = title(&heading, page);
    out.extend(facts.iter().flat_map(|(name, text)| hanging(&format!("  {name:<label$}  "), text, page.width)));
    out
}

/// A heading on as many lines as it needs.
fn title(text: &str, page: &Page) -> Vec<String> {
    hanging("", text, page.width).iter().map(|line| paint(line, Tone::Strong, page.color)).collect()
}

/// A line a cohort; as many periods as the page has room for.
fn heat_map(document: &Cohorts, view: CohortView, page: &Page) -> Vec<String> {
    let names: Vec<String> = document.cohorts.iter().map(|cohort| super::layout::cut(&escape(&cohort.cohort), 20)).collect();
    let sizes: Vec<String> = document.cohorts.iter().map(|cohort| human(cohort.size.into(), Unit::Count, None)).collect();
    let name = names.iter().map(|name| width(name)).chain([6]).max().unwrap_or(6);
    let size = sizes.iter().map(|size| width(size)).chain([4]).max().unwrap_or(4);
    let periods = document.cohorts.iter().map(|cohort| cohort.periods.len()).max().unwrap_or(0);
    let texts = document.cohorts.iter().flat_map(|cohort| cohort.periods.iter()).map(|cell| width(&view.text(cell)));
    let column = texts.chain([width(&periods.to_string())]).max().unwrap_or(1) + 2;
    let room = page.width.saturating_sub(name + size + 4) / column;
    let shown = periods.min(room.max(1));
    let mut header = format!("  {:<name$}  {:>size$}", "cohort", "size");
    // A cell ends with a blank, which its shade covers.
    let digits = column.saturating_sub(1);
    header.extend((0..shown).map(|period| format!("{period:>digits$} ")));
    let highest = highest(document, view);
    let unit = if view == CohortView::Retention { " (%)" } else { "" };
    let heading = format!("{}{unit}, by {}s since the first purchase", view.title(), document.period);
    let mut out = title(&heading, page);
    out.push(paint(header.trim_end(), Tone::Faint, page.color));
    for ((cohort, label), count) in document.cohorts.iter().zip(&names).zip(&sizes) {
        let blanks = " ".repeat(name.saturating_sub(width(label)));
        let mut line = format!("  {label}{blanks}  {count:>size$}");
        for cell in cohort.periods.iter().take(shown) {
            let text = view.text(cell);
            let padded = format!("{}{text} ", " ".repeat(column.saturating_sub(width(&text) + 1)));
            line.push_str(&if page.color { shaded(&padded, view.weight(cell), highest) } else { padded });
        }
        out.push(line.trim_end().to_owned());
    }
    if document.cohorts.iter().flat_map(|cohort| &cohort.periods).any(|cell| cell.running) {
        let note = format!("{RUNNING} the period has not ended by {}; it may still grow", document.to);
        out.extend(hanging("  ", &note, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)));
    }
    if shown < periods {
        let note = format!("{shown} of {periods} periods fit the page; --format csv or json has all");
        out.extend(hanging("  ", &note, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)));
    }
    out
}

/// The largest weight after the first period, by which the shades are scaled: the first of a
/// retention table is everybody.
fn highest(document: &Cohorts, view: CohortView) -> Decimal {
    let later = document.cohorts.iter().flat_map(|cohort| cohort.periods.iter().skip(1));
    later.filter_map(|cell| view.weight(cell)).max().unwrap_or_default()
}

fn shaded(text: &str, weight: Option<Decimal>, highest: Decimal) -> String {
    let Some(weight) = weight else { return text.to_owned() };
    let steps = Decimal::from(SHADES.len().saturating_sub(1));
    let step = weight.checked_mul(steps).and_then(|scaled| scaled.checked_div(highest)).unwrap_or_default();
    let step = usize::try_from(step.clamp(Decimal::ZERO, steps).round()).unwrap_or(0);
    let (back, front) = SHADES.get(step).copied().unwrap_or((255, 0));
    format!("\u{1b}[48;5;{back};38;5;{front}m{text}\u{1b}[0m")
}

const PERIOD_COLUMNS: [&str; 10] =
    ["period", "at start", "new", "returning", "lost", "at end", "retention", "churn", "GRR", "NRR"];

fn period_cells(period: &CustomerPeriod) -> Vec<String> {
    let count = |number: u64| human(number.into(), Unit::Count, None);
    let share = |number: Option<Number>| number.map_or_else(String::new, |number| human(number.0, Unit::Share, None));
    let mark = if period.running { RUNNING } else { "" };
    vec![
        format!("{}{mark}", period.period),
        count(period.customers_at_start),
        count(period.new_customers),
        count(period.returning_customers),
        if period.running { String::new() } else { count(period.lost_customers) },
        count(period.customers_at_end),
        share(period.retention_rate),
        share(period.churn_rate),
        share(period.gross_revenue_retention),
        share(period.net_revenue_retention),
    ]
}

fn periods(document: &Cohorts, page: &Page) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        std::iter::once(PERIOD_COLUMNS.map(str::to_owned).to_vec()).chain(document.periods.iter().map(period_cells)).collect();
    let widths: Vec<usize> = (0..PERIOD_COLUMNS.len())
        .map(|index| rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    // Columns from the left, as many as fit.
    let mut used = 0;
    let fit = widths.iter().take_while(|width| {
        used += **width + 2;
        used <= page.width
    });
    let fit = fit.count();
    let line = |(number, row): (usize, &Vec<String>)| {
        let cells = row.iter().zip(&widths).take(fit).enumerate();
        let text: String = cells
            .map(|(index, (cell, width))| if index == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") })
            .collect();
        paint(text.trim_end(), if number == 0 { Tone::Faint } else { Tone::Plain }, page.color)
    };
    let mut out = title("Customers by period", page);
    out.extend(rows.iter().enumerate().map(line));
    let definition = match document.churn_definition.as_str() {
        "stripe" => "churn = lost / (at start + new), as Stripe does",
        _ => "churn = lost / at start, as PostHog does; --churn stripe divides by at start + new",
    };
    let note = format!("At start: bought in the {} before. Lost: and not in this one. {definition}.", document.period);
    out.extend(hanging("  ", &note, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)));
    out
}

/// Findings, one a paragraph.
pub(super) fn findings(warnings: &[Warning], page: &Page) -> Vec<String> {
    let shown = if page.verbose { warnings.len() } else { warnings.len().min(WARNINGS) };
    let mut out: Vec<String> = warnings
        .iter()
        .take(shown)
        .flat_map(|warning| {
            let place = place_text(warning);
            let place = if place.is_empty() { place } else { format!("{place}: ") };
            hanging("  ", &format!("{}: {place}{}", escape(&warning.severity), message_text(warning)), page.width)
        })
        .collect();
    if warnings.len() > shown {
        out.push(format!("  {} more; --verbose lists them", warnings.len().saturating_sub(shown)));
    }
    out
}

fn csv(document: &Cohorts, raw: bool) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record([
        "cohort",
        "size",
        "period",
        "customers",
        "observed",
        "retention",
        "revenue",
        "cumulative_revenue",
        "cumulative_revenue_per_customer",
        "status",
    ])?;
    let digits = |number: Option<Number>| number.map_or_else(String::new, |number| number.to_string());
    for cohort in &document.cohorts {
        for cell in &cohort.periods {
            writer.write_record([
                if raw { cohort.cohort.clone() } else { guarded(&cohort.cohort).into_owned() },
                cohort.size.to_string(),
                cell.period.to_string(),
                cell.customers.to_string(),
                cell.observed.to_string(),
                digits(cell.retention),
                cell.revenue.to_string(),
                cell.cumulative_revenue.to_string(),
                digits(cell.cumulative_revenue_per_customer),
                if cell.running { "running" } else { "complete" }.to_owned(),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))
}

fn markdown(document: &Cohorts, view: CohortView) -> String {
    let periods = document.cohorts.iter().map(|cohort| cohort.periods.len()).max().unwrap_or(0);
    let mut header = vec!["cohort".to_owned(), "size".to_owned()];
    header.extend((0..periods).map(|period| period.to_string()));
    let row = |cohort: &Cohort| {
        let mut cells = vec![escaped(&cohort.cohort), cohort.size.to_string()];
        cells.extend(cohort.periods.iter().map(|cell| escaped(&view.text(cell))));
        cells.resize(periods + 2, String::new());
        cells
    };
    let rows: Vec<Vec<String>> = document.cohorts.iter().map(row).collect();
    let header_of_periods: Vec<String> = PERIOD_COLUMNS.map(str::to_owned).to_vec();
    let periods: Vec<Vec<String>> =
        document.periods.iter().map(|period| period_cells(period).iter().map(|cell| escaped(cell)).collect()).collect();
    format!(
        "### {}\n\n{}\n### Customers by period\n\n{}",
        view.title(),
        markdown_table(&header, &[], &rows),
        markdown_table(&header_of_periods, &[], &periods)
    )
}
