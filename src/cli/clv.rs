//! `mak clv`: what customers have brought and will be worth.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::args::{InputArguments, OutputArguments};
use super::cohort::{currency, inputs, nothing_sold, overflow, sales, warnings};
use super::failure::Refused;
use super::session::{self, Session};
use super::{Outcome, ask, output};
use crate::analysis::clv::bg_bb::{BgBb, DiscreteHistory, DiscretePurchases};
use crate::analysis::clv::bg_nbd::BgNbd;
use crate::analysis::clv::data::{DataError, History};
use crate::analysis::clv::forecast::{Calibration, Customer, Forecast, Horizon, INTERVAL_METHOD};
use crate::analysis::clv::gamma_gamma::GammaGamma;
use crate::analysis::clv::mbg_nbd::MbgNbd;
use crate::analysis::clv::pareto_nbd::ParetoNbd;
use crate::analysis::clv::sbg::{Sbg, Survivors};
use crate::analysis::clv::summary::{Summary, Transaction, Windows, summarise};
use crate::analysis::clv::valuation::{Entry, Valuation, Wanted as Asked, fitted, spending_of, value_base};
use crate::analysis::clv::{Fit, Model, PurchaseModel, Span, TimeUnit};
use crate::analysis::cohort::{self, ChurnDefinition};
use crate::contract::{
    Clv, ClvCustomer, ClvFit, ClvFormula, ClvHoldout, ClvHoldoutClass, ClvHorizon, ClvInterval, ClvSurvival, ClvTotal, Number,
    Warning,
};
use crate::finding::{Code, Finding, Place};
use crate::ingest::{self, NumberRow, NumberTable, SalesLog, Shape, Wanted};
use crate::measures::{Filter, Period, Question, Sum};
use crate::results;

/// `mak clv`
#[derive(Debug, Args)]
pub(crate) struct ClvArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Model to fit; without one, the plain formula and what customers have brought so far
    #[arg(long, value_enum)]
    model: Option<ModelWord>,

    /// Unit of time of a summary table, or in which orders are counted (a week unless said)
    #[arg(long, value_enum)]
    unit: Option<UnitWord>,

    /// Parameters that are given instead of estimated, all of a model's: r=0.243,alpha=4.414,a=0.793,b=2.426; with
    /// p, q and v beside them those of gamma-gamma, too
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',')]
    parameters: Vec<String>,

    /// How far to look ahead: 12mo, 39w, 90d, 1y; for bg-bb and sbg a number of occasions, too; for pareto-nbd forever
    #[arg(long, value_name = "LENGTH")]
    horizon: Option<String>,

    /// Discount rate with its period: 1%/month, 15%/year, 15%/52w; without it that of mak.toml, or none
    #[arg(long, value_name = "RATE/PERIOD")]
    discount: Option<String>,

    /// Keep back the last part of the orders and compare it with the forecast: 39w
    #[arg(long, value_name = "LENGTH")]
    holdout: Option<String>,

    /// Last day that the model is fitted to; the orders after it are the holdout
    #[arg(long, value_name = "DATE")]
    calibration_end: Option<String>,

    /// Share of revenue left after the cost of what was sold, for the plain formula: 60% or 0.6
    #[arg(long, value_name = "SHARE")]
    margin: Option<String>,

    /// Only rows of orders where a dimension has (=) or has not (!=) one of these values
    #[arg(long = "where", value_name = "DIMENSION=VALUE")]
    filters: Vec<String>,

    /// Drop rows that repeat an earlier one cell by cell
    #[arg(long)]
    dedupe: bool,

    #[command(flatten)]
    output: OutputArguments,
}

/// Models on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModelWord {
    /// Repeat buying without a contract
    BgNbd,
    /// Repeat buying; customers may leave at any time
    ParetoNbd,
    /// Repeat buying; customers may leave after the first purchase
    MbgNbd,
    /// Mean value of a purchase
    GammaGamma,
    /// Subscribers who may leave at each renewal
    Sbg,
    /// Buying at set occasions
    BgBb,
}

/// Units of time on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UnitWord {
    /// Days
    Day,
    /// Weeks
    Week,
    /// Months of 30.415 days
    Month,
}

impl From<UnitWord> for TimeUnit {
    fn from(word: UnitWord) -> Self {
        match word {
            UnitWord::Day => TimeUnit::Day,
            UnitWord::Week => TimeUnit::Week,
            UnitWord::Month => TimeUnit::Month,
        }
    }
}

const ID: Wanted =
    Wanted { names: &["id", "customer_id", "customer", "cust", "client_id", "user_id"], required: false, text: true };

const fn required(names: &'static [&'static str]) -> Wanted {
    Wanted { names, required: true, text: false }
}

const fn optional(names: &'static [&'static str]) -> Wanted {
    Wanted { names, required: false, text: false }
}

/// Summary tables by their header, the special before the general.
const SHAPES: &[Shape] = &[
    &[
        required(&["period", "renewal", "year", "month", "t"]),
        required(&["survivors", "survived", "customers_left", "active_customers"]),
    ],
    &[
        ID,
        required(&["frequency", "x"]),
        required(&["recency", "t_x"]),
        required(&["periods", "n_periods", "opportunities"]),
        optional(&["weights", "weight", "customers", "num_customers"]),
    ],
    &[
        ID,
        required(&["frequency", "x"]),
        required(&["recency", "t_x"]),
        required(&["T", "age"]),
        optional(&["monetary_value", "monetary", "mean_value", "avg_value"]),
    ],
];
const SURVIVORS: usize = 0;
const OCCASIONS: usize = 1;

