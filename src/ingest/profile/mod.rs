//! Profiles: what each platform's export looks like, as data.
//!
//! A profile is one file under this folder with one or more `Profile` constants, and one fixture
//! under `fixtures/PLATFORM/`. Adding a platform touches its file, its fixture and one line of
//! [`ALL`]; no code knows a platform by name.
//!
//! Header names are compared after [`crate::ingest::header::normal`]: case, padding, quotes and
//! no-break spaces do not matter.

use crate::kpi::Measure;
use crate::measures::{Kind, Stage};

mod activecampaign;
mod brevo;
mod constant_contact;
mod hubspot;
mod kaggle_leads;
mod klaviyo;
pub mod plain;
mod listmonk;
mod mailchimp;
mod mailerlite;
mod marketo;
mod mautic;
mod olist;
mod pipedrive;
mod salesforce;
mod sendgrid;
mod youtube;
mod zoho;

/// Every profile, platforms in alphabetical order.
#[rustfmt::skip]
pub static ALL: &[&[Profile]] = &[
    activecampaign::PROFILES,
    brevo::PROFILES,
    constant_contact::PROFILES,
    hubspot::PROFILES,
    kaggle_leads::PROFILES,
    klaviyo::PROFILES,
    listmonk::PROFILES,
    mailchimp::PROFILES,
    mailerlite::PROFILES,
    marketo::PROFILES,
    mautic::PROFILES,
    olist::PROFILES,
    pipedrive::PROFILES,
    salesforce::PROFILES,
    sendgrid::PROFILES,
    youtube::PROFILES,
    zoho::PROFILES,
];

/// How the profile's headers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// From the bytes of a real export.
    RealFile,
    /// From a real export anonymised in a test of another project.
    Fixture,
    /// From another project's description of an export, or its test written by hand in the
    /// platform's format: nobody here has seen the bytes.
    SecondHand,
    /// From the platform's documentation; spelling and order unconfirmed.
    Documentation,
    /// From memory: a hint only.
    Memory,
}

impl Evidence {
    /// The words for it in `mak inspect` and `mak list`.
    pub const fn words(self) -> &'static str {
        match self {
            Evidence::RealFile => "headers seen in a real export",
            Evidence::Fixture => "headers seen in another project's copy of an export",
            Evidence::SecondHand => "headers as another project describes them, no export seen",
            Evidence::Documentation => "headers from the platform's documentation, unconfirmed",
            Evidence::Memory => "headers from memory, unconfirmed",
        }
    }
}

/// One export of one platform.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Stable id: `klaviyo-campaigns`.
    pub id: &'static str,
    /// The platform, in lower case: `klaviyo`.
    pub platform: &'static str,
    /// Which of its exports, for people: `campaigns (classic)`.
    pub export: &'static str,
    /// What a row stands for.
    pub kind: Kind,
    /// How the headers are known.
    pub evidence: Evidence,
    /// Columns that together only this export has; every one must be there. Each names a column
    /// of [`Profile::columns`] by any of its spellings, or another header that has no role.
    pub signature: &'static [&'static str],
    /// Columns and what they mean. A header that no column names is a dimension of its own name
    /// when it is text, and reported when it looks like a measure.
    pub columns: &'static [Column],
    /// Dimensions with the same value on every row: `("channel", "email")`. A column that gives
    /// the dimension wins where the file has it.
    pub constants: &'static [(&'static str, &'static str)],
    /// What makes up one thing counted.
    pub row: RowIs,
    /// Rows that do not count, and why.
    pub rules: &'static [Rule],
    /// Stage names as the platform writes them, for a [`Role::StageName`] column; compared in
    /// lower case.
    pub stages: &'static [(&'static str, Stage)],
    /// How the file is laid out.
    pub shape: Shape,
    /// The order of day and month, where the platform always writes the same.
    pub dates: Option<DateOrder>,
    /// What is odd about this export, for `mak inspect`; one sentence each.
    pub notes: &'static [&'static str],
}

impl Profile {
    /// A profile to fill in with `..Profile::DEFAULT`.
    pub const DEFAULT: Profile = Profile {
        id: "",
        platform: "",
        export: "",
        kind: Kind::Measures,
        evidence: Evidence::Memory,
        signature: &[],
        columns: &[],
        constants: &[],
        row: RowIs::One,
        rules: &[],
        stages: &[],
        shape: Shape::Table,
        dates: None,
        notes: &[],
    };
}

/// A column of an export.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Spellings in order of preference, other languages included. When several are in the file,
    /// the first counts and the others are reported as not used. `{currency}` stands for a
    /// currency code and captures it: `Amount spent ({currency})`.
    pub names: &'static [&'static str],
    /// What it means.
    pub role: Role,
}

/// Shorthand for a row of [`Profile::columns`].
pub(crate) const fn col(names: &'static [&'static str], role: Role) -> Column {
    Column { names, role }
}

/// Shorthand for a column that feeds one measure or several.
pub(crate) const fn measure(names: &'static [&'static str], measures: &'static [Measure]) -> Column {
    Column { names, role: Role::Measures(measures) }
}

