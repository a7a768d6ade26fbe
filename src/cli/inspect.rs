//! `mak inspect`: what each file was taken for, and why.

use anyhow::Result;

use super::args::InspectArguments;
use super::session::{self, Session};
use super::{Outcome, ask, output};
use crate::contract::{Decision, Inspect, InspectedColumn, InspectedTable, Warning};
use crate::finding::{Code, Finding, Severity};
use crate::ingest::layout::Use;
use crate::ingest::profile::{Role, RowIs};
use crate::ingest::survey::unrecognised_measures;
use crate::ingest::{self, Recognised};
use crate::kpi::{Catalogue, Measure};
use crate::measures::Question;
use crate::results;

pub(crate) fn run(arguments: &InspectArguments) -> Result<Outcome> {
    let session = Session::open(&arguments.input.config, &session::choices(&arguments.input, None)?)?;
    let catalogue = &session.catalogue;
    let question = Question { include: arguments.input.include.clone(), ..Question::default() };
    let mut document = Inspect { schema: Inspect::SCHEMA.to_owned(), tables: Vec::new(), errors: Vec::new() };
    let mut problems = Vec::new();
    for input in ask::inputs(&arguments.input, &session)? {
        match ingest::inspect(&input, &question, catalogue) {
            Ok(tables) => document.tables.extend(tables.iter().map(|table| inspected(table, &question, catalogue))),
            Err(findings) => problems.extend(findings),
        }
    }
    document.errors = problems.iter().map(Warning::from).collect();
    let bytes = results::inspect(&document, arguments.output.format.into(), &output::page(&arguments.output))?;
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    // What was found is on standard output already; the exit code says that not all was read.
    if problems.iter().any(|finding| finding.severity() == Severity::Error) {
        Ok(Outcome::Unanswered)
    } else {
        Ok(Outcome::Answered)
    }
}

fn inspected(table: &Recognised, question: &Question, catalogue: &Catalogue) -> InspectedTable {
    let Recognised { table: part, layout, survey, .. } = table;
    let sheet = part.sheet();
    let profile = &layout.profile;
    let mut findings = Vec::new();
    match ingest::findings(table, question, catalogue) {
        Ok(more) | Err(more) => findings.extend::<Vec<Finding>>(more),
    }
    findings.retain(|finding| finding.code() != Code::UnusedColumn);
    findings.extend(unrecognised_measures(layout, survey).into_iter().map(|index| unrecognised(table, index, catalogue)));
    let mut decisions: Vec<Decision> = sheet
        .told()
        .into_iter()
        .map(|told| Decision { about: told.about.to_owned(), value: told.value, evidence: told.evidence })
        .collect();
    decisions.push(Decision { about: "a row is".to_owned(), value: row_words(table), evidence: None });
    InspectedTable {
        file: sheet.source().name().to_string(),
        part: part.part().map(ToString::to_string),
        kind: profile.kind.word().to_owned(),
        platform: profile.platform.to_owned(),
        export: profile.export.to_owned(),
        profile: profile.id.to_owned(),
        evidence: layout.evidence.clone(),
        header_line: layout.header.line,
        decisions,
        columns: (0..layout.header.len()).map(|index| column(table, index)).collect(),
        rows: survey.rows.read,
        used: survey.rows.used,
        totals: survey.rows.totals,
        rejected: survey.rows.rejected,
        blank: survey.rows.blank,
        notes: profile.notes.iter().map(|note| (*note).to_owned()).collect(),
        findings: findings.iter().map(Warning::from).collect(),
    }
}

fn row_words(table: &Recognised) -> String {
    let kind = table.layout.profile.kind.word();
    match table.layout.profile.row {
        RowIs::One => format!("one of {kind}"),
        RowIs::Line => format!("a line of one of {kind}; rows with the same id are one"),
        RowIs::LineBlankAfterFirst => {
            format!("a line of one of {kind}; rows with the same id are one, amounts stand on the first")
        }
    }
}

fn column(table: &Recognised, index: usize) -> InspectedColumn {
    let layout = &table.layout;
    let name = layout.name(index).to_string();
    let (taken_for, mut detail) = match layout.columns.get(index) {
        Some(Use::Role(role, currency)) => (role_words(*role), currency.as_ref().map(|currency| format!("in {currency}"))),
        Some(Use::Alternative(of)) => {
            ("not used".to_owned(), Some(format!("\"{}\" says the same and is preferred", layout.name(*of))))
        }
        Some(Use::Unnamed) => ("ignored".to_owned(), Some("it has no name".to_owned())),
        Some(Use::Other) | None => ("not recognised".to_owned(), Some("a dimension by its own name".to_owned())),
    };
    if let Some(Some(style)) = table.survey.numbers.get(index) {
        let evidence = table.survey.evidence.get(index);
        let missing = evidence.map_or(0, crate::ingest::number::NumberEvidence::missing);
        let blanks = if missing > 0 { format!(", {missing} blank") } else { String::new() };
        detail = Some(format!("decimal {} ({}){blanks}", style.decimal.word(), settled_by(*style)));
    }
    match table.survey.dates.get(index) {
        Some(Some(Ok(style))) => detail = Some(date_words(*style)),
        Some(Some(Err(finding))) => detail = Some(finding.parts().message.clone()),
        _ => {}
    }
    InspectedColumn { number: index.saturating_add(1), name, taken_for, detail }
}

