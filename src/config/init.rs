//! The first `mak.toml`, written from what the files at hand gave.
//!
//! It is valid as it stands, and its checks pass with the values that it was written from:
//! limits are the current values, rounded away from a miss.

use std::fmt::Write as _;

use rust_decimal::{Decimal, RoundingStrategy};

use super::literal::Literal;
use super::rule::Op;
use crate::finding::escape;
use crate::kpi::{Better, Exact, Kpi, Unit};

/// Checks that are in force at first; the others are comments to choose from.
const ACTIVE_CHECKS: usize = 6;

/// Significant digits of a limit.
const DIGITS: i64 = 2;

/// Significant digits of today's value beside a target.
const TARGET_DIGITS: i64 = 3;

/// Durations are written in the largest of these units, with its seconds, that they have two of.
const DURATIONS: &[(i128, &str)] = &[(2_629_800, "mo"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// What is known of the files at hand.
#[derive(Clone, Debug, Default)]
pub struct InitInput {
    /// The files, as the user named them.
    pub files: Vec<String>,
    /// The currency of their amounts.
    pub currency: Option<String>,
    /// The KPIs that they give.
    pub kpis: Vec<KpiSeen>,
    /// Columns that look like measures and were not recognised, each with its file.
    pub unrecognised: Vec<(String, String)>,
}

/// A KPI with its value.
#[derive(Clone, Debug)]
pub struct KpiSeen {
    /// The KPI.
    pub kpi: &'static Kpi,
    /// Its value in total.
    pub value: Decimal,
    /// Its values in the groups of a dimension.
    pub groups: Option<GroupSeen>,
}

/// The values of a KPI by group.
#[derive(Clone, Debug)]
pub struct GroupSeen {
    /// The dimension.
    pub by: String,
    /// The value of each group that has one.
    pub values: Vec<Decimal>,
}

/// The text of a commented first configuration.
pub fn init(input: &InitInput) -> String {
    let mut out =
        String::from("# Written by `mak init`. Every line that begins with # is a comment: take the # away to use it.\n");
    for file in &input.files {
        line(&mut out, &format!("# From {}", escape(file)));
    }
    settings(&mut out, input);
    columns(&mut out, input);
    costs(&mut out);
    targets(&mut out, input);
    checks(&mut out, input);
    out.push_str(
        "\n# A KPI of your own, from measures and other KPIs (`mak list`). It works everywhere.\n\
         # [kpi.demo_rate]\n# formula = \"demos_booked / leads\"\n# better = \"up\"\n",
    );
    out
}

fn settings(out: &mut String, input: &InitInput) {
    out.push('\n');
    match &input.currency {
        Some(currency) => line(out, &format!("currency = {}", quoted(currency))),
        None => line(out, "# currency = \"EUR\""),
    }
    out.push_str(
        "# time_zone = \"Europe/Berlin\"\n\
         # basis = \"delivered\"        # what message rates are divided by; or \"sent\"\n\
         # gross_margin = \"60%\"       # share of revenue left after the cost of what was sold\n",
    );
}

fn columns(out: &mut String, input: &InitInput) {
    if input.unrecognised.is_empty() {
        return;
    }
    out.push_str("\n# Columns that were not recognised. Say what they mean: a measure, a role, \"dimension:NAME\" or \"ignore\".\n# [columns]\n");
    for (file, header) in &input.unrecognised {
        line(out, &format!("# {} = \"ignore\"   # in {}", quoted(header), escape(file)));
    }
}

fn costs(out: &mut String) {
    out.push_str(
        "\n# Costs that no file holds. They are spread over the days of the period.\n\
         # [cost.platform]\n# kind = \"platform\"           # platform, setup, training or people\n\
         # amount = 250\n# per = \"month\"               # month, quarter, year or once\n# from = 2026-01-01\n",
    );
}

fn targets(out: &mut String, input: &InitInput) {
    out.push_str("\n# Targets, each with who answers for it and how often it is looked at. `mak goals` shows them.\n");
    for seen in &input.kpis {
        if seen.kpi.better == Better::Neither {
            continue;
        }
        let nearest = RoundingStrategy::MidpointNearestEven;
        let Some(now) = written(seen.kpi.unit, seen.value, Some((TARGET_DIGITS, nearest))) else { continue };
        line(out, &format!("# [target.{}]", seen.kpi.id));
        line(out, &format!("# value = \"{now}\"   # the value now; write the one that you aim at"));
        line(out, &format!("# start = \"{now}\""));
        line(out, "# owner = \"…\"\n# cadence = \"monthly\"        # weekly, monthly, quarterly or yearly");
    }
}

fn checks(out: &mut String, input: &InitInput) {
    out.push_str("\n# Checks for `mak check`: it exits 1 when one is missed. The limits are today's values, rounded.\n");
    let mut active = 0_usize;
    for seen in &input.kpis {
        let Some((op, limit)) = limit_for(seen.kpi, std::slice::from_ref(&seen.value)) else { continue };
        let mark = if active < ACTIVE_CHECKS { "" } else { "# " };
        active = active.saturating_add(1);
        line(out, &format!("{mark}[[check]]   # {}", escape(seen.kpi.name)));
        line(out, &format!("{mark}rule = \"{} {} {limit}\"", seen.kpi.id, op.sign()));
        if let Some(groups) = &seen.groups
            && let Some((op, limit)) = limit_for(seen.kpi, &groups.values)
        {
            line(out, "# [[check]]");
            line(out, &format!("# rule = {}", quoted(&format!("{} {} {limit} by {}", seen.kpi.id, op.sign(), groups.by))));
            line(out, "# min_n = 100                # pass over groups with fewer");
        }
    }
}

/// The rounded limit that every value passes; `None` where no sensible limit exists.
fn limit_for(kpi: &Kpi, values: &[Decimal]) -> Option<(Op, String)> {
    let (op, worst, strategy) = match kpi.better {
        Better::Higher => (Op::AtLeast, values.iter().min()?, RoundingStrategy::ToNegativeInfinity),
        Better::Lower => (Op::AtMost, values.iter().max()?, RoundingStrategy::ToPositiveInfinity),
        Better::Neither => return None,
    };
    let candidates = [Some((DIGITS, strategy)), None].into_iter();
    candidates.filter_map(|rounding| written(kpi.unit, *worst, rounding)).find_map(|limit| {
        let value = Literal::parse(&limit).ok()?.in_unit(kpi.unit).ok()?;
        (!value.is_zero() && op.holds(*worst, value)).then_some((op, limit))
    })
}

/// A value of a unit as a literal that may stand in a rule, with so many significant digits of
/// what is written (58 minutes, not the seconds of 58 minutes), or with all of them.
fn written(unit: Unit, value: Decimal, rounding: Option<(i64, RoundingStrategy)>) -> Option<String> {
    let in_seconds = |seconds: i128| Exact::from(value).times(Exact::integer(seconds)).and_then(Exact::to_decimal).ok();
    let seconds = match unit {
        Unit::Seconds => Some(value),
        Unit::Hours => Some(in_seconds(3_600)?),
        Unit::Days => Some(in_seconds(86_400)?),
        Unit::Months => Some(in_seconds(2_629_800)?),
        _ => None,
    };
    let (number, suffix) = match (unit, seconds) {
        (_, Some(seconds)) => in_largest(seconds)?,
        (Unit::Share | Unit::Percent, _) => (value.checked_mul(Decimal::ONE_HUNDRED)?, "%"),
        _ => (value, ""),
    };
    let number = match rounding {
        Some((digits, strategy)) => rounded(number, digits, strategy)?,
        None => number,
    };
    let text = format!("{}{suffix}", number.normalize());
    // What is printed must be readable, or it could not stand in a rule.
    let read = Literal::parse(&text).ok()?.in_unit(unit);
    read.is_ok().then_some(text)
}

/// Seconds in the largest unit that there are at least two of.
fn in_largest(seconds: Decimal) -> Option<(Decimal, &'static str)> {
    DURATIONS.iter().find_map(|(unit, suffix)| {
        let count = Exact::from(seconds).over(Exact::integer(*unit))?.ok()?.to_decimal().ok()?;
        (count.abs() >= Decimal::TWO || *unit == 1).then_some((count, *suffix))
    })
}

/// The value at so many significant digits.
fn rounded(value: Decimal, digits: i64, strategy: RoundingStrategy) -> Option<Decimal> {
    let Some(magnitude) = value.mantissa().unsigned_abs().checked_ilog10() else { return Some(value) };
    let has = i64::from(magnitude).checked_add(1)?;
    let places = digits.checked_sub(has.checked_sub(i64::from(value.scale()))?)?;
    if let Ok(places) = u32::try_from(places) {
        return Some(value.round_dp_with_strategy(places, strategy).normalize());
    }
    let unit = Decimal::try_from_i128_with_scale(10_i128.checked_pow(u32::try_from(places.checked_neg()?).ok()?)?, 0).ok()?;
    value.checked_div(unit)?.round_dp_with_strategy(0, strategy).checked_mul(unit)
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::kpi::Catalogue;
    use proptest::prelude::*;

    fn seen(id: &str, value: Decimal) -> KpiSeen {
        let values = vec![value, value.checked_add(Decimal::new(1, 3)).expect("fits")];
        KpiSeen {
            kpi: Catalogue::builtin().kpi(id).expect("known"),
            value,
            groups: Some(GroupSeen { by: "channel".into(), values }),
        }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn limits_are_todays_values_rounded_away_from_a_miss() {
        let input = InitInput {
            files: vec!["spring\u{1b}.csv".into()],
            currency: Some("EUR".into()),
            kpis: vec![
                seen("open_rate", decimal("0.2312")),
                seen("bounce_rate", decimal("0.00541")),
                seen("cac", decimal("37.512")),
                seen("response_time", decimal("5400")),
                seen("revenue", decimal("16056168.70")),
                seen("roas", decimal("4.8999")),
            ],
            unrecognised: vec![("spring.csv".into(), "Total \"net\" charges".into())],
        };
        let text = init(&input);
        for rule in [
            "rule = \"open_rate >= 23%\"",
            "rule = \"bounce_rate <= 0.55%\"",
            "rule = \"cac <= 38\"",
            "rule = \"response_time <= 90min\"",
            "# value = \"23.1%\"   # the value now",
            "# value = \"0.541%\"",
            "# value = \"37.5\"",
            "# value = \"16100000\"",
            "rule = \"revenue >= 16000000\"",
            "rule = \"roas >= 4.8\"",
            "# rule = \"open_rate >= 23% by channel\"",
            "# 'Total \"net\" charges' = \"ignore\"   # in spring.csv",
            "# From spring\\u{1b}.csv",
        ] {
            assert!(text.contains(rule), "{rule} is not in\n{text}");
        }
        assert_eq!(Config::parse("mak.toml", &text).expect("valid").checks.len(), 6);
    }

    #[test]
    fn it_is_valid_with_its_comments_taken_away_too() {
        let text = init(&InitInput { kpis: vec![seen("open_rate", decimal("0.2312"))], ..InitInput::default() });
        let is_prose = |line: &&str| line.starts_with("# ") && !line.contains(" = ") && !line.starts_with("# [");
        let uncommented: Vec<_> =
            text.lines().filter(|line| !is_prose(line)).map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
        let config = Config::parse("mak.toml", &uncommented.join("\n")).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((config.targets.len(), config.checks.len(), config.costs.len(), config.kpis.len()), (1, 2, 1, 1));
    }

    proptest! {
        #[test]
        fn it_is_valid_and_its_checks_pass(values in prop::collection::vec((any::<i64>(), 0_u32..20), 77)) {
            let catalogue = Catalogue::builtin();
            let kpis = catalogue.kpis().zip(values).map(|(kpi, (mantissa, scale))| KpiSeen {
                kpi,
                value: Decimal::new(mantissa, scale),
                groups: None,
            });
            let input = InitInput { kpis: kpis.collect(), ..InitInput::default() };
            let config = Config::parse("mak.toml", &init(&input));
            prop_assert!(config.is_ok(), "{}", config.expect_err("checked"));
            for check in config.expect("just checked").checks {
                for (_, rule) in check.rules {
                    let seen = input.kpis.iter().find(|seen| seen.kpi.id == rule.subject.id()).expect("from there");
                    prop_assert_eq!(rule.test.holds(seen.value), Some(true), "{} with {}", rule, seen.value);
                }
            }
        }
    }
}
