//! A platform that nobody has heard of: declaring its profiles is all that it takes to read its exports.
//!
//! The profiles stand here, outside of the crate, so that nothing in it can know them.

mod common;

use common::written;
use mak::finding::Code;
use mak::ingest::profile::{self, Column, DateOrder, Evidence, Profile, Profiles, Role, Rule, Shape, When};
use mak::ingest::source::Source as InputSource;
use mak::ingest::{Input, read, read_among};
use mak::kpi::{Catalogue, Measure};
use mak::measures::{Dimension, GroupKey, Kind, Question, Source, answer};
use rust_decimal::Decimal;

/// A newsletter tool: rows of test messages do not count, and the open rate is printed.
const MAILINGS: Profile = Profile {
    id: "brieftaube-mailings",
    platform: "brieftaube",
    export: "mailings",
    kind: Kind::Campaigns,
    evidence: Evidence::Memory,
    signature: &["Flugzettel", "Losgeflogen", "Gelesen"],
    columns: &[
        Column { names: &["Flugzettel"], role: Role::Dimension("campaign") },
        Column { names: &["Schwarm"], role: Role::Dimension("segment") },
        Column { names: &["Flugtag"], role: Role::Date },
        Column { names: &["Losgeflogen"], role: Role::Measures(&[Measure::Sent]) },
        Column { names: &["Angekommen"], role: Role::Measures(&[Measure::Delivered]) },
        Column { names: &["Gelesen"], role: Role::Measures(&[Measure::Opens]) },
        Column { names: &["Umsatz ({currency})"], role: Role::Measures(&[Measure::Revenue]) },
        Column { names: &["Lesequote"], role: Role::PrintedRate("open_rate") },
        Column { names: &["Probe"], role: Role::Ignored },
    ],
    constants: &[("channel", "pigeon")],
    rules: &[Rule { column: "Probe", when: When::Is(&["ja"]), why: "a test", word: "tests" }],
    dates: Some(DateOrder::DayMonthYear),
    ..Profile::DEFAULT
};

/// The report of one mailing: a label and a value a line.
const REPORT: Profile = Profile {
    id: "brieftaube-report",
    platform: "brieftaube",
    export: "report of one mailing",
    kind: Kind::Campaigns,
    evidence: Evidence::Memory,
    signature: &["Losgeflogen", "Gelesen"],
    columns: &[
        Column { names: &["Losgeflogen"], role: Role::Measures(&[Measure::Sent]) },
        Column { names: &["Gelesen"], role: Role::Measures(&[Measure::Opens]) },
    ],
    shape: Shape::Vertical { first_cell: &["Flugbericht"], blocks: &[], ends_at: &[] },
    ..Profile::DEFAULT
};

static MADE_UP: &[Profile] = &[MAILINGS, REPORT];

/// What the crate knows, and the made-up platform.
fn with_made_up() -> Profiles {
    let mut all = profile::ALL.to_vec();
    all.push(MADE_UP);
    all.leak()
}

const MAILINGS_FILE: &str = "\
Flugzettel;Schwarm;Flugtag;Losgeflogen;Angekommen;Gelesen;Umsatz (EUR);Lesequote;Probe
Frühling;Nord;03.04.2026;1.000;900;300;1.234,50;33,3 %;nein
Frühling;Süd;04.04.2026;500;400;100;99,05;25 %;nein
An uns selbst;Nord;02.04.2026;3;3;3;0,00;100 %;ja
Sommer;Süd;20.05.2026;2.000;1.800;450;600,00;25 %;nein
";

fn input(file: &str) -> Input {
    Input {
        source: InputSource::file(std::path::Path::new(file)).expect("a file"),
        told: mak::ingest::layout::Told::default(),
        overrides: mak::ingest::sheet::Overrides::default(),
        marks: mak::ingest::survey::Marks::default(),
        scan: mak::ingest::scan::Settings::default(),
    }
}

