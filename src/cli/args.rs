//! What was typed. Validation only; no file is opened here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::attribute::AttributeArguments;
use super::check::CheckArguments;
use super::clv::ClvArguments;
use super::cohort::CohortArguments;
use super::compare::CompareArguments;
use super::config::SettingsArguments;
use super::engine::EngineArguments;
use super::export::ExportArguments;
use super::goals::GoalsArguments;
use super::init::InitArguments;
use super::session::ConfigArguments;
use super::sql::SqlArguments;

/// Exact marketing KPIs from the exports that platforms write.
#[derive(Debug, Parser)]
#[command(
    name = "mak",
    version,
    about,
    long_about = "Exact marketing KPIs from the exports that platforms write.\n\n\
        mak recognises each file by its columns, computes every KPI that the data support, says why the others \
        could not be computed, and never guesses: what is ambiguous is refused with file, line and column.",
    after_help = "Exit codes: 0 all is well; 1 a threshold was missed; 2 the question could not be answered.",
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, one file each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compute every KPI that the files support
    Compute(ComputeArguments),
    /// Hold the files to thresholds; exits 1 when one is missed
    Check(CheckArguments),
    /// Compare two results, or a period with an earlier one
    Compare(CompareArguments),
    /// Show the targets of mak.toml and how far they are
    Goals(GoalsArguments),
    /// Credit conversions and their value to the channels that led to them
    Attribute(AttributeArguments),
    /// Value customers: the plain formula, or a fitted model of buying and spending
    Clv(ClvArguments),
    /// Show customers by their first purchase: cohorts, retention, churn
    Cohort(CohortArguments),
    /// Show what each file was taken for, and why
    Inspect(InspectArguments),
    /// Explain a KPI; with files, show its arithmetic down to files and columns
    Explain(ExplainArguments),
    /// List KPIs, measures, dimensions and platforms
    List(ListArguments),
    /// Write a first mak.toml from the files at hand
    Init(InitArguments),
    /// Show what is in force and where each value came from
    Config(SettingsArguments),
    /// Write a file as clean UTF-8 CSV, or say what is wrong with it
    Normalize(super::normalize::NormalizeArguments),
    /// Write the question as SQL, for an engine that has the rows
    Sql(SqlArguments),
    /// Write the KPIs over the tables of mak.toml for a semantic layer
    Export(ExportArguments),
    /// Print the JSON Schema of what mak writes
    Schema(SchemaArguments),
}

/// `mak compute`
#[derive(Debug, Args)]
pub(crate) struct ComputeArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    /// Write what was measured instead of KPIs, as JSON: `mak compute part-*.json` adds such files up exactly
    #[arg(long, value_enum, conflicts_with = "engine")]
    pub(crate) emit: Option<EmitWord>,
    #[command(flatten)]
    pub(crate) question: QuestionArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Which files, and what overrules their recognition.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArguments {
    /// Files, folders or globs of exports; - is standard input
    #[arg(value_name = "FILES")]
    pub(crate) files: Vec<String>,

    /// Take FILE for a kind (orders, leads …), a platform or a profile
    #[arg(long = "as", value_name = "KIND:FILE")]
    pub(crate) taken_as: Vec<String>,

    /// Separator of cells: a character, or comma, semicolon, tab, pipe, space
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,

    /// Encoding of the files: utf-8, windows-1252, utf-16le …
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,

    /// The decimal mark, where the data do not settle it
    #[arg(long, value_enum)]
    pub(crate) decimal: Option<Decimal>,

    /// The order of day and month, where the data do not settle it
    #[arg(long, value_enum)]
    pub(crate) date_order: Option<DateOrder>,

    /// Threads that read a large table; by default as many as there are processors
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,

    /// Stop with an error when reading takes more memory than this: `512M`, `4G`
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_memory: Option<String>,

    /// Count rows that the platform's rules leave out, by the rule's word (voided, failed … or all)
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub(crate) include: Vec<String>,

    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// What is asked.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct QuestionArguments {
    /// Group by these dimensions: campaign, channel, month … or any column
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    pub(crate) by: Vec<String>,

    /// Only these KPIs or measures
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) kpi: Vec<String>,

    /// Only rows where a dimension has (=) or has not (!=) one of these values
    #[arg(long = "where", value_name = "DIMENSION=VALUE")]
    pub(crate) filters: Vec<String>,

    /// Only rows from this date on (2026-01-31)
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<String>,

    /// Only rows up to this date
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<String>,

    /// Group by a calendar period as well
    #[arg(long, value_enum)]
    pub(crate) period: Option<PeriodWord>,

    /// What rates of messages are divided by: delivered unless told otherwise
    #[arg(long, value_enum)]
    pub(crate) basis: Option<BasisWord>,

    /// Report the rates of a tool's own screen, with its names and denominators (mailchimp, hubspot …)
    #[arg(long, value_name = "TOOL")]
    pub(crate) like: Option<String>,

    /// A measure that no file holds: `platform_cost=1200`, `gross_margin=60%`
    #[arg(long, value_name = "MEASURE=VALUE")]
    pub(crate) set: Vec<String>,

    /// Add exports up although they share campaigns and days (of different accounts, say)
    #[arg(long)]
    pub(crate) allow_overlap: bool,

    /// Drop rows that repeat an earlier one cell by cell
    #[arg(long)]
    pub(crate) dedupe: bool,

    /// Refuse blank cells in measures instead of leaving them out of the sum
    #[arg(long)]
    pub(crate) strict_missing: bool,
}

