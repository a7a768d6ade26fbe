//! The Shapley value of the channels.
//!
//! The game is the one whose credits are conversions: a coalition of channels is worth the
//! conversions of all paths that need no channel outside of it, `v(S) = Σ { c(T) : T ⊆ S }` with
//! `c(T)` the conversions of paths whose distinct channels are exactly `T`. This is a sum of
//! unanimity games, and the Shapley value of a unanimity game is equal parts to its members
//! (Shapley 1953; for attribution Zhao, Mahboobi and Bagheri, "Shapley Value Methods for
//! Attribution Modeling in Online Advertising", 2018, theorem 1). So the value is exact for any
//! number of channels, in one pass: nothing has to be sampled and no error has to be stated.
//!
//! A credit is therefore never negative and never above the conversions whose path touched the
//! channel. Games over *rates* of coalitions do not keep that promise: their worth is not
//! monotone, and they have been seen to give negative credit that still adds up.

use super::Touch;

/// One part to each distinct channel, at its first touch; returns how many there are.
pub(super) fn divide(touches: &[Touch], order: &mut Vec<(u32, usize)>, numerators: &mut [u64]) -> Option<u64> {
    order.clear();
    order.extend(touches.iter().enumerate().map(|(place, touch)| (touch.channel, place)));
    order.sort_unstable();
    order.dedup_by_key(|(channel, _)| *channel);
    for (_, place) in order.iter() {
        *numerators.get_mut(*place)? = 1;
    }
    u64::try_from(order.len()).ok()
}
