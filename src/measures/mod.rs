//! Typed rows to measured numbers.

mod kind;
mod stage;

pub use kind::Kind;
pub use stage::Stage;