/// What the input turned out to be.
enum Data {
    Table(NumberTable),
    Sales(Box<SalesLog>),
}

pub(crate) fn run(arguments: &ClvArguments) -> Result<Outcome> {
    let session = Session::open(&arguments.input.config, &session::choices(&arguments.input, None)?)?;
    let data = data(arguments, &session)?;
    let document = match (arguments.model, data) {
        (None, Data::Sales(log)) => plain(arguments, &session, &log)?,
        (None, Data::Table(_)) => {
            return Err(Refused::usage("a summary table has no money by date: say which --model to fit to it").into());
        }
        (Some(ModelWord::BgNbd), data) => buying::<BgNbd>(arguments, &session, data)?,
        (Some(ModelWord::ParetoNbd), data) => buying::<ParetoNbd>(arguments, &session, data)?,
        (Some(ModelWord::MbgNbd), data) => buying::<MbgNbd>(arguments, &session, data)?,
        (Some(ModelWord::GammaGamma), data) => spending(arguments, data)?,
        (Some(ModelWord::Sbg), data) => renewals(arguments, data)?,
        (Some(ModelWord::BgBb), data) => occasions(arguments, data)?,
    };
    let page = output::page(&arguments.output);
    let bytes = results::clv(&document, arguments.output.format.into(), arguments.output.raw, &page)?;
    output::write(&arguments.output, &bytes, &arguments.input.files)?;
    let bad = document.fit.iter().chain(&document.spending).find(|fit| !fit.converged && !fit.given);
    match bad {
        None => Ok(Outcome::Answered),
        Some(fit) => {
            let message = format!("the fit of {} is not good: {}", fit.model, fit.why_not.as_deref().unwrap_or_default());
            Err(Refused::from(Finding::new(Code::NothingComputed, Place::default(), message)).into())
        }
    }
}

/// A summary table where the header is that of one, otherwise orders.
fn data(arguments: &ClvArguments, session: &Session) -> Result<Data, Refused> {
    ask::known_rules(&arguments.input.include)?;
    let inputs = ask::inputs(&arguments.input, session)?;
    if let [input] = inputs.as_slice()
        && input.told.kind.is_none()
        && let Some(table) = ingest::number_table(input, SHAPES)?
    {
        if !arguments.filters.is_empty() {
            return Err(Refused::usage("--where picks rows of orders, and this is a table of customers"));
        }
        return Ok(Data::Table(table));
    }
    let filters = arguments.filters.iter().map(|text| Filter::parse(text).map_err(Refused::usage)).collect::<Result<_, _>>()?;
    let question = Question {
        filters,
        include: arguments.input.include.iter().map(|word| word.to_lowercase()).collect(),
        dedupe: arguments.dedupe,
        ..Question::default()
    };
    Ok(Data::Sales(Box::new(sales(&arguments.input, &question, session)?)))
}

fn cannot(message: impl Into<String>) -> Refused {
    Refused::from(Finding::new(Code::NothingComputed, Place::default(), message))
}

// What was asked about time.

/// A length of time as it was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Length {
    count: u32,
    /// None for a number of occasions.
    unit: Option<TimeUnit>,
}

/// `12mo`, `39w`, `90 days`, `1y`, `5`. A year is twelve months.
fn length(flag: &str, text: &str) -> Result<Length, Refused> {
    let wrong = || Refused::usage(format!("{flag} {text}: write a whole number and its unit, such as 12mo, 39w or 90d"));
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, word) = text.split_at(digits);
    let count: u32 = count.parse().map_err(|_| wrong())?;
    let (unit, times) = match word.trim() {
        "" | "occasions" | "renewals" => (None, 1),
        word => {
            let (unit, times) = unit_of(word).ok_or_else(wrong)?;
            (Some(unit), times)
        }
    };
    let count = count.checked_mul(times).filter(|count| *count > 0).ok_or_else(wrong)?;
    Ok(Length { count, unit })
}

/// A unit of time by its name, and how many of it that is.
fn unit_of(word: &str) -> Option<(TimeUnit, u32)> {
    Some(match word {
        "d" | "day" | "days" => (TimeUnit::Day, 1),
        "w" | "wk" | "week" | "weeks" => (TimeUnit::Week, 1),
        "mo" | "month" | "months" => (TimeUnit::Month, 1),
        "y" | "yr" | "year" | "years" => (TimeUnit::Month, 12),
        _ => return None,
    })
}

/// The flag, `1%/month`, or else the yearly rate of `mak.toml`, as a rate for each of the units
/// that the horizon counts.
fn discount(arguments: &ClvArguments, session: &Session, period: TimeUnit) -> Result<f64, Refused> {
    let Some(text) = &arguments.discount else {
        let yearly = session.settings.discount_rate.value;
        return Ok(yearly.map_or(0.0, |rate| compounded(float(rate), period.in_units_of(TimeUnit::Month), 12)));
    };
    let wrong = || Refused::usage(format!("--discount {text}: write a rate and its period, such as 1%/month or 15%/year"));
    let (rate, per) = text.split_once('/').ok_or_else(wrong)?;
    let rate = share(rate).ok_or_else(wrong)?;
    let per = per.trim();
    let (unit, count) = if per.starts_with(|c: char| c.is_ascii_digit()) {
        let Length { count, unit } = length("--discount", per).map_err(|_| wrong())?;
        (unit.ok_or_else(wrong)?, count)
    } else {
        unit_of(per).ok_or_else(wrong)?
    };
    let rate = float(rate);
    if unit == period && count == 1 {
        return Ok(rate);
    }
    Ok(compounded(rate, period.in_units_of(unit), count))
}

