//! The codes of findings. A code is a public name: scripts and CI filters rely on it.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// The numbers stand, but look at this.
    Warning,
    /// No number can be given.
    Error,
}

impl Severity {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Declares [`Code`] from one table: variant, public id, severity, description.
macro_rules! codes {
    ($( $variant:ident = $id:literal, $severity:ident, $description:literal; )+) => {
        /// What kind of finding it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $( #[doc = $description] $variant, )+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[ $( Code::$variant, )+ ];

            /// Public id in kebab case.
            pub const fn id(self) -> &'static str {
                match self { $( Code::$variant => $id, )+ }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $( Code::$variant => Severity::$severity, )+ }
            }

            /// What it means, in a sentence.
            pub const fn description(self) -> &'static str {
                match self { $( Code::$variant => $description, )+ }
            }
        }
    };
}

codes! {
    // Files and containers.
    Unreadable = "unreadable", Error, "The file cannot be opened or read.";
    EmptyFile = "empty-file", Error, "The file has no bytes, or nothing but blank lines.";
    NoFiles = "no-files", Error, "A folder or pattern matches no file that could be an export.";
    NotText = "not-text", Error, "The file is neither text nor a known container.";
    BadContainer = "bad-container", Error, "A compressed file or archive is broken or cut short.";
    TooLarge = "too-large", Error, "A line, a field, a number of columns or an archive exceeds its limit.";
    OutOfMemory = "out-of-memory", Error, "Groups or distinct keys would exceed the memory allowed.";
    // Encoding.
    BadEncoding = "bad-encoding", Error, "A byte is not valid in the file's encoding.";
    NulByte = "nul-byte", Error, "The file has a NUL byte.";
    // Dialect and records.
    UnknownDialect = "unknown-dialect", Error, "The separator cannot be told from the data.";
    StrayQuote = "stray-quote", Error, "There is text after a closing quote.";
    UnclosedQuote = "unclosed-quote", Error, "A quoted cell is not closed before the file ends.";
    RaggedRow = "ragged-row", Error, "A row has fewer or more cells than the header.";
    SecondTable = "second-table", Error, "Another table begins inside the file.";
    TruncatedLine = "truncated-line", Note, "The last line has no end; the file may be cut short.";
    Repaired = "repaired", Warning, "A defect of the file was repaired, as was asked.";
    BadJson = "bad-json", Error, "The JSON is not well formed, or not a table.";
    BadCell = "bad-cell", Error, "A spreadsheet cell holds an error or a formula without a value.";
    // Header.
    NoHeader = "no-header", Error, "No line has the column names of an export.";
    NoKnownColumn = "no-known-column", Error, "A table was found, but none of its columns is known.";
    AmbiguousProfile = "ambiguous-profile", Error, "Two platforms' exports fit equally well.";
    NearlyRecognised = "nearly-recognised", Warning, "A name is nearly that of a known column or export.";
    DuplicateColumn = "duplicate-column", Error, "A column that is used stands twice.";
    UnnamedColumn = "unnamed-column", Note, "A column without a name is ignored.";
    UnusedColumn = "unused-column", Note, "A column that looks like a measure was not recognised.";
    UnusedTable = "unused-table", Note, "A table beside the others has no known column.";
    EmptyTable = "empty-table", Note, "A table beside the others has a header and no row.";
    UnknownWord = "unknown-word", Warning, "A cell has a word that the export's profile does not know.";
    MixedKinds = "mixed-kinds", Warning, "A column counts things of several kinds, which do not add up.";
    Preamble = "preamble", Note, "Lines before the header were skipped.";
    NoSuchColumn = "no-such-column", Error, "A column that was asked for is not there.";
    // Numbers.
    BadNumber = "bad-number", Error, "A cell of a measure is not a number.";
    AmbiguousNumber = "ambiguous-number", Error, "A mark may be a decimal or a thousands mark, and nothing settles it.";
    MixedNumbers = "mixed-numbers", Error, "A column mixes decimal conventions, or percentages with plain numbers.";
    CensoredNumber = "censored-number", Error, "A cell says \"less than\" or \"more than\": a bound, not a number.";
    FractionalCount = "fractional-count", Error, "A count has a fraction.";
    MissingCells = "missing-cells", Warning, "Cells of a measure are blank; the sum is over the others.";
    OddDecimals = "odd-decimals", Warning, "One number has no decimals where all others have.";
    RefusedMissing = "refused-missing", Error, "Cells of a measure are blank, and --strict-missing refuses that.";
    NegativeValue = "negative-value", Warning, "A measure is negative where that is unusual.";
    RateAboveOne = "rate-above-one", Warning, "A rate is above 100 %.";
    RatesCompared = "rates-compared", Note, "Rates printed in the file were compared with those recomputed from its counts.";
    RateDisagrees = "rate-disagrees", Warning, "A rate printed in the file differs from the one recomputed from its counts.";
    Overflow = "overflow", Error, "A number does not fit in exact arithmetic.";
    // Dates.
    BadDate = "bad-date", Error, "A cell of a date column is not a date.";
    AmbiguousDate = "ambiguous-date", Error, "Day and month could be swapped, and nothing settles it.";
    UnsettledDate = "unsettled-date", Note, "Day and month could be swapped; no date was needed.";
    MixedDates = "mixed-dates", Error, "A column mixes date orders.";
    UnlikelyDate = "unlikely-date", Warning, "A date lies far in the past or in the future.";
    NegativeDuration = "negative-duration", Warning, "Something ends before it begins.";
    PeriodsDiffer = "periods-differ", Warning, "The sources cover different periods.";
    SpansPeriods = "spans-periods", Error, "A row covers more than one of the periods asked for.";
    // Currency.
    MixedCurrencies = "mixed-currencies", Error, "Amounts in several currencies would be added.";
    // Rows.
    TotalRow = "total-row", Note, "A total row was left out.";
    TotalDisagrees = "total-disagrees", Error, "A total row differs from the sum of the rows that it totals.";
    TotalOfMore = "total-of-more", Note, "A total row covers more than the rows listed, or others.";
    HiddenTotal = "hidden-total", Warning, "The first or last row is the sum of all others.";
    LeftOutRows = "left-out-rows", Note, "Rows were left out by a rule of the platform.";
    DuplicateRows = "duplicate-rows", Warning, "Rows stand twice, cell by cell.";
    DuplicatesUnchecked = "duplicates-unchecked", Note, "Too many rows to look for duplicates.";
    OverlappingExports = "overlapping-exports", Error, "The same campaign and day stand in two files or twice in one.";
    StageOrder = "stage-order", Warning, "A lead reached a later stage without an earlier one.";
    PeopleAdded = "people-added", Note, "Visitors of several rows were added; whoever is in two of them counts twice.";
    JoinedRows = "joined-rows", Note, "Rows of one file were joined to those of another by their ids.";
    UnmatchedRows = "unmatched-rows", Warning, "Rows of one file have no counterpart in the other.";
    NearDuplicateKeys = "near-duplicate-keys", Warning, "Group names differ only in case or spaces.";
    UnknownValue = "unknown-value", Warning, "A value that a filter names occurs in no row.";
    NoRows = "no-rows", Warning, "There is a header and no row, or no row passes the filter.";
    // The question and the answer.
    UnknownName = "unknown-name", Error, "A KPI, measure, dimension or column of that name is not known.";
    BadUsage = "bad-usage", Error, "The command line contradicts itself.";
    BadConfig = "bad-config", Error, "The configuration has a mistake.";
    MissingDimension = "missing-dimension", Warning, "A source has no such grouping; its numbers show as unallocated.";
    SetAside = "set-aside", Warning, "A measure that two kinds of file give is taken from one of them.";
    MaybeTwice = "maybe-twice", Warning, "Two sources may count the same money.";
    Assumed = "assumed", Note, "A value was assumed because none was given.";
    Derived = "derived", Note, "A measure was worked out from others.";
    NotInSql = "not-in-sql", Error, "What is asked cannot be put to an engine in SQL.";
    BadAnswer = "bad-answer", Error, "The answer of an engine, or a file of measures, is broken or answers another question.";
    ContradictingRows = "contradicting-rows", Error, "Rows of one order or lead contradict each other, and a table has no order that settles it.";
    NothingComputed = "nothing-computed", Error, "None of the KPIs asked for can be computed.";
}

impl Code {
    /// What to do about a file with such a fault, where the finding knows nothing better.
    pub const fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Code::Unreadable => "check the name, and that the file may be read",
            Code::EmptyFile => "export it again",
            Code::NoFiles => "name the exports, or a folder that has them",
            Code::NotText => "export it again as CSV, or save it as XLSX",
            Code::BadContainer => "fetch or save the file again",
            Code::TooLarge => "look for a lost quote or line end, or split the file",
            Code::BadEncoding => "give the encoding with --encoding, or save the file as UTF-8",
            Code::NulByte => "the file is damaged or is not text; export it again",
            Code::UnknownDialect => "give the separator with --delimiter",
            Code::StrayQuote | Code::UnclosedQuote | Code::RaggedRow | Code::BadNumber | Code::BadDate => {
                "correct the line, or export again"
            }
            Code::SecondTable => "split the file",
            Code::BadJson => "correct the text, or export again",
            Code::BadCell => "correct the cell in its own program, and save the file again",
            Code::NoHeader => "give the file with its line of column names",
            Code::Overflow => "correct the cell",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.id()), "{}", code.id());
            assert!(code.id().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", code.id());
            assert!(code.description().ends_with('.'), "{}", code.id());
        }
    }
}
