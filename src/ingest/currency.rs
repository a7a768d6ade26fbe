//! Currencies: the code or sign that an amount is written with.
//!
//! **Owns** the ISO 4217 codes, the signs and what they stand for, and the evidence that a column
//! holds several currencies. **Does not know** exchange rates, nor whether amounts are added.
//!
//! A sign that only one currency uses is that currency (`€` is EUR, `R$` is BRL). A sign that
//! several share (`$`, `¥`, `kr`, `Rs`) stays a sign: guessing the country would be a guess about
//! money.

use std::collections::BTreeMap;
use std::fmt;

use super::evidence::{ColumnProblem, Witness, keep_earlier};
use crate::finding::Code;

/// A currency by its ISO 4217 code, or a sign that several currencies share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Name);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Code([u8; 3]),
    Shared(Shared),
}

/// A sign that several currencies share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shared {
    Dollar,
    Yen,
    Krone,
    Rupee,
    Rial,
}

impl Shared {
    const fn sign(self) -> &'static str {
        match self {
            Shared::Dollar => "$",
            Shared::Yen => "¥",
            Shared::Krone => "kr",
            Shared::Rupee => "Rs",
            Shared::Rial => "﷼",
        }
    }

    /// Codes of the currencies that write themselves with the sign.
    const fn codes(self) -> &'static [&'static str] {
        match self {
            Shared::Dollar => &[
                "ARS", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "CUP", "DOP", "FJD", "GYD", "HKD", "JMD",
                "KYD", "LRD", "MXN", "NAD", "NZD", "SBD", "SGD", "SRD", "TTD", "TWD", "USD", "UYU", "XCD",
            ],
            Shared::Yen => &["CNY", "JPY"],
            Shared::Krone => &["DKK", "ISK", "NOK", "SEK"],
            Shared::Rupee => &["INR", "LKR", "MUR", "NPR", "PKR", "SCR"],
            Shared::Rial => &["IRR", "OMR", "QAR", "SAR", "YER"],
        }
    }
}

impl Currency {
    /// The currency of an ISO 4217 code, in any case (Stripe writes `usd`), padded or not.
    pub fn from_code(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.trim().as_bytes().try_into().ok()?;
        let upper = bytes.map(|byte| byte.to_ascii_uppercase());
        let text = std::str::from_utf8(&upper).ok()?;
        CODES.binary_search(&text).ok().map(|_| Currency(Name::Code(upper)))
    }

    /// The currency that a sign stands for: `€`, `CA$`, `kr.`; the sign itself where several
    /// currencies share it.
    pub fn from_sign(sign: &str) -> Option<Currency> {
        let sign = sign.trim();
        SIGNS.iter().find(|(known, _)| *known == sign).and_then(|(_, meaning)| meaning.currency())
    }

    /// The ISO 4217 code, unless it is a sign that several currencies share.
    pub fn code(&self) -> Option<&str> {
        match &self.0 {
            Name::Code(code) => std::str::from_utf8(code).ok(),
            Name::Shared(_) => None,
        }
    }

    /// The one currency that both can be: `$` in the cells and USD in the header are USD. `None`
    /// when they are different.
    #[must_use]
    pub fn reconciled(self, other: Currency) -> Option<Currency> {
        match (self.0, other.0) {
            (a, b) if a == b => Some(self),
            (Name::Code(_), Name::Shared(sign)) if self.is_one_of(sign) => Some(self),
            (Name::Shared(sign), Name::Code(_)) if other.is_one_of(sign) => Some(other),
            _ => None,
        }
    }

    fn is_one_of(self, sign: Shared) -> bool {
        self.code().is_some_and(|code| sign.codes().contains(&code))
    }

