//! Bytes to records to measures.

pub mod delimited;
pub mod dialect;
pub mod encoding;
pub mod json;
pub mod profile;
pub mod record;
pub mod sheet;
pub mod source;
