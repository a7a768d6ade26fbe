//! The first pass over a table: every cell is looked at, and one decision is taken for each
//! column from all of its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::date::{DateEvidence, DateHint, DateStyle};
use super::evidence::{is_missing, trim};
use super::header::normal;
use super::layout::{Layout, Use};
use super::number::{DecimalMark, FileMarks, NumberEvidence, NumberHint, NumberStyle};
use super::profile::{DateOrder, Role};
use super::record::{Record, Records};
use super::rows::{Class, Classifier, Label, Widths, is_footer, sample};
use crate::finding::{Code, Finding, Place, counted};
use crate::measures::Rows;

/// Rows up to which exact duplicates are looked for.
pub const DUPLICATES_BOUND: u64 = 1_000_000;

/// Findings of one kind that are given in full; the others are counted.
pub const LISTED: usize = 20;

/// What the user said about numbers and dates, which overrules the evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    /// `--decimal`.
    pub decimal: Option<DecimalMark>,
    /// `--date-order`.
    pub date_order: Option<DateOrder>,
    /// How numbers are written in this format whatever the platform: JSON and workbooks have a point.
    pub written: Option<DecimalMark>,
}

/// What the first pass found.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Rows by what they are; `selected` is for the second pass to fill in.
    pub rows: Rows,
    /// How the numbers of each column are read.
    pub numbers: Vec<Option<NumberStyle>>,
    /// How the dates of each column are read; the finding when nothing settles it.
    pub dates: Vec<Option<Result<DateStyle, Finding>>>,
    /// Evidence of each column's numbers.
    pub evidence: Vec<NumberEvidence>,
    /// Lines of total rows whose dimensions are blank, which only their place makes totals.
    pub unlabelled_totals: BTreeSet<u64>,
    /// What total rows say that they are the totals of.
    pub total_parts: BTreeSet<String>,
    /// Whether any row used has a value in the column.
    pub filled: Vec<bool>,
    /// For columns whose numbers may be of several kinds, the kinds seen beside a number.
    pub kinds: BTreeMap<usize, BTreeSet<String>>,
    /// Rows of a second table that repeats the first, and its first line.
    pub beyond: Option<(u64, u64)>,
    /// Rows left out by each rule, and their first lines.
    pub left_out: BTreeMap<usize, (u64, Vec<u64>)>,
    /// Lines of closing remarks.
    pub footers: Vec<u64>,
    /// Number of rows that repeat an earlier one cell by cell, with the first such lines.
    pub duplicates: (u64, Vec<u64>),
    /// Lines of those rows, to drop them.
    pub duplicate_lines: BTreeSet<u64>,
    /// Whether there were too many rows to look for duplicates.
    pub duplicates_unchecked: bool,
    /// The last line, when it has no end.
    pub unended_line: Option<u64>,
}

/// Whether a column of that role holds numbers.
pub fn is_number(role: Role) -> bool {
    matches!(
        role,
        Role::Measures(_)
            | Role::MeasuresOfOneKind { .. }
            | Role::PlanPrice { .. }
            | Role::SignedAmount
            | Role::UnitPrice
            | Role::Quantity
            | Role::Score
            | Role::SatisfactionScore
            | Role::RecommendationScore
            | Role::PathNulls
    )
}

/// Whether a column of that role holds single dates.
pub fn is_date(role: Role) -> bool {
    matches!(role, Role::Date | Role::DateEnd | Role::StageDate(_) | Role::CloseDate | Role::FirstResponse | Role::FirstTouch)
}

/// Whether every number of that role must be whole.
fn is_whole(role: Role) -> bool {
    match role {
        Role::Measures(measures) | Role::MeasuresOfOneKind { measures, .. } => measures.iter().any(|measure| measure.is_whole()),
        Role::Quantity | Role::SatisfactionScore | Role::RecommendationScore | Role::PathNulls => true,
        _ => false,
    }
}

/// Reads the table once and decides on its columns.
///
/// # Errors
/// All that is wrong with the table, up to twenty of a kind.
pub fn survey(
    layout: &Layout,
    records: &mut dyn Records,
    include: &[String],
    marks: Marks,
    place: &Place,
) -> Result<Survey, Vec<Finding>> {
    let mut pass = Pass::new(layout, include);
    let mut record = Record::default();
    let mut before_data = layout.before_data;
    let mut problems = Vec::new();
    loop {
        let read = records.read(&mut record);
        pass.leave_out(records.left_out());
        match read {
            Ok(false) => break,
            Ok(true) if before_data > 0 => before_data = before_data.saturating_sub(1),
            Ok(true) => pass.row(&mut record, place, &mut problems),
            // What follows a broken record cannot be trusted, so it ends the pass.
            Err(finding) => {
                problems.push(finding);
                return Err(problems);
            }
        }
    }
    let unended_line = records.unended_line();
    pass.finish(marks, place, problems).map(|survey| Survey { unended_line, ..survey })
}