/// Shorthand for a column that is a dimension.
pub(crate) const fn dimension(names: &'static [&'static str], name: &'static str) -> Column {
    Column { names, role: Role::Dimension(name) }
}

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Each cell adds to these measures (usually one).
    Measures(&'static [Measure]),
    /// Money whose sign decides: above zero gross revenue, below zero a refund.
    SignedAmount,
    /// Amount per unit; the row's amount is this times [`Role::Quantity`], as gross revenue.
    UnitPrice,
    /// How many units the row has; negative for a return.
    Quantity,
    /// A dimension under its canonical name: `campaign`, `channel`, `source`, `medium`, `list`,
    /// `segment`, `country`, `device`, `page`, `product`, `owner` …
    Dimension(&'static str),
    /// The date of the row, by which periods are told and `--from`/`--to` filter.
    Date,
    /// The last date that the row covers, where it covers several days.
    DateEnd,
    /// A month or a range of dates in one cell (`08/2025`, `Apr 16 2025 - Oct 16 2025`).
    DateRange,
    /// Time of day kept apart from the date.
    Time,
    /// Currency code of the row.
    Currency,
    /// Identity of an order; rows with the same id are one order.
    OrderId,
    /// Identity of a customer.
    CustomerId,
    /// Identity of a lead, by which deals are joined to leads.
    LeadId,
    /// Identity of a person whose touches these are.
    PersonId,
    /// Date on which a lead reached the stage; blank when it did not.
    StageDate(Stage),
    /// Date on which a deal was closed or, while it is open, is expected to close: CRMs write both
    /// in one column. It is the date of the row, and the date of the won or lost stage only where
    /// the row's stage says that the deal is won or lost; by itself it makes nothing won.
    CloseDate,
    /// Yes or no (1 or 0, true or false): whether a lead reached the stage.
    StageFlag(Stage),
    /// The stage that a lead or deal is in, by name; see [`Profile::stages`].
    StageName,
    /// What became of the one recipient that the row stands for, as a word: the row adds 1 to each
    /// measure beside it. Words are in lower case; one that is not listed adds nothing and is
    /// reported.
    Outcome(&'static [(&'static str, &'static [Measure])]),
    /// When the lead was first answered.
    FirstResponse,
    /// When the person was first touched.
    FirstTouch,
    /// Score of a lead; blank when it has none.
    Score,
    /// Answer to "how satisfied are you", 1 to 5.
    SatisfactionScore,
    /// Answer to "how likely are you to recommend us", 0 to 10.
    RecommendationScore,
    /// Whether a touch was a conversion.
    ConversionFlag,
    /// A path of touches: `a > b > c`.
    Path,
    /// A rate printed by the platform, by the KPI that it stands for: never added; compared with
    /// the one recomputed from counts.
    PrintedRate(&'static str),
    /// An identity that is no dimension and no key (kept as text, never a number).
    Id,
    /// Known, and of no use here.
    Ignored,
}

/// What makes up one thing counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowIs {
    /// Each row is one.
    One,
    /// Rows with the same order id are one; each row has its own amount.
    Line,
    /// Rows with the same order id are one; amounts, customer, status and dates stand on the
    /// first of them only.
    LineBlankAfterFirst,
}

/// Rows that do not count.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Header (any spelling) of the column that decides.
    pub column: &'static str,
    /// When the row does not count.
    pub when: When,
    /// Why, for people: `voided before it was captured`.
    pub why: &'static str,
    /// The word that counts such rows all the same: `--include voided`.
    pub word: &'static str,
}

/// A test of one cell, in lower case and trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The cell is one of these.
    Is(&'static [&'static str]),
    /// The cell is none of these.
    IsNot(&'static [&'static str]),
    /// The cell is not blank.
    Present,
    /// The cell is blank.
    Blank,
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A header row and a row a thing.
    Table,
    /// A label and its value a line: a report of a single campaign. Labels are the columns.
    Vertical {
        /// What the first cell of the file says, which tells such a report from a table.
        first_cell: &'static [&'static str],
        /// Headings that open the next record of the same file (`Combination {number} Stats`): the
        /// lines before the first of them belong to every record, the heading is the record's
        /// dimension `variant`. Empty where the file is one record. `{number}` stands for digits.
        blocks: &'static [&'static str],
        /// Labels that open a second table, at which the report ends; `{number}` as above.
        ends_at: &'static [&'static str],
    },
    /// Several tables, each with its own header after a blank line or a block of comments; each
    /// is read by itself.
    Sections,
}

/// The order of day and month in a date of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateOrder {
    /// 2026-03-08.
    YearMonthDay,
    /// 8/3/2026 is the eighth of March.
    DayMonthYear,
    /// 3/8/2026 is the eighth of March.
    MonthDayYear,
}

/// All profiles in one sequence.
pub fn all() -> impl Iterator<Item = &'static Profile> {
    ALL.iter().flat_map(|profiles| profiles.iter())
}
