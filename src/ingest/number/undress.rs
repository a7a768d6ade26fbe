//! What stands around the digits of a number: signs, brackets, currency, percent, `K` and `M`.

use super::NumberFault;
use super::read::is_mark;
use crate::ingest::currency::Currency;
use crate::ingest::digits::digit;
use crate::ingest::evidence::{is_missing, trim};

/// A cell with everything around its digits taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undressed<'a> {
    Missing,
    Written(Written<'a>),
}

/// Digits and marks, and what stood around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// Digits, marks between them, an exponent. Not checked.
    pub(super) core: &'a str,
    pub(super) negative: bool,
    pub(super) percent: bool,
    pub(super) currency: Option<Currency>,
    /// 3 for `K`, 6 for `M`, 9 for `B`, else 0.
    pub(super) power: i32,
    /// Digits and marks of a rate in brackets behind the number.
    pub(super) rate: Option<&'a str>,
}

const PERCENT: [char; 4] = ['%', '٪', '％', '﹪'];
const MINUS: [char; 4] = ['-', '−', '﹣', '－'];
const PLUS: [char; 2] = ['+', '＋'];
const BOUNDS: [char; 8] = ['<', '>', '≤', '≥', '≦', '≧', '~', '≈'];

/// Takes everything around the digits off.
///
/// # Errors
/// The cell is no number, whatever the decimal mark is.
pub(super) fn undress(cell: &str) -> Result<Undressed<'_>, NumberFault> {
    let text = trim(cell);
    if is_missing(text) {
        return Ok(Undressed::Missing);
    }
    if text.starts_with(BOUNDS) {
        return Err(NumberFault::Censored);
    }
    let mut dressed = Dressed { text, ..Dressed::default() };
    dressed.take_rate();
    while dressed.take_front()? || dressed.take_back()? {}
    let Dressed { text: core, sign, brackets, percent, currency, power, rate } = dressed;
    if core.is_empty() && currency.is_some() && sign == Some(true) && !percent {
        // Accounting formats print `$ -` where there is nothing.
        return Ok(Undressed::Missing);
    }
    if brackets && sign.is_some() {
        return Err(NumberFault::TwoSigns);
    }
    if !is_core(core) || (percent && (currency.is_some() || power.is_some() || rate.is_some())) {
        return Err(diagnose(text));
    }
    Ok(Undressed::Written(Written {
        core,
        negative: brackets || sign == Some(true),
        percent,
        currency,
        power: power.unwrap_or(0),
        rate,
    }))
}

/// Whether only digits, marks and an exponent are left, with a digit at the end.
fn is_core(core: &str) -> bool {
    let mut exponent = false;
    let mut after_exponent = false;
    for c in core.chars() {
        let fits = match c {
            'e' | 'E' => !std::mem::replace(&mut exponent, true),
            '+' | '-' => after_exponent,
            _ => digit(c).is_some() || is_mark(c),
        };
        if !fits {
            return false;
        }
        after_exponent = matches!(c, 'e' | 'E');
    }
    // A mark at the end is for `read` to refuse by name.
    core.starts_with(|c| digit(c).is_some() || is_mark(c)) && !after_exponent
}

/// A cell on the way.
#[derive(Default)]
struct Dressed<'a> {
    text: &'a str,
    /// True for a minus.
    sign: Option<bool>,
    brackets: bool,
    percent: bool,
    currency: Option<Currency>,
    power: Option<i32>,
    rate: Option<&'a str>,
}

impl<'a> Dressed<'a> {
    /// Takes ` (35.18%)` off the end.
    fn take_rate(&mut self) {
        let parts = self.text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
        let Some((count, inside)) = parts else { return };
        let rate = trim(inside).strip_suffix(PERCENT).map(trim);
        if let Some(rate) = rate.filter(|rate| is_core(rate))
            && trim(count).ends_with(|c| digit(c).is_some())
        {
            self.rate = Some(rate);
            self.text = trim(count);
        }
    }

