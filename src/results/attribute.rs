//! Attribution as bytes: credit by channel and model, side by side.

use rust_decimal::Decimal;

use super::csv::guarded;
use super::layout::{Cell, GAP, Tone, cut, draw, hanging, natural_widths, paint, total_width};
use super::markdown::{escaped, table as markdown_table};
use super::number::human;
use super::table::{findings, joined};
use super::view::{file_text, message_text, place_text};
use super::{Format, Page, RenderError, json};
use crate::contract::{Attribute, Bounds, ChannelCredit, Number};
use crate::finding::escape;
use crate::kpi::Unit;

/// Widest column of channel names.
const NAMES: usize = 32;

/// What is said of influence wherever it is shown.
const OVERLAP: &str = "Influenced rows overlap: a conversion stands with every one that touched it. Do not add them.";

/// Columns of the CSV.
const COLUMNS: [&str; 14] = [
    "model",
    "scope",
    "name",
    "conversions",
    "value",
    "conversions_low",
    "conversions_high",
    "value_low",
    "value_high",
    "cost",
    "roas",
    "roi",
    "cac",
    "removal_effect",
];

/// The attribution as bytes. `raw` writes names in CSV without the guard against formulas.
///
/// # Errors
/// The format is NDJSON, or JSON or CSV cannot be written.
pub fn attribute(document: &Attribute, format: Format, page: &Page, raw: bool) -> Result<Vec<u8>, RenderError> {
    match format {
        Format::Table => Ok(text(document, page)),
        Format::Markdown => Ok(markdown(document).into_bytes()),
        Format::Json => json::document(document),
        Format::Csv => csv(document, raw),
        Format::Ndjson => Err(RenderError::NotInThisFormat { document: "attribute", format }),
    }
}

/// A table for people: the first column holds names, the others numbers.
struct Sheet {
    title: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    note: Option<&'static str>,
}

fn sheets(document: &Attribute) -> Vec<Sheet> {
    let mut out = vec![conversions(document)];
    out.extend(values(document));
    out.extend(returns(document));
    out.push(influence(document));
    out.extend(removal(document));
    out
}

/// The channels, those with most credit under the first model first.
fn channels(document: &Attribute) -> Vec<&str> {
    let names = || document.influenced.channels.keys().map(String::as_str);
    let Some(first) = document.models.values().next() else { return names().collect() };
    let credit = |name: &str| first.get(name).map(|credit| (credit.conversions.0, credit.value.map(|value| value.0)));
    let mut names: Vec<&str> = names().collect();
    names.sort_by_key(|name| std::cmp::Reverse(credit(name)));
    names
}

fn conversions(document: &Attribute) -> Sheet {
    let cell = |credit: &ChannelCredit| {
        let number = human(credit.conversions.0, Unit::Number, None);
        with_bounds(number, credit.conversions_interval, |end| human(end, Unit::Number, None))
    };
    let total = human(document.conversions.0, Unit::Number, None);
    by_model(document, "Conversions", cell, &total, !document.unattributed.conversions.0.is_zero())
}

fn values(document: &Attribute) -> Option<Sheet> {
    let total = document.value?;
    let money = |number: Decimal| human(number, Unit::Money, document.currency.as_deref());
    let cell = |credit: &ChannelCredit| {
        let number = credit.value.map_or_else(String::new, |value| money(value.0));
        with_bounds(number, credit.value_interval, money)
    };
    let unattributed = document.unattributed.value.is_some_and(|value| !value.0.is_zero());
    Some(by_model(document, "Value", cell, &money(total.0), unattributed))
}

fn with_bounds(number: String, bounds: Option<Bounds>, text: impl Fn(Decimal) -> String) -> String {
    match bounds {
        Some(Bounds { low, high }) => format!("{number} ({}–{})", text(low.0), text(high.0)),
        None => number,
    }
}

