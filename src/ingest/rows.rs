//! What each row is: data, a total, a footer, blank, or left out by a rule of the platform.

use std::collections::BTreeMap;

use super::header::normal;
use super::layout::{Layout, Use};
use super::profile::{Role, RowIs, Shape, When};
use super::record::Record;
use crate::measures::Kind;

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// Data.
    Data,
    /// No text at all.
    Blank,
    /// A total of other rows, by its label.
    Total(Label),
    /// A closing remark under the table.
    Footer,
    /// Left out by the rule of that number in the profile.
    LeftOut(usize),
    /// The header once more.
    HeaderAgain,
    /// A row of a second table that repeats the first cut another way.
    Beyond,
}

/// What a total row says that it totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// The rows listed: it must agree with their sum.
    Listed(String),
    /// More than is known to be listed (an account, a network): it may be larger.
    Wider(String),
    /// Nothing: the dimensions are blank. Whether it is a total depends on where it stands.
    Unlabelled,
}

impl Label {
    /// The words on the row.
    pub fn text(&self) -> &str {
        match self {
            Label::Listed(text) | Label::Wider(text) => text,
            Label::Unlabelled => "(unlabelled)",
        }
    }

    /// What the row says that it is the total of, where that may be a part of the rows: `Search` in
    /// `Total: Search`.
    pub fn part(&self) -> Option<&str> {
        let Label::Wider(text) = self else { return None };
        let (_, part) = text.split_once([':', '-'])?;
        Some(part.trim()).filter(|part| !part.is_empty())
    }
}

/// Words that alone make a total row, in lower case.
const TOTAL_WORDS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "overall total",
    "sum",
    "gesamt",
    "gesamtsumme",
    "summe",
    "total général",
    "total general",
    "total geral",
    "totaux",
    "totais",
    "totales",
    "gesamtergebnis",
    "toplam",
    "razem",
    "summa",
    "celkem",
    "всего",
    "合计",
    "总计",
    "総計",
    "합계",
    "총계",
    "totale",
    "totaal",
    "totalt",
    "suma",
    "итого",
    "合計",
    "المجموع",
    "إجمالي",
    "جمع",
    "جمع کل",
    "รวม",
    "ผลรวม",
];

/// For each byte that a cell may begin with, the kinds of second bytes with which it may be blank or
/// the label of a total, a bit each: letters of the alphabet, and then [`OTHER`] and [`BEYOND`].
pub(super) static LABELS: [u32; 256] = {
    // A blank, a sign or a letter beyond the alphabet: any.
    let mut seconds = [u32::MAX; 256];
    let mut first = 0_u8;
    while first < 128 {
        if first.is_ascii_alphanumeric() {
            seconds[first as usize] = 0;
        }
        first += 1;
    }
    let mut word = 0;
    while word < TOTAL_WORDS.len() {
        let bytes = TOTAL_WORDS[word].as_bytes();
        if bytes[0].is_ascii_lowercase() {
            assert!(bytes[1].is_ascii_lowercase(), "all these words begin with two letters");
            // A letter beyond the alphabet may have one of it in lower case.
            let second = (1 << (bytes[1] - b'a')) | (1 << BEYOND);
            seconds[bytes[0] as usize] |= second;
            seconds[bytes[0].to_ascii_uppercase() as usize] |= second;
        }
        word += 1;
    }
    seconds
};

/// The kind of a byte of ASCII that is no letter.
pub(super) const OTHER: u8 = 26;

/// The kind of a byte that is not ASCII.
pub(super) const BEYOND: u8 = 27;

/// For each byte its kind: the number of its letter, or one of the two others.
const KINDS: [u8; 256] = {
    let mut kinds = [BEYOND; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let letter = (byte | 0x20).wrapping_sub(b'a');
        kinds[byte as usize] = if letter < 26 { letter } else { OTHER };
        byte += 1;
    }
    kinds
};

/// Whether a cell is surely neither blank nor the label of a total, by its first two bytes or, where it
/// is shorter, those that follow it, which are no letters.
#[inline]
pub(super) fn begins_as_no_label([first, second]: [u8; 2]) -> bool {
    (LABELS[usize::from(first)] >> KINDS[usize::from(second)]) & 1 == 0
}

