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
pub mod plain;
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

/// Every profile, platforms in alphabetical order.
#[rustfmt::skip]
pub static ALL: Profiles = &[
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
    /// How names of its files begin, in lower case, and the dimension that such a name gives every row:
    /// `("subscribed_", "status", "subscribed")`.
    pub file_names: &'static [(&'static str, &'static str, &'static str)],
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
    /// Whether a row called Total may cover more than the rows listed (deleted videos, say), so
    /// that it need not agree with their sum.
    pub totals_cover_more: bool,
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
        file_names: &[],
        row: RowIs::One,
        rules: &[],
        stages: &[],
        shape: Shape::Table,
        dates: None,
        totals_cover_more: false,
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
    /// The price of a plan for one interval; the row adds what it comes to in a year.
    PlanPrice {
        /// What that adds to.
        measures: &'static [Measure],
        /// The column that says how often the price is paid: `month`, `3 months`, `year`.
        interval: &'static str,
        /// The column of the number of units; one where it is blank or not there.
        quantity: &'static str,
    },
    /// Each row whose cell is one of these words (none of them, when negated) adds 1 to the measure.
    /// Words are in lower case.
    CountWhen {
        /// What is counted.
        measure: Measure,
        /// The words.
        values: &'static [&'static str],
        /// Whether the cell must be none of them.
        negated: bool,
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
    /// Hours from each touch of a path to its end, in the order of the path: `72.0 > 36.0 > 0`.
    HoursBeforeEnd,
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

/// Profiles that recognition chooses among, a list a platform.
pub type Profiles = &'static [&'static [Profile]];