struct Pass<'a> {
    layout: &'a Layout,
    classifier: Classifier<'a>,
    roles: Vec<Option<Role>>,
    evidence: Vec<NumberEvidence>,
    dates: Vec<DateEvidence>,
    rows: Rows,
    widths: Widths,
    /// Rows whose dimensions are blank, with how many data rows came before.
    unlabelled: Vec<(u64, u64)>,
    labelled_rows: u64,
    total_parts: BTreeSet<String>,
    left_out: BTreeMap<usize, (u64, Vec<u64>)>,
    footers: Vec<u64>,
    filled: Vec<bool>,
    /// Columns of mixed numbers with the column that says which kind each is.
    mixed: Vec<(usize, Option<usize>)>,
    kinds: BTreeMap<usize, BTreeSet<String>>,
    beyond: Option<(u64, u64)>,
    /// Rows of one cell after a blank row: closing remarks, if nothing else follows.
    closing: Vec<Record>,
    after_blank: bool,
    /// Identities that a spreadsheet turned into rounded numbers.
    mangled: Vec<(u64, usize, String)>,
    seen: BTreeSet<u128>,
    duplicates: (u64, Vec<u64>),
    duplicate_lines: BTreeSet<u64>,
}

impl<'a> Pass<'a> {
    fn new(layout: &'a Layout, include: &[String]) -> Self {
        let width = layout.header.len();
        Pass {
            layout,
            classifier: Classifier::new(layout, include),
            roles: (0..width).map(|index| layout.role(index)).collect(),
            evidence: vec![NumberEvidence::default(); width],
            dates: vec![DateEvidence::default(); width],
            rows: Rows::default(),
            widths: Widths::default(),
            unlabelled: Vec::new(),
            labelled_rows: 0,
            total_parts: BTreeSet::new(),
            left_out: BTreeMap::new(),
            footers: Vec::new(),
            filled: vec![false; width],
            mixed: mixed_columns(layout),
            kinds: BTreeMap::new(),
            beyond: None,
            closing: Vec::new(),
            after_blank: false,
            mangled: Vec::new(),
            seen: BTreeSet::new(),
            duplicates: (0, Vec::new()),
            duplicate_lines: BTreeSet::new(),
        }
    }

    fn row(&mut self, record: &mut Record, place: &Place, problems: &mut Vec<Finding>) {
        let digest = (self.rows.read < DUPLICATES_BOUND).then(|| digest(record));
        self.rows.read = self.rows.read.saturating_add(1);
        let class = self.classifier.classify(record);
        if self.is_closing(record, &class) {
            self.closing.push(record.clone());
            return;
        }
        if class != Class::Blank {
            self.after_blank = false;
            for row in std::mem::take(&mut self.closing) {
                self.observe(&row, None);
            }
        }
        match class {
            Class::Blank => {
                self.after_blank = true;
                self.rows.blank = self.rows.blank.saturating_add(1);
            }
            Class::Footer => {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
                self.footers.push(record.line());
            }
            Class::Beyond => {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
                let (count, _) = self.beyond.get_or_insert((0, record.line()));
                *count = count.saturating_add(1);
            }
            Class::HeaderAgain => {
                let message = "the header stands here once more: another table begins";
                problems.push(
                    Finding::new(Code::SecondTable, place.clone().at_line(record.line()), message)
                        .saw(sample(record))
                        .expected("rows under one header")
                        .help("split the file, or remove the line if the rows belong together"),
                );
            }
            Class::Total(Label::Unlabelled) => {
                self.unlabelled.push((record.line(), self.labelled_rows));
                self.observe(record, digest);
            }
            Class::Total(label) => {
                self.rows.totals = self.rows.totals.saturating_add(1);
                if let Some(part) = label.part()
                    && self.total_parts.len() < LISTED
                {
                    self.total_parts.insert(part.to_owned());
                }
            }
            Class::LeftOut(rule) => {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
                let (count, lines) = self.left_out.entry(rule).or_default();
                *count = count.saturating_add(1);
                if lines.len() < LISTED {
                    lines.push(record.line());
                }
                self.widths.observe(record, self.layout);
            }
            Class::Data => {
                self.labelled_rows = self.labelled_rows.saturating_add(1);
                self.observe(record, digest);
            }
        }
    }

    /// Counts so many plain rows of data that are looked at elsewhere.
    fn leave_out(&mut self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.rows.read = self.rows.read.saturating_add(rows);
        self.rows.used = self.rows.used.saturating_add(rows);
        self.labelled_rows = self.labelled_rows.saturating_add(rows);
        self.widths.leave_out(rows);
        self.after_blank = false;
        for row in std::mem::take(&mut self.closing) {
            self.observe(&row, None);
        }
    }

