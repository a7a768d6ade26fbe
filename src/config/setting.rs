//! Settings: what is in force and where each value came from.
//!
//! Order: flag, `MAK_*` variable, file, default. A new setting is one row of the table below; its
//! key in `[defaults]`, its variable, its line in `mak config` and its errors follow.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::literal::{Literal, LiteralError, LiteralKind, percent};
use super::problem::Problems;
use super::section::{Section, kind_of, literal_text};
use crate::finding::{Code, Finding, Place, nearest};
use crate::kpi::{Basis, Unit};

/// The variable that names the configuration file; empty, it says that there is none.
pub const CONFIG_VARIABLE: &str = "MAK_CONFIG";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// An environment variable, by name.
    Env(&'static str),
    /// A configuration file and the line in it.
    File(Arc<str>, u64),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("flag"),
            Origin::Env(name) => f.write_str(name),
            Origin::File(file, line) => write!(f, "{file}:{line}"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub from: Origin,
}

/// A line of `mak config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is: `basis`, `kpi.demo_rate`.
    pub name: String,
    /// Its value, as it would be written.
    pub value: String,
    /// Where it came from.
    pub from: Origin,
}

/// Which mark separates decimals in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

/// The order of day and month in dates of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 2026-03-08
    YearMonthDay,
    /// 8/3/2026
    DayMonthYear,
    /// 3/8/2026
    MonthDayYear,
}

/// What separates the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// One ASCII character.
    Byte(u8),
    /// Columns aligned with runs of blanks.
    Spaces,
}

