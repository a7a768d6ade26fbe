//! Typed rows to measured numbers.
//!
//! **Owns** the question (which KPIs, by what, which rows), the folds that turn rows into measures
//! (streaming; two folds of parts merge into the fold of the whole), and the join of sources.
//!
//! **Does not know** files, text or columns: `ingest` hands it typed rows.
//!
//! Invariants: each source is aggregated to the question's grain on its own, then joined on keys,
//! never rows with rows; a total is computed from measures, never from the KPIs of its parts.
#![deny(clippy::arithmetic_side_effects)]

mod answer;
mod customers;
mod evaluate;
mod group;
mod group_sets;
mod kind;
mod leads;
mod orders;
mod period;
mod question;
mod sales;
mod source;
mod stage;
mod sum;
mod sum_table;
mod table;

pub use answer::{Answer, Evaluated, Joiner, SetAside, Unallocated, answer};
pub use customers::CustomersFold;
pub use evaluate::{Evaluation, Evaluator, JoinedGroups};
pub use group::{GroupId, GroupKey, Grouped, Groups};
pub use group_sets::{GroupAt, GroupSets, KeyRef};
pub use kind::Kind;
pub use leads::{Joined, Lead, LeadBook, LeadColumns, Oddities, Reached};
pub use orders::{Ledger, LedgerCustomer, LedgerTotals, OrderRow, OrdersFold};
pub use period::Period;
pub use question::{Dimension, Filter, Question};
pub use sales::{Sale, Sales};
pub use source::{Provenance, Rows, Source, SourceInfo};
pub use stage::Stage;
pub use sum::{Amount, Sum};
pub use sum_table::{SumTable, Texts};
pub use table::{TableFold, TableRow};