/// The rate over `length` of a unit that `count` of make up the period of the given rate.
#[expect(clippy::float_arithmetic, reason = "a discount rate over another period is an estimate's parameter, not money")]
fn compounded(rate: f64, length: f64, count: u32) -> f64 {
    ((1.0 + rate).ln() * length / f64::from(count)).exp() - 1.0
}

/// `60%` or `0.6`.
fn share(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (digits, percent) = text.strip_suffix('%').map_or((text, false), |digits| (digits.trim(), true));
    let number = Decimal::from_str_exact(digits).ok().filter(|number| !number.is_sign_negative())?;
    if percent { number.checked_div(Decimal::ONE_HUNDRED) } else { Some(number) }
}

/// An exact number as a float: the nearest one there is.
fn float(number: Decimal) -> f64 {
    nearest(number).unwrap_or_else(|| number.to_string().parse().unwrap_or(f64::NAN))
}

/// The nearest float of a number with few digits: where both the digits and the power of ten are exact
/// as floats, one division rounds once.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "exact by the two bounds, but for the one division")]
fn nearest(number: Decimal) -> Option<f64> {
    const EXACT_DIGITS: i128 = 1 << 53;
    const EXACT_POWER: u32 = 22;
    let mantissa = number.mantissa();
    let few = (-EXACT_DIGITS..=EXACT_DIGITS).contains(&mantissa) && number.scale() <= EXACT_POWER;
    let scale = i32::try_from(number.scale()).ok()?;
    few.then(|| mantissa as f64 / 10_f64.powi(scale))
}

/// The horizon of a forecast in continuous time. Twelve months unless asked otherwise, and only
/// where the unit of the data is known.
fn horizon(
    arguments: &ClvArguments,
    session: &Session,
    unit: Option<TimeUnit>,
) -> Result<Option<(Horizon, ClvHorizon)>, Refused> {
    let endless = arguments.horizon.as_deref().is_some_and(|text| text.trim() == FOREVER);
    let text = arguments.horizon.as_deref().filter(|_| !endless);
    let asked = text.map(|text| length("--horizon", text)).transpose()?;
    let Some(unit) = unit else {
        if arguments.horizon.is_some() || arguments.discount.is_some() {
            let message = "the unit of time of this table is not known, so a horizon cannot be measured in it";
            let finding = Finding::new(Code::BadUsage, Place::default(), message);
            return Err(Refused::from(finding.help("say it with --unit day, week or month")));
        }
        return Ok(None);
    };
    if endless {
        let rate = discount(arguments, session, unit)?;
        let horizon = Horizon::endless(unit, rate)
            .map_err(|_| Refused::usage("--horizon forever needs a --discount, such as 15%/year: without one it has no value"))?;
        return Ok(Some((horizon, ClvHorizon { periods: None, period: unit.name().to_owned(), discount: rate })));
    }
    let asked = asked.unwrap_or(Length { count: 12, unit: Some(TimeUnit::Month) });
    let period = asked
        .unit
        .ok_or_else(|| Refused::usage("--horizon: say its unit, such as 12mo or 39w: this model knows no occasions"))?;
    let rate = discount(arguments, session, period)?;
    let horizon = Horizon::new(asked.count, period, rate).map_err(|error| cannot(error.to_string()))?;
    Ok(Some((horizon, ClvHorizon { periods: Some(asked.count), period: period.name().to_owned(), discount: rate })))
}

/// The word for a horizon without an end.
const FOREVER: &str = "forever";

/// Occasions to look ahead, for models that count them.
fn occasions_ahead(arguments: &ClvArguments) -> Result<Option<u32>, Refused> {
    let Some(text) = arguments.horizon.as_deref() else { return Ok(None) };
    let asked = length("--horizon", text)?;
    match (asked.unit, arguments.unit.map(TimeUnit::from)) {
        (None, _) => Ok(Some(asked.count)),
        (Some(unit), Some(step)) if unit == step => Ok(Some(asked.count)),
        _ => Err(Refused::usage(format!("--horizon {text}: give a number of occasions, such as --horizon 5"))),
    }
}

// Parameters that were given.

/// `r=0.243,alpha=4.414`: names and values as typed.
struct Given(Vec<(String, f64)>);

impl Given {
    fn read(words: &[String]) -> Result<Self, Refused> {
        let mut all: Vec<(String, f64)> = Vec::new();
        for word in words {
            let wrong = || Refused::usage(format!("--parameters {word}: write a name and a positive number, such as r=0.243"));
            let (name, value) = word.split_once('=').ok_or_else(wrong)?;
            let (name, value) = (name.trim().to_owned(), value.trim().parse::<f64>().map_err(|_| wrong())?);
            if !value.is_finite() || value <= 0.0 {
                return Err(wrong());
            }
            if all.iter().any(|(other, _)| *other == name) {
                return Err(Refused::usage(format!("--parameters: {name} is given twice")));
            }
            all.push((name, value));
        }
        Ok(Given(all))
    }

    /// Takes the parameters of a model out, in its order; none if none of them was given.
    fn take<M: Model>(&mut self) -> Result<Option<Vec<f64>>, Refused> {
        let mut values = Vec::new();
        for name in M::PARAMETERS {
            let found = self.0.iter().position(|(given, _)| given == name);
            values.extend(found.map(|index| self.0.remove(index).1));
        }
        match values.len() {
            0 => Ok(None),
            all if all == M::PARAMETERS.len() => Ok(Some(values)),
            _ => Err(Refused::usage(format!("--parameters: {} has {}; give all of them", M::NAME, M::PARAMETERS.join(", ")))),
        }
    }

