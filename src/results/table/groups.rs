//! Groups: a group a row, a KPI a column, in as many tables as the columns need.

use indexmap::{IndexMap, IndexSet};

use super::super::Page;
use super::super::layout::{
    Cell, GAP, Tone, cut, cut_middle, draw, hanging, natural_widths, paint, rule, total_width, width, wrap,
};
use super::super::number::is_currency_sign;
use super::super::view::{Shown, key_text, keys_of, missing_in, name_of, number_of, unit_of, value_text};
use crate::contract::{Compute, GroupView, Groups};
use crate::finding::escape;
use crate::kpi::{Catalogue, Unit};

/// Least columns of a dimension before the dimensions share one column.
const KEY: usize = 6;

/// Columns that a word of a heading may take even where the numbers are narrower.
const WORD: usize = 14;

/// A KPI's column: its heading on several lines, and a cell for each group and the total.
struct Column {
    heading: Vec<String>,
    cells: Vec<Cell>,
    width: usize,
}

pub(super) fn lines(
    answer: &Compute,
    groups: &(impl Groups + ?Sized),
    shown: &Shown,
    catalogue: &Catalogue,
    page: &Page,
) -> Vec<String> {
    if shown.ids.is_empty() {
        return vec![paint("No KPI could be computed.", Tone::Strong, page.color)];
    }
    let mut kept = Kept::new(answer, shown, catalogue);
    groups.each(|group| kept.add_group(group));
    kept.add_cells(&answer.total);
    let (keys, cells, reasons) = (kept.keys, kept.cells, kept.reasons);
    let mut footnotes = Footnotes::new(reasons);
    let columns: Vec<Column> =
        shown.ids.iter().zip(cells).map(|(id, cells)| column(catalogue, page, id, cells, &mut footnotes)).collect();
    let keys = Keys::new(answer, keys, &columns, page);

    let mut out = Vec::new();
    for stack in stacks(&columns, page.width.saturating_sub(total_width(&keys.widths) + GAP)) {
        if !out.is_empty() {
            out.push(String::new());
        }
        out.extend(table(&keys, stack, page));
    }
    out.extend(footnotes.lines(page));
    out
}

/// What is kept of all groups: their texts.
struct Kept<'a> {
    answer: &'a Compute,
    shown: &'a Shown,
    catalogue: &'a Catalogue,
    /// Of each column.
    units: Vec<Option<Unit>>,
    keys: Vec<Vec<String>>,
    /// Column by column a cell for each group, and the total's at the end.
    cells: Vec<Vec<Content>>,
    /// In the order in which they are first met.
    reasons: IndexSet<String>,
}

/// What stands in a cell.
enum Content {
    Value(String),
    /// The number of the reason why there is none.
    Reason(usize),
    Nothing,
}

impl<'a> Kept<'a> {
    fn new(answer: &'a Compute, shown: &'a Shown, catalogue: &'a Catalogue) -> Self {
        Kept {
            answer,
            shown,
            catalogue,
            units: shown.ids.iter().map(|id| unit_of(catalogue, id)).collect(),
            keys: Vec::new(),
            cells: shown.ids.iter().map(|_| Vec::new()).collect(),
            reasons: IndexSet::new(),
        }
    }

    fn add_group(&mut self, group: &impl GroupView) {
        self.keys.push(keys_of(self.answer, group).map(key_text).collect());
        self.add_cells(group);
    }

    fn add_cells(&mut self, group: &impl GroupView) {
        let currency = self.answer.currency.as_deref();
        for ((id, unit), cells) in self.shown.ids.iter().zip(&self.units).zip(&mut self.cells) {
            let value = self.shown.value(group, id, self.catalogue);
            cells.push(match (value, missing_in(self.answer, group, id)) {
                (Some(value), _) => Content::Value(without_code(&value_text(*unit, &value, currency), currency).to_owned()),
                (None, Some(why)) => Content::Reason(number_of(&mut self.reasons, &why.reason)),
                (None, None) => Content::Nothing,
            });
        }
    }
}