    /// Whether the row may be one of several closing remarks under a table of many columns.
    fn is_closing(&self, record: &Record, class: &Class) -> bool {
        let may_be = matches!(class, Class::Data | Class::Footer) && record.len() == 1 && self.layout.header.len() > 2;
        may_be && (self.after_blank || !self.closing.is_empty())
    }

    /// Rows of one cell at the very end are remarks when one of them says what remarks say.
    fn close(&mut self) {
        let remarks = self.closing.iter().any(is_footer);
        for row in std::mem::take(&mut self.closing) {
            if remarks {
                self.rows.rejected = self.rows.rejected.saturating_add(1);
                self.footers.push(row.line());
            } else {
                self.observe(&row, None);
            }
        }
    }

    fn observe(&mut self, record: &Record, digest: Option<u128>) {
        self.rows.used = self.rows.used.saturating_add(1);
        self.widths.observe(record, self.layout);
        for &(index, kind) in &self.mixed {
            if record.get(index).is_some_and(|cell| !is_missing(trim(cell))) {
                let kind = kind.and_then(|kind| record.get(kind)).unwrap_or("").trim();
                self.kinds.entry(index).or_default().insert(kind.to_owned());
            }
        }
        for (index, cell) in record.iter().enumerate().take(self.roles.len()) {
            if let Some(filled) = self.filled.get_mut(index)
                && !*filled
            {
                *filled = !is_missing(trim(cell));
            }
            let line = record.line();
            if self.roles.get(index).copied().flatten().is_some_and(is_identity)
                && is_mangled(cell)
                && self.mangled.len() < LISTED
            {
                self.mangled.push((line, index, cell.to_owned()));
            }
            match self.roles.get(index).copied().flatten() {
                Some(role) if is_date(role) => {
                    if let Some(dates) = self.dates.get_mut(index) {
                        dates.observe(cell, line);
                    }
                }
                Some(role) if !is_number(role) && !is_rate(role) => {}
                _ => {
                    if let Some(numbers) = self.evidence.get_mut(index) {
                        numbers.observe(cell, line);
                    }
                }
            }
        }
        if let Some(digest) = digest
            && !self.seen.insert(digest)
        {
            self.duplicates.0 = self.duplicates.0.saturating_add(1);
            self.duplicate_lines.insert(record.line());
            if self.duplicates.1.len() < LISTED {
                self.duplicates.1.push(record.line());
            }
        }
    }

    fn finish(mut self, marks: Marks, place: &Place, mut problems: Vec<Finding>) -> Result<Survey, Vec<Finding>> {
        self.close();
        let header_width = self.layout.header.len();
        for (line, width, text) in self.widths.misfits(self.layout).into_iter().take(LISTED) {
            let message = format!("the row has {}", counted(width as u64, "cell"));
            problems.push(
                Finding::new(Code::RaggedRow, place.clone().at_line(line), message)
                    .saw(text)
                    .expected(format!("{header_width}, as in the header on line {}", self.layout.header.line))
                    .help("look for a separator inside an unquoted cell, or a missing one"),
            );
        }
        for (line, index, cell) in &self.mangled {
            let place = place.clone().at_line(*line).in_column(*index, self.layout.name(*index));
            problems.push(
                Finding::new(Code::BadNumber, place, "a spreadsheet has rounded this id, so that others read the same")
                    .saw(cell.clone())
                    .expected("the id with all its digits")
                    .help("export again without opening the file in a spreadsheet"),
            );
        }
        let unlabelled_totals = self.unlabelled_totals();
        let numbers = self.decide_numbers(marks, place, &mut problems);
        let dates = self.decide_dates(marks, place);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Survey {
            rows: self.rows,
            numbers,
            dates,
            evidence: self.evidence,
            unlabelled_totals,
            total_parts: self.total_parts,
            filled: self.filled,
            kinds: self.kinds,
            beyond: self.beyond,
            left_out: self.left_out,
            footers: self.footers,
            duplicates: self.duplicates,
            duplicate_lines: self.duplicate_lines,
            unended_line: None,
            duplicates_unchecked: self.rows.read > DUPLICATES_BOUND,
        })
    }

    /// Rows with blank dimensions are totals when they are first or last among rows that have
    /// them; elsewhere they are data.
    fn unlabelled_totals(&mut self) -> BTreeSet<u64> {
        if self.labelled_rows < 2 {
            return BTreeSet::new();
        }
        let at_an_end = |before: u64| before == 0 || before == self.labelled_rows;
        let totals: BTreeSet<u64> =
            self.unlabelled.iter().filter(|(_, before)| at_an_end(*before)).map(|(line, _)| *line).collect();
        let count = totals.len() as u64;
        self.rows.totals = self.rows.totals.saturating_add(count);
        self.rows.used = self.rows.used.saturating_sub(count);
        totals
    }

    fn decide_numbers(&self, marks: Marks, place: &Place, problems: &mut Vec<Finding>) -> Vec<Option<NumberStyle>> {
        let mut file = FileMarks::default();
        for (role, evidence) in self.roles.iter().zip(&self.evidence) {
            let recognised = role.is_some_and(is_number);
            file.add(evidence, recognised, role.is_some_and(is_whole));
        }
        let hint =
            NumberHint { flag: marks.decimal, file: file.settled(), profile: marks.written, contradiction: file.contradict() };
        let mut styles = Vec::with_capacity(self.roles.len());
        for (index, role) in self.roles.iter().enumerate() {
            let style = role.filter(|role| is_number(*role) || is_rate(*role)).and_then(|role| {
                let evidence = self.evidence.get(index)?;
                match evidence.decide(hint, is_whole(role)) {
                    Ok(style) => Some(style),
                    // Rates are compared where they can be read; nothing depends on them. A column that is
                    // half percentages was changed by someone, and so may others have been.
                    Err(_) if is_rate(role) && !evidence.mixes_percentages() => None,
                    Err(problem) => {
                        problems.push(problem.finding(place.clone().in_column(index, self.layout.name(index))));
                        None
                    }
                }
            });
            styles.push(style);
        }
        styles
    }

    fn decide_dates(&self, marks: Marks, place: &Place) -> Vec<Option<Result<DateStyle, Finding>>> {
        let decide = |(index, role): (usize, &Option<Role>)| {
            role.filter(|role| is_date(*role))?;
            let hint = DateHint { flag: marks.date_order, profile: self.layout.profile.dates, ..DateHint::default() };
            let decided = self.dates.get(index)?.decide(hint);
            Some(decided.map_err(|problem| problem.finding(place.clone().in_column(index, self.layout.name(index)))))
        };
        self.roles.iter().enumerate().map(decide).collect()
    }
}