    /// Refuses what no model took.
    fn end<M: Model>(&self) -> Result<(), Refused> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                Err(Refused::usage(format!("--parameters: {} has no {name}, but {}", M::NAME, M::PARAMETERS.join(", "))))
            }
        }
    }

    /// All that was typed as the parameters of one model.
    fn only<M: Model>(words: &[String]) -> Result<Option<Vec<f64>>, Refused> {
        let mut given = Given::read(words)?;
        let values = given.take::<M>()?;
        given.end::<M>()?;
        Ok(values)
    }
}

// Models of buying.

/// Customers ready to be valued.
struct Base {
    ids: Vec<String>,
    entries: Vec<Entry>,
    unit: Option<TimeUnit>,
    holdout: Option<(Span, Date, Date)>,
    document: Clv,
}

fn empty() -> Clv {
    Clv {
        schema: Clv::SCHEMA.to_owned(),
        inputs: Vec::new(),
        currency: None,
        fit: None,
        spending: None,
        correlation: None,
        horizon: None,
        holdout: None,
        curve: Vec::new(),
        formula: None,
        customers: Vec::new(),
        total: ClvTotal::default(),
        warnings: Vec::new(),
    }
}

fn buying<M: PurchaseModel + Sync>(arguments: &ClvArguments, session: &Session, data: Data) -> Result<Clv, Refused> {
    let mut base = base(arguments, data)?;
    let horizon = horizon(arguments, session, base.unit)?;
    if base.unit.is_none() {
        let message = "the unit of time of the table is not known: parameters are in it, and nothing is forecast";
        let finding = Finding::new(Code::Assumed, Place::default(), message);
        base.document.warnings.push(Warning::from(&finding.help("say it with --unit day, week or month")));
    }
    let mut given = Given::read(&arguments.parameters)?;
    let (parameters, spending) = (given.take::<M>()?, given.take::<GammaGamma>()?);
    given.end::<M>()?;
    let asked = Asked {
        parameters: parameters.as_deref(),
        spending: spending.as_deref(),
        unit: base.unit,
        horizon: horizon.as_ref().map(|(horizon, _)| *horizon),
        holdout: base.holdout.map(|(span, _, _)| span),
    };
    let valuation = value_base::<M>(&base.entries, &asked).map_err(|error| cannot(error.to_string()))?;
    Ok(valued(base, horizon.map(|(_, words)| words), &valuation))
}

fn base(arguments: &ClvArguments, data: Data) -> Result<Base, Refused> {
    match data {
        Data::Sales(log) => base_of_sales(arguments, &log),
        Data::Table(table) if table.shape == SURVIVORS => Err(Refused::usage("this is a table of survivors: use --model sbg")),
        Data::Table(table) if table.shape == OCCASIONS => {
            Err(Refused::usage("this table counts occasions (periods): use --model bg-bb"))
        }
        Data::Table(table) => base_of_table(arguments, &table),
    }
}

fn base_of_table(arguments: &ClvArguments, table: &NumberTable) -> Result<Base, Refused> {
    if arguments.holdout.is_some() || arguments.calibration_end.is_some() {
        return Err(Refused::usage("a summary table has no orders to keep back: --holdout needs dated orders"));
    }
    let mut base =
        Base { ids: Vec::new(), entries: Vec::new(), unit: arguments.unit.map(TimeUnit::from), holdout: None, document: empty() };
    let mut problems = Vec::new();
    let mut unpriced = 0_u64;
    for (number, row) in table.rows.iter().enumerate() {
        let place = table.place.clone().at_line(row.line);
        match history(row) {
            Ok(history) => {
                let mean_value = row.numbers.get(3).copied().flatten().map(float).filter(|value| *value > 0.0);
                unpriced += u64::from(history.frequency() > 0 && mean_value.is_none());
                base.ids.push(id_of(row, number));
                base.entries.push(Entry { customer: Customer { history, mean_value }, holdout_purchases: 0 });
            }
            Err(message) => problems.push(Finding::new(Code::BadNumber, place, message)),
        }
    }
    if !problems.is_empty() {
        return Err(Refused::from(problems));
    }
    let priced = base.entries.iter().any(|entry| entry.customer.mean_value.is_some());
    if priced && unpriced > 0 {
        let message = format!("{unpriced} customers bought again at no positive value; the mean over all is expected of them");
        base.document.warnings.push(Warning::from(&Finding::new(Code::MissingCells, table.place.clone(), message)));
    }
    Ok(base)
}

/// The id of a row; its number where it has none.
fn id_of(row: &NumberRow, number: usize) -> String {
    row.texts.first().cloned().flatten().unwrap_or_else(|| number.saturating_add(1).to_string())
}

fn history(row: &NumberRow) -> Result<History, String> {
    let [Some(frequency), Some(recency), Some(age), ..] = row.numbers.as_slice() else {
        return Err("frequency, recency and T are needed".to_owned());
    };
    History::new(whole(*frequency)?, float(*recency), float(*age)).map_err(|error| error.to_string())
}

fn whole(number: Decimal) -> Result<u32, String> {
    let number = number.normalize();
    let digits = if number.scale() == 0 { u32::try_from(number.mantissa()).ok() } else { None };
    digits.ok_or_else(|| format!("{number} is no whole number of purchases"))
}

