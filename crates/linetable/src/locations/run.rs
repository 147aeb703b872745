//! Writing the location of an entry as often as an entry can have code units.
//!
//! `unsafe` is here because the compiler makes two stores of each location, and `Positions::fill` consists of stores
//! for a fifth: with vector stores it takes a tenth less time.

use crate::Location;

/// The most code units of one entry.
pub(super) const MAX_RUN: usize = 8;

/// Fills `room` with `location`.
#[inline(always)]
pub(super) fn write(room: &mut [Location; MAX_RUN], location: Location) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_set_epi64x, _mm_storeu_si128};
        let [lines, columns] = location.to_words();
        for place in room {
            // SAFETY: every x86-64 has SSE2; a location is 16 bytes, those of these two words in this order.
            unsafe {
                let location = _mm_set_epi64x(columns as i64, lines as i64);
                _mm_storeu_si128(core::ptr::from_mut(place).cast(), location);
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        *room = [location; MAX_RUN];
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_RUN, write};
    use crate::Location;

    #[test]
    fn every_place_has_every_part() {
        let location = Location::new(Some(1), Some(2), Some(3), None);
        let mut room = [Location::NONE; MAX_RUN];
        write(&mut room, location);
        assert_eq!(room, [location; MAX_RUN]);
    }
}