fn number(source: &Source, measure: Measure) -> Option<Decimal> {
    source.measured.total.number(measure)
}

#[test]
fn an_export_is_read_by_its_profile_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = [input(&written(&folder, "mailings.csv", MAILINGS_FILE))];
    let catalogue = Catalogue::builtin();
    let question = Question { by: vec![Dimension::named("segment")], ..Question::default() };
    let sources = read_among(with_made_up(), &inputs, &question, &catalogue).expect("an export that is known");
    let [source] = sources.as_slice() else { panic!("{} sources", sources.len()) };

    assert_eq!((&*source.info.platform, &*source.info.profile), ("brieftaube", "brieftaube-mailings"));
    assert_eq!((source.info.rows.used, source.info.rows.rejected), (3, 1), "the test does not count");
    assert_eq!(source.info.currency.as_deref(), Some("EUR"));
    let dates = source.info.dates.map(|(first, last)| (first.to_string(), last.to_string()));
    assert_eq!(dates, Some(("2026-04-03".to_owned(), "2026-05-20".to_owned())));
    assert_eq!(number(source, Measure::Sent), Some(3500.into()));
    assert_eq!(number(source, Measure::Revenue), Some(Decimal::new(193_355, 2)));
    let left_out = source.findings.iter().filter(|finding| finding.code() == Code::LeftOutRows);
    assert_eq!(left_out.map(|finding| finding.parts().message.clone()).collect::<Vec<_>>(), ["1 row left out: a test"]);
    assert!(source.findings.iter().all(|finding| finding.code() != Code::RateDisagrees), "{:?}", source.findings);

    let answered = answer(&catalogue, &question, &sources);
    let open_rate = |measured: &mak::measures::Evaluated| {
        let (_, outcome) = measured.outcomes.get("open_rate").expect("a KPI of the catalogue");
        outcome.as_ref().expect("computed").ratio.expect("a ratio")
    };
    assert_eq!(open_rate(&answered.total), (850.into(), 3100.into()));
    let south = answered.groups.iter().find(|(key, _)| *key == GroupKey(vec![Some("Süd".into())]));
    assert_eq!(open_rate(&south.expect("a group").1), (550.into(), 2200.into()));
}

#[test]
fn its_other_form_is_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = "Flugbericht\n\nLosgeflogen,\"1,204\"\nGelesen,301\n";
    let inputs = [input(&written(&folder, "report.csv", report))];
    let read = read_among(with_made_up(), &inputs, &Question::default(), &Catalogue::builtin());
    let sources = read.expect("an export that is known");
    assert_eq!(&*sources[0].info.profile, "brieftaube-report");
    assert_eq!(number(&sources[0], Measure::Sent), Some(1204.into()));
    assert_eq!(number(&sources[0], Measure::Opens), Some(301.into()));
}

/// It is the profile that does it, not the names of the columns.
#[test]
fn without_the_profile_nothing_is_known_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = [input(&written(&folder, "mailings.csv", MAILINGS_FILE))];
    let findings = read(&inputs, &Question::default(), &Catalogue::builtin()).expect_err("an export that nobody knows");
    assert_eq!(findings.iter().map(mak::finding::Finding::code).collect::<Vec<_>>(), [Code::NoKnownColumn]);
}

/// What is known already is taken for what it was.
#[test]
fn the_other_platforms_are_untouched() {
    let catalogue = Catalogue::builtin();
    let question = Question::default();
    for file in ["fixtures/klaviyo/klaviyo-campaigns.csv", "fixtures/google_ads/google-ads-report.csv"] {
        let inputs = [input(&common::root().join(file).to_string_lossy())];
        let before = read(&inputs, &question, &catalogue).expect("a fixture");
        let after = read_among(with_made_up(), &inputs, &question, &catalogue).expect("a fixture");
        assert_eq!(before[0].info.profile, after[0].info.profile, "{file}");
        assert_eq!(number(&before[0], Measure::Opens), number(&after[0], Measure::Opens), "{file}");
    }
}
