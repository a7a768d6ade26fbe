//! Bytes to records to measures.

pub mod currency;
pub mod date;
pub(crate) mod digits;
pub mod evidence;
pub mod number;
pub mod profile;
pub mod record;
