//! mak
pub mod analysis;
pub mod cli;
pub mod config;
pub mod contract;
pub mod finding;
pub mod ingest;
pub mod kpi;
pub mod measures;
pub mod results;
