//! Parquet files to records, where the build has the feature `parquet`.
//!
//! **Owns** the way from typed values to the text that the rest of `ingest` reads: decimals and
//! integers with their exact digits, dates and timestamps in ISO form, null as a blank.
//!
//! **Does not know** what a column means. Nested values are refused: an export is a flat table.

use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::{Date, Time, date};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;

use super::record::{Record, Records};
use super::source::{Source, read_finding};
use crate::finding::{Code, Finding, Place};

/// First bytes of a Parquet file.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// Largest file that is read; its pages are found from its end, so it is held whole.
const LARGEST: u64 = 1 << 30;

/// The bytes of a Parquet file and the names of its columns.
#[derive(Clone, Debug)]
pub(super) struct File {
    bytes: Bytes,
    columns: Arc<[Column]>,
}

/// A column, and what its values stand for where their type alone does not say.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    meaning: Meaning,
}

/// What plain integers or bytes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// As they are.
    Plain,
    /// Nanoseconds since 1970, as pandas writes moments.
    Nanoseconds,
    /// Nanoseconds since midnight.
    NanosecondsOfDay,
}

impl File {
    /// Opens a file.
    ///
    /// # Errors
    /// It is too large, broken, or has nested columns.
    pub(super) fn open(source: &Source) -> Result<File, Finding> {
        let place = source.place();
        let mut bytes = Vec::new();
        source.open()?.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| read_finding(&place, &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Finding::new(Code::TooLarge, place, "a Parquet file of more than 1 GiB")
                .help("query it with an engine, or split it"));
        }
        let bytes = Bytes::from(bytes);
        let reader = SerializedFileReader::new(bytes.clone()).map_err(|error| broken(&place, &error))?;
        let schema = reader.metadata().file_metadata().schema().clone();
        if let Some(nested) = schema.get_fields().iter().find(|field| field.is_group()) {
            let message = format!("the column \"{}\" is nested", nested.name());
            let help = "write its parts as columns of their own, or leave it out";
            return Err(Finding::new(Code::BadContainer, place, message).expected("a flat table").help(help));
        }
        let column = |field: &Arc<parquet::schema::types::Type>| {
            let meaning = match field.get_basic_info().logical_type_ref() {
                Some(LogicalType::Timestamp(of)) if of.unit == TimeUnit::NANOS => Meaning::Nanoseconds,
                Some(LogicalType::Time(of)) if of.unit == TimeUnit::NANOS => Meaning::NanosecondsOfDay,
                _ => Meaning::Plain,
            };
            Column { name: field.name().to_owned(), meaning }
        };
        Ok(File { bytes, columns: schema.get_fields().iter().map(column).collect() })
    }

    /// How many columns it has.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The header and then the rows, the header on line 1 as in a text.
    pub(super) fn records(&self, place: Place) -> Result<ParquetRecords, Finding> {
        let reader = SerializedFileReader::new(self.bytes.clone()).map_err(|error| broken(&place, &error))?;
        Ok(ParquetRecords { columns: Arc::clone(&self.columns), rows: RowIter::from_file_into(Box::new(reader)), line: 0, place })
    }
}

/// The rows of a Parquet file.
pub(super) struct ParquetRecords {
    columns: Arc<[Column]>,
    rows: RowIter<'static>,
    line: u64,
    place: Place,
}

impl Records for ParquetRecords {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        self.line = self.line.saturating_add(1);
        record.restart(self.line);
        if self.line == 1 {
            for column in self.columns.iter() {
                record.push(&column.name);
            }
            return Ok(true);
        }
        let Some(row) = self.rows.next() else { return Ok(false) };
        let row = row.map_err(|error| broken(&self.place.clone().at_line(self.line), &error))?;
        for ((name, field), column) in row.get_column_iter().zip(self.columns.iter()) {
            match text_of(field, column.meaning) {
                Some(text) => record.push(&text),
                None => {
                    let message = format!("the column \"{name}\" holds a value that is no number, date or text");
                    let finding = Finding::new(Code::BadCell, self.place.clone().at_line(self.line), message);
                    return Err(finding.help("write the file without that column, or with its values as text"));
                }
            }
        }
        Ok(true)
    }
}

fn broken(place: &Place, error: &parquet::errors::ParquetError) -> Finding {
    Finding::new(Code::BadContainer, place.clone(), format!("the Parquet file cannot be read: {error}"))
}