/// The same by all bytes. A quick word: what it says of other cells is for [`label_of`] to tell.
#[inline]
pub(super) fn is_surely_no_label(cell: &[u8]) -> bool {
    let (Some(first), Some(last)) = (cell.first(), cell.last()) else { return false };
    if begins_as_no_label([*first, cell.get(1).copied().unwrap_or(b',')]) {
        return true;
    }
    // Behind the word there is a colon at most, unless a colon or a dash parts it from what it is the
    // total of; `Total of 5 campaigns` is left to the others.
    first.is_ascii_alphabetic() && *first | 0x20 != b't' && last.is_ascii_digit() && !has_colon_or_dash(cell)
}

/// Whether a colon or a dash is among the bytes, eight at a time.
#[inline]
fn has_colon_or_dash(cell: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let Some(last) = cell.last_chunk::<8>() else { return cell.iter().any(|byte| matches!(byte, b':' | b'-')) };
    let has = |word: u64, byte: u8| {
        let differing = word ^ ONES.wrapping_mul(u64::from(byte));
        differing.wrapping_sub(ONES) & !differing & (ONES << 7) != 0
    };
    let has_either = |eight: &[u8; 8]| {
        let word = u64::from_le_bytes(*eight);
        has(word, b':') || has(word, b'-')
    };
    // The last eight may overlap those before.
    has_either(last) || cell.as_chunks::<8>().0.iter().any(has_either)
}

/// What the total of all rows listed is the total of (`Total: Campaigns`), in the languages of Google Ads.
const LISTED_PARTS: &[&str] = &["campaigns", "kampagnen", "campañas", "campagnes", "campagne", "campanhas"];

/// What a closing remark contains, in lower case.
const FOOTER_WORDS: &[&str] =
    &["©", "copyright (c)", "all rights reserved", "confidential information", "generated by", "do not distribute"];

/// Reads rows in their order and says what each is. Two passes over the same table say the same.
#[derive(Debug)]
pub struct Classifier<'a> {
    layout: &'a Layout,
    /// Numbers of the rules whose rows count all the same.
    included: Vec<bool>,
    keys: Vec<usize>,
    dimensions: Vec<usize>,
    rule_columns: Vec<Option<usize>>,
    order: Option<usize>,
    /// The first row of the order being read, for exports that leave later rows blank.
    first_of_order: Option<Record>,
    /// Whether the row just read continues an order.
    continues: bool,
    /// Whether a second table that does not count has begun.
    beyond: bool,
}

impl<'a> Classifier<'a> {
    /// For rows of that layout; `include` names the rules whose rows are to count.
    pub fn new(layout: &'a Layout, include: &[String]) -> Self {
        let key = |role: &Role| {
            matches!(
                role,
                Role::Dimension(_) | Role::Date | Role::Id | Role::OrderId | Role::CustomerId | Role::LeadId | Role::PersonId
            )
        };
        let rules = layout.profile.rules;
        Classifier {
            layout,
            included: rules.iter().map(|rule| include.iter().any(|word| word == rule.word || word == "all")).collect(),
            keys: layout.with_role(key).collect(),
            dimensions: layout.with_role(|role| matches!(role, Role::Dimension(_))).collect(),
            rule_columns: rules.iter().map(|rule| rule_column(layout, rule.column)).collect(),
            order: (layout.profile.row == RowIs::LineBlankAfterFirst).then(|| layout.column_of(Role::OrderId)).flatten(),
            first_of_order: None,
            continues: false,
            beyond: false,
        }
    }

    /// What the row is. Where an export leaves later rows of an order blank, they are filled in
    /// from its first row, amounts excepted.
    pub fn classify(&mut self, record: &mut Record) -> Class {
        if record.is_blank() {
            return Class::Blank;
        }
        self.beyond |= self.opens_second_table(record);
        if self.beyond {
            return Class::Beyond;
        }
        if self.is_header_again(record) {
            return Class::HeaderAgain;
        }
        if is_footer(record) {
            return Class::Footer;
        }
        if let Some(label) = self.total_label(record) {
            return Class::Total(label);
        }
        self.fill_down(record);
        let left_out = (0..self.rule_columns.len()).find(|number| self.applies(*number, record));
        left_out.map_or(Class::Data, Class::LeftOut)
    }

