//! The names that `mak` knows columns by.
//!
//! **Owns** which word stands for each role, so that the table that is written is recognised
//! again as a plain one.
//!
//! **Does not know** what the columns hold.

use crate::finding::{Finding, Place};
use crate::ingest::header::normal;
use crate::ingest::layout::{Layout, Told, Use};
use crate::ingest::profile::Role;
use crate::ingest::record::Record;
use crate::kpi::{Catalogue, Measure};

/// The canonical names, by the profile that fits the header. A column that has none, or would
/// repeat another, keeps the name that it has.
///
/// # Errors
/// No column is known.
pub(super) fn canonical(
    names: &[String],
    line: u64,
    told: &Told,
    catalogue: &Catalogue,
    place: &Place,
) -> Result<Vec<String>, Finding> {
    let mut header = Record::at(line);
    names.iter().for_each(|name| header.push(name));
    let layout = Layout::recognise(crate::ingest::profile::ALL, &[header], told, catalogue, place)?;
    let mut given: Vec<String> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let wanted = match layout.columns.get(index) {
            Some(Use::Role(role, _)) => word(*role),
            _ => None,
        };
        let taken = |word: &str| {
            let others = names.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, name)| name);
            others.chain(&given).any(|other| normal(other) == normal(word))
        };
        given.push(wanted.filter(|word| !taken(word)).map_or_else(|| name.clone(), str::to_owned));
    }
    Ok(given)
}

/// The word for a role that one column fills by itself.
fn word(role: Role) -> Option<&'static str> {
    match role {
        Role::Measures([measure]) => Some(Measure::id(*measure)),
        Role::Dimension(name) => Some(name),
        Role::Date => Some("date"),
        Role::DateEnd => Some("end_date"),
        Role::Currency => Some("currency"),
        Role::OrderId => Some("order_id"),
        Role::CustomerId => Some("customer_id"),
        Role::LeadId => Some("lead_id"),
        Role::PersonId => Some("person_id"),
        _ => None,
    }
}
