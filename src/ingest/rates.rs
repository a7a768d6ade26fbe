//! Rates printed in an export against those recomputed from the counts beside them.
//!
//! A platform prints an open rate as `35.18%`, as `0.3518` or as `35.18`, per message delivered or
//! per message sent. Which of these a column follows is decided from all its rows, not from one:
//! the reading under which the most rows agree. A row agrees when the rate printed is the
//! recomputed one, rounded to the digits printed. Klaviyo rounds twice (to three decimals and then
//! half to even to two: 0.0046 % is printed as 0.01 %), so that a twentieth of the last digit is
//! granted on top of its half.
//!
//! **Owns** that comparison and what is said of it. **Does not know** how counts are read, nor
//! what the difference is due to: printed rates are never added or used.

use rust_decimal::Decimal;

use super::layout::Layout;
use super::number::{self, NumberCell, NumberStyle};
use super::profile::Role;
use super::record::Record;
use super::survey::Survey;
use crate::finding::{Code, Finding, Place, counted};
use crate::kpi::{Basis, Catalogue, Kpi, Measure, MeasureSet};
use crate::measures::Amount;

/// Rows that are compared. More would take longer and say nothing else.
pub(super) const ROWS: u64 = 10_000;

/// What the digits of binary fractions cost: a rate printed with all of them is no rounding of
/// the exact one.
const BINARY: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

/// Digits of a recomputed rate in messages.
const SHOWN: u32 = 6;

/// The columns of printed rates, with what has been seen of them.
#[derive(Debug)]
pub(super) struct PrintedRates {
    columns: Vec<RateColumn>,
    rows: u64,
}

/// What the comparison came to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Rows that disagree where most agree.
    pub(super) warnings: Vec<Finding>,
    /// How many rows agree, for whoever wants to know.
    pub(super) notes: Vec<Finding>,
}

#[derive(Debug)]
struct RateColumn {
    index: usize,
    kpi: &'static Kpi,
    style: NumberStyle,
    readings: Vec<Reading>,
}

/// One way of reading a column, with the rows that agree under it.
#[derive(Debug)]
struct Reading {
    basis: Basis,
    scale: Scale,
    compared: u64,
    agreeing: u64,
    first_other: Option<Disagreement>,
}

/// What a number without a percent sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// 0.35 for 35 %, and every rate that is no percentage.
    AsIs,
    /// 35 for 35 %.
    Percent,
}

#[derive(Debug)]
struct Disagreement {
    line: u64,
    printed: String,
    recomputed: Decimal,
}

/// A rate as printed: its value, and how far from it the recomputed one may lie.
#[derive(Clone, Copy, Debug)]
struct Printed {
    value: Decimal,
    tolerance: Decimal,
    has_sign: bool,
}

impl PrintedRates {
    /// The columns of that layout that print a rate and can be read.
    pub(super) fn new(layout: &Layout, survey: &Survey) -> Self {
        // Profiles name the rows of the catalogue as it comes, whatever the user made of them.
        let catalogue = Catalogue::builtin();
        let column = |index: usize| {
            let Some(Role::PrintedRate(id)) = layout.role(index) else { return None };
            let kpi = catalogue.kpi(id)?;
            let style = survey.numbers.get(index).copied().flatten()?;
            Some(RateColumn { index, kpi, style, readings: readings(kpi) })
        };
        PrintedRates { columns: (0..layout.header.len()).filter_map(column).collect(), rows: 0 }
    }

    /// Whether no further row would be compared.
    pub(super) fn is_full(&self) -> bool {
        self.columns.is_empty() || self.rows >= ROWS
    }