/// Declares [`Choices`], [`Settings`] and everything that runs over all settings.
macro_rules! settings {
    ($( $(#[doc = $doc:literal])+ $name:ident: $choice:ty => $value:ty = $default:expr, $env:literal, $read:path; )+) => {
        /// Values that one place (the flags, the environment, a file) gives; the rest is `None`.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Choices { $( $(#[doc = $doc])+ pub $name: Option<$choice>, )+ }

        /// All settings in force.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings { $( $(#[doc = $doc])+ pub $name: Setting<$value>, )+ }

        /// Names of the environment variables.
        pub const VARIABLES: &[&str] = &[ $( $env, )+ ];

        impl Settings {
            /// Settles every setting. `env` is the environment, or the part of it that counts.
            ///
            /// # Errors
            /// A `MAK_*` variable has a value that cannot be, or a name that is nearly one of
            /// [`VARIABLES`]; all of them at once.
            pub fn resolve(flags: &Choices, env: &BTreeMap<String, String>, file: &FileChoices) -> Result<Settings, Problems> {
                let mut problems = misspelt_variables(env);
                $( let $name = match env.get($env).map(|text| $read(text)).transpose() {
                    Ok(value) => value,
                    Err(why) => {
                        problems.push(in_variable($env, why));
                        None
                    }
                }; )+
                if !problems.is_empty() {
                    return Err(Problems(problems.into_iter().flat_map(|finding| Problems::from(finding).0).collect()));
                }
                Ok(Settings { $( $name: pick(
                    flags.$name.clone(),
                    $name.map(|value| (value, $env)),
                    file.choices.$name.clone().map(|value| (value, file.origin(stringify!($name)))),
                    $default,
                ), )+ })
            }

            /// A row for each setting.
            pub fn describe(&self) -> Vec<Row> {
                vec![ $( Row { name: stringify!($name).to_owned(), value: self.$name.value.show(), from: self.$name.from.clone() }, )+ ]
            }
        }

        /// Reads the settings of `[defaults]`, each of which may also stand at the top.
        pub(super) fn read_choices(top: &Section<'_, '_>) -> FileChoices {
            let defaults = top.table("defaults");
            let mut found = FileChoices { file: Some(Arc::clone(&top.source.file)), ..FileChoices::default() };
            $( if let Some((value, line)) = read_choice(top, defaults.as_ref(), stringify!($name), $read) {
                found.choices.$name = Some(value);
                found.lines.insert(stringify!($name), line);
            } )+
            if let Some(defaults) = defaults {
                defaults.done();
            }
            found
        }
    };
}

settings! {
    /// Currency of amounts in files that name none: ISO 4217, `EUR`.
    currency: String => Option<String> = None, "MAK_CURRENCY", read_currency;
    /// Time zone of timestamps that name none: `Europe/Berlin`, `UTC`, `+02:00`.
    time_zone: String => Option<String> = None, "MAK_TIME_ZONE", read_time_zone;
    /// Language of output: `en`, `ar`, `fa`, `th`.
    language: String => String = "en".to_owned(), "MAK_LANGUAGE", read_language;
    /// What rates of messages are divided by.
    basis: Basis => Basis = Basis::Delivered, "MAK_BASIS", read_basis;
    /// Share of revenue left after the cost of what was sold.
    gross_margin: Decimal => Option<Decimal> = None, "MAK_GROSS_MARGIN", read_share;
    /// Discount rate of future value, a year.
    discount_rate: Decimal => Option<Decimal> = None, "MAK_DISCOUNT_RATE", read_share;
    /// Decimal mark in files, where the data do not settle it.
    decimal: DecimalMark => Option<DecimalMark> = None, "MAK_DECIMAL", read_decimal;
    /// Order of day and month in files, where the data do not settle it.
    date_order: DateOrder => Option<DateOrder> = None, "MAK_DATE_ORDER", read_date_order;
    /// Encoding of files: a label of the WHATWG encoding standard.
    encoding: String => Option<String> = None, "MAK_ENCODING", read_encoding;
    /// Separator of cells in files.
    delimiter: Delimiter => Option<Delimiter> = None, "MAK_DELIMITER", read_delimiter;
    /// Whether a rate may divide measures that only files of different kinds give.
    rates_across_kinds: bool => bool = false, "MAK_RATES_ACROSS_KINDS", read_flag;
    /// How revenue is credited to touches.
    attribution_model: String => String = "last_touch".to_owned(), "MAK_ATTRIBUTION_MODEL", read_attribution_model;
}

/// The choices of a file with their lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileChoices {
    /// The choices.
    pub choices: Choices,
    file: Option<Arc<str>>,
    lines: BTreeMap<&'static str, u64>,
}

impl FileChoices {
    fn origin(&self, name: &str) -> Origin {
        let line = self.lines.get(name).copied().unwrap_or(1);
        Origin::File(self.file.clone().unwrap_or_else(|| Arc::from("mak.toml")), line)
    }
}

fn pick<C, T: From<C>>(flag: Option<C>, env: Option<(C, &'static str)>, file: Option<(C, Origin)>, default: T) -> Setting<T> {
    if let Some(value) = flag {
        return Setting { value: value.into(), from: Origin::Flag };
    }
    if let Some((value, name)) = env {
        return Setting { value: value.into(), from: Origin::Env(name) };
    }
    match file {
        Some((value, from)) => Setting { value: value.into(), from },
        None => Setting { value: default, from: Origin::Default },
    }
}

/// A reader of one setting's text.
type Read<T> = fn(&str) -> Result<T, LiteralError>;

fn read_choice<T>(
    top: &Section<'_, '_>,
    defaults: Option<&Section<'_, '_>>,
    key: &'static str,
    read: Read<T>,
) -> Option<(T, u64)> {
    let within = defaults.and_then(|defaults| read_key(defaults, key, read));
    let above = read_key(top, key, read);
    if let (Some(_), Some(value)) = (&within, top.get(key)) {
        top.problem(value.span(), format!("{key} stands here and in [defaults]"), Some("keep one of them".to_owned()));
    }
    within.or(above)
}

/// Reads a key of a section with a setting's reader.
pub(super) fn read_key<T>(section: &Section<'_, '_>, key: &'static str, read: Read<T>) -> Option<(T, u64)> {
    let value = section.get(key)?;
    let text = match value.get_ref() {
        // A word that only some settings know.
        DeValue::Boolean(flag) => Some(flag.to_string()).filter(|flag| read(flag).is_ok()),
        other => literal_text(other),
    };
    let Some(text) = text else {
        section.problem(
            value.span(),
            format!("{key} is {}, not a text", kind_of(value.get_ref())),
            Some("put it in quotes".to_owned()),
        );
        return None;
    };
    match read(&text) {
        Ok(read) => Some((read, section.source.line(value.span().start))),
        Err(why) => {
            section.literal_problem(value.span(), key, why);
            None
        }
    }
}

fn in_variable(name: &str, why: LiteralError) -> Finding {
    let finding = Finding::new(Code::BadConfig, Place::default(), format!("{name}: {}", why.message));
    match why.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Variables that nearly have the name of a setting: they would be ignored in silence.
fn misspelt_variables(env: &BTreeMap<String, String>) -> Vec<Finding> {
    let known = || VARIABLES.iter().chain([&CONFIG_VARIABLE]);
    let unknown = env.keys().filter(|name| name.starts_with("MAK_") && !known().any(|known| known == name));
    let near = unknown.filter_map(|name| {
        Some((name, nearest(name.strip_prefix("MAK_")?, known().filter_map(|known| known.strip_prefix("MAK_")))?))
    });
    near.map(|(name, near)| {
        Finding::new(Code::BadConfig, Place::default(), format!("there is no variable {name}"))
            .help(format!("did you mean MAK_{near}?"))
    })
    .collect()
}

fn refuse<T>(message: String, help: impl Into<String>) -> Result<T, LiteralError> {
    Err(LiteralError { message, help: Some(help.into()) })
}

fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, LiteralError> {
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.trim()) {
        return Ok(*meaning);
    }
    let near = nearest(text, words.iter().map(|(word, _)| *word));
    let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    refuse(
        format!("{text} is not known"),
        near.map_or_else(|| format!("write one of {}", all.join(" ")), |near| format!("did you mean {near}?")),
    )
}

pub(super) fn read_currency(text: &str) -> Result<String, LiteralError> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(code);
    }
    refuse(format!("{text} is no currency code"), "write the three letters of ISO 4217: EUR, USD, THB")
}