    /// The sign or code at the start of the text, and what follows it.
    pub(crate) fn strip_prefix(text: &str) -> Option<(Currency, &str)> {
        let apart = |rest: &str| !rest.starts_with(char::is_alphabetic);
        for (sign, meaning) in SIGNS {
            if let Some(rest) = text.strip_prefix(sign)
                && (apart(rest) || !sign.ends_with(char::is_alphabetic))
            {
                return meaning.currency().map(|currency| (currency, rest));
            }
        }
        let (code, rest) = text.split_at_checked(3)?;
        (is_upper(code) && apart(rest)).then(|| Currency::from_code(code)).flatten().map(|currency| (currency, rest))
    }

    /// The sign or code at the end of the text, and what goes before it.
    pub(crate) fn strip_suffix(text: &str) -> Option<(Currency, &str)> {
        let apart = |rest: &str| !rest.ends_with(char::is_alphabetic);
        for (sign, meaning) in SIGNS {
            if let Some(rest) = text.strip_suffix(sign)
                && (apart(rest) || !sign.starts_with(char::is_alphabetic))
            {
                return meaning.currency().map(|currency| (currency, rest));
            }
        }
        let (rest, code) = text.split_at_checked(text.len().checked_sub(3)?)?;
        (is_upper(code) && apart(rest)).then(|| Currency::from_code(code)).flatten().map(|currency| (currency, rest))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Name::Code(code) => f.pad(std::str::from_utf8(&code).unwrap_or("???")),
            Name::Shared(sign) => f.pad(sign.sign()),
        }
    }
}

/// In a cell only capitals are a code: `TOP 10` may be paʻanga, `top 10` is a title.
fn is_upper(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The currencies seen in a column, each with the first cell that has it. Bounded by the number
/// of currencies there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CurrencyEvidence {
    first: BTreeMap<Currency, Witness>,
}

impl CurrencyEvidence {
    /// Notes that the cell on that line is in that currency.
    pub fn observe(&mut self, currency: Currency, cell: &str, line: u64) {
        self.first.entry(currency).or_insert_with(|| Witness::new(line, cell));
    }

    /// Adds what a later part of the column showed.
    pub fn merge(&mut self, later: &CurrencyEvidence) {
        for (currency, witness) in &later.first {
            let mut slot = self.first.remove(currency);
            keep_earlier(&mut slot, Some(witness));
            self.first.extend(slot.map(|kept| (*currency, kept)));
        }
    }

    /// Every currency with the first cell that has it, in order of first appearance.
    pub fn seen(&self) -> Vec<(Currency, &Witness)> {
        let mut seen: Vec<_> = self.first.iter().map(|(currency, witness)| (*currency, witness)).collect();
        seen.sort_by_key(|(currency, witness)| (witness.line, *currency));
        seen
    }

