//! What `mak.toml` says of columns and files, in the terms in which files are read.

use super::session::Session;
use crate::config::{ColumnRole, ColumnRule, Condition, DateOrder, DecimalMark, Delimiter, FileRule, Meaning};
use crate::ingest::encoding;
use crate::ingest::layout::Told;
use crate::ingest::number::DecimalMark as Mark;
use crate::ingest::profile::{DateOrder as Order, Role};
use crate::ingest::sheet::Overrides;
use crate::ingest::survey::Marks;
use crate::kpi::Measure;
use crate::measures::Stage;

/// What is said of a file: by rules for it, then by those for all files.
pub(crate) fn told(session: &Session, file: &str) -> Told {
    let rule = session.config.file_rule(file);
    let mut told = Told::default();
    if let Some(rule) = rule {
        told.kind.clone_from(&rule.kind);
        told.columns.extend(rule.columns.iter().flat_map(roles));
        told.rows.clone_from(&rule.rows);
        told.constants = rule.dimensions.iter().map(|(name, value)| (name.clone(), leaked(value))).collect();
        told.names.clone_from(&rule.names);
        told.currency.clone_from(&rule.currency);
    }
    told.columns.extend(session.config.columns.iter().flat_map(roles));
    for own in &session.config.measures {
        match &own.when {
            Some((column, condition)) => told.columns.push((column.clone(), count(own.measure, condition))),
            None => told.columns.extend(own.columns.iter().map(|column| (column.clone(), Role::Measures(one(own.measure))))),
        }
    }
    if told.currency.is_none() {
        told.currency.clone_from(&session.settings.currency.value);
    }
    told
}

/// How the file's bytes are read: a flag or variable before the rule for the file before the
/// defaults of `mak.toml`.
pub(crate) fn overrides(session: &Session, file: &str) -> Overrides {
    let rule = session.config.file_rule(file);
    let settings = &session.settings;
    let delimiter = pick(&settings.delimiter, rule.and_then(|rule| rule.delimiter));
    let label = pick(&settings.encoding, rule.and_then(|rule| rule.encoding.clone()));
    Overrides {
        delimiter: delimiter.map(|delimiter| match delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Spaces => b' ',
        }),
        encoding: label.as_deref().and_then(encoding::by_label),
        ..Overrides::default()
    }
}

/// How its numbers and dates are read, in the same order.
pub(crate) fn marks(session: &Session, file: &str) -> Marks {
    let rule: Option<&FileRule> = session.config.file_rule(file);
    let settings = &session.settings;
    Marks {
        decimal: pick(&settings.decimal, rule.and_then(|rule| rule.decimal)).map(|mark| match mark {
            DecimalMark::Point => Mark::Point,
            DecimalMark::Comma => Mark::Comma,
        }),
        written: None,
        date_order: pick(&settings.date_order, rule.and_then(|rule| rule.date_order)).map(|order| match order {
            DateOrder::YearMonthDay => Order::YearMonthDay,
            DateOrder::DayMonthYear => Order::DayMonthYear,
            DateOrder::MonthDayYear => Order::MonthDayYear,
        }),
    }
}

fn pick<T: Clone>(setting: &crate::config::Setting<Option<T>>, of_file: Option<T>) -> Option<T> {
    use crate::config::Origin;
    match setting.from {
        Origin::Flag | Origin::Env(_) => setting.value.clone(),
        _ => of_file.or_else(|| setting.value.clone()),
    }
}

fn roles(rule: &ColumnRule) -> Vec<(String, Role)> {
    let measures: Vec<Measure> = rule
        .meanings
        .iter()
        .filter_map(|meaning| match meaning {
            Meaning::Measure(measure) => Some(*measure),
            _ => None,
        })
        .collect();
    let mut roles = Vec::new();
    if !measures.is_empty() {
        // Read once at start-up, so what is leaked is bounded by the size of mak.toml.
        roles.push(Role::Measures(Box::leak(measures.into_boxed_slice())));
    }
    roles.extend(rule.meanings.iter().filter_map(|meaning| match meaning {
        Meaning::Measure(_) => None,
        Meaning::Count(measure, condition) => Some(count(*measure, condition)),
        Meaning::Dimension(name) => Some(Role::Dimension(leaked(name))),
        Meaning::Role(column) => Some(role_of(*column)),
    }));
    roles.into_iter().map(|role| (rule.header.clone(), role)).collect()
}

fn count(measure: Measure, condition: &Condition) -> Role {
    let values: Vec<&'static str> = condition.values.iter().map(|value| leaked(value.trim().to_lowercase().as_str())).collect();
    Role::CountWhen { measure, values: Box::leak(values.into_boxed_slice()), negated: condition.negated }
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn one(measure: Measure) -> &'static [Measure] {
    Box::leak(Box::new([measure]))
}

fn role_of(role: ColumnRole) -> Role {
    match role {
        ColumnRole::OrderId => Role::OrderId,
        ColumnRole::CustomerId => Role::CustomerId,
        ColumnRole::LeadId => Role::LeadId,
        ColumnRole::PersonId => Role::PersonId,
        ColumnRole::Date => Role::Date,
        ColumnRole::EndDate => Role::DateEnd,
        ColumnRole::DateRange => Role::DateRange,
        ColumnRole::Time => Role::Time,
        ColumnRole::Created => Role::StageDate(Stage::Lead),
        ColumnRole::MqlAt => Role::StageDate(Stage::Mql),
        ColumnRole::SqlAt => Role::StageDate(Stage::Sql),
        ColumnRole::OpportunityAt => Role::StageDate(Stage::Opportunity),
        ColumnRole::WonAt => Role::StageDate(Stage::Won),
        ColumnRole::LostAt => Role::StageDate(Stage::Lost),
        ColumnRole::Stage => Role::StageName,
        ColumnRole::FirstResponseAt => Role::FirstResponse,
        ColumnRole::FirstTouchAt => Role::FirstTouch,
        ColumnRole::Score => Role::Score,
        ColumnRole::Csat => Role::SatisfactionScore,
        ColumnRole::Nps => Role::RecommendationScore,
        ColumnRole::Converted => Role::ConversionFlag,
        ColumnRole::Path => Role::Path,
        ColumnRole::Amount => Role::SignedAmount,
        ColumnRole::Refunded => Role::Measures(&[Measure::Refunds]),
        ColumnRole::UnitPrice => Role::UnitPrice,
        ColumnRole::Quantity => Role::Quantity,
        ColumnRole::Currency => Role::Currency,
        ColumnRole::Id => Role::Id,
        ColumnRole::Ignore => Role::Ignored,
    }
}