/// Whether a column of that role prints a rate.
fn is_rate(role: Role) -> bool {
    matches!(role, Role::PrintedRate(_))
}

/// Whether a column of that role tells things apart.
fn is_identity(role: Role) -> bool {
    matches!(role, Role::Id | Role::OrderId | Role::CustomerId | Role::LeadId | Role::PersonId)
}

/// Whether the cell is a number with an exponent, as spreadsheets write long ids: `1.2E+17`.
fn is_mangled(cell: &str) -> bool {
    let Some((digits, exponent)) = cell.trim().split_once(['E', 'e']) else { return false };
    let is_number = !digits.is_empty()
        && digits.contains(['.', ','])
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    is_number
        && exponent.strip_prefix('+').is_some_and(|power| !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Columns whose header may hold numbers of several kinds, with the column that tells them apart.
fn mixed_columns(layout: &Layout) -> Vec<(usize, Option<usize>)> {
    let one = |index: usize| match layout.role(index) {
        Some(Role::MeasuresOfOneKind { mixed, kind, .. }) => {
            let name = layout.header.normal(index);
            let is_mixed = mixed.iter().any(|spelling| normal(spelling) == name);
            let kind = kind.iter().find_map(|spelling| layout.header.find(spelling).first().map(|found| found.index));
            is_mixed.then_some((index, kind))
        }
        _ => None,
    };
    (0..layout.header.len()).filter_map(one).collect()
}

/// A fingerprint of the row's cells; 128 bits, so that two different rows never share one in
/// practice.
fn digest(record: &Record) -> u128 {
    fingerprint(record.iter())
}

/// A fingerprint of cells, see [`digest`].
pub(super) fn fingerprint<'a>(cells: impl Iterator<Item = &'a str>) -> u128 {
    let (mut high, mut low) = (DefaultHasher::new(), DefaultHasher::new());
    1_u8.hash(&mut high);
    2_u8.hash(&mut low);
    for cell in cells {
        cell.hash(&mut high);
        cell.hash(&mut low);
    }
    (u128::from(high.finish()) << 64) | u128::from(low.finish())
}

/// Columns that look like a measure and were not recognised.
pub fn unrecognised_measures(layout: &Layout, survey: &Survey) -> Vec<usize> {
    let looks = |index: usize| survey.evidence.get(index).is_some_and(NumberEvidence::looks_like_measure);
    let other = layout.columns.iter().enumerate().filter(|(_, column)| **column == Use::Other).map(|(index, _)| index);
    // The number of a thing is no amount of it.
    let is_id = |index: &usize| layout.header.normal(*index).split(' ').next_back() == Some("id");
    other.filter(|index| looks(*index) && !is_id(index)).collect()
}