    /// Whether the row just classified continues the order of the row before it.
    pub fn continues_an_order(&self) -> bool {
        self.continues
    }

    fn opens_second_table(&self, record: &Record) -> bool {
        let Shape::TableUntil { first_cell } = self.layout.profile.shape else { return false };
        let first = normal(record.get(0).unwrap_or(""));
        first_cell.iter().any(|cell| normal(cell) == first)
    }

    fn is_header_again(&self, record: &Record) -> bool {
        let header = &self.layout.header;
        record.len() == header.len()
            && record
                .iter()
                .zip(&header.names)
                .all(|(cell, name)| cell.trim_matches(['\u{FEFF}', ' ', '\u{A0}', '\t']) == &**name)
    }

    fn total_label(&self, record: &Record) -> Option<Label> {
        if !is_aggregate(self.layout.profile.kind) || record.len() < 2 {
            return None;
        }
        let listed = |label: Label| match label {
            Label::Listed(text) if self.layout.profile.totals_cover_more => Label::Wider(text),
            label => label,
        };
        let (first_index, first) = record.iter().enumerate().find(|(_, cell)| !is_blank(cell))?;
        if let Some(label) = label_of(first) {
            let colon = first.contains(':');
            let others_blank =
                self.keys.iter().filter(|key| **key != first_index).all(|key| record.get(*key).is_none_or(is_blank));
            if colon || others_blank {
                return Some(listed(label));
            }
        }
        if self.dimensions.is_empty() || !self.dimensions.iter().all(|index| record.get(*index).is_none_or(is_blank)) {
            return None;
        }
        let label = record.iter().find_map(|cell| label_of(cell).filter(|label| matches!(label, Label::Listed(_))));
        Some(label.map_or(Label::Unlabelled, listed))
    }

    fn applies(&self, number: usize, record: &Record) -> bool {
        let (Some(rule), Some(Some(column))) = (self.layout.profile.rules.get(number), self.rule_columns.get(number)) else {
            return false;
        };
        if self.included.get(number).copied().unwrap_or(false) {
            return false;
        }
        let cell = record.get(*column).unwrap_or("").trim().to_lowercase();
        match rule.when {
            When::Is(words) => words.contains(&cell.as_str()),
            When::IsNot(words) => !words.contains(&cell.as_str()),
            When::Present => !cell.is_empty(),
            When::Blank => cell.is_empty(),
            When::BelowZeroUnless { column, is } => {
                let other =
                    rule_column(self.layout, column).and_then(|index| record.get(index)).unwrap_or("").trim().to_lowercase();
                is_below_zero(&cell) && !is.contains(&other.as_str())
            }
        }
    }

    fn fill_down(&mut self, record: &mut Record) {
        let Some(order) = self.order else { return };
        let same = self.first_of_order.as_ref().is_some_and(|first| first.get(order) == record.get(order));
        self.continues = same;
        let Some(first) = self.first_of_order.as_ref().filter(|_| same) else {
            self.first_of_order = Some(record.clone());
            return;
        };
        let mut filled = Record::at(record.line());
        for (index, cell) in record.iter().enumerate() {
            let is_amount = matches!(
                self.layout.role(index),
                Some(Role::Measures(_) | Role::SignedAmount | Role::UnitPrice | Role::Quantity)
            );
            let from_first = cell.trim().is_empty() && !is_amount;
            filled.push(if from_first { first.get(index).unwrap_or("") } else { cell });
        }
        *record = filled;
    }
}