    /// Takes one thing off the front; `false` when a digit or a mark comes first.
    fn take_front(&mut self) -> Result<bool, NumberFault> {
        let Some(first) = self.text.chars().next() else { return Ok(false) };
        if first.is_ascii_digit() {
            return Ok(false);
        }
        if let Some(inside) = self.text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            self.once(self.brackets)?;
            self.brackets = true;
            self.text = trim(inside);
            return Ok(true);
        }
        if let Some(rest) = self.text.strip_prefix(MINUS).or_else(|| self.text.strip_prefix(PLUS)) {
            if self.sign.replace(MINUS.contains(&first)).is_some() {
                return Err(NumberFault::TwoSigns);
            }
            self.text = trim(rest);
            return Ok(true);
        }
        if let Some(rest) = self.text.strip_prefix(PERCENT) {
            self.take_percent(rest)?;
            return Ok(true);
        }
        if let Some((currency, rest)) = Currency::strip_prefix(self.text) {
            self.take_currency(currency, rest)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Takes one thing off the end; `false` when a digit or a mark comes last.
    fn take_back(&mut self) -> Result<bool, NumberFault> {
        let Some(last) = self.text.chars().next_back() else { return Ok(false) };
        if last.is_ascii_digit() {
            return Ok(false);
        }
        if let Some(rest) = self.text.strip_suffix(PERCENT) {
            self.take_percent(rest)?;
            return Ok(true);
        }
        if let Some((currency, rest)) = Currency::strip_suffix(self.text) {
            self.take_currency(currency, rest)?;
            return Ok(true);
        }
        // Lower-case m is left alone: it stands for minutes and metres too.
        let power = match last {
            'K' | 'k' => 3,
            'M' => 6,
            'B' => 9,
            _ => return Ok(false),
        };
        self.once(self.power.is_some())?;
        self.power = Some(power);
        let end = self.text.len().saturating_sub(last.len_utf8());
        self.text = trim(self.text.get(..end).unwrap_or_default());
        Ok(true)
    }

    fn take_percent(&mut self, rest: &'a str) -> Result<(), NumberFault> {
        self.once(self.percent)?;
        self.percent = true;
        self.text = trim(rest);
        Ok(())
    }

    /// `$12.50 USD` names one currency twice; `$ 5 EUR` names two.
    fn take_currency(&mut self, currency: Currency, rest: &'a str) -> Result<(), NumberFault> {
        self.currency = match self.currency {
            None => Some(currency),
            Some(known) => Some(known.reconciled(currency).ok_or(NumberFault::TwoCurrencies)?),
        };
        self.text = trim(rest);
        Ok(())
    }

    fn once(&self, taken: bool) -> Result<(), NumberFault> {
        if taken { Err(diagnose(self.text)) } else { Ok(()) }
    }
}

/// What a cell is that is no number, for the message.
fn diagnose(text: &str) -> NumberFault {
    let unsigned = trim(text.trim_start_matches(MINUS).trim_start_matches(PLUS));
    let is_word = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(unsigned));
    if is_word(&["nan", "inf", "infinity", "∞", "1.#inf", "1.#qnan", "1.#ind"]) {
        return NumberFault::NotFinite;
    }
    let letters_after_hash = text.strip_prefix('#').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    if letters_after_hash || text.starts_with("Err:") {
        return NumberFault::SpreadsheetError;
    }
    if !unsigned.starts_with(|c| digit(c).is_some()) {
        return NumberFault::NotANumber;
    }
    let hexadecimal = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    if hexadecimal.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return NumberFault::Hexadecimal;
    }
    let only = |allowed: fn(char) -> bool| unsigned.chars().all(|c| digit(c).is_some() || allowed(c));
    if only(|c| c == '_' || is_mark(c)) {
        return NumberFault::Underscore;
    }
    if only(|c| c == ':' || is_mark(c)) {
        return NumberFault::Clock;
    }
    if let Some(number) = unsigned.strip_suffix(MINUS)
        && trim(number).chars().all(|c| digit(c).is_some() || is_mark(c))
    {
        return NumberFault::TrailingMinus;
    }
    if only(|c| matches!(c, '/' | '–' | '—') || MINUS.contains(&c) || is_mark(c)) {
        return NumberFault::Several;
    }
    NumberFault::NotANumber
}