/// The text of a value; `None` for what is none.
fn text_of(field: &Field, meaning: Meaning) -> Option<String> {
    Some(match field {
        Field::Long(value) if meaning == Meaning::Nanoseconds => moment(Timestamp::from_nanosecond(i128::from(*value)).ok()?),
        Field::Long(value) if meaning == Meaning::NanosecondsOfDay => time_of_day(*value)?,
        Field::TimeMillis(value) => time_of_day(i64::from(*value).checked_mul(1_000_000)?)?,
        Field::TimeMicros(value) => time_of_day(value.checked_mul(1_000)?)?,
        Field::Null => String::new(),
        Field::Bool(value) => value.to_string(),
        Field::Byte(value) => value.to_string(),
        Field::Short(value) => value.to_string(),
        Field::Int(value) => value.to_string(),
        Field::Long(value) => value.to_string(),
        Field::UByte(value) => value.to_string(),
        Field::UShort(value) => value.to_string(),
        Field::UInt(value) => value.to_string(),
        Field::ULong(value) => value.to_string(),
        // The shortest digits that stand for the number stored, as every other tool shows it.
        Field::Float(value) => value.to_string(),
        Field::Double(value) => value.to_string(),
        Field::Decimal(_) => field.to_string(),
        Field::Str(text) => text.clone(),
        // Bytes that are no text are identities at most (UUIDs): their digits tell them apart.
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).map_or_else(|_| hexadecimal(bytes.data()), str::to_owned),
        Field::Date(days) => day(i64::from(*days))?.to_string(),
        Field::TimestampMillis(value) => moment(Timestamp::from_millisecond(*value).ok()?),
        Field::TimestampMicros(value) => moment(Timestamp::from_microsecond(*value).ok()?),
        _ => return None,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

fn time_of_day(nanoseconds: i64) -> Option<String> {
    let since_midnight = jiff::SignedDuration::from_nanos(nanoseconds);
    Time::midnight().checked_add(since_midnight).ok().map(|time| time.to_string())
}

fn day(days_since_1970: i64) -> Option<Date> {
    date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days_since_1970).ok()?).ok()
}

/// A timestamp as it is stored, in UTC and without saying so: most files mean local time.
fn moment(timestamp: Timestamp) -> String {
    let civil = timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    format!("{} {}", civil.date(), civil.time())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    /// Written with the same crate.
    fn written() -> Vec<u8> {
        let schema = "message m { required binary campaign (UTF8); required int32 date (DATE); required int64 sent; required int32 spend (DECIMAL(9,2)); optional double opens; }";
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        let mut column = group.next_column().expect("a column").expect("one");
        let names = [ByteArray::from("Spring"), ByteArray::from("Summer")];
        column.typed::<ByteArrayType>().write_batch(&names, None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("one");
        column.typed::<Int32Type>().write_batch(&[20_454, 20_455], None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("one");
        column.typed::<Int64Type>().write_batch(&[9_007_199_254_740_993, 2], None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("one");
        column.typed::<Int32Type>().write_batch(&[123_456, -5], None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("one");
        column.typed::<DoubleType>().write_batch(&[0.1], Some(&[1, 0]), None).expect("written");
        column.close().expect("closed");
        group.close().expect("closed");
        writer.into_inner().expect("finished")
    }

    #[test]
    fn values_keep_their_digits_and_null_is_blank() {
        assert_eq!(
            lines_of(&written()),
            ["campaign|date|sent|spend|opens", "Spring|2026-01-01|9007199254740993|1234.56|0.1", "Summer|2026-01-02|2|-0.05|"]
        );
    }

    fn lines_of(bytes: &[u8]) -> Vec<String> {
        let source = Source::spool("x.parquet", bytes).expect("a source");
        let mut records = File::open(&source).and_then(|file| file.records(source.place())).expect("opens");
        let mut record = Record::default();
        let mut lines = Vec::new();
        while records.read(&mut record).expect("reads") {
            lines.push(record.iter().collect::<Vec<_>>().join("|"));
        }
        lines
    }

    /// Files of other writers with their own defaults: `pyarrow` 26 (a dictionary, nanoseconds, decimals of 38
    /// digits, a time zone; Snappy), `DuckDB` 2.0 (a UUID, times, a decimal; Zstandard), Polars 2.1 (categories,
    /// small integers, nulls; Zstandard).
    #[test]
    fn what_other_writers_wrote_is_read_exactly() {
        let of = |name: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet").join(name);
            lines_of(&std::fs::read(path).expect("a fixture"))
        };
        assert_eq!(
            of("pyarrow.parquet"),
            [
                "campaign|date|sent|spend|revenue|at|tz|flag",
                "Spring|2026-01-01|1000|1234.56|0.1|2026-01-01 12:30:00|2026-01-01 12:30:05|true",
                "Summer|2026-01-02|2000|-0.05|0.2|2026-01-01 12:30:00|2026-01-01 12:30:05|false",
                "Spring|2026-02-28||99999999999999999999999999.99|1000000000000000|2026-01-01 12:30:00|2026-01-01 12:30:05|",
            ]
        );
        assert_eq!(
            of("duckdb.parquet"),
            [
                "campaign|date|sent|spend|at|id|clock",
                "Spring|2026-01-01|1000|1234.56|2026-01-01 12:30:00|00112233445566778899aabbccddeeff|10:00:00",
                "Summer|2026-01-02|2000|-0.05|2026-01-02 00:00:00|00112233445566778899aabbccddeeff|11:00:00",
            ]
        );
        assert_eq!(
            of("polars.parquet"),
            [
                "campaign|date|sent|spend|opens|at|kind|revenue",
                "Spring|2026-01-01|1000|1234.56|10|2026-01-01 12:30:00|a|0.1",
                "Summer|2026-01-02|2000|-0.05|20||b|",
            ]
        );
    }

    #[test]
    fn nested_columns_are_refused_by_name() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet/nested.parquet");
        let finding = File::open(&Source::file(&path).expect("a fixture")).expect_err("nested");
        assert_eq!(finding.code(), Code::BadContainer);
        assert!(finding.parts().message.contains("\"links\""), "{finding}");
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused() {
        let mut bytes = written();
        bytes.truncate(bytes.len() / 2);
        let source = Source::spool("x.parquet", bytes.as_slice()).expect("a source");
        assert_eq!(File::open(&source).expect_err("broken").code(), Code::BadContainer);
    }
}
