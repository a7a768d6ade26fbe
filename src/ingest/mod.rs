//! Bytes to records to measures.

pub mod header;
pub mod layout;
pub mod profile;
pub mod record;