/// One table: heading, groups, total.
fn table(keys: &Keys, columns: &[Column], page: &Page) -> Vec<String> {
    let mut widths = keys.widths.clone();
    widths.extend(columns.iter().map(|column| column.width));
    let height = columns.iter().map(|column| column.heading.len()).max().unwrap_or(1);

    let mut rows: Vec<Vec<Cell>> = (0..height).map(|line| heading_row(keys, columns, line, height)).collect();
    for (i, key_cells) in keys.rows.iter().enumerate() {
        let cells = columns.iter().filter_map(|column| column.cells.get(i).cloned());
        rows.push(key_cells.iter().cloned().chain(cells).collect());
    }
    let mut lines = draw(&rows, &widths, page.color);
    let across = rule(total_width(&widths), page.color);
    // The total is the last row.
    if keys.rows.len() > 1 {
        lines.insert(lines.len().saturating_sub(1), across.clone());
    }
    lines.insert(height.min(lines.len()), across);
    lines
}

/// One line of the heading; shorter headings stand at the bottom.
fn heading_row(keys: &Keys, columns: &[Column], line: usize, height: usize) -> Vec<Cell> {
    let is_last = line + 1 == height;
    let keys = keys.headings.iter().map(|name| Cell::left(if is_last { name.as_str() } else { "" }));
    let kpis = columns.iter().map(|column| {
        let missing = height - column.heading.len();
        let text = line.checked_sub(missing).and_then(|i| column.heading.get(i)).cloned().unwrap_or_default();
        Cell::right(text)
    });
    keys.chain(kpis).map(|cell| cell.in_tone(Tone::Strong)).collect()
}

/// Columns that fit beside the keys, table by table; at least one each.
fn stacks(columns: &[Column], room: usize) -> Vec<&[Column]> {
    let mut out = Vec::new();
    let mut rest = columns;
    while !rest.is_empty() {
        let mut taken = 0;
        let mut used = 0;
        for column in rest {
            used += column.width + if taken > 0 { GAP } else { 0 };
            if taken > 0 && used > room {
                break;
            }
            taken += 1;
        }
        let (stack, others) = rest.split_at(taken.min(rest.len()));
        out.push(stack);
        rest = others;
    }
    out
}

fn column(catalogue: &Catalogue, page: &Page, id: &str, cells: Vec<Content>, footnotes: &mut Footnotes) -> Column {
    let cell = |content| match content {
        Content::Value(text) => Cell::right(text),
        Content::Reason(reason) => Cell::right(format!("n/a [{}]", footnotes.number(reason))).in_tone(Tone::Faint),
        Content::Nothing => Cell::right("–").in_tone(Tone::Faint),
    };
    let mut cells: Vec<Cell> = cells.into_iter().map(cell).collect();
    if let Some(total) = cells.last_mut().filter(|total| total.tone == Tone::Plain) {
        total.tone = Tone::Strong;
    }
    let name = name_of(catalogue, id);
    let numbers = cells.iter().map(|cell| width(&cell.text)).max().unwrap_or(0);
    let word = name.split(' ').map(width).max().unwrap_or(0).min(WORD);
    let widest = numbers.max(word).min(page.width.saturating_sub(KEY + GAP));
    let heading = wrap(&name, widest);
    let columns = heading.iter().map(|line| width(line)).max().unwrap_or(0).max(numbers.min(widest));
    Column { heading, cells, width: columns }
}

/// The heading of the page names the currency; repeating its code in each cell costs columns.
fn without_code<'a>(text: &'a str, currency: Option<&str>) -> &'a str {
    currency
        .map(str::trim)
        .filter(|code| !is_currency_sign(code))
        .and_then(|code| text.strip_suffix(code))
        .map_or(text, str::trim_end)
}

/// Reasons in the order in which the columns show them.
struct Footnotes {
    /// As they were met, by number from 1.
    met: IndexSet<String>,
    /// As they are shown.
    reasons: IndexMap<String, ()>,
}

impl Footnotes {
    fn new(met: IndexSet<String>) -> Self {
        Footnotes { met, reasons: IndexMap::new() }
    }

    fn number(&mut self, met: usize) -> usize {
        let reason = met.checked_sub(1).and_then(|index| self.met.get_index(index));
        self.reasons.insert_full(escape(reason.map_or("", String::as_str)), ()).0 + 1
    }