fn base_of_sales(arguments: &ClvArguments, log: &SalesLog) -> Result<Base, Refused> {
    let (_, last) = log.sales.dates().ok_or_else(nothing_sold)?;
    let unit = arguments.unit.map_or(TimeUnit::Week, TimeUnit::from);
    let (windows, holdout) = windows(arguments, unit, last)?;
    let summary = summarise(transactions(log)?, &windows).map_err(|error| cannot(error.to_string()))?;
    let mut document = empty();
    document.inputs = inputs(&log.sources);
    document.currency = currency(&log.sources);
    document.warnings = warnings(&log.sources);
    document.warnings.extend(notes(&summary, windows.calibration_end, last).iter().map(Warning::from));
    let entry = |customer: &crate::analysis::clv::summary::CustomerSummary<usize>| Entry {
        customer: Customer { history: customer.history, mean_value: customer.mean_repeat_value() },
        holdout_purchases: customer.holdout_purchases,
    };
    Ok(Base {
        ids: summary.customers.iter().map(|customer| log.sales.customer(customer.customer).to_owned()).collect(),
        entries: summary.customers.iter().map(entry).collect(),
        unit: Some(unit),
        holdout,
        document,
    })
}

/// Purchases and refunds as the models count them. A refund in the row of its order stays apart
/// from it, so that an order that was refunded in full never happened.
fn transactions(log: &SalesLog) -> Result<Vec<Transaction<usize>>, Refused> {
    let mut transactions = Vec::new();
    for sale in log.sales.rows() {
        let Some(customer) = sale.customer else { continue };
        let decimal = |amount: Option<crate::measures::Amount>| {
            amount.map(crate::measures::Amount::to_decimal).transpose().map_err(|_| overflow())
        };
        if sale.is_purchase() {
            transactions.push(Transaction { customer, date: sale.date, amount: decimal(sale.paid)? });
        }
        if let Some(refund) = decimal(sale.refunded)?.filter(|refund| !refund.is_zero()) {
            transactions.push(Transaction { customer, date: sale.date, amount: Some(-refund) });
        }
    }
    Ok(transactions)
}

type Holdout = Option<(Span, Date, Date)>;

/// Where calibration ends and how long the holdout is.
fn windows(arguments: &ClvArguments, unit: TimeUnit, last: Date) -> Result<(Windows, Holdout), Refused> {
    let end = arguments.calibration_end.as_deref();
    let end: Option<Date> = end
        .map(|text| text.parse().map_err(|_| Refused::usage(format!("--calibration-end {text}: write a date as 2026-01-31"))))
        .transpose()?;
    let days = arguments.holdout.as_deref().map(holdout_days).transpose()?;
    let span = |days: i64| jiff::Span::new().days(days);
    let far = |_| Refused::usage("--holdout: it is longer than the calendar");
    let (end, holdout_end) = match (end, days) {
        (None, None) => (last, None),
        (None, Some(days)) => (last.checked_sub(span(days)).map_err(far)?, Some(last)),
        (Some(end), None) => (end, (end < last).then_some(last)),
        (Some(end), Some(days)) => {
            let until = end.checked_add(span(days)).map_err(far)?;
            if until > last {
                let message = format!("the holdout would end on {until}, but the orders end on {last}");
                return Err(Refused::usage(message));
            }
            (end, Some(until))
        }
    };
    let windows = Windows { unit, calibration_end: end, holdout_end };
    let holdout = holdout_end.map(|until| (Span::new(f64::from(windows.holdout_days()), TimeUnit::Day), end, until));
    Ok((windows, holdout))
}

fn holdout_days(text: &str) -> Result<i64, Refused> {
    let asked = length("--holdout", text)?;
    match asked.unit {
        Some(TimeUnit::Day) => Ok(asked.count.into()),
        Some(TimeUnit::Week) => Ok(i64::from(asked.count).saturating_mul(7)),
        _ => Err(Refused::usage(format!("--holdout {text}: give it in days or weeks, such as 39w"))),
    }
}

/// What was netted and left out on the way from rows to customers.
fn notes(summary: &Summary<usize>, end: Date, last: Date) -> Vec<Finding> {
    let mut notes = Vec::new();
    let mut note = |code, message: String| notes.push(Finding::new(code, Place::default(), message));
    note(
        Code::Assumed,
        "the value of a purchase is the mean of those after the first: only they are as many as the frequency, and a first \
         order may be a trial"
            .to_owned(),
    );
    if !summary.refunds_netted.is_zero() {
        note(Code::Derived, format!("refunds of {} were taken off the latest purchases before them", summary.refunds_netted));
    }
    if !summary.refunds_unmatched.is_zero() {
        note(Code::UnmatchedRows, format!("refunds of {} have no purchase before them", summary.refunds_unmatched));
    }
    if summary.without_purchase > 0 {
        let count = summary.without_purchase;
        note(Code::LeftOutRows, format!("{count} customers are left out: all that they bought was refunded"));
    }
    if summary.joined_later > 0 {
        note(Code::LeftOutRows, format!("{} customers came after {end} and are left out", summary.joined_later));
    }
    if summary.rows_after_end > 0 {
        note(Code::LeftOutRows, format!("{} purchases and refunds after the holdout are left out", summary.rows_after_end));
    }
    if end > last {
        note(Code::PeriodsDiffer, format!("the orders end on {last}: until {end} nobody is known to have bought"));
    }
    notes
}

