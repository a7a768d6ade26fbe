//! `mak cohort`: customers by their first purchase.

use anyhow::Result;
use clap::{Args, ValueEnum};
use rust_decimal::Decimal;

use super::args::{InputArguments, OutputArguments};
use super::assemble::input_read;
use super::failure::Refused;
use super::session::{self, Session};
use super::{Outcome, ask, output, progress};
use crate::analysis::cohort::{self, ChurnDefinition, CustomerBase, PeriodAccount};
use crate::contract::{
    Cohort, CohortPeriod, CohortTotal, Cohorts, Concentration, CustomerPeriod, DaysBetween, Input, Number, Warning,
};
use crate::finding::{Code, Finding, Place};
use crate::ingest::{self, SalesLog};
use crate::measures::{Dimension, Filter, Period, Question, Source};
use crate::results::{self, CohortView};

/// `mak cohort`
#[derive(Debug, Args)]
pub(crate) struct CohortArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Length of the periods
    #[arg(long, value_enum, default_value_t = PeriodWord::Month)]
    period: PeriodWord,

    /// Cohorts by a dimension of the first purchase (channel, country …) instead of its period
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    by: Vec<String>,

    /// What churn of a period is divided by: customers at its start (posthog), or those and the new (stripe)
    #[arg(long, value_enum, default_value_t = ChurnWord::Posthog)]
    churn: ChurnWord,

    /// What the cells of the table show
    #[arg(long, value_enum, default_value_t = ShowWord::Retention)]
    show: ShowWord,

    /// Only rows where a dimension has (=) or has not (!=) one of these values
    #[arg(long = "where", value_name = "DIMENSION=VALUE")]
    filters: Vec<String>,

    /// Drop rows that repeat an earlier one cell by cell
    #[arg(long)]
    dedupe: bool,

    #[command(flatten)]
    output: OutputArguments,
}

/// Lengths of periods on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PeriodWord {
    /// Weeks from Monday
    Week,
    /// Calendar months
    Month,
    /// Calendar quarters
    Quarter,
    /// Calendar years
    Year,
}

impl PeriodWord {
    fn period(self) -> (Period, &'static str) {
        match self {
            PeriodWord::Week => (Period::Week, "week"),
            PeriodWord::Month => (Period::Month, "month"),
            PeriodWord::Quarter => (Period::Quarter, "quarter"),
            PeriodWord::Year => (Period::Year, "year"),
        }
    }
}

/// Definitions of churn on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ChurnWord {
    /// Lost by customers at the start
    Posthog,
    /// Lost by customers at the start and new ones
    Stripe,
}

/// What cells show, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShowWord {
    /// Share of the cohort that bought
    Retention,
    /// Customers who bought
    Customers,
    /// Net revenue
    Revenue,
    /// Net revenue so far a customer of the cohort
    Cumulative,
}

impl From<ShowWord> for CohortView {
    fn from(word: ShowWord) -> Self {
        match word {
            ShowWord::Retention => CohortView::Retention,
            ShowWord::Customers => CohortView::Customers,
            ShowWord::Revenue => CohortView::Revenue,
            ShowWord::Cumulative => CohortView::Cumulative,
        }
    }
}

pub(crate) fn run(arguments: &CohortArguments) -> Result<Outcome> {
    let session = Session::open(&arguments.input.config, &session::choices(&arguments.input, None)?)?;
    let question = question(arguments)?;
    let log = sales(&arguments.input, &question, &session)?;
    let (period, word) = arguments.period.period();
    let base = cohort::customer_base(&log.sales, period, !question.by.is_empty()).map_err(|_| overflow())?;
    let base = base.ok_or_else(nothing_sold)?;
    let document = document(arguments, word, &log, &base);
    let bytes = results::cohorts(
        &document,
        arguments.output.format.into(),
        arguments.show.into(),
        arguments.output.raw,
        &output::page(&arguments.output),
    )?;
    let inputs: Vec<String> = document.inputs.iter().map(|input| input.file.clone()).collect();
    output::write(&arguments.output, &bytes, &inputs)?;
    Ok(Outcome::Answered)
}

/// Every sale of the files.
pub(super) fn sales(input: &InputArguments, question: &Question, session: &Session) -> Result<SalesLog, Refused> {
    let inputs = ask::inputs(input, session)?;
    let progress = progress::show(&inputs);
    let log = ingest::sales(&inputs, question, &session.catalogue)?;
    drop(progress);
    Ok(log)
}

pub(super) fn overflow() -> Refused {
    Refused::from(Finding::new(Code::Overflow, Place::default(), "a sum of money does not fit in exact arithmetic"))
}

pub(super) fn nothing_sold() -> Refused {
    Refused::from(Finding::new(Code::NothingComputed, Place::default(), "no row has a purchase with a date"))
}

/// What was read, for the document.
pub(super) fn inputs(sources: &[Source]) -> Vec<Input> {
    sources.iter().map(input_read).collect()
}