/// Whether a cell is written as a number below zero, by sign or in brackets.
fn is_below_zero(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '\u{2212}']).or_else(|| cell.strip_prefix('(')?.strip_suffix(')'));
    digits.is_some_and(|digits| digits.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

fn rule_column(layout: &Layout, name: &str) -> Option<usize> {
    let spelled = layout.profile.columns.iter().find(|column| column.names.contains(&name));
    let found = spelled.map_or_else(|| layout.header.find(name), |column| layout.header.find_column(column));
    found.first().map(|found| found.index)
}

/// Whether rows of this kind are sums already, so that a sum of them may stand among them.
pub(super) fn is_aggregate(kind: Kind) -> bool {
    matches!(kind, Kind::Campaigns | Kind::Ads | Kind::Web | Kind::Social | Kind::Measures)
}

pub(super) fn is_blank(cell: &str) -> bool {
    matches!(cell.trim(), "" | "-" | "--" | "—")
}

pub(super) fn label_of(cell: &str) -> Option<Label> {
    let text = cell.trim();
    let lower = text.to_lowercase();
    if TOTAL_WORDS.contains(&lower.trim_end_matches([':', ' '])) {
        return Some(Label::Listed(text.to_owned()));
    }
    let counted = lower.strip_prefix("total of ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if counted {
        return Some(Label::Listed(text.to_owned()));
    }
    let (word, of) = lower.split_once(':').or_else(|| lower.split_once(" -"))?;
    if !TOTAL_WORDS.contains(&word.trim()) {
        return None;
    }
    let label = if LISTED_PARTS.contains(&of.trim()) { Label::Listed } else { Label::Wider };
    Some(label(text.to_owned()))
}

/// A row whose only cell is a closing remark.
pub fn is_footer(record: &Record) -> bool {
    let mut cells = record.iter().filter(|cell| !cell.trim().is_empty());
    let (Some(only), None) = (cells.next(), cells.next()) else { return false };
    let lower = only.to_lowercase();
    FOOTER_WORDS.iter().any(|word| lower.contains(word))
}

/// Whether rows fit the header: the same width, or a width that all rows share and that differs
/// in blank cells only.
#[derive(Clone, Debug, Default)]
pub struct Widths {
    /// Rows of each other width, whether all that goes beyond the header is blank, and the first lines.
    others: BTreeMap<usize, Odd>,
    fitting: u64,
}

#[derive(Clone, Debug)]
struct Odd {
    rows: u64,
    blank_beyond: bool,
    /// Lines, and how each row begins.
    lines: Vec<(u64, String)>,
}

/// How a row begins, for a message.
pub fn sample(record: &Record) -> String {
    record.iter().take(SAMPLED).map(|cell| cell.chars().take(SAMPLED).collect::<String>()).collect::<Vec<_>>().join(",")
}

/// Cells of a row, and characters of each, that are enough to know it by.
const SAMPLED: usize = 20;

/// How many misfits are listed by line.
const LISTED: usize = 20;

impl Widths {
    /// Notes a data row.
    pub fn observe(&mut self, record: &Record, layout: &Layout) {
        let width = record.len();
        if width == layout.header.len() {
            self.fitting = self.fitting.saturating_add(1);
            return;
        }
        let blank_beyond = record.iter().skip(layout.header.len()).all(|cell| cell.trim().is_empty());
        let odd = self.others.entry(width).or_insert(Odd { rows: 0, blank_beyond: true, lines: Vec::new() });
        odd.rows = odd.rows.saturating_add(1);
        odd.blank_beyond &= blank_beyond;
        if odd.lines.len() < LISTED {
            odd.lines.push((record.line(), sample(record)));
        }
    }

    /// Notes so many data rows that fit.
    pub(super) fn leave_out(&mut self, rows: u64) {
        self.fitting = self.fitting.saturating_add(rows);
    }

    /// The misfits by line, width and how the row begins; none when every row has the same harmless difference.
    pub fn misfits(&self, layout: &Layout) -> Vec<(u64, usize, String)> {
        if let (0, Some((width, odd)), 1) = (self.fitting, self.others.first_key_value(), self.others.len()) {
            let narrower = *width < layout.header.len();
            let unnamed_beyond = narrower && layout.columns.iter().skip(*width).all(|column| *column == Use::Unnamed);
            // With a name that is not known, the header itself may have lost a separator, and every
            // cell after it would stand under the wrong name.
            let all_known = !layout.columns.contains(&Use::Other);
            if odd.blank_beyond && ((!narrower && all_known) || unnamed_beyond) {
                return Vec::new();
            }
        }
        let mut misfits: Vec<_> = self
            .others
            .iter()
            .flat_map(|(width, odd)| odd.lines.iter().map(|(line, text)| (*line, *width, text.clone())))
            .collect();
        misfits.sort_unstable();
        misfits
    }

    /// How many rows do not fit.
    pub fn count(&self) -> u64 {
        self.others.values().map(|odd| odd.rows).fold(0, u64::saturating_add)
    }
}
