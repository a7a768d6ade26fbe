//! Bytes to records to measures.

pub mod profile;
pub mod record;