fn settled_by(style: crate::ingest::number::NumberStyle) -> String {
    use crate::ingest::number::SettledBy;
    match style.settled_by {
        SettledBy::Flag => "as told".to_owned(),
        SettledBy::Column { line } => format!("settled on line {line}"),
        SettledBy::Whole => "it counts things".to_owned(),
        SettledBy::File => "settled by other columns".to_owned(),
        SettledBy::Profile => "the platform writes so".to_owned(),
        SettledBy::Nothing => "no cell depends on it".to_owned(),
    }
}

fn date_words(style: crate::ingest::date::DateStyle) -> String {
    use crate::ingest::date::DateSettledBy;
    use crate::ingest::profile::DateOrder;
    let order = match style.order {
        None => return "dates that read in one way only".to_owned(),
        Some(DateOrder::YearMonthDay) => "year, month, day",
        Some(DateOrder::DayMonthYear) => "day, month, year",
        Some(DateOrder::MonthDayYear) => "month, day, year",
    };
    let why = match style.settled_by {
        DateSettledBy::Flag => "as told".to_owned(),
        DateSettledBy::Column { line } => format!("settled on line {line}"),
        DateSettledBy::File => "settled by another column".to_owned(),
        DateSettledBy::Profile => "the platform writes so".to_owned(),
        DateSettledBy::Nothing => "no cell depends on it".to_owned(),
    };
    format!("{order} ({why})")
}

fn role_words(role: Role) -> String {
    let ids = |measures: &[Measure]| measures.iter().map(|measure| measure.id()).collect::<Vec<_>>().join(", ");
    match role {
        Role::Measures(measures) => ids(measures),
        Role::MeasuresOfOneKind { measures, .. } => format!("{}, where all are of one kind", ids(measures)),
        Role::PlanPrice { measures, interval, .. } => format!("{}, a price for each {interval}", ids(measures)),
        Role::CountWhen { measure, values, negated } => {
            let not = if negated { "not " } else { "" };
            format!("{measure}, where {not}{}", values.join(" or "))
        }
        Role::SignedAmount => "amount: revenue above zero, refund below".to_owned(),
        Role::UnitPrice => "price of a unit".to_owned(),
        Role::Quantity => "number of units".to_owned(),
        Role::Dimension(name) => format!("dimension {name}"),
        Role::Date => "date".to_owned(),
        Role::DateEnd => "last date".to_owned(),
        Role::DateRange => "period".to_owned(),
        Role::Time => "time of day".to_owned(),
        Role::Currency => "currency".to_owned(),
        Role::OrderId => "order id".to_owned(),
        Role::CustomerId => "customer id".to_owned(),
        Role::LeadId => "lead id".to_owned(),
        Role::PersonId => "person id".to_owned(),
        Role::StageDate(stage) => format!("date of becoming one of {}", stage.measure()),
        Role::StageFlag(stage) => format!("whether one of {}", stage.measure()),
        Role::StageName => "stage".to_owned(),
        Role::CloseDate => "date of closing, where won or lost".to_owned(),
        Role::Outcome(_) => "what became of the recipient".to_owned(),
        Role::FirstResponse => "first response".to_owned(),
        Role::FirstTouch => "first touch".to_owned(),
        Role::Score => "lead score".to_owned(),
        Role::SatisfactionScore => "satisfaction, 1 to 5".to_owned(),
        Role::RecommendationScore => "recommendation, 0 to 10".to_owned(),
        Role::ConversionFlag => "whether a conversion".to_owned(),
        Role::Path => "path of touches".to_owned(),
        Role::PathNulls => "paths without conversion".to_owned(),
        Role::HoursBeforeEnd => "hours from each touch to the end".to_owned(),
        Role::PrintedRate(kpi) => format!("printed {kpi}: compared, never added"),
        Role::Id => "id".to_owned(),
        Role::Ignored => "known, not used".to_owned(),
    }
}

/// A column that looks like a measure and is none, with the nearest measure.
fn unrecognised(table: &Recognised, index: usize, catalogue: &Catalogue) -> Finding {
    let name = table.layout.name(index);
    let place = table.table.place().in_column(index, name.clone());
    let finding = Finding::new(Code::UnusedColumn, place, "looks like a measure and is not recognised");
    match crate::ingest::layout::nearest_measure(&name, catalogue) {
        Some(near) => finding.help(format!("if it is {near}, say so in [columns] of mak.toml: \"{name}\" = \"{near}\"")),
        None => finding.help("say what it means in [columns] of mak.toml; mak list --measures shows the names"),
    }
}
