//! The stable sort behind `list.sort`: natural runs, merged by power, with galloping.
//!
//! Which items are compared, and in what order, shows when `__lt__` is Python code; so this makes the same
//! comparisons as CPython 3.13, checked by traces of them.
//!
//! Invariants:
//! - Only positions move, in `Sort::order`; the items do not, so a comparison that fails leaves a permutation.
//! - `runs` are adjacent and ascending, and cover the front of `order`.

/// A run is galloped through after one side has won this often in a row.
const MIN_GALLOP: usize = 7;
/// Shorter runs are prolonged by insertion.
const MAX_MIN_RUN: usize = 64;

/// Whether the item at the first original position is less than the one at the second.
type Less<'a, E> = &'a mut dyn FnMut(usize, usize) -> Result<bool, E>;

/// An ascending run, and how its boundary with the next one is to be merged.
struct Run {
    base: usize,
    len: usize,
    power: u32,
}

struct Sort<'a, E> {
    order: Vec<usize>,
    runs: Vec<Run>,
    min_gallop: usize,
    temporary: Vec<usize>,
    less: Less<'a, E>,
}

/// The order in which `len` items are sorted, as positions; on an error some permutation.
pub(crate) fn timsort<E>(len: usize, less: Less<'_, E>) -> (Vec<usize>, Result<(), E>) {
    let mut sort = Sort {
        order: (0..len).collect(),
        runs: Vec::new(),
        min_gallop: MIN_GALLOP,
        temporary: Vec::new(),
        less,
    };
    let result = sort.run();
    (sort.order, result)
}

/// The length that runs are prolonged to: about `len` over a power of two.
fn min_run(mut len: usize) -> usize {
    let mut carry = 0;
    while len >= MAX_MIN_RUN {
        carry |= len & 1;
        len >>= 1;
    }
    len + carry
}

