//! Where records begin and end, whatever stands inside quotes.
//!
//! **Owns** the rule by which a quote opens or closes a cell, in the form of a machine with three
//! states. What a stretch of bytes does to the machine is known without knowing the state it
//! starts in ([`Passage`]), so that stretches can be looked at in any order and on any thread.
//!
//! The rule is that of the careful reader: a quote opens a cell only at its first byte; inside
//! quotes a doubled quote is text. Text after a closing quote is an error there; here the cell goes
//! on as if unquoted, and the row is handed to the careful reader, which refuses it.

use super::bits::{BLOCK, bits, each};

/// Where the reader is between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// Outside quotes.
    Outside,
    /// Inside a quoted cell.
    Inside,
    /// Behind a quote that closes the cell, unless another follows.
    Closing,
}

const STATES: [State; 3] = [State::Outside, State::Inside, State::Closing];

/// What a stretch of bytes does to each state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passage([State; 3]);

impl Passage {
    /// What `bytes` do; `before` is the byte in front of them.
    pub(super) fn of(bytes: &[u8], before: u8, delimiter: u8, quote: u8) -> Passage {
        let opens = |at: usize| {
            let previous = at.checked_sub(1).and_then(|index| bytes.get(index)).copied().unwrap_or(before);
            previous == delimiter || previous == b'\n'
        };
        let mut machines = STATES.map(|state| Machine { is_inside: state == State::Inside, closed_at: None });
        for at in memchr::memchr_iter(quote, bytes) {
            for (machine, state) in machines.iter_mut().zip(STATES) {
                // The quote that closed the cell stands right in front of the first byte.
                let doubled = state == State::Closing && at == 0;
                machine.quote(at, doubled || opens(at));
            }
            // Whatever came before, from here on it is the same.
            let [mut first, second, third] = machines;
            if first == second && second == third {
                first.run(bytes, at.wrapping_add(1), delimiter, quote);
                return Passage([first.state(bytes.len()); 3]);
            }
        }
        let [outside, inside, closing] = machines.map(|machine| machine.state(bytes.len()));
        Passage([outside, inside, if bytes.is_empty() { State::Closing } else { closing }])
    }

    /// The state behind the stretch for one in front of it.
    pub(super) fn from(self, state: State) -> State {
        let [outside, inside, closing] = self.0;
        match state {
            State::Outside => outside,
            State::Inside => inside,
            State::Closing => closing,
        }
    }
}

/// The reader on its way from quote to quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    is_inside: bool,
    /// Where the last quote stands, if it closed a cell.
    closed_at: Option<usize>,
}

impl Machine {
    /// Comes to the quote at that place, which opens a cell if nothing has to be closed and it `opens`.
    #[inline]
    fn quote(&mut self, at: usize, opens: bool) {
        let doubled = self.closed_at.is_some_and(|closed| closed.wrapping_add(1) == at);
        let closes = self.is_inside;
        self.is_inside = !closes && (doubled || opens);
        self.closed_at = closes.then_some(at);
    }

    /// Where it is behind so many bytes.
    fn state(self, length: usize) -> State {
        match self {
            Machine { is_inside: true, .. } => State::Inside,
            Machine { closed_at: Some(closed), .. } if closed.wrapping_add(1) == length => State::Closing,
            Machine { .. } => State::Outside,
        }
    }

    /// Comes to all quotes from `from` on, which is behind the first byte: those of a block at once if each opens a
    /// cell, closes one or is doubled.
    fn run(&mut self, bytes: &[u8], from: usize, delimiter: u8, quote: u8) {
        let is_sign = |byte: u8| byte == delimiter || byte == b'\n';
        let mut at = from;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(quote, rest)) {
            at = at.wrapping_add(found);
            let opens = at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_sign(*byte));
            let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) else {
                self.quote(at, opens);
                at = at.wrapping_add(1);
                continue;
            };
            let (quotes, signs) = (bits(block, |byte| byte == quote), bits(block, is_sign));
            let opening = (signs << 1) | u64::from(opens);
            // Each quote turns what is outside to inside, and back.
            let inside = odd_so_far(quotes) ^ if self.is_inside { u64::MAX } else { 0 };
            let doubled = (quotes << 1) | u64::from(self.closed_at.is_some_and(|closed| closed.wrapping_add(1) == at));
            if quotes & inside & !(opening | doubled) == 0 {
                self.is_inside = inside >> (BLOCK - 1) == 1;
                let last = at.wrapping_add(BLOCK - 1).wrapping_sub(quotes.leading_zeros() as usize);
                self.closed_at = (!self.is_inside).then_some(last);
            } else {
                for quote in each(quotes) {
                    self.quote(at.wrapping_add(quote), (opening >> quote) & 1 == 1);
                }
            }
            at = at.wrapping_add(BLOCK);
        }
    }
}

/// For each bit whether it and those below it have an odd number of bits.
fn odd_so_far(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ (bits << shift))
}

/// The first position from `at` on that is behind a line feed outside quotes: where a record
/// begins. `state` is the state in front of `at`. `None` when `bytes` end before.
pub(super) fn next_record(bytes: &[u8], at: usize, state: State, delimiter: u8, quote: u8) -> Option<usize> {
    let mut at = at;
    let mut state = state;
    loop {
        let rest = bytes.get(at..)?;
        match state {
            State::Outside => {
                let found = memchr::memchr2(b'\n', quote, rest)?;
                let position = at.wrapping_add(found);
                if rest.get(found) == Some(&b'\n') {
                    return Some(position.wrapping_add(1));
                }
                let opens = position
                    .checked_sub(1)
                    .and_then(|index| bytes.get(index))
                    .is_some_and(|byte| *byte == delimiter || *byte == b'\n');
                state = if opens { State::Inside } else { State::Outside };
                at = position.wrapping_add(1);
            }
            State::Inside => {
                at = at.wrapping_add(memchr::memchr(quote, rest)?).wrapping_add(1);
                state = State::Closing;
            }
            State::Closing => {
                let doubled = *rest.first()? == quote;
                state = if doubled { State::Inside } else { State::Outside };
                at = at.wrapping_add(usize::from(doubled));
            }
        }
    }
}