fn valued<M: PurchaseModel>(base: Base, horizon: Option<ClvHorizon>, valuation: &Valuation<M>) -> Clv {
    let mut document = base.document;
    let unit = base.unit.map_or("table", TimeUnit::name);
    document.fit = Some(fit_of(&valuation.fit, Some(unit)));
    document.spending = valuation.spending.as_ref().map(|fit| fit_of(fit, None));
    document.correlation = valuation.correlation;
    document.horizon = horizon;
    if let Some(why) = &valuation.why_no_value {
        let message = format!("no value is forecast: {why}");
        document.warnings.push(Warning::from(&Finding::new(Code::MissingCells, Place::default(), message)));
    }
    document.holdout =
        valuation.calibration.as_ref().zip(base.holdout).map(|(table, (_, end, until))| holdout(table, end, until));
    let customers = base.ids.into_iter().zip(&valuation.customers).map(|(id, one)| ClvCustomer {
        id,
        expected_purchases: one.expected_purchases,
        discounted_purchases: one.discounted_purchases,
        probability_alive: Some(one.probability_alive),
        clv: one.value,
        ..ClvCustomer::default()
    });
    document.customers = customers.collect();
    let mut total = ClvTotal {
        customers: valuation.fit.customers,
        probability_alive: mean(valuation.customers.iter().map(|one| one.probability_alive)),
        purchases_of_new_customer: valuation.of_new_customer,
        expected_value: valuation.spending.as_ref().filter(|fit| fit.is_usable()).and_then(|fit| fit.model.mean_value()),
        ..ClvTotal::default()
    };
    total.expected_purchases = add_interval(&mut total, "expected_purchases", valuation.purchases);
    total.clv = add_interval(&mut total, "clv", valuation.value);
    document.total = total;
    document
}

fn add_interval(total: &mut ClvTotal, name: &str, forecast: Option<Forecast>) -> Option<f64> {
    let forecast = forecast?;
    if let Some(interval) = forecast.interval(COVERAGE) {
        total.intervals.insert(name.to_owned(), ClvInterval { low: interval.low, high: interval.high });
        total.interval_method = Some(INTERVAL_METHOD.to_owned());
    }
    Some(forecast.value)
}

/// Coverage of all intervals.
const COVERAGE: f64 = 0.95;

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "the mean of estimated probabilities")]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

fn fit_of<M: Model>(fit: &Fit<M>, unit: Option<&str>) -> ClvFit {
    let named = |value: &dyn Fn(&crate::analysis::clv::Parameter) -> Option<f64>| -> IndexMap<String, f64> {
        fit.parameters.iter().filter_map(|parameter| Some((parameter.name.to_owned(), value(parameter)?))).collect()
    };
    let interval = |parameter: &crate::analysis::clv::Parameter| {
        let interval = parameter.interval(COVERAGE)?;
        Some((parameter.name.to_owned(), ClvInterval { low: interval.low, high: interval.high }))
    };
    ClvFit {
        model: M::NAME.to_owned(),
        parameters: named(&|parameter| Some(parameter.value)),
        log_likelihood: fit.log_likelihood,
        gradient_norm: fit.gradient_norm,
        standard_errors: named(&|parameter| parameter.standard_error),
        intervals: fit.parameters.iter().filter_map(interval).collect(),
        unit: unit.map(str::to_owned),
        customers: fit.customers,
        iterations: fit.iterations,
        converged: fit.converged(),
        given: fit.given,
        why_not: fit.why_not.clone(),
    }
}

fn holdout(table: &Calibration, end: Date, until: Date) -> ClvHoldout {
    let class = |class: &crate::analysis::clv::forecast::CalibrationClass| ClvHoldoutClass {
        frequency: format!("{}{}", class.frequency, if Calibration::is_open(class) { "+" } else { "" }),
        customers: class.customers,
        actual: class.actual,
        expected: class.expected,
    };
    ClvHoldout {
        calibration_end: end.to_string(),
        end: until.to_string(),
        actual: table.actual(),
        expected: table.expected(),
        classes: table.classes.iter().map(class).collect(),
    }
}

// Models of spending, renewals and occasions.

fn data_error(error: &DataError) -> Refused {
    cannot(error.to_string())
}

fn spending(arguments: &ClvArguments, data: Data) -> Result<Clv, Refused> {
    if arguments.horizon.is_some() || arguments.discount.is_some() {
        return Err(Refused::usage("gamma-gamma values a purchase and knows no time: --horizon needs a model of buying"));
    }
    let base = base(arguments, data)?;
    let mut document = base.document;
    let data = spending_of(&base.entries).map_err(|error| data_error(&error))?;
    let given = Given::only::<GammaGamma>(&arguments.parameters)?;
    let fit = fitted::<GammaGamma>(&data, given.as_deref()).map_err(|error| cannot(error.to_string()))?;
    document.correlation = data.correlation();
    document.total.customers = fit.customers;
    if fit.is_usable() {
        document.total.expected_value = fit.model.mean_value();
        let customers = base.ids.into_iter().zip(&base.entries).map(|(id, entry)| ClvCustomer {
            id,
            expected_value: fit.model.expected_spend(&entry.customer),
            ..ClvCustomer::default()
        });
        document.customers = customers.collect();
    }
    document.fit = Some(fit_of(&fit, None));
    Ok(document)
}