/// The power of the boundary between the run at `start` of `len` items and the next one of `next` items, among `total`.
fn power(start: usize, len: usize, next: usize, total: usize) -> u32 {
    let mut power = 0;
    let mut a = 2 * start + len;
    let mut b = a + len + next;
    loop {
        power += 1;
        if a >= total {
            a -= total;
            b -= total;
        } else if b >= total {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

impl<E> Sort<'_, E> {
    fn is_less(&mut self, a: usize, b: usize) -> Result<bool, E> {
        (self.less)(a, b)
    }

    /// Whether the item now at one place is less than the one at another.
    fn is_less_at(&mut self, a: usize, b: usize) -> Result<bool, E> {
        let (a, b) = (self.order[a], self.order[b]);
        self.is_less(a, b)
    }

    fn run(&mut self) -> Result<(), E> {
        let total = self.order.len();
        if total < 2 {
            return Ok(());
        }
        let min_run = min_run(total);
        let mut base = 0;
        while base < total {
            let mut len = self.count_run(base, total - base)?;
            if len < min_run {
                let wanted = min_run.min(total - base);
                self.insert(base, wanted, len)?;
                len = wanted;
            }
            self.push_run(base, len)?;
            base += len;
        }
        while self.runs.len() > 1 {
            let mut at = self.runs.len() - 2;
            if at > 0 && self.runs[at - 1].len < self.runs[at + 1].len {
                at -= 1;
            }
            self.merge_at(at)?;
        }
        Ok(())
    }

    /// The length of the run at `base`, made ascending if it was descending. Equal neighbours keep their order.
    fn count_run(&mut self, base: usize, left: usize) -> Result<usize, E> {
        let mut len = 1;
        while len < left && !self.is_less_at(base + len, base + len - 1)? {
            len += 1;
        }
        if len == left {
            return Ok(len);
        }
        // How many equal items, after the first of them, end the run: reversed now, as the whole run will be once more.
        let mut equal = 0;
        if len > 1 {
            if self.is_less_at(base, base + len - 1)? {
                return Ok(len);
            }
            equal = len - 1;
        }
        self.reverse_last(base + len, &mut equal);
        len += 1;
        while len < left {
            if self.is_less_at(base + len, base + len - 1)? {
                self.reverse_last(base + len, &mut equal);
            } else if self.is_less_at(base + len - 1, base + len)? {
                break;
            } else {
                equal += 1;
            }
            len += 1;
        }
        self.reverse_last(base + len, &mut equal);
        self.order[base..base + len].reverse();
        while len < left && !self.is_less_at(base + len, base + len - 1)? {
            len += 1;
        }
        Ok(len)
    }

    fn reverse_last(&mut self, end: usize, equal: &mut usize) {
        if *equal > 0 {
            self.order[end - *equal - 1..end].reverse();
            *equal = 0;
        }
    }

    /// Binary insertion: the first `sorted` of the `len` items at `base` are sorted already.
    fn insert(&mut self, base: usize, len: usize, sorted: usize) -> Result<(), E> {
        for at in base + sorted.max(1)..base + len {
            let pivot = self.order[at];
            let (mut low, mut high) = (base, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.is_less(pivot, self.order[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            self.order[low..=at].rotate_right(1);
        }
        Ok(())
    }

    fn push_run(&mut self, base: usize, len: usize) -> Result<(), E> {
        if let Some(last) = self.runs.last() {
            let power = power(last.base, last.len, len, self.order.len());
            while self.runs.len() > 1 && self.runs[self.runs.len() - 2].power > power {
                self.merge_at(self.runs.len() - 2)?;
            }
            if let Some(last) = self.runs.last_mut() {
                last.power = power;
            }
        }
        self.runs.push(Run {
            base,
            len,
            power: 0,
        });
        Ok(())
    }

    /// Merges a run with the one after it.
    fn merge_at(&mut self, at: usize) -> Result<(), E> {
        let (mut a, mut a_len) = (self.runs[at].base, self.runs[at].len);
        let second = self.runs.remove(at + 1);
        let (b, b_len) = (second.base, second.len);
        self.runs[at].len += b_len;
        // What of the first run is not greater than the second's first item stays; so does the second's end.
        let skip = self.gallop_right(self.order[b], Place::Order, a, a_len, 0)?;
        a += skip;
        a_len -= skip;
        if a_len == 0 {
            return Ok(());
        }
        let last = self.order[a + a_len - 1];
        let b_len = self.gallop_left(last, Place::Order, b, b_len, b_len - 1)?;
        if b_len == 0 {
            return Ok(());
        }
        self.temporary.clear();
        if a_len <= b_len {
            self.temporary.extend_from_slice(&self.order[a..a + a_len]);
            self.merge_low(a, a_len, b, b_len)
        } else {
            self.temporary.extend_from_slice(&self.order[b..b + b_len]);
            self.merge_high(a, a_len, b_len)
        }
    }

    /// Merges from the front; the first run has been copied away.
    fn merge_low(&mut self, to: usize, a_len: usize, b: usize, b_len: usize) -> Result<(), E> {
        let mut state = Low {
            to,
            a: 0,
            a_len,
            b,
            b_len,
        };
        state.take_b(self, 1);
        let result = match state.b_len > 0 && state.a_len > 1 {
            true => self.merge_low_steps(&mut state),
            false => Ok(()),
        };
        if result.is_ok() && state.a_len == 1 && state.b_len > 0 {
            // The first run's last item is greater than all that is left of the second.
            let rest = state.b_len;
            state.take_b(self, rest);
        }
        let left = &self.temporary[state.a..state.a + state.a_len];
        self.order[state.to..state.to + left.len()].copy_from_slice(left);
        result
    }

    fn merge_low_steps(&mut self, state: &mut Low) -> Result<(), E> {
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut a_wins, mut b_wins) = (0, 0);
            while a_wins < min_gallop && b_wins < min_gallop {
                if self.is_less(self.order[state.b], self.temporary[state.a])? {
                    state.take_b(self, 1);
                    (a_wins, b_wins) = (0, b_wins + 1);
                } else {
                    state.take_a(self, 1);
                    (a_wins, b_wins) = (a_wins + 1, 0);
                }
                if state.is_done() {
                    return Ok(());
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= (min_gallop > 1) as usize;
                self.min_gallop = min_gallop;
                let key = self.order[state.b];
                a_wins = self.gallop_right(key, Place::Temporary, state.a, state.a_len, 0)?;
                state.take_a(self, a_wins);
                if state.is_done() {
                    return Ok(());
                }
                state.take_b(self, 1);
                if state.is_done() {
                    return Ok(());
                }
                let key = self.temporary[state.a];
                b_wins = self.gallop_left(key, Place::Order, state.b, state.b_len, 0)?;
                state.take_b(self, b_wins);
                if state.is_done() {
                    return Ok(());
                }
                state.take_a(self, 1);
                if state.is_done() {
                    return Ok(());
                }
                if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }

    /// Merges from the back; the second run has been copied away.
    fn merge_high(&mut self, a: usize, a_len: usize, b_len: usize) -> Result<(), E> {
        let mut state = High { a, a_len, b_len };
        state.take_a(self, 1);
        let result = match state.a_len > 0 && state.b_len > 1 {
            true => self.merge_high_steps(&mut state),
            false => Ok(()),
        };
        if result.is_ok() && state.b_len == 1 && state.a_len > 0 {
            // The second run's first item is less than all that is left of the first.
            let rest = state.a_len;
            state.take_a(self, rest);
        }
        let left = &self.temporary[..state.b_len];
        let to = a + state.a_len;
        self.order[to..to + left.len()].copy_from_slice(left);
        result
    }

    fn merge_high_steps(&mut self, state: &mut High) -> Result<(), E> {
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut a_wins, mut b_wins) = (0, 0);
            while a_wins < min_gallop && b_wins < min_gallop {
                if self.is_less(state.last_b(self), state.last_a(self))? {
                    state.take_a(self, 1);
                    (a_wins, b_wins) = (a_wins + 1, 0);
                } else {
                    state.take_b(self, 1);
                    (a_wins, b_wins) = (0, b_wins + 1);
                }
                if state.is_done() {
                    return Ok(());
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= (min_gallop > 1) as usize;
                self.min_gallop = min_gallop;
                let (key, len) = (state.last_b(self), state.a_len);
                a_wins = len - self.gallop_right(key, Place::Order, state.a, len, len - 1)?;
                state.take_a(self, a_wins);
                if state.is_done() {
                    return Ok(());
                }
                state.take_b(self, 1);
                if state.is_done() {
                    return Ok(());
                }
                let (key, len) = (state.last_a(self), state.b_len);
                b_wins = len - self.gallop_left(key, Place::Temporary, 0, len, len - 1)?;
                state.take_b(self, b_wins);
                if state.is_done() {
                    return Ok(());
                }
                state.take_a(self, 1);
                if state.is_done() {
                    return Ok(());
                }
                if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }

    /// Where `key` goes among `len` sorted items at `base`, before those equal to it. The search starts at `hint`.
    fn gallop_left(
        &mut self,
        key: usize,
        place: Place,
        base: usize,
        len: usize,
        hint: usize,
    ) -> Result<usize, E> {
        self.gallop(place, base, len, hint, |sort, item| sort.is_less(item, key))
    }

    /// The same, after those equal to it.
    fn gallop_right(
        &mut self,
        key: usize,
        place: Place,
        base: usize,
        len: usize,
        hint: usize,
    ) -> Result<usize, E> {
        self.gallop(place, base, len, hint, |sort, item| {
            sort.is_less(key, item).map(|is_less| !is_less)
        })
    }

    /// The first of `len` items that does not go `before`, by steps that double, then by halving.
    fn gallop(
        &mut self,
        place: Place,
        base: usize,
        len: usize,
        hint: usize,
        mut before: impl FnMut(&mut Self, usize) -> Result<bool, E>,
    ) -> Result<usize, E> {
        let mut is_before = |sort: &mut Self, at: usize| {
            let item = match place {
                Place::Order => sort.order[base + at],
                Place::Temporary => sort.temporary[base + at],
            };
            before(sort, item)
        };
        let (mut last, mut step) = (0, 1);
        let (mut low, mut high);
        if is_before(self, hint)? {
            let most = len - hint;
            while step < most && is_before(self, hint + step)? {
                (last, step) = (step, 2 * step + 1);
            }
            (low, high) = (hint + last + 1, hint + step.min(most));
        } else {
            let most = hint + 1;
            while step < most && !is_before(self, hint - step)? {
                (last, step) = (step, 2 * step + 1);
            }
            (low, high) = (hint + 1 - step.min(most), hint - last);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(self, middle)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }
}

/// Which array a run that is galloped through stands in.
#[derive(Clone, Copy)]
enum Place {
    Order,
    Temporary,
}

/// How far a merge from the front is: `a` counts in the temporary array, `b` and `to` in the order.
struct Low {
    to: usize,
    a: usize,
    a_len: usize,
    b: usize,
    b_len: usize,
}

impl Low {
    fn is_done(&self) -> bool {
        self.b_len == 0 || self.a_len <= 1
    }

    fn take_a<E>(&mut self, sort: &mut Sort<'_, E>, count: usize) {
        let items = &sort.temporary[self.a..self.a + count];
        sort.order[self.to..self.to + count].copy_from_slice(items);
        self.to += count;
        self.a += count;
        self.a_len -= count;
    }

    fn take_b<E>(&mut self, sort: &mut Sort<'_, E>, count: usize) {
        sort.order.copy_within(self.b..self.b + count, self.to);
        self.to += count;
        self.b += count;
        self.b_len -= count;
    }
}

/// How far a merge from the back is: the first run starts at `a` in the order, the second at 0 in the temporary array.
struct High {
    a: usize,
    a_len: usize,
    b_len: usize,
}

impl High {
    fn is_done(&self) -> bool {
        self.a_len == 0 || self.b_len <= 1
    }

    fn last_a<E>(&self, sort: &Sort<'_, E>) -> usize {
        sort.order[self.a + self.a_len - 1]
    }

    fn last_b<E>(&self, sort: &Sort<'_, E>) -> usize {
        sort.temporary[self.b_len - 1]
    }

    fn take_a<E>(&mut self, sort: &mut Sort<'_, E>, count: usize) {
        let end = self.a + self.a_len;
        sort.order
            .copy_within(end - count..end, end + self.b_len - count);
        self.a_len -= count;
    }

    fn take_b<E>(&mut self, sort: &mut Sort<'_, E>, count: usize) {
        let to = self.a + self.a_len + self.b_len - count;
        let items = &sort.temporary[self.b_len - count..self.b_len];
        sort.order[to..to + count].copy_from_slice(items);
        self.b_len -= count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(items: &[u32]) -> Vec<usize> {
        let (order, result) = timsort::<()>(items.len(), &mut |a, b| Ok(items[a] < items[b]));
        assert_eq!(result, Ok(()));
        order
    }

    #[test]
    fn sorts_stably() {
        let mut state = 1u64;
        for len in (0..200).chain([1000, 5000]) {
            for range in [2, 10, 1_000_000] {
                let items: Vec<u32> = (0..len)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        (state >> 33) as u32 % range
                    })
                    .collect();
                let mut expected: Vec<usize> = (0..len).collect();
                expected.sort_by_key(|at| items[*at]);
                assert_eq!(sorted(&items), expected);
            }
        }
    }

    #[test]
    fn gallops_through_long_runs() {
        let items: Vec<u32> = (0..500)
            .chain(200..900)
            .chain((0..300).rev())
            .chain([5; 100])
            .collect();
        let mut expected: Vec<usize> = (0..items.len()).collect();
        expected.sort_by_key(|at| items[*at]);
        assert_eq!(sorted(&items), expected);
    }

    #[test]
    fn an_error_or_nonsense_leaves_a_permutation() {
        for stop in 0..400 {
            let mut left = stop;
            let (mut order, _) = timsort(100, &mut |a, b| {
                left -= 1;
                if left < 0 {
                    Err(())
                } else {
                    Ok((a * 31 + b * 17) % 3 == 0)
                }
            });
            order.sort_unstable();
            assert_eq!(order, (0..100).collect::<Vec<_>>());
        }
    }
}
