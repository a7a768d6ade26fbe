//! Bytes to records to measures.
//!
//! **Owns** the way from what the user named to measures by group: opening and decompressing,
//! encoding, dialect, header and platform, numbers and dates, rows that do not count.
//!
//! **Does not know** any platform by name: a platform is data under [`profile`]. It does not know
//! the command line or how findings are shown.
//!
//! A table is read twice. The first pass ([`survey`]) looks at every cell and takes one decision
//! a column: decimal mark, order of dates, what is a total. The second ([`tally`]) reads typed
//! values under those decisions and adds them up. What the evidence does not settle is refused.

mod answer;
pub mod archive;
mod billing;
mod columns;
pub mod currency;
pub mod date;
pub mod delimited;
pub mod dialect;
pub(crate) mod digits;
pub mod encoding;
pub mod evidence;
pub mod header;
pub mod journeys;
pub mod json;
pub mod layout;
pub mod memory;
pub mod normalize;
pub mod number;
#[cfg(feature = "parquet")]
mod parquet;
pub mod parts;
pub mod profile;
pub mod record;
pub mod rows;
pub mod scan;
pub mod sheet;
pub mod source;
pub mod survey;
pub mod table;
pub mod tally;
mod workbook;

mod rates;
mod read;

pub use answer::{AskedOfEngine, EngineAnswer, engine_answer};
pub use columns::{NumberRow, NumberTable, Shape, Wanted, number_table};
pub use journeys::{JourneyQuestion, JourneySource, Journeys, read_journeys};
pub use read::{Input, Recognised, SalesLog, findings, inspect, read, read_among, sales};