    fn lines(&self, page: &Page) -> Vec<String> {
        let line = |(i, reason): (usize, &String)| hanging(&format!("[{}] ", i + 1), reason, page.width);
        let mut out: Vec<String> =
            self.reasons.keys().enumerate().flat_map(line).map(|text| paint(&text, Tone::Faint, page.color)).collect();
        if !out.is_empty() {
            out.insert(0, String::new());
        }
        out
    }
}

/// The dimensions' columns, cut to what the page can give them.
struct Keys {
    headings: Vec<String>,
    rows: Vec<Vec<Cell>>,
    widths: Vec<usize>,
}

impl Keys {
    fn new(answer: &Compute, texts: Vec<Vec<String>>, columns: &[Column], page: &Page) -> Self {
        let mut headings: Vec<String> = answer.by.iter().map(|name| escape(name)).collect();
        let mut texts = texts;
        let room = room_for_keys(columns, page);
        if natural(&headings, &texts).iter().map(|columns| (*columns).min(KEY) + GAP).sum::<usize>() > room + GAP {
            headings = vec![headings.join(" / ")];
            texts = texts.into_iter().map(|keys| vec![keys.join(" / ")]).collect();
        }
        let mut widths = natural(&headings, &texts);
        let everything = columns.iter().map(|column| column.width + GAP).sum::<usize>();
        if total_width(&widths) + everything > page.width {
            shrink(&mut widths, room);
        }
        let cut_texts = fit(&texts, &widths);
        let headings = headings.iter().zip(&widths).map(|(name, &columns)| cut(name, columns)).collect();
        let mut rows: Vec<Vec<Cell>> = cut_texts.into_iter().map(|keys| keys.into_iter().map(Cell::left).collect()).collect();
        rows.push(total_keys(&widths));
        Keys { headings, rows, widths }
    }
}

fn total_keys(widths: &[usize]) -> Vec<Cell> {
    (0..widths.len()).map(|i| Cell::left(if i == 0 { "Total" } else { "" }).in_tone(Tone::Strong)).collect()
}

fn natural(headings: &[String], texts: &[Vec<String>]) -> Vec<usize> {
    let as_cells = |keys: &Vec<String>| keys.iter().map(Cell::left).collect::<Vec<_>>();
    let mut rows: Vec<Vec<Cell>> = texts.iter().map(as_cells).collect();
    rows.push(headings.iter().map(Cell::left).collect());
    let mut widths = natural_widths(&rows);
    if let Some(first) = widths.first_mut() {
        *first = (*first).max("Total".len());
    }
    widths
}

/// Columns that the keys may take: two fifths of the page, or less where a KPI needs more than the rest.
fn room_for_keys(columns: &[Column], page: &Page) -> usize {
    let widest = columns.iter().map(|column| column.width).max().unwrap_or(0);
    (page.width * 2 / 5).min(page.width.saturating_sub(widest + GAP)).max(KEY)
}

/// Takes from the widest until all fit.
fn shrink(widths: &mut [usize], room: usize) {
    while total_width(widths) > room {
        let Some(widest) = widths.iter_mut().max() else { return };
        if *widest <= 1 {
            return;
        }
        *widest -= 1;
    }
}

/// The texts cut to their columns: at the end, or in the middle where two would look the same.
fn fit(texts: &[Vec<String>], widths: &[usize]) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> =
        texts.iter().map(|keys| keys.iter().zip(widths).map(|(key, &columns)| cut(key, columns)).collect()).collect();
    for (i, &columns) in widths.iter().enumerate() {
        let mut full: IndexMap<&str, &str> = IndexMap::new();
        let is_ambiguous = texts.iter().zip(&out).any(|(keys, shown)| match (keys.get(i), shown.get(i)) {
            (Some(key), Some(shown)) => full.insert(shown, key).is_some_and(|other| other != key),
            _ => false,
        });
        if is_ambiguous {
            for (keys, shown) in texts.iter().zip(&mut out) {
                if let (Some(key), Some(shown)) = (keys.get(i), shown.get_mut(i)) {
                    *shown = cut_middle(key, columns);
                }
            }
        }
    }
    out
}
