//! The names of an answer's columns: what a query returns and what reads it agree on them here.
//!
//! A row has `grain` (`total` or `group`), what was asked (`asked_from` …), the dimensions by their
//! own names, and for each source by its kind: `orders_rows` and other facts of it, `orders__revenue`
//! for a measure, `orders_missing__revenue` for a fact of a measure. Two underscores stand before a
//! measure, and never elsewhere.

use crate::kpi::Measure;
use crate::measures::Kind;

/// The column that tells totals from groups.
pub const GRAIN: &str = "grain";

/// The grain of the row of everything.
pub const TOTAL: &str = "total";

/// The grain of the row of one group.
pub const GROUP: &str = "group";

/// What was asked, the same on every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// `--from`.
    From,
    /// `--to`.
    To,
    /// `--where`, all conditions.
    Where,
}

impl Asked {
    /// All of them.
    pub const ALL: &'static [Asked] = &[Asked::From, Asked::To, Asked::Where];

    /// The name of its column.
    pub const fn column(self) -> &'static str {
        match self {
            Asked::From => "asked_from",
            Asked::To => "asked_to",
            Asked::Where => "asked_where",
        }
    }
}

/// Declares [`Fact`] and [`Part`] with their words.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident { $( $variant:ident = $word:literal, $doc:literal; )+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( #[doc = $doc] $variant, )+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )+ ];

            /// Its word in the names of columns.
            pub const fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )+ }
            }
        }
    };
}

words! {
    /// What is known of a source as a whole.
    Fact {
        Rows = "rows", "Rows of the table.";
        Selected = "selected", "Rows that pass the filters, in this row of the answer; blank where the source has none of the group.";
        First = "first", "First day of all its rows.";
        Last = "last", "Last day of all its rows.";
        Lacks = "lacks", "Dimensions asked for that it does not have, separated by commas.";
        Currency = "currency", "Currency of the selected rows: the first in the order of the alphabet.";
        OtherCurrency = "other_currency", "The last in that order; another one means that amounts are mixed.";
        Fractions = "fractions", "Rows where a count has a fraction.";
        Unreadable = "unreadable", "Rows with a cell that the engine would read as another number or date.";
        Spanning = "spanning", "Rows that cover more than one of the periods asked for.";
        Conflicts = "conflicts", "Orders or leads whose rows contradict each other.";
        Repeated = "repeated", "Rows that repeat the id of another.";
        Matched = "matched", "Deals whose lead was found.";
        Unmatched = "unmatched", "Deals whose lead is in no row.";
    }
}

words! {
    /// What is known of a measure of a source beside its value.
    Part {
        Missing = "missing", "Rows without a value.";
        Rivals = "rivals", "Rows that contradict each other: more than one where it does not add.";
        Count = "n", "Values of a sample.";
        Sum = "sum", "Their sum.";
        Min = "min", "The smallest.";
        Max = "max", "The largest.";
        MedianLow = "median_low", "The value at the rank below the median, or at it.";
        MedianHigh = "median_high", "The value at the next rank.";
        P90Low = "p90_low", "The value at the rank below the 90th percentile, or at it.";
        P90High = "p90_high", "The value at the next rank.";
        Drawn = "drawn", "Customers behind the ratio of revenue to this measure.";
        Above = "above", "Sum of their revenue.";
        Below = "below", "Sum of their share of this measure.";
        AboveSquared = "above_squared", "Sum of the squares of their revenue.";
        BelowSquared = "below_squared", "Sum of the squares of their share of this measure.";
        Products = "products", "Sum of the products of the two.";
    }
}

/// The column of a fact.
pub fn fact(kind: Kind, fact: Fact) -> String {
    format!("{}_{}", kind.word(), fact.word())
}

/// The column of a measure's value.
pub fn value(kind: Kind, measure: Measure) -> String {
    format!("{}__{measure}", kind.word())
}

/// The column of something else about a measure.
pub fn part(kind: Kind, part: Part, measure: Measure) -> String {
    format!("{}_{}__{measure}", kind.word(), part.word())
}

/// What a column of an answer is; anything else is a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// [`GRAIN`].
    Grain,
    /// What was asked.
    Asked(Asked),
    /// A fact of a source.
    Fact(Kind, Fact),
    /// The value of the measure of that id.
    Value(Kind, &'a str),
    /// Something else about it.
    Part(Kind, Part, &'a str),
}

impl<'a> Column<'a> {
    /// What the column of that name is.
    pub fn of(name: &'a str) -> Option<Column<'a>> {
        if name == GRAIN {
            return Some(Column::Grain);
        }
        if let Some(asked) = Asked::ALL.iter().find(|asked| asked.column() == name) {
            return Some(Column::Asked(*asked));
        }
        let (before, measure) = name.split_once("__").map_or((name, None), |(before, measure)| (before, Some(measure)));
        let (kind, rest) = before.split_once('_').map_or((before, None), |(kind, rest)| (kind, Some(rest)));
        let kind = Kind::from_word(kind)?;
        match (rest, measure) {
            (Some(word), None) => Fact::ALL.iter().find(|fact| fact.word() == word).map(|fact| Column::Fact(kind, *fact)),
            (None, Some(measure)) => Some(Column::Value(kind, measure)),
            (Some(word), Some(measure)) => {
                Part::ALL.iter().find(|part| part.word() == word).map(|part| Column::Part(kind, *part, measure))
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        assert_eq!(Column::of(GRAIN), Some(Column::Grain));
        for &asked in Asked::ALL {
            assert_eq!(Column::of(asked.column()), Some(Column::Asked(asked)));
        }
        for &kind in Kind::ALL {
            for &known in Fact::ALL {
                assert_eq!(Column::of(&fact(kind, known)), Some(Column::Fact(kind, known)));
            }
            for &measure in Measure::ALL {
                assert_eq!(Column::of(&value(kind, measure)), Some(Column::Value(kind, measure.id())));
                for &known in Part::ALL {
                    assert_eq!(Column::of(&part(kind, known, measure)), Some(Column::Part(kind, known, measure.id())));
                }
            }
        }
    }

    #[test]
    fn names_of_dimensions_are_none_of_them() {
        for name in ["channel", "orders", "orders_by_phone", "order_rows", "web_", "_rows", ""] {
            assert_eq!(Column::of(name), None, "{name}");
        }
    }
}