/// All profiles in one sequence.
pub fn all() -> impl Iterator<Item = &'static Profile> {
    ALL.iter().flat_map(|profiles| profiles.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::ingest::header::{Header, normal};
    use crate::kpi::Catalogue;

    impl Profile {
        /// The column of which `name` is a spelling.
        fn column_of(&self, name: &str) -> Option<&'static Column> {
            self.columns.iter().find(|column| column.names.iter().any(|known| normal(known) == normal(name)))
        }

        fn has_signature_in(&self, header: &Header) -> bool {
            self.signature.iter().all(|name| match self.column_of(name) {
                Some(column) if column.role != Role::Ignored => !header.find_column(column).is_empty(),
                _ => header.has(name),
            })
        }

        /// The headers that no column of the profile names.
        fn unknown(&self, header: &Header) -> Vec<String> {
            let known: BTreeSet<usize> =
                self.columns.iter().flat_map(|column| header.find_column(column)).map(|found| found.index).collect();
            (0..header.len()).filter(|index| !known.contains(index)).map(|index| header.names[index].to_string()).collect()
        }

        /// Whether a file of this shape can be taken for one of `other`'s.
        fn could_look_like(&self, other: &Profile) -> bool {
            match (self.shape, other.shape) {
                (Shape::Vertical { first_cell: one, .. }, Shape::Vertical { first_cell: two, .. }) => {
                    one.iter().any(|cell| two.iter().any(|known| normal(cell) == normal(known)))
                }
                (Shape::Vertical { .. }, _) | (_, Shape::Vertical { .. }) => false,
                _ => true,
            }
        }

        fn folder(&self) -> PathBuf {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(self.platform.replace('-', "_"))
        }

        /// Its fixtures: the file of its name or, for a table of a report in sections, any file
        /// of the platform.
        fn fixtures(&self) -> Vec<PathBuf> {
            let entries = self.folder().read_dir().unwrap_or_else(|why| panic!("{}: {why}", self.folder().display()));
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
            paths.retain(|path| self.exact || path.file_stem().and_then(|stem| stem.to_str()) == Some(self.id));
            paths.sort();
            paths
        }

        /// The header of its fixture.
        fn header_of_fixture(&self) -> Header {
            let mut headers = self.fixtures().into_iter().flat_map(|path| possible_headers(&path));
            let header =
                headers.find(|header| self.has_signature_in(header) && (!self.exact || header.len() == self.signature.len()));
            header.unwrap_or_else(|| panic!("{}: no fixture with its signature in {}", self.id, self.folder().display()))
        }
    }

    /// Everything in the file that may be a header: each record under each delimiter, the labels
    /// of a vertical report, the keys of the objects of a JSON text.
    fn possible_headers(path: &Path) -> Vec<Header> {
        let bytes = std::fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let text = match bytes.as_slice() {
            [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
            _ => String::from_utf8_lossy(&bytes).into_owned(),
        };
        if path.extension().is_some_and(|extension| extension == "json" || extension == "ndjson") {
            let first = serde_json::Deserializer::from_str(&text).into_iter().next();
            let value: serde_json::Value = first.expect("a JSON fixture with a value").expect("valid JSON");
            return objects(&value).iter().map(|object| Header::new(1, object.keys().map(String::as_str))).collect();
        }
        let mut found = Vec::new();
        for delimiter in [b',', b';', b'\t', b'|'] {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
            let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("text")).collect();
            found.extend(records.iter().map(|record| Header::new(1, record.iter())));
            found.push(Header::new(1, records.iter().filter_map(|record| record.get(0))));
        }
        found
    }

    fn objects(value: &serde_json::Value) -> Vec<&serde_json::Map<String, serde_json::Value>> {
        match value {
            serde_json::Value::Object(object) => std::iter::once(object).chain(object.values().flat_map(objects)).collect(),
            serde_json::Value::Array(values) => values.iter().flat_map(objects).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn ids_are_unique_and_written_alike() {
        let mut seen = BTreeSet::new();
        for profile in all() {
            assert!(seen.insert(profile.id), "{} is declared twice", profile.id);
            assert!(profile.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", profile.id);
            assert!(!profile.platform.is_empty() && profile.platform.to_lowercase() == profile.platform, "{}", profile.id);
            assert!(!profile.export.is_empty(), "{}", profile.id);
        }
    }

    #[test]
    fn signatures_and_columns_are_written_once() {
        for profile in all() {
            let id = profile.id;
            assert!(profile.signature.iter().all(|name| !normal(name).is_empty()), "{id}");
            let signature: BTreeSet<String> = profile.signature.iter().map(|name| normal(name)).collect();
            assert!(!signature.is_empty() && signature.len() == profile.signature.len(), "{id}: {:?}", profile.signature);
            let mut seen = BTreeMap::new();
            for column in profile.columns {
                assert!(!column.names.is_empty(), "{id}");
                for name in column.names {
                    assert_eq!(seen.insert(normal(name), column.role), None, "{id}: {name} is given twice");
                }
            }
        }
    }

    #[test]
    fn rules_rates_and_stages_refer_to_what_there_is() {
        let catalogue = Catalogue::builtin();
        let is_lower = |word: &str| word.to_lowercase().trim() == word;
        for profile in all() {
            let id = profile.id;
            for column in profile.columns {
                match column.role {
                    Role::PrintedRate(kpi) => {
                        assert!(catalogue.kpi(kpi).is_some(), "{id}: {kpi} is no KPI");
                    }
                    Role::Outcome(words) => assert!(words.iter().all(|(word, _)| is_lower(word)), "{id}: {words:?}"),
                    Role::Measures(measures) => assert!(!measures.is_empty(), "{id}: {:?} feeds nothing", column.names),
                    _ => {}
                }
            }
            for rule in profile.rules {
                assert!(profile.column_of(rule.column).is_some(), "{id}: no column {}", rule.column);
                if let When::Is(words) | When::IsNot(words) = rule.when {
                    assert!(words.iter().all(|word| is_lower(word)), "{id}: {words:?}");
                }
            }
            let named = profile.columns.iter().any(|column| column.role == Role::StageName);
            assert!(named || profile.stages.is_empty(), "{id}: stages, and no column that names them");
            assert!(profile.stages.iter().all(|(word, _)| is_lower(word)), "{id}");
        }
    }

    #[test]
    fn every_profile_has_a_fixture_with_its_signature_and_what_it_should_give() {
        for profile in all() {
            profile.header_of_fixture();
            if profile.exact {
                continue;
            }
            let path = profile.folder().join(format!("{}.expected.json", profile.id));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            let expected: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
            assert_eq!(expected["profile"], profile.id);
            assert!(expected["odd"].as_str().is_some_and(|odd| odd.len() > 10), "{}", path.display());
            for key in expected["measures"].as_object().expect("an object").keys() {
                assert!(Measure::from_id(key).is_some(), "{}: {key} is no measure", path.display());
            }
        }
    }

    /// The longest signature counts, then the number of columns known. A fixture is its own
    /// profile's before any other; a file with every column that a profile knows may be another
    /// export of its platform, never of another platform.
    #[test]
    fn no_export_is_taken_for_another() {
        let rank = |profile: &Profile, header: &Header| {
            let known = profile.columns.iter().filter(|column| !header.find_column(column).is_empty()).count();
            (profile.signature.len(), known)
        };
        for profile in all() {
            let preferred = profile.columns.iter().filter_map(|column| column.names.first()).copied();
            let everything = Header::new(1, preferred);
            for (header, foreign_only) in [(profile.header_of_fixture(), false), (everything, true)] {
                // A signature may name what has no role, which the preferred spellings do not hold.
                if !profile.has_signature_in(&header) {
                    continue;
                }
                let rivals = all().filter(|other| other.id != profile.id && profile.could_look_like(other));
                for other in rivals.filter(|other| !foreign_only || other.platform != profile.platform) {
                    let fits = other.has_signature_in(&header) && !(other.exact && other.signature.len() < header.len());
                    assert!(
                        !fits || rank(other, &header) < rank(profile, &header),
                        "{} may be taken for {}: {:?}",
                        profile.id,
                        other.id,
                        other.signature
                    );
                }
            }
        }
    }

    #[test]
    fn real_exports_have_the_signature_of_one_profile_which_knows_all_their_columns() {
        let Some(folder) = std::env::var_os("MAK_REAL_EXPORTS").map(PathBuf::from) else {
            eprintln!("skipped: MAK_REAL_EXPORTS is not set");
            return;
        };
        for (file, id) in [
            ("fixtures_verbatim/mailchimp_campaigns_aggregate.csv", "mailchimp-campaigns"),
            ("fixtures_verbatim/mailchimp_campaigns_aggregate_full40.csv", "mailchimp-campaigns"),
            ("klaviyo/grow_campaigns_classic.csv", "klaviyo-campaigns"),
            ("klaviyo/miir_campaigns_classic.csv", "klaviyo-campaigns"),
            ("klaviyo/grow_flows_monthly.csv", "klaviyo-flows-monthly"),
            ("klaviyo/miir_flow_report_new.csv", "klaviyo-flow-report"),
            ("olist_funnel/olist_marketing_qualified_leads_dataset.csv", "olist-leads"),
            ("olist_funnel/olist_closed_deals_dataset.csv", "olist-deals"),
        ] {
            let header = possible_headers(&folder.join(file)).into_iter().next().expect("a first record");
            let tables = all().filter(|profile| !matches!(profile.shape, Shape::Vertical { .. }) && !profile.exact);
            let found: Vec<&Profile> = tables.filter(|profile| profile.has_signature_in(&header)).collect();
            assert_eq!(found.iter().map(|profile| profile.id).collect::<Vec<_>>(), [id], "{file}");
            assert_eq!(found[0].unknown(&header), [""; 0], "{file}");
        }
        for (file, id) in [
            ("fixtures_verbatim/mailchimp_single_vertical.csv", "mailchimp-campaign-report"),
            ("fixtures_verbatim/mailerlite_classic_vertical.csv", "mailerlite-campaign-report"),
        ] {
            let text = std::fs::read_to_string(folder.join(file)).expect("a real export");
            let first = normal(text.lines().next().expect("a line"));
            let labels = possible_headers(&folder.join(file));
            let found: Vec<&str> = all()
                .filter(|profile| match profile.shape {
                    Shape::Vertical { first_cell, .. } => first_cell.iter().any(|cell| normal(cell) == first),
                    _ => false,
                })
                .filter(|profile| labels.iter().any(|labels| profile.has_signature_in(labels)))
                .map(|profile| profile.id)
                .collect();
            assert_eq!(found, [id], "{file}");
        }
    }
}