    /// Compares the rates of a row with its counts.
    pub(super) fn row(&mut self, record: &Record, counts: impl Iterator<Item = (Measure, Amount)>) {
        if self.columns.is_empty() || self.rows >= ROWS {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        let mut set = MeasureSet::default();
        for (measure, amount) in counts {
            if let Ok(number) = amount.to_decimal()
                && !set.has(measure)
            {
                set.put_number(measure, number);
            }
        }
        crate::kpi::derive(&mut set);
        for column in &mut self.columns {
            column.compare(record, &set);
        }
    }

    /// What to say of each column.
    pub(super) fn finish(&self, layout: &Layout, place: &Place) -> Compared {
        let mut compared = Compared::default();
        for column in &self.columns {
            // The first of those that fit equally well.
            let best = column.readings.iter().rev().max_by_key(|reading| reading.agreeing);
            let Some(reading) = best.filter(|reading| reading.compared > 0) else { continue };
            let place = place.clone().in_column(column.index, layout.name(column.index));
            let finding = column.finding(reading, place, self.rows >= ROWS);
            match finding.code() {
                Code::RateDisagrees => compared.warnings.push(finding),
                _ => compared.notes.push(finding),
            }
        }
        compared
    }
}

/// Every way of reading a column of that KPI, the likeliest first.
fn readings(kpi: &Kpi) -> Vec<Reading> {
    let bases: &[Basis] = if kpi.depends_on_basis() { &[Basis::Delivered, Basis::Sent] } else { &[Basis::Delivered] };
    let is_ratio = kpi.unit.word() == "ratio";
    let scales: &[Scale] = if is_ratio { &[Scale::AsIs, Scale::Percent] } else { &[Scale::AsIs] };
    let reading = |basis: Basis, scale: Scale| Reading { basis, scale, compared: 0, agreeing: 0, first_other: None };
    bases.iter().flat_map(|basis| scales.iter().map(move |scale| reading(*basis, *scale))).collect()
}

impl RateColumn {
    fn compare(&mut self, record: &Record, set: &MeasureSet) {
        let cell = record.get(self.index).unwrap_or("");
        let Some(printed) = printed(cell, &self.style) else { return };
        for reading in &mut self.readings {
            if let Ok(computed) = self.kpi.compute(set, reading.basis) {
                reading.note(record.line_of(self.index), cell, printed, computed.value);
            }
        }
    }

