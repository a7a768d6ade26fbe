//! Amazon Redshift: a descendant of `PostgreSQL` 8 with decimals of 38 digits.

use super::Dialect;

/// See <https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_SQLCommandRef.html>.
#[derive(Debug)]
pub(super) struct Redshift;

impl Dialect for Redshift {
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    fn text(&self, column: &str) -> String {
        // VARCHAR alone is 256 bytes long here.
        format!("TRIM(CAST({column} AS VARCHAR(65535)))")
    }

    fn seconds(&self, column: &str) -> String {
        format!("DATEDIFF(second, TIMESTAMP '1970-01-01 00:00:00', CAST({column} AS TIMESTAMP))")
    }
}
