//! scan
mod bits;
mod cell;
mod intern;
mod quotes;
mod supply;