    /// The one currency of the column, or none when no cell names any.
    ///
    /// `$` beside `US$` counts as two: that is how a Canadian list writes both dollars.
    ///
    /// # Errors
    /// The column holds several currencies; the message gives the first line of each.
    pub fn single(&self) -> Result<Option<Currency>, ColumnProblem> {
        let seen = self.seen();
        let Some((_, other)) = seen.get(1) else {
            return Ok(seen.first().map(|(currency, _)| *currency));
        };
        let listed: Vec<String> =
            seen.iter().take(5).map(|(currency, witness)| format!("{currency} (line {})", witness.line)).collect();
        let more = seen.len().saturating_sub(listed.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Err(ColumnProblem {
            code: Code::MixedCurrencies,
            message: format!("the column holds amounts in {} currencies: {}{more}", seen.len(), listed.join(", ")),
            witness: (*other).clone(),
            expected: "amounts in one currency",
            help: "keep one with --where currency=…; mak compute groups by it with --by currency",
        })
    }
}

/// What a sign stands for.
#[derive(Clone, Copy)]
enum Meaning {
    Is(&'static str),
    Shared(Shared),
}

impl Meaning {
    fn currency(self) -> Option<Currency> {
        match self {
            Meaning::Is(code) => Currency::from_code(code),
            Meaning::Shared(sign) => Some(Currency(Name::Shared(sign))),
        }
    }
}

/// Signs, longest first where one ends or begins another.
static SIGNS: &[(&str, Meaning)] = &[
    ("ر.س.", Meaning::Is("SAR")),
    ("د.إ.", Meaning::Is("AED")),
    ("ج.م.", Meaning::Is("EGP")),
    ("ر.س", Meaning::Is("SAR")),
    ("د.إ", Meaning::Is("AED")),
    ("ج.م", Meaning::Is("EGP")),
    ("US$", Meaning::Is("USD")),
    ("CA$", Meaning::Is("CAD")),
    ("AU$", Meaning::Is("AUD")),
    ("NZ$", Meaning::Is("NZD")),
    ("HK$", Meaning::Is("HKD")),
    ("MX$", Meaning::Is("MXN")),
    ("NT$", Meaning::Is("TWD")),
    ("SG$", Meaning::Is("SGD")),
    ("CN¥", Meaning::Is("CNY")),
    ("JP¥", Meaning::Is("JPY")),
    ("lei", Meaning::Is("RON")),
    ("kr.", Meaning::Shared(Shared::Krone)),
    ("Kr.", Meaning::Shared(Shared::Krone)),
    ("Rs.", Meaning::Shared(Shared::Rupee)),
    ("Fr.", Meaning::Is("CHF")),
    ("S/.", Meaning::Is("PEN")),
    ("R$", Meaning::Is("BRL")),
    ("A$", Meaning::Is("AUD")),
    ("C$", Meaning::Is("CAD")),
    ("S$", Meaning::Is("SGD")),
    ("E£", Meaning::Is("EGP")),
    ("zł", Meaning::Is("PLN")),
    ("Kč", Meaning::Is("CZK")),
    ("Ft", Meaning::Is("HUF")),
    ("лв", Meaning::Is("BGN")),
    ("RM", Meaning::Is("MYR")),
    ("Rp", Meaning::Is("IDR")),
    ("S/", Meaning::Is("PEN")),
    ("kr", Meaning::Shared(Shared::Krone)),
    ("Kr", Meaning::Shared(Shared::Krone)),
    ("Rs", Meaning::Shared(Shared::Rupee)),
    ("﷼", Meaning::Shared(Shared::Rial)),
    ("$", Meaning::Shared(Shared::Dollar)),
    ("＄", Meaning::Shared(Shared::Dollar)),
    ("¥", Meaning::Shared(Shared::Yen)),
    ("￥", Meaning::Shared(Shared::Yen)),
    ("€", Meaning::Is("EUR")),
    ("£", Meaning::Is("GBP")),
    ("₹", Meaning::Is("INR")),
    ("₽", Meaning::Is("RUB")),
    ("₺", Meaning::Is("TRY")),
    ("₪", Meaning::Is("ILS")),
    ("₩", Meaning::Is("KRW")),
    ("₫", Meaning::Is("VND")),
    ("₴", Meaning::Is("UAH")),
    ("₦", Meaning::Is("NGN")),
    ("₱", Meaning::Is("PHP")),
    ("฿", Meaning::Is("THB")),
    ("₡", Meaning::Is("CRC")),
    ("₲", Meaning::Is("PYG")),
    ("₸", Meaning::Is("KZT")),
    ("₾", Meaning::Is("GEL")),
    ("₵", Meaning::Is("GHS")),
    ("R", Meaning::Is("ZAR")),
];

/// ISO 4217 codes of money in use, sorted; retired ones that exports of recent years still hold.
static CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD", "BND",
    "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF",
    "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD",
    "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW",
    "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU",
    "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR",
    "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SLL", "SOS", "SRD",
    "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU",
    "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG", "ZWL",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Currency {
        Currency::from_code(text).expect("a code")
    }

    fn sign(text: &str) -> Currency {
        Currency::from_sign(text).expect("a sign")
    }