/// Where the result goes, and how it looks.
#[derive(Debug, Default, Args)]
pub(crate) struct OutputArguments {
    /// How the result is written
    #[arg(long, value_enum, default_value_t = FormatWord::Table)]
    pub(crate) format: FormatWord,

    /// Write to FILE instead of standard output; a whole file or none
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Colours: on a terminal, always or never
    #[arg(long, value_enum, default_value_t = ColorWord::Auto)]
    pub(crate) color: ColorWord,

    /// List everything that is otherwise counted
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// CSV with names exactly as they are, without the guard against spreadsheet formulas
    #[arg(long)]
    pub(crate) raw: bool,
}

/// `mak inspect`
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// `mak explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Id of a KPI
    #[arg(value_name = "KPI")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) question: QuestionArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// `mak list`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct ListArguments {
    /// Only KPIs
    #[arg(long)]
    pub(crate) kpis: bool,
    /// Only measures
    #[arg(long)]
    pub(crate) measures: bool,
    /// Only dimensions
    #[arg(long)]
    pub(crate) dimensions: bool,
    /// Only platforms
    #[arg(long)]
    pub(crate) platforms: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// `mak schema`
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Name of a document: mak.compute/1; all of them without one
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// What `compute` can write instead of KPIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmitWord {
    /// Measures by group, with all that it takes to add them to others
    Measures,
}

/// Decimal marks on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decimal {
    /// 1,234.56
    Point,
    /// 1.234,56
    Comma,
}

/// Orders of a date on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DateOrder {
    /// 2026-03-08
    Ymd,
    /// 8/3/2026 is the eighth of March
    Dmy,
    /// 3/8/2026 is the eighth of March
    Mdy,
}

/// Calendar periods on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PeriodWord {
    /// Calendar days
    Day,
    /// Weeks from Monday, numbered as ISO 8601 does
    Week,
    /// Calendar months
    Month,
    /// Calendar quarters
    Quarter,
    /// Calendar years
    Year,
}

/// Bases on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum BasisWord {
    /// Messages delivered, as Mailchimp, HubSpot and Klaviyo report
    #[default]
    Delivered,
    /// Messages sent
    Sent,
}

/// Output formats on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatWord {
    /// For people
    #[default]
    Table,
    /// One document
    Json,
    /// A line for the total and one a group
    Ndjson,
    /// A row for each group and KPI
    Csv,
    /// A table for GitHub
    Markdown,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWord {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