fn read_time_zone(text: &str) -> Result<String, LiteralError> {
    let zone = text.trim();
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|rest| {
        let hours_and_minutes = rest.split_once(':').and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.parse::<u8>().ok()?)));
        rest.len() == 5 && hours_and_minutes.is_some_and(|(hours, minutes)| hours <= 14 && minutes < 60)
    });
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'));
    let named =
        zone == "UTC" || (zone.contains('/') && zone.split('/').all(part) && zone.starts_with(|c: char| c.is_ascii_uppercase()));
    if offset || named {
        Ok(zone.to_owned())
    } else {
        refuse(format!("{text} is no time zone"), "write UTC, Europe/Berlin or +02:00")
    }
}

fn read_language(text: &str) -> Result<String, LiteralError> {
    one_of(text, &[("en", "en"), ("ar", "ar"), ("fa", "fa"), ("th", "th")]).map(str::to_owned)
}

fn read_basis(text: &str) -> Result<Basis, LiteralError> {
    one_of(text, &[("delivered", Basis::Delivered), ("sent", Basis::Sent)])
}

fn read_share(text: &str) -> Result<Decimal, LiteralError> {
    Literal::parse(text)?.in_unit(Unit::Share)
}

pub(super) fn read_decimal(text: &str) -> Result<DecimalMark, LiteralError> {
    let (point, comma) = (DecimalMark::Point, DecimalMark::Comma);
    one_of(text, &[(".", point), (",", comma), ("point", point), ("comma", comma)])
}

pub(super) fn read_date_order(text: &str) -> Result<DateOrder, LiteralError> {
    one_of(text, &[("ymd", DateOrder::YearMonthDay), ("dmy", DateOrder::DayMonthYear), ("mdy", DateOrder::MonthDayYear)])
}

pub(super) fn read_encoding(text: &str) -> Result<String, LiteralError> {
    match encoding_rs::Encoding::for_label(text.as_bytes()) {
        Some(encoding) => Ok(encoding.name().to_owned()),
        None => refuse(
            format!("{text} is no encoding"),
            "write utf-8, utf-16le, windows-1252 or another label of the WHATWG standard",
        ),
    }
}

pub(super) fn read_delimiter(text: &str) -> Result<Delimiter, LiteralError> {
    match (text, text.as_bytes()) {
        ("tab", _) => Ok(Delimiter::Byte(b'\t')),
        ("spaces", _) => Ok(Delimiter::Spaces),
        ("comma", _) => Ok(Delimiter::Byte(b',')),
        ("semicolon", _) => Ok(Delimiter::Byte(b';')),
        (_, &[byte]) if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => {
            Ok(Delimiter::Byte(byte))
        }
        _ => refuse(
            format!("{text:?} separates no cells"),
            "write one character (\";\"), \"tab\", or \"spaces\" for aligned columns",
        ),
    }
}

