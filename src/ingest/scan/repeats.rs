//! Hashes that more than one row has.

use super::zeros;
use crate::ingest::survey::DUPLICATES_BOUND;

/// Which bits hashes have, of some bits of each: enough that few have the same as another by chance. It takes less time
/// and memory than to sort all hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Met {
    /// The bits that were met at least once, and those that were met again.
    words: Vec<[u64; 2]>,
    /// The first of the bits of a hash that are looked at, counted from the highest.
    first_bit: u32,
}

impl Met {
    /// For as many hashes as are ever compared.
    pub(super) fn of_rows() -> Met {
        Met::new(usize::try_from(DUPLICATES_BOUND).unwrap_or(usize::MAX), 0)
    }

    fn new(hashes: usize, first_bit: u32) -> Met {
        let bits = hashes.saturating_mul(4).max(64).next_power_of_two();
        Met { words: zeros(bits / 64), first_bit }
    }

    #[inline]
    fn place(&self, hash: u64) -> (usize, u64) {
        let shift = 64_u32.saturating_sub(self.words.len().trailing_zeros()).saturating_sub(6);
        let bit = usize::try_from(hash.rotate_left(self.first_bit).checked_shr(shift).unwrap_or(0)).unwrap_or(0);
        (bit / 64, 1 << (bit % 64))
    }

    /// Notes hashes; 0 stands for a blank row, which is not compared.
    pub(super) fn add(&mut self, hashes: &[u64]) {
        for hash in hashes.iter().filter(|hash| **hash != 0) {
            let (word, bit) = self.place(*hash);
            if let Some([once, again]) = self.words.get_mut(word) {
                *again |= *once & bit;
                *once |= bit;
            }
        }
    }

    /// Notes what another has noted of other hashes.
    fn join(&mut self, more: &Met) {
        for ([once, again], [more_once, more_again]) in self.words.iter_mut().zip(&more.words) {
            *again |= more_again | (*once & more_once);
            *once |= more_once;
        }
    }

    /// The hashes whose bits another has.
    fn suspects(&self, hashes: &[u64]) -> Vec<u64> {
        let is_suspect = |hash: u64| {
            let (word, bit) = self.place(hash);
            hash != 0 && self.words.get(word).is_some_and(|[_, again]| again & bit != 0)
        };
        let (mut suspects, mut some) = (Vec::new(), [0; 64]);
        // The processor cannot foresee which they are: each is written, and the next one over it.
        for hashes in hashes.chunks(some.len()) {
            let mut count = 0_usize;
            for hash in hashes {
                some.iter_mut().skip(count).take(1).for_each(|slot| *slot = *hash);
                count = count.wrapping_add(usize::from(is_suspect(*hash)));
            }
            suspects.extend_from_slice(some.get(..count).unwrap_or_default());
        }
        suspects
    }
}

/// The hashes that are in these lists more than once, sorted. `met` is what was noted of all of them, and perhaps of
/// more.
pub(super) fn twice(lists: &[&[u64]], met: impl IntoIterator<Item = Met>) -> Vec<u64> {
    let join = |mut all: Met, more: Met| {
        all.join(&more);
        all
    };
    let met = met.into_iter().reduce(join).unwrap_or_default();
    let suspects = of_each(lists, |list| met.suspects(list)).concat();
    // By other bits, of those that are left.
    let mut met = Met::new(suspects.len(), u64::BITS / 2);
    met.add(&suspects);
    let mut suspects = met.suspects(&suspects);
    suspects.sort_unstable();
    let mut repeated: Vec<u64> =
        suspects.windows(2).filter_map(|pair| pair.first().filter(|hash| pair.last() == Some(hash)).copied()).collect();
    repeated.dedup();
    repeated
}

/// What comes of each list: of long ones, but the last, by a thread of its own.
fn of_each<T: Send>(lists: &[&[u64]], work: impl Fn(&[u64]) -> T + Sync) -> Vec<T> {
    /// Fewer hashes are not worth a thread.
    const FEW: usize = 1 << 14;
    let alone = lists.iter().all(|list| list.len() < FEW);
    let Some((last, others)) = lists.split_last().filter(|_| !alone) else {
        return lists.iter().map(|list| work(list)).collect();
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = others.iter().map(|list| scope.spawn(|| work(list))).collect();
        let of_last = work(last);
        // Should one have panicked, the list is done again here.
        let of_others = threads.into_iter().zip(others).map(|(thread, list)| thread.join().unwrap_or_else(|_| work(list)));
        of_others.chain([of_last]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(lists: &[&[u64]]) -> Vec<u64> {
        let met = lists.iter().map(|list| {
            let mut met = Met::of_rows();
            met.add(list);
            met
        });
        twice(lists, met)
    }

    #[test]
    fn hashes_are_found_twice_wherever_they_lie() {
        let spread = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let hashes: Vec<u64> = (0..40_000).map(spread).chain([0, 0, 1, spread(7), 2, 1, spread(39_999), spread(7)]).collect();
        let mut expected = vec![1, spread(7), spread(39_999)];
        expected.sort_unstable();
        for cut in [0, 1, 7, 9_000, 40_005, hashes.len()] {
            let (first, others) = hashes.split_at(cut);
            let (second, third) = others.split_at(others.len() / 3);
            assert_eq!(repeated(&[first, second, third]), expected);
        }
        assert!(repeated(&[&hashes[..40_000]]).is_empty());
        assert!(repeated(&[]).is_empty());
    }
}