/// The currency of all sources, where they name one.
pub(super) fn currency(sources: &[Source]) -> Option<String> {
    sources.iter().find_map(|source| source.info.currency.as_deref()).map(str::to_owned)
}

/// What was found in the sources.
pub(super) fn warnings(sources: &[Source]) -> Vec<Warning> {
    sources.iter().flat_map(|source| source.findings.iter().map(Warning::from)).collect()
}

fn question(arguments: &CohortArguments) -> Result<Question, Refused> {
    let by: Vec<Dimension> = arguments.by.iter().map(|name| Dimension::named(name)).collect();
    if let Some(period) = by.iter().find(|dimension| dimension.period.is_some()) {
        return Err(Refused::usage(format!("--by {0}: cohorts by {0} are given with --period {0}", period.name)));
    }
    ask::known_rules(&arguments.input.include)?;
    let filters = arguments.filters.iter().map(|text| Filter::parse(text).map_err(Refused::usage)).collect::<Result<_, _>>()?;
    Ok(Question {
        by,
        filters,
        include: arguments.input.include.iter().map(|word| word.to_lowercase()).collect(),
        dedupe: arguments.dedupe,
        ..Question::default()
    })
}

fn document(arguments: &CohortArguments, period: &str, log: &SalesLog, base: &CustomerBase) -> Cohorts {
    let definition = match arguments.churn {
        ChurnWord::Posthog => ChurnDefinition::AtStart,
        ChurnWord::Stripe => ChurnDefinition::AtStartAndNew,
    };
    let word = match arguments.churn {
        ChurnWord::Posthog => "posthog",
        ChurnWord::Stripe => "stripe",
    };
    Cohorts {
        schema: Cohorts::SCHEMA.to_owned(),
        period: period.to_owned(),
        by: arguments.by.clone(),
        churn_definition: word.to_owned(),
        currency: currency(&log.sources),
        from: base.dates.0.to_string(),
        to: base.dates.1.to_string(),
        inputs: inputs(&log.sources),
        total: total(base),
        cohorts: base.cohorts.iter().map(cohort).collect(),
        periods: base.periods.iter().map(|account| customer_period(account, definition)).collect(),
        warnings: warnings(&log.sources),
    }
}

fn total(base: &CustomerBase) -> CohortTotal {
    let totals = &base.totals;
    let concentration = |top: &cohort::TopShare| Concentration {
        top_percent: top.percent,
        customers: top.customers,
        share_of_revenue: Number(top.share),
    };
    CohortTotal {
        customers: totals.customers,
        orders: totals.orders,
        revenue: Number(totals.revenue),
        revenue_of_nobody: Number(totals.revenue_of_nobody),
        repeat_customers: totals.repeat_customers,
        repeat_purchase_rate: ratio(totals.repeat_customers.into(), totals.customers),
        repeat_revenue: Number(totals.repeat_revenue),
        days_between_purchases: base.gaps.map(|gaps| DaysBetween {
            count: gaps.count,
            mean: Number(gaps.mean_days),
            median: Number(gaps.median_days),
        }),
        concentration: base.top.iter().map(concentration).collect(),
    }
}

fn cohort(cohort: &cohort::Cohort) -> Cohort {
    let period = |cell: &cohort::CohortCell| CohortPeriod {
        period: cell.period,
        customers: cell.customers,
        observed: cell.observed,
        retention: ratio(cell.customers.into(), cell.observed),
        revenue: Number(cell.revenue),
        cumulative_revenue: Number(cell.cumulative_revenue),
        // Revenue of those who can be seen is not that of all.
        cumulative_revenue_per_customer: (cell.observed == cohort.size)
            .then(|| ratio(cell.cumulative_revenue, cohort.size))
            .flatten(),
        running: cell.running,
    };
    Cohort { cohort: cohort.label.clone(), size: cohort.size, periods: cohort.cells.iter().map(period).collect() }
}

fn customer_period(account: &PeriodAccount, definition: ChurnDefinition) -> CustomerPeriod {
    CustomerPeriod {
        period: account.label.clone(),
        running: account.running,
        orders: account.orders,
        revenue: Number(account.revenue),
        customers_at_start: account.at_start,
        new_customers: account.new,
        returning_customers: account.returning,
        retained_customers: account.retained,
        lost_customers: account.lost,
        customers_at_end: account.active,
        retention_rate: account.retention().map(Number),
        churn_rate: account.churn(definition).map(Number),
        revenue_at_start: Number(account.start_revenue),
        new_revenue: Number(account.new_revenue),
        returning_revenue: Number(account.returning_revenue),
        expansion_revenue: Number(account.expansion),
        contraction_revenue: Number(account.contraction),
        lost_revenue: Number(account.lost_revenue),
        gross_revenue_retention: account.gross_revenue_retention().map(Number),
        net_revenue_retention: account.net_revenue_retention().map(Number),
        quick_ratio: account.quick_ratio().map(Number),
    }
}

fn ratio(part: Decimal, whole: u64) -> Option<Number> {
    (whole > 0).then(|| part.checked_div(whole.into()).map(Number)).flatten()
}