fn by_model(
    document: &Attribute,
    title: &str,
    cell: impl Fn(&ChannelCredit) -> String,
    total: &str,
    has_unattributed: bool,
) -> Sheet {
    let models = &document.models;
    let header = std::iter::once(document.by.clone()).chain(models.keys().cloned()).collect();
    let row = |name: &str| {
        let credits = models.values().map(|credits| credits.get(name).map_or_else(String::new, &cell));
        std::iter::once(name.to_owned()).chain(credits).collect::<Vec<_>>()
    };
    let same = |name: &str, text: &str| {
        std::iter::once(name.to_owned()).chain(models.keys().map(|_| text.to_owned())).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = channels(document).into_iter().map(row).collect();
    if has_unattributed {
        rows.push(same("(no touch before)", &cell(&document.unattributed)));
    }
    rows.push(same("Total", total));
    Sheet { title: format!("{title} by {}", document.by), header, rows, note: None }
}

/// What each model says of the money spent.
fn returns(document: &Attribute) -> Vec<Sheet> {
    if document.spend.is_none() {
        return Vec::new();
    }
    let currency = document.currency.as_deref();
    let text = |number: Option<Number>, unit| number.map_or_else(|| "–".to_owned(), |number| human(number.0, unit, currency));
    let sheet = |(model, credits): (&String, &indexmap::IndexMap<String, ChannelCredit>)| {
        let row = |name: &str| {
            let credit = credits.get(name).filter(|credit| credit.cost.is_some())?;
            Some(vec![
                name.to_owned(),
                text(credit.cost, Unit::Money),
                text(credit.roas, Unit::Multiple),
                text(credit.roi, Unit::Percent),
                text(credit.cac, Unit::Money),
            ])
        };
        let rows: Vec<Vec<String>> = channels(document).into_iter().filter_map(row).collect();
        let header = [document.by.as_str(), "cost", "ROAS", "ROI", "CAC"].map(str::to_owned).to_vec();
        Sheet { title: format!("Return by {model}"), header, rows, note: None }
    };
    document.models.iter().map(sheet).filter(|sheet| !sheet.rows.is_empty()).collect()
}

fn influence(document: &Attribute) -> Sheet {
    let currency = document.currency.as_deref();
    let has_value = document.value.is_some();
    let cells = |credit: Option<&ChannelCredit>| {
        let credit = credit.cloned().unwrap_or_default();
        let value = credit.value.map_or_else(String::new, |value| human(value.0, Unit::Money, currency));
        let conversions = human(credit.conversions.0, Unit::Count, None);
        if has_value { vec![conversions, value] } else { vec![conversions] }
    };
    let row = |name: &str| {
        let influenced = cells(document.influenced.channels.get(name));
        let sourced = cells(document.sourced.get(name));
        std::iter::once(name.to_owned()).chain(influenced).chain(sourced).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = channels(document).into_iter().map(row).collect();
    rows.push(std::iter::once("Any but direct".to_owned()).chain(cells(Some(&document.influenced.any))).collect());
    let header: &[&str] =
        if has_value { &["influenced", "influenced value", "sourced", "sourced value"] } else { &["influenced", "sourced"] };
    let header = std::iter::once(document.by.as_str()).chain(header.iter().copied()).map(str::to_owned).collect();
    Sheet { title: "Influenced and sourced".to_owned(), header, rows, note: Some(OVERLAP) }
}

fn removal(document: &Attribute) -> Option<Sheet> {
    let chain = document.markov.as_ref()?;
    let share = |number: Number| human(number.0, Unit::Share, None);
    let mut rows: Vec<Vec<String>> = channels(document)
        .into_iter()
        .filter_map(|name| Some(vec![name.to_owned(), share(*chain.removal_effects.get(name)?)]))
        .collect();
    rows.push(vec!["Any path converts".to_owned(), share(chain.conversion_probability)]);
    let header = vec![document.by.clone(), "removal effect".to_owned()];
    Some(Sheet { title: format!("Markov chain of order {}", chain.order), header, rows, note: None })
}

fn heading(document: &Attribute) -> String {
    let mut parts = vec![format!("touches {}", document.window)];
    if let (Some(people), Some(converted)) = (document.people, document.people_converted) {
        let count = |number: u64| human(number.into(), Unit::Count, None);
        parts.push(format!("{} people, {} of them converted", count(people), count(converted)));
    }
    if document.value.is_some() {
        parts
            .push(document.currency.as_ref().map_or_else(|| "currency not stated".to_owned(), |code| format!("money in {code}")));
    }
    if let Some(bootstrap) = &document.bootstrap {
        let share = human(bootstrap.confidence.0, Unit::Share, None);
        parts.push(format!("{share} intervals of {} draws, seed {}", bootstrap.replicates, bootstrap.seed));
    }
    parts.join("\u{a0}· ")
}

/// What stands below the numbers, beside findings.
fn remarks(document: &Attribute) -> Vec<String> {
    let currency = document.currency.as_deref();
    let money = |number: Number| human(number.0, Unit::Money, currency);
    let mut out = Vec::new();
    for (model, why) in &document.unavailable {
        out.push(format!("{model} is not there: {why}"));
    }
    if let Some(left_out) = &document.left_out {
        let value = left_out.value.map(|value| format!(" of value {}", money(value))).unwrap_or_default();
        let conversions = human(left_out.conversions.0, Unit::Count, None);
        out.push(format!("{conversions} conversions{value} are left out by the limits of length"));
    }
    if let Some(spend) = &document.spend {
        for (name, amount) in &spend.untouched {
            out.push(format!("{} was spent on {name}, which no path has", money(*amount)));
        }
        if let Some(amount) = spend.unallocated {
            out.push(format!("{} was spent without saying on which {}", money(amount), document.by));
        }
    }
    out
}

fn text(document: &Attribute, page: &Page) -> Vec<u8> {
    let page = &Page { width: page.columns(), ..*page };
    let faint = |text: &str| {
        let lines = hanging("", &escape(text), page.width);
        lines.iter().map(|line| paint(line, Tone::Faint, page.color)).collect::<Vec<_>>()
    };
    let mut sections = vec![faint(&heading(document))];
    for sheet in sheets(document) {
        sections.extend(drawn(&sheet, page));
    }
    sections.push(remarks(document).iter().flat_map(|remark| faint(remark)).collect());
    let read: Vec<String> = document
        .inputs
        .iter()
        .map(|input| {
            let file = file_text(&input.file, input.part.as_deref());
            let rows = human(input.used.into(), Unit::Count, None);
            format!("{file}: {} {}, {rows} rows", input.platform, input.kind)
        })
        .collect();
    sections.push(read.iter().flat_map(|line| faint(line)).collect());
    sections.push(findings(&document.warnings, page));
    joined(&sections)
}

/// The sheet in as many blocks under each other as the page needs.
fn drawn(sheet: &Sheet, page: &Page) -> Vec<Vec<String>> {
    let last = sheet.rows.len().saturating_sub(1);
    let name = |text: &str| cut(&escape(text), NAMES);
    let cell = |row: usize, column: usize, text: &str| {
        let cell = if column == 0 { Cell::left(name(text)) } else { Cell::right(escape(text)) };
        if row == 0 {
            cell.in_tone(Tone::Faint)
        } else if row == last.saturating_add(1) {
            cell.in_tone(Tone::Strong)
        } else {
            cell
        }
    };
    let grid: Vec<Vec<Cell>> = std::iter::once(&sheet.header)
        .chain(&sheet.rows)
        .enumerate()
        .map(|(row, texts)| texts.iter().enumerate().map(|(column, text)| cell(row, column, text)).collect())
        .collect();
    let widths = natural_widths(&grid);
    let mut out = Vec::new();
    for columns in chunks(&widths, page.width) {
        let pick = |row: &Vec<Cell>| columns.iter().map(|index| row.get(*index).cloned().unwrap_or_default()).collect();
        let rows: Vec<Vec<Cell>> = grid.iter().map(pick).collect();
        let mut lines = Vec::new();
        if out.is_empty() {
            lines.push(paint(&cut(&escape(&sheet.title), page.width), Tone::Strong, page.color));
        }
        let room = |index: &usize| widths.get(*index).copied().unwrap_or(0).min(page.width.saturating_sub(GAP));
        lines.extend(draw(&rows, &columns.iter().map(room).collect::<Vec<_>>(), page.color));
        out.push(lines);
    }
    if let (Some(note), Some(lines)) = (sheet.note, out.last_mut()) {
        lines.extend(hanging("", note, page.width).iter().map(|line| paint(line, Tone::Faint, page.color)));
    }
    out
}

/// Columns of each block: the first stands in every one.
fn chunks(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let width_of =
        |columns: &[usize]| total_width(&columns.iter().filter_map(|index| widths.get(*index).copied()).collect::<Vec<_>>());
    let mut out: Vec<Vec<usize>> = Vec::new();
    for index in 1..widths.len() {
        match out.last_mut() {
            Some(columns) if width_of(&[columns.as_slice(), &[index]].concat()) <= room => columns.push(index),
            _ => out.push(vec![0, index]),
        }
    }
    out
}

fn markdown(document: &Attribute) -> String {
    let mut out = vec![format!("{}\n", escaped(&heading(document)))];
    for sheet in sheets(document) {
        let header: Vec<String> = sheet.header.iter().map(|text| escaped(text)).collect();
        let right: Vec<bool> = (0..header.len()).map(|index| index > 0).collect();
        let rows: Vec<Vec<String>> = sheet.rows.iter().map(|row| row.iter().map(|text| escaped(text)).collect()).collect();
        let note = sheet.note.map(|note| format!("\n{}\n", escaped(note))).unwrap_or_default();
        out.push(format!("**{}**\n\n{}{note}", escaped(&sheet.title), markdown_table(&header, &right, &rows)));
    }
    let warnings = document.warnings.iter().map(|warning| {
        let place = place_text(warning);
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        format!("{}: {place}{}", warning.severity, message_text(warning))
    });
    let list: Vec<String> = remarks(document).into_iter().chain(warnings).map(|line| format!("- {}", escaped(&line))).collect();
    if !list.is_empty() {
        out.push(format!("{}\n", list.join("\n")));
    }
    out.join("\n")
}

fn csv(document: &Attribute, raw: bool) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let name = |name: &str| if raw { name.to_owned() } else { guarded(name).into_owned() };
    let total = ChannelCredit { conversions: document.conversions, value: document.value, ..ChannelCredit::default() };
    for (model, credits) in &document.models {
        let effects = document.markov.as_ref().filter(|_| model == "markov").map(|chain| &chain.removal_effects);
        for (channel, credit) in credits {
            let effect = effects.and_then(|effects| effects.get(channel)).copied();
            writer.write_record(cells(model, "channel", name(channel), credit, effect))?;
        }
        writer.write_record(cells(model, "unattributed", String::new(), &document.unattributed, None))?;
        writer.write_record(cells(model, "total", String::new(), &total, None))?;
    }
    for (channel, credit) in &document.influenced.channels {
        writer.write_record(cells("influenced", "overlapping", name(channel), credit, None))?;
    }
    writer.write_record(cells("influenced", "any", String::new(), &document.influenced.any, None))?;
    for (channel, credit) in &document.sourced {
        writer.write_record(cells("sourced", "channel", name(channel), credit, None))?;
    }
    writer.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))
}

