//! Where records begin and end, whatever stands inside quotes.
//!
//! **Owns** the rule by which a quote opens or closes a cell, in the form of a machine with three
//! states. What a stretch of bytes does to the machine is known without knowing the state it
//! starts in ([`Passage`]), so that stretches can be looked at in any order and on any thread.
//!
//! The rule is that of the careful reader: a quote opens a cell only at its first byte; inside
//! quotes a doubled quote is text. Text after a closing quote is an error there; here the cell goes
//! on as if unquoted, and the row is handed to the careful reader, which refuses it.

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
        let mut machines = STATES.map(|state| (state, usize::MAX));
        if bytes.first().is_some_and(|first| *first != quote) {
            machines[2].0 = State::Outside;
        }
        for at in memchr::memchr_iter(quote, bytes) {
            let previous = at.checked_sub(1).and_then(|index| bytes.get(index)).copied().unwrap_or(before);
            let opens = previous == delimiter || previous == b'\n';
            for (state, closed_at) in &mut machines {
                *state = match *state {
                    State::Inside => {
                        *closed_at = at;
                        State::Closing
                    }
                    // `MAX` is in front of the first byte.
                    State::Closing if closed_at.wrapping_add(1) == at => State::Inside,
                    State::Outside | State::Closing if opens => State::Inside,
                    State::Outside | State::Closing => State::Outside,
                };
            }
        }
        Passage(machines.map(|(state, closed_at)| {
            let at_the_end = bytes.is_empty() || closed_at.wrapping_add(1) == bytes.len();
            if state == State::Closing && !at_the_end { State::Outside } else { state }
        }))
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
        prop::collection::vec(prop_oneof![4 => Just(b'"'), 2 => Just(b','), 2 => Just(b'\n'), 2 => Just(b'x')], 0..60)
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