fn read_flag(text: &str) -> Result<bool, LiteralError> {
    one_of(text, &[("true", true), ("false", false)])
}

fn read_attribution_model(text: &str) -> Result<String, LiteralError> {
    const MODELS: &[&str] = &["first_touch", "last_touch", "linear", "time_decay", "position", "markov", "shapley"];
    let words: Vec<_> = MODELS.iter().map(|model| (*model, *model)).collect();
    one_of(text, &words).map(str::to_owned)
}

/// How a value is shown in `mak config`.
trait Show {
    fn show(&self) -> String;
}

impl Show for String {
    fn show(&self) -> String {
        self.clone()
    }
}

impl Show for bool {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for Decimal {
    fn show(&self) -> String {
        percent(*self)
    }
}

impl Show for Basis {
    fn show(&self) -> String {
        self.measure().id().to_owned()
    }
}

impl Show for DecimalMark {
    fn show(&self) -> String {
        match self {
            DecimalMark::Point => ".".to_owned(),
            DecimalMark::Comma => ",".to_owned(),
        }
    }
}

impl Show for DateOrder {
    fn show(&self) -> String {
        match self {
            DateOrder::YearMonthDay => "ymd".to_owned(),
            DateOrder::DayMonthYear => "dmy".to_owned(),
            DateOrder::MonthDayYear => "mdy".to_owned(),
        }
    }
}

impl Show for Delimiter {
    fn show(&self) -> String {
        match self {
            Delimiter::Byte(b'\t') => "tab".to_owned(),
            Delimiter::Byte(byte) => char::from(*byte).to_string(),
            Delimiter::Spaces => "spaces".to_owned(),
        }
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "–".to_owned(), Show::show)
    }
}

/// A literal that must be a confidence: strictly between 0 and 1.
pub(super) fn confidence(literal: Literal) -> Result<Decimal, LiteralError> {
    let inside = literal.value > Decimal::ZERO && literal.value < Decimal::ONE;
    if inside && matches!(literal.kind, LiteralKind::Plain | LiteralKind::Percent) {
        return Ok(literal.value);
    }
    refuse(format!("{literal} is no confidence"), "write 0.95 or \"95%\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flag_beats_variable_beats_file_beats_default() {
        let config = Config::parse(
            "mak.toml",
            "currency = \"eur\"\n[defaults]\nbasis = \"sent\"\ngross_margin = \"60%\"\nencoding = \"latin1\"\nrates_across_kinds = true\n",
        )
        .expect("valid");
        let flags = Choices { currency: Some("THB".to_owned()), ..Choices::default() };
        let settings = Settings::resolve(&flags, &env(&[("MAK_CURRENCY", "USD"), ("MAK_BASIS", "delivered")]), &config.settings)
            .expect("valid");
        let rows: Vec<_> =
            settings.describe().into_iter().map(|row| format!("{} = {} ({})", row.name, row.value, row.from)).collect();
        assert_eq!(
            rows,
            [
                "currency = THB (flag)",
                "time_zone = – (default)",
                "language = en (default)",
                "basis = delivered (MAK_BASIS)",
                "gross_margin = 60% (mak.toml:4)",
                "discount_rate = – (default)",
                "decimal = – (default)",
                "date_order = – (default)",
                "encoding = windows-1252 (mak.toml:5)",
                "delimiter = – (default)",
                "rates_across_kinds = true (mak.toml:6)",
                "attribution_model = last_touch (default)",
            ]
        );
    }

    #[test]
    fn wrong_variables_are_reported_together() {
        let wrong = env(&[("MAK_CURENCY", "EUR"), ("MAK_BASIS", "snet"), ("MAK_GROSS_MARGIN", "60"), ("MAK_REAL_EXPORTS", "x")]);
        let problems = Settings::resolve(&Choices::default(), &wrong, &FileChoices::default()).expect_err("three mistakes");
        assert_eq!(
            problems.to_string(),
            "error[bad-config]: there is no variable MAK_CURENCY; help: did you mean MAK_CURRENCY?\n\
             error[bad-config]: MAK_BASIS: snet is not known; help: did you mean sent?\n\
             error[bad-config]: MAK_GROSS_MARGIN: 60 is impossible: a share lies between 0 and 100 %; help: write 60% or 0.6"
        );
    }
}
