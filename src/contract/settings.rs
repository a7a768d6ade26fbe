//! What `mak config` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsReport {
    /// Name and version of this shape: `mak.config/1`.
    pub schema: String,
    /// One a setting, and one for everything else that the configuration declares.
    pub settings: Vec<SettingLine>,
}

impl SettingsReport {
    /// Name and version of the shape.
    pub const SCHEMA: &'static str = "mak.config/1";
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingLine {
    /// What it is: `basis`, `kpi.demo_rate`.
    pub name: String,
    /// Its value, as it would be written.
    pub value: String,
    /// Where it came from: `flag`, a variable, `mak.toml:12`, `default`.
    pub from: String,
}
