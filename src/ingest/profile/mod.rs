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
mod ga4;
mod google_ads;
mod hubspot;
mod kaggle;
mod kaggle_leads;
mod klaviyo;
mod linkedin;
mod listmonk;
mod mailchimp;
mod mailerlite;
mod marketo;
mod mautic;
mod meta;
mod microsoft_ads;
mod olist;
mod paypal;
mod pipedrive;
mod salesforce;
mod sendgrid;
mod shopify;
mod stripe;
mod tiktok;
mod universal_analytics;
mod woocommerce;
mod x;
mod youtube;
mod zoho;
pub mod plain;

/// Every profile, platforms in alphabetical order.
#[rustfmt::skip]
pub static ALL: &[&[Profile]] = &[
    activecampaign::PROFILES,
    brevo::PROFILES,
    constant_contact::PROFILES,
    ga4::PROFILES,
    google_ads::PROFILES,
    hubspot::PROFILES,
    kaggle::PROFILES,
    kaggle_leads::PROFILES,
    klaviyo::PROFILES,
    linkedin::PROFILES,
    listmonk::PROFILES,
    mailchimp::PROFILES,
    mailerlite::PROFILES,
    marketo::PROFILES,
    mautic::PROFILES,
    meta::PROFILES,
    microsoft_ads::PROFILES,
    olist::PROFILES,
    paypal::PROFILES,
    pipedrive::PROFILES,
    salesforce::PROFILES,
    sendgrid::PROFILES,
    shopify::PROFILES,
    stripe::PROFILES,
    tiktok::PROFILES,
    universal_analytics::PROFILES,
    woocommerce::PROFILES,
    x::PROFILES,
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
    /// of [`Profile::columns`] by any of its spellings, or another header that has no role; a column
    /// that is ignored is one of its own here, not part of a list of such. Where
    /// the signatures of two profiles are both there, the longer one counts: it is the special
    /// case of the other.
    pub signature: &'static [&'static str],
    /// Whether the file has the columns of the signature and no other, as the small tables of a
    /// report in sections do.
    pub exact: bool,
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
    /// The encoding that the platform writes when the bytes are not UTF-8, by its WHATWG label
    /// (`windows-1252`), so that it need not be asked for.
    pub encoding: Option<&'static str>,
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
        exact: false,
        columns: &[],
        constants: &[],
        row: RowIs::One,
        rules: &[],
        stages: &[],
        shape: Shape::Table,
        dates: None,
        encoding: None,
        notes: &[],
    };
}

/// A column of an export.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Spellings in order of preference, other languages included. When several are in the file,
    /// the first that is not blank on every row counts and the others are reported as not used
    /// (for [`Role::Ignored`] the names are unrelated, and all of them are ignored). `{currency}` stands for a
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
    /// As [`Role::Measures`], for numbers whose kind stands in another column. When the header
    /// taken is one of `mixed` (Meta's `Results`), its cells add up only if every row in use that
    /// has a number names the same kind in the column `kind` (`Result indicator`); otherwise the
    /// column is not used, and that is reported. Any other spelling of the column is of one kind.
    MeasuresOfOneKind {
        /// What each cell adds to.
        measures: &'static [Measure],
        /// Those of [`Column::names`] whose numbers may be of several kinds.
        mixed: &'static [&'static str],
        /// Spellings of the column that says which kind; without it a mixed column is not used.
        kind: &'static [&'static str],
    },
    /// Money whose sign decides: above zero gross revenue; below zero a refund, and then the row
    /// is no order of its own.
    SignedAmount,
    /// Amount per unit; the row's amount is this times [`Role::Quantity`], read by its sign as
    /// [`Role::SignedAmount`] is.
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
    /// Identity of a customer. When several columns have this role, the first that is not blank
    /// in the row; a row without any is a purchase by nobody known.
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
    /// How often the path of the row ended without a conversion.
    PathNulls,
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
    /// first of them only. An amount on a later one is refused: it may be the order's repeated or
    /// the line's own.
    LineBlankAfterFirst,
}

/// Rows that do not count.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Header (any spelling) of the column that decides; a file without it keeps all its rows. Like
    /// a column of the signature it is not part of a list of ignored ones.
    pub column: &'static str,
    /// When the row does not count.
    pub when: When,
    /// Why, for people: `voided before it was captured`.
    pub why: &'static str,
    /// The word that counts such rows all the same: `--include voided`. Rules may share a word.
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
    /// The cell is a number below zero and the other column's cell is none of these.
    BelowZeroUnless {
        /// Header (any spelling) of the other column.
        column: &'static str,
        /// What it may say for the row to count.
        is: &'static [&'static str],
    },
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A header row and a row a thing.
    Table,
    /// A table, and then another that repeats its figures cut another way, which is left out.
    TableUntil {
        /// First cells, any of which opens the header of the second table.
        first_cell: &'static [&'static str],
    },
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