    fn finding(&self, reading: &Reading, place: Place, bounded: bool) -> Finding {
        let Reading { agreeing, compared, .. } = *reading;
        let id = self.kpi.id;
        let of = match reading.basis {
            _ if !self.kpi.depends_on_basis() => id.to_owned(),
            Basis::Delivered => format!("{id} per message delivered"),
            Basis::Sent => format!("{id} per message sent"),
        };
        let rows = if bounded { format!("the first {}", counted(compared, "row")) } else { counted(compared, "row") };
        let Some(other) = &reading.first_other else {
            let message = format!("the rates printed agree with {of} on all of {rows}");
            return Finding::new(Code::RatesCompared, place, message);
        };
        let place = place.at_line(other.line);
        let recomputed = other.recomputed.round_dp(SHOWN).normalize();
        let message = if agreeing.saturating_mul(2) > compared {
            let others = counted(compared.saturating_sub(agreeing), "row");
            format!(
                "the rates printed agree with {of} on {agreeing} of {rows}, and not on {others}; the counts give {recomputed} here"
            )
        } else {
            format!("the rates printed are not {of}: they agree on {agreeing} of {rows}; the counts give {recomputed} here")
        };
        let code = if agreeing.saturating_mul(2) > compared { Code::RateDisagrees } else { Code::RatesCompared };
        Finding::new(code, place, message).saw(other.printed.clone())
    }
}

impl Reading {
    fn note(&mut self, line: u64, cell: &str, printed: Printed, recomputed: Decimal) {
        self.compared = self.compared.saturating_add(1);
        if agrees(printed, recomputed, self.scale) {
            self.agreeing = self.agreeing.saturating_add(1);
        } else if self.first_other.is_none() {
            self.first_other = Some(Disagreement { line, printed: cell.trim().to_owned(), recomputed });
        }
    }
}

fn printed(cell: &str, style: &NumberStyle) -> Option<Printed> {
    let Ok(NumberCell::Number(amount)) = number::parse(cell, style) else { return None };
    let places = if amount.percent { amount.scale.saturating_add(2) } else { amount.scale };
    let tolerance = Decimal::try_from_i128_with_scale(55, places.saturating_add(2)).unwrap_or_default();
    Some(Printed { value: amount.value().ok()?, tolerance, has_sign: amount.percent })
}

/// Whether the recomputed rate, rounded to the digits printed, is the printed one.
fn agrees(printed: Printed, recomputed: Decimal, scale: Scale) -> bool {
    let in_units = match scale {
        Scale::Percent if !printed.has_sign => recomputed.checked_mul(Decimal::ONE_HUNDRED),
        _ => Some(recomputed),
    };
    let difference = in_units.and_then(|recomputed| Some((recomputed, recomputed.checked_sub(printed.value)?.abs())));
    let Some((recomputed, difference)) = difference else { return false };
    let binary = recomputed.abs().checked_mul(BINARY).unwrap_or_default();
    difference <= printed.tolerance.max(binary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::layout::Told;
    use crate::ingest::survey::{Marks, survey};

    struct Rows(std::vec::IntoIter<Record>);

    impl super::super::record::Records for Rows {
        fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
            match self.0.next() {
                Some(next) => {
                    *record = next;
                    Ok(true)
                }
                None => Ok(false),
            }
        }
    }

    fn records(text: &str) -> Vec<Record> {
        let record = |(index, line): (usize, &str)| {
            let mut record = Record::at(index as u64 + 1);
            line.split(',').for_each(|cell| record.push(cell));
            record
        };
        text.lines().enumerate().map(record).collect()
    }

    /// Notes and warnings of a table of sent, delivered, opens and a printed rate.
    fn compared(rows: &str) -> Compared {
        let records = records(&format!("sent,delivered,opens,open_rate\n{rows}"));
        let place = Place::file("rates.csv");
        let layout = {
            let profiles = crate::ingest::profile::ALL;
            Layout::recognise(profiles, &records, &Told::default(), &Catalogue::builtin(), &place).expect("a plain table")
        };
        assert_eq!(layout.role(3), Some(Role::PrintedRate("open_rate")));
        let mut again = Rows(records.clone().into_iter());
        let survey = survey(&layout, &mut again, &[], Marks::default(), &place).expect("numbers");
        let mut rates = PrintedRates::new(&layout, &survey);
        for record in &records[1..] {
            let count = |index: usize| Amount::whole(record.get(index).expect("a cell").parse().expect("a count"));
            let counts = [(Measure::Sent, count(0)), (Measure::Delivered, count(1)), (Measure::Opens, count(2))];
            rates.row(record, counts.into_iter());
        }
        rates.finish(&layout, &place)
    }

    #[test]
    fn each_way_of_printing_a_rate_is_recognised() {
        // 30 of 90 delivered of 100 sent; 7 of 80 of 80.
        for (rates, basis) in [
            (["33.3%", "8.75%"], "delivered"),
            (["0.3333", "0.0875"], "delivered"),
            (["33.33", "8.75"], "delivered"),
            (["0.33333333333333331", "0.087499999999999994"], "delivered"),
            (["30%", "8.8%"], "sent"),
            (["30", "8.75"], "sent"),
        ] {
            let found = compared(&format!("100,90,30,{}\n80,80,7,{}\n", rates[0], rates[1]));
            assert!(found.warnings.is_empty(), "{rates:?}: {:?}", found.warnings);
            let [note] = found.notes.as_slice() else { panic!("{rates:?}: {:?}", found.notes) };
            let expected = format!("the rates printed agree with open_rate per message {basis} on all of 2 rows");
            assert_eq!(note.parts().message, expected, "{rates:?}");
        }
    }

    #[test]
    fn the_row_that_disagrees_is_named() {
        let found = compared("100,90,30,33.33%\n80,80,7,8.75%\n60,60,6,12.00%\n50,50,5,10.00%\n");
        let [warning] = found.warnings.as_slice() else { panic!("{:?}", found.warnings) };
        let shown = warning.to_string();
        assert!(shown.starts_with("rates.csv:4:4: warning[rate-disagrees]"), "{shown}");
        assert!(shown.contains("on 3 of 4 rows, and not on 1 row; the counts give 0.1 here"), "{shown}");
        assert!(shown.contains("saw \"12.00%\""), "{shown}");
    }

    /// Half a unit of the last digit and what rounding twice adds: 33.3 stands for 33.245 to 33.355.
    #[test]
    fn a_digit_off_is_no_rounding() {
        let found = compared("100,90,30,33.4%\n80,80,7,8.75%\n60,60,6,10%\n");
        assert_eq!(found.warnings.len(), 1, "{found:?}");
        let found = compared("100000,100000,46,0.05%\n21753,21753,1,0.01%\n80,80,7,8.75%\n");
        assert!(found.warnings.is_empty(), "{found:?}");
        let found = compared("3,3,1,33%\n80,80,7,9%\n1000,1000,335,33.5%\n");
        assert!(found.warnings.is_empty(), "{found:?}");
    }

    #[test]
    fn a_rate_of_another_definition_is_a_note() {
        let found = compared("100,90,30,50%\n80,80,7,40%\n");
        assert!(found.warnings.is_empty() && found.notes[0].parts().message.contains("they agree on 0 of 2 rows"), "{found:?}");
    }

    #[test]
    fn rows_without_a_rate_or_a_denominator_are_not_compared() {
        let found = compared("100,90,30,\n0,0,0,0%\n");
        assert!(found.warnings.is_empty() && found.notes.is_empty(), "{found:?}");
    }
}