fn cells(model: &str, scope: &str, name: String, credit: &ChannelCredit, effect: Option<Number>) -> Vec<String> {
    let digits = |number: Option<Number>| number.map_or_else(String::new, |number| number.to_string());
    let low = |bounds: Option<Bounds>| digits(bounds.map(|bounds| bounds.low));
    let high = |bounds: Option<Bounds>| digits(bounds.map(|bounds| bounds.high));
    vec![
        model.to_owned(),
        scope.to_owned(),
        name,
        credit.conversions.to_string(),
        digits(credit.value),
        low(credit.conversions_interval),
        high(credit.conversions_interval),
        low(credit.value_interval),
        high(credit.value_interval),
        digits(credit.cost),
        digits(credit.roas),
        digits(credit.roi),
        digits(credit.cac),
        digits(effect),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_begin_a_block_with_the_names_again() {
        assert_eq!(chunks(&[4, 5, 5, 5], 80), [vec![0, 1, 2, 3]]);
        assert_eq!(chunks(&[4, 5, 5, 5], 18), [vec![0, 1, 2], vec![0, 3]]);
        assert_eq!(chunks(&[40, 50], 20), [vec![0, 1]]);
    }

    #[test]
    fn names_of_files_start_no_formula() {
        let credit = ChannelCredit { conversions: Number(1.into()), ..ChannelCredit::default() };
        let mut document = Attribute { conversions: Number(1.into()), by: "channel".to_owned(), ..Attribute::default() };
        document.models.insert("linear".to_owned(), [("=1+1".to_owned(), credit.clone())].into_iter().collect());
        document.influenced.channels.insert("=1+1".to_owned(), credit);
        let written = |raw| String::from_utf8(csv(&document, raw).expect("written")).expect("UTF-8");
        assert!(written(false).contains("linear,channel,'=1+1,1,"), "{}", written(false));
        assert!(written(true).contains("linear,channel,=1+1,1,"), "{}", written(true));
    }
}