fn renewals(arguments: &ClvArguments, data: Data) -> Result<Clv, Refused> {
    let Data::Table(table) = data else {
        return Err(cannot("sbg needs a table of survivors: a column period and a column survivors, the beginning first"));
    };
    if table.shape != SURVIVORS {
        return Err(Refused::usage("sbg needs a table of survivors: a column period and a column survivors"));
    }
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for row in &table.rows {
        let place = || table.place.clone().at_line(row.line);
        let [Some(period), Some(survivors)] = row.numbers.as_slice() else { continue };
        let fault = |message: String| Refused::from(Finding::new(Code::BadNumber, place(), message));
        let period = whole(*period).map_err(fault)?;
        let survivors: u64 =
            survivors.normalize().to_string().parse().map_err(|_| fault(format!("{survivors} is no number of customers")))?;
        if counts.insert(period, survivors).is_some() {
            return Err(fault(format!("period {period} stands twice")));
        }
    }
    let first = counts.keys().next().copied().unwrap_or_default();
    if counts.keys().zip(first..).any(|(found, expected)| *found != expected) {
        return Err(Refused::from(Finding::new(
            Code::BadNumber,
            table.place.clone(),
            "a period is missing between first and last",
        )));
    }
    let counts: Vec<u64> = counts.into_values().collect();
    let began = counts.first().copied().unwrap_or_default();
    let survivors = Survivors::new(counts.clone()).map_err(|error| data_error(&error))?;
    let given = Given::only::<Sbg>(&arguments.parameters)?;
    let fit = fitted::<Sbg>(&survivors, given.as_deref()).map_err(|error| cannot(error.to_string()))?;
    let mut document = empty();
    let ahead = occasions_ahead(arguments)?.unwrap_or_default();
    if arguments.discount.is_some() {
        return Err(Refused::usage("--discount is for models of buying: sbg tells who renews, not what is paid"));
    }
    document.total.customers = began;
    document.fit = Some(fit_of(&fit, arguments.unit.map(|unit| TimeUnit::from(unit).name())));
    if fit.is_usable() {
        let periods = u32::try_from(counts.len()).unwrap_or(u32::MAX).saturating_add(ahead);
        document.curve = (0..periods).map(|period| survival(&fit.model, period, &counts, began)).collect();
    }
    Ok(document)
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "expected survivors are an estimate")]
fn survival(model: &Sbg, period: u32, counts: &[u64], began: u64) -> ClvSurvival {
    ClvSurvival {
        period,
        survivors: usize::try_from(period).ok().and_then(|index| counts.get(index).copied()),
        expected: began as f64 * model.survival(period),
        retention: Some(model.retention(period)).filter(|share| share.is_finite()),
    }
}

fn occasions(arguments: &ClvArguments, data: Data) -> Result<Clv, Refused> {
    let table = match data {
        Data::Table(table) if table.shape == OCCASIONS => table,
        _ => {
            return Err(cannot(
                "bg-bb needs a table of occasions: columns frequency, recency, periods and, if rows stand for several, weights",
            ));
        }
    };
    if arguments.discount.is_some() {
        return Err(Refused::usage("--discount is for models in continuous time"));
    }
    let ahead = occasions_ahead(arguments)?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for (number, row) in table.rows.iter().enumerate() {
        match discrete(row) {
            Ok((history, customers)) => rows.push((id_of(row, number), history, customers)),
            Err(message) => {
                problems.push(Finding::new(Code::BadNumber, table.place.clone().at_line(row.line), message));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Refused::from(problems));
    }
    let data = DiscretePurchases::new(rows.iter().map(|(_, history, customers)| (*history, customers.unwrap_or(1))));
    let given = Given::only::<BgBb>(&arguments.parameters)?;
    let fit = fitted::<BgBb>(&data, given.as_deref()).map_err(|error| cannot(error.to_string()))?;
    let mut document = empty();
    document.total.customers = fit.customers;
    document.fit = Some(fit_of(&fit, None));
    if fit.is_usable() {
        let customers = rows.into_iter().map(|(id, history, customers)| ClvCustomer {
            id,
            customers,
            probability_alive: Some(fit.model.probability_alive(&history, 0)),
            expected_purchases: ahead.map(|occasions| fit.model.conditional_expected_purchases(&history, occasions)),
            ..ClvCustomer::default()
        });
        document.customers = customers.collect();
        if let Some(periods) = ahead {
            document.horizon = Some(ClvHorizon { periods: Some(periods), period: "occasion".to_owned(), discount: 0.0 });
            document.total.expected_purchases = Some(weighted_sum(&document.customers));
        }
    }
    Ok(document)
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "expected purchases are an estimate")]
fn weighted_sum(customers: &[ClvCustomer]) -> f64 {
    customers.iter().map(|one| one.customers.unwrap_or(1) as f64 * one.expected_purchases.unwrap_or_default()).sum()
}

fn discrete(row: &NumberRow) -> Result<(DiscreteHistory, Option<u64>), String> {
    let [Some(frequency), Some(recency), Some(periods), weight] = row.numbers.as_slice() else {
        return Err("frequency, recency and periods are needed".to_owned());
    };
    let history =
        DiscreteHistory::new(whole(*frequency)?, whole(*recency)?, whole(*periods)?).map_err(|error| error.to_string())?;
    Ok((history, weight.map(whole).transpose()?.map(u64::from)))
}

// The plain formula.