    #[test]
    fn the_table_of_codes_is_sorted_and_every_sign_means_something() {
        assert!(CODES.is_sorted());
        for (index, (text, meaning)) in SIGNS.iter().enumerate() {
            assert!(meaning.currency().is_some(), "{text}");
            for (earlier, _) in SIGNS.iter().take(index) {
                assert!(!text.starts_with(earlier) && !text.ends_with(earlier), "{earlier} hides {text}");
            }
        }
        for shared in [Shared::Dollar, Shared::Yen, Shared::Krone, Shared::Rupee, Shared::Rial] {
            assert!(shared.codes().iter().all(|known| Currency::from_code(known).is_some()), "{shared:?}");
        }
    }

    #[test]
    fn codes_in_any_case_and_signs_of_one_currency_are_that_currency() {
        assert_eq!(code("usd"), code("USD"));
        assert_eq!(code(" Eur "), sign("€"));
        assert_eq!(sign("R$"), code("BRL"));
        assert_eq!(sign("CA$").to_string(), "CAD");
        assert_eq!(sign("$").to_string(), "$");
        assert_eq!(sign("$").code(), None);
        assert_eq!(sign("kr."), sign("kr"));
        for none in ["", "XYZ", "US", "EURO", "dollars", "é$"] {
            assert_eq!(Currency::from_code(none), None, "{none}");
        }
        assert_eq!(Currency::from_sign("@"), None);
    }

    #[test]
    fn a_shared_sign_agrees_with_a_code_that_uses_it() {
        assert_eq!(sign("$").reconciled(code("CAD")), Some(code("CAD")));
        assert_eq!(code("USD").reconciled(sign("$")), Some(code("USD")));
        assert_eq!(sign("$").reconciled(code("EUR")), None);
        assert_eq!(code("USD").reconciled(code("CAD")), None);
        assert_eq!(sign("$").reconciled(sign("¥")), None);
        assert_eq!(sign("kr").reconciled(sign("kr")), Some(sign("kr")));
    }

    #[test]
    fn signs_and_codes_are_found_at_both_ends() {
        assert_eq!(Currency::strip_prefix("US$ 0"), Some((code("USD"), " 0")));
        assert_eq!(Currency::strip_prefix("USD 12"), Some((code("USD"), " 12")));
        assert_eq!(Currency::strip_prefix("kr 12"), Some((sign("kr"), " 12")));
        assert_eq!(Currency::strip_suffix("12 kr."), Some((sign("kr"), "12 ")));
        assert_eq!(Currency::strip_suffix("12 CA$"), Some((code("CAD"), "12 ")));
        assert_eq!(Currency::strip_suffix("12EUR"), Some((code("EUR"), "12")));
        for none in ["top 10", "kraut 5", "USDT 5", "", "é", "12"] {
            assert_eq!(Currency::strip_prefix(none), None, "{none}");
            assert_eq!(Currency::strip_suffix(none), None, "{none}");
        }
    }

    #[test]
    fn several_currencies_are_refused_with_the_first_line_of_each() {
        let mut evidence = CurrencyEvidence::default();
        assert_eq!(evidence.single(), Ok(None));
        evidence.observe(code("USD"), "USD 1", 4);
        evidence.observe(code("USD"), "USD 2", 5);
        assert_eq!(evidence.single(), Ok(Some(code("USD"))));
        let mut later = CurrencyEvidence::default();
        later.observe(code("EUR"), "3 €", 9);
        later.observe(code("USD"), "USD 2", 10);
        evidence.merge(&later);
        let problem = evidence.single().expect_err("two currencies");
        assert_eq!(problem.code, Code::MixedCurrencies);
        assert_eq!(problem.witness, Witness::new(9, "3 €"));
        assert!(problem.message.contains("USD (line 4), EUR (line 9)"), "{}", problem.message);
    }
}