/// The end of the last record in `bytes`, which begin with a record; `None` when not one ends.
pub(super) fn last_record_end(bytes: &[u8], delimiter: u8, quote: u8) -> Option<usize> {
    last_record_end_from(bytes, 0, State::Outside, delimiter, quote).0
}

/// The end of the last record that ends in `bytes` behind `at`, and the state behind all of them.
/// `state` is the state in front of `at`; a record begins in front of the first byte.
pub(super) fn last_record_end_from(bytes: &[u8], at: usize, state: State, delimiter: u8, quote: u8) -> (Option<usize>, State) {
    let mut state = state;
    let mut last = None;
    let mut outside_from = at;
    // It counts where the state says that a quote stands there.
    let mut closed_at = at.wrapping_sub(1);
    let line_feed = |from: usize, to: usize| {
        let plain = bytes.get(from..to).unwrap_or_default();
        memchr::memrchr(b'\n', plain).map(|found| from.wrapping_add(found).wrapping_add(1))
    };
    for found in memchr::memchr_iter(quote, bytes.get(at..).unwrap_or_default()) {
        let position = at.wrapping_add(found);
        if state == State::Closing && closed_at.wrapping_add(1) != position {
            state = State::Outside;
            outside_from = closed_at.wrapping_add(1);
        }
        match state {
            State::Inside => {
                state = State::Closing;
                closed_at = position;
            }
            State::Closing => state = State::Inside,
            State::Outside => {
                let before = position.checked_sub(1).and_then(|index| bytes.get(index));
                if before.is_none_or(|byte| *byte == delimiter || *byte == b'\n') {
                    last = line_feed(outside_from, position).or(last);
                    state = State::Inside;
                }
            }
        }
    }
    if state == State::Closing && closed_at.wrapping_add(1) != bytes.len() {
        state = State::Outside;
        outside_from = closed_at.wrapping_add(1);
    }
    if state == State::Outside {
        last = line_feed(outside_from, bytes.len()).or(last);
    }
    (last, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The machine a byte at a time.
    fn step(state: State, previous: u8, byte: u8) -> State {
        match (state, byte == b'"') {
            (State::Inside, true) => State::Closing,
            (State::Inside, false) | (State::Closing, true) => State::Inside,
            (State::Outside, true) if matches!(previous, b',' | b'\n') => State::Inside,
            _ => State::Outside,
        }
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let bytes =
            prop::collection::vec(prop_oneof![4 => Just(b'"'), 2 => Just(b','), 2 => Just(b'\n'), 2 => Just(b'x')], 0..60);
        let cells = prop::collection::vec(
            prop_oneof![30 => "\"[xy,\n]{0,9}\",", 3 => "\"x\"\"y\"\n", 1 => "x\"y,", 1 => "\"x\" \"y,"],
            0..60,
        );
        prop_oneof![bytes, cells.prop_map(|cells| cells.concat().into_bytes())]
    }

    proptest! {
        #[test]
        fn stretches_do_what_their_bytes_do_one_by_one(text in texts(), before in prop_oneof![Just(b'\n'), Just(b'x'), Just(b'"')], cut in 0_usize..60) {
            for start in STATES {
                let mut state = start;
                let mut previous = before;
                for byte in &text {
                    // Behind a closing quote there is no first byte of a cell.
                    state = step(state, previous, *byte);
                    previous = *byte;
                }
                let at = cut.min(text.len());
                let middle = text[..at].last().copied().unwrap_or(before);
                let halves = [Passage::of(&text[..at], before, b',', b'"'), Passage::of(&text[at..], middle, b',', b'"')];
                prop_assert_eq!(Passage::of(&text, before, b',', b'"').from(start), state);
                prop_assert_eq!(halves[1].from(halves[0].from(start)), state);
            }
        }

        #[test]
        fn records_begin_behind_line_feeds_outside_quotes(text in texts()) {
            let mut starts = Vec::new();
            let mut state = State::Outside;
            let mut previous = b'\n';
            for (at, byte) in text.iter().enumerate() {
                state = step(state, previous, *byte);
                if *byte == b'\n' && state != State::Inside {
                    starts.push(at + 1);
                }
                previous = *byte;
            }
            let padded = [b"\n", text.as_slice()].concat();
            let mut found = Vec::new();
            let mut at = 1;
            while let Some(next) = next_record(&padded, at, State::Outside, b',', b'"') {
                found.push(next - 1);
                at = next;
            }
            prop_assert_eq!(&found, &starts);
            prop_assert_eq!(last_record_end(&text, b',', b'"'), starts.last().copied());
        }

        #[test]
        fn the_last_end_is_found_piece_by_piece(text in texts(), cut in 0_usize..60) {
            let cut = cut.min(text.len());
            let (first, between) = last_record_end_from(&text[..cut], 0, State::Outside, b',', b'"');
            let (second, behind) = last_record_end_from(&text, cut, between, b',', b'"');
            prop_assert_eq!(second.or(first), last_record_end(&text, b',', b'"'));
            prop_assert!(second.is_none_or(|end| end > cut));
            prop_assert_eq!(behind, Passage::of(&text, b'\n', b',', b'"').from(State::Outside));
        }
    }
}