fn plain(arguments: &ClvArguments, session: &Session, log: &SalesLog) -> Result<Clv, Refused> {
    if arguments.horizon.is_some() || arguments.holdout.is_some() || arguments.calibration_end.is_some() {
        return Err(Refused::usage("the plain formula looks at no horizon: say which --model to fit"));
    }
    if !arguments.parameters.is_empty() {
        return Err(Refused::usage("--parameters: say which --model they are of"));
    }
    let margin = match &arguments.margin {
        Some(text) => Some(share(text).ok_or_else(|| Refused::usage(format!("--margin {text}: write 60% or 0.6")))?),
        None => session.settings.gross_margin.value,
    };
    let base = cohort::customer_base(&log.sales, Period::Month, false).map_err(|_| overflow())?.ok_or_else(nothing_sold)?;
    let mut document = empty();
    document.inputs = inputs(&log.sources);
    document.currency = currency(&log.sources);
    document.warnings = warnings(&log.sources);
    let mut revenues: Vec<(bool, Sum)> = vec![(false, Sum::default()); log.sales.customers()];
    for sale in log.sales.rows() {
        if let Some((bought, sum)) = sale.customer.and_then(|number| revenues.get_mut(number)) {
            *bought |= sale.is_purchase();
            sum.add(cohort::net(sale).map_err(|_| overflow())?);
        }
    }
    let mut total = Decimal::ZERO;
    for (number, (_, sum)) in revenues.iter().enumerate().filter(|(_, (bought, _))| *bought) {
        let revenue = sum.amount().and_then(crate::measures::Amount::to_decimal).map_err(|_| overflow())?;
        total = total.checked_add(revenue).ok_or_else(overflow)?;
        let id = log.sales.customer(number).to_owned();
        document.customers.push(ClvCustomer { id, revenue: Some(Number(revenue)), ..ClvCustomer::default() });
    }
    let customers = document.customers.len() as u64;
    document.total = ClvTotal {
        customers,
        revenue: Some(Number(total)),
        revenue_per_customer: total.checked_div(customers.into()).map(Number),
        ..ClvTotal::default()
    };
    document.formula = formula(&base, margin);
    Ok(document)
}

/// The variants of the plain formula over all whole months with customers at their start: sums
/// first, one division last. None where no month can be judged.
fn formula(base: &cohort::CustomerBase, margin: Option<Decimal>) -> Option<ClvFormula> {
    let judged: Vec<_> = base.periods.iter().filter(|period| period.churn(ChurnDefinition::AtStart).is_some()).collect();
    let count = |of: &dyn Fn(&cohort::PeriodAccount) -> u64| judged.iter().map(|period| of(period)).sum::<u64>();
    let money = |of: &dyn Fn(&cohort::PeriodAccount) -> Option<Decimal>| {
        judged.iter().try_fold(Decimal::ZERO, |sum, period| sum.checked_add(of(period)?))
    };
    let at_start = count(&|period| period.at_start);
    let lost = count(&|period| period.lost);
    let start_revenue = money(&|period| Some(period.start_revenue))?;
    let lost_revenue = money(&|period| period.lost_revenue.checked_add(period.contraction))?;
    let whole = Decimal::from(at_start);
    let with_margin = |value: Option<Decimal>| value?.checked_mul(margin?);
    let over_churn = start_revenue.checked_div(lost.into());
    // arpu / (lost revenue / revenue at start) = revenue² / (customers × lost revenue).
    let over_revenue_churn = start_revenue
        .checked_div(lost_revenue)
        .filter(|_| lost_revenue > Decimal::ZERO)
        .and_then(|periods| start_revenue.checked_div(whole)?.checked_mul(periods));
    Some(ClvFormula {
        period: "month".to_owned(),
        periods: judged.len() as u64,
        customers_at_start: at_start,
        lost_customers: lost,
        arpu: Number(start_revenue.checked_div(whole)?),
        churn_rate: Number(Decimal::from(lost).checked_div(whole)?),
        revenue_churn_rate: lost_revenue.checked_div(start_revenue).filter(|_| start_revenue > Decimal::ZERO).map(Number),
        gross_margin: margin.map(Number),
        arpu_over_churn: over_churn.map(Number),
        margin_over_churn: with_margin(over_churn).map(Number),
        margin_over_revenue_churn: with_margin(over_revenue_churn).map(Number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_a_unit_that_cannot_be_mistaken() {
        let read = |text| length("--horizon", text).ok().map(|length| (length.count, length.unit));
        assert_eq!(read("12mo"), Some((12, Some(TimeUnit::Month))));
        assert_eq!(read("39w"), Some((39, Some(TimeUnit::Week))));
        assert_eq!(read("90 days"), Some((90, Some(TimeUnit::Day))));
        assert_eq!(read("2y"), Some((24, Some(TimeUnit::Month))));
        assert_eq!(read("5"), Some((5, None)));
        for wrong in ["12m", "mo", "0w", "1.5mo", "-3w", "99999999999d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_number_becomes_the_float_nearest_to_it() {
        for text in [
            "0",
            "-0.1",
            "66.14285714285714",
            "38.86",
            "0.000001",
            "9007199254740992",
            "9007199254740993.1",
            "0.1234567890123456789012345",
        ] {
            let number = Decimal::from_str_exact(text).unwrap();
            assert_eq!(float(number).to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
        assert_eq!(whole(Decimal::new(1200, 2)), Ok(12));
        assert!(whole(Decimal::new(15, 1)).is_err() && whole(Decimal::new(-1, 0)).is_err());
    }

    #[test]
    fn a_discount_over_another_period_compounds() {
        let monthly = compounded(0.15, 1.0, 12);
        assert!(((1.0 + monthly).powi(12) - 1.15).abs() < 1e-12);
        assert_eq!(share("1%"), Some(Decimal::new(1, 2)));
        assert_eq!(share("-1%"), None);
    }
}
