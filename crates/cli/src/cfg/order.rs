//! The order of what stands in a row, such that few edges cross.

use super::layout::Spot;

/// How often rows are ordered anew.
const SWEEPS: usize = 12;
/// Crossings are counted only where no two rows have more links than this between them.
const MAX_COUNTED: usize = 600;

/// The spots of each row, from left to right.
pub(super) fn order(spots: &[Spot], links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let row_count = spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); row_count];
    for (at, spot) in spots.iter().enumerate() {
        rows[spot.row].push(at);
    }
    let mut above = vec![Vec::new(); spots.len()];
    let mut below = vec![Vec::new(); spots.len()];
    for (upper, lower) in links {
        below[*upper].push(*lower);
        above[*lower].push(*upper);
    }
    let mut best = rows.clone();
    let mut fewest = crossings(&rows, &below);
    for sweep in 0..SWEEPS {
        let is_down = sweep % 2 == 0;
        for step in 1..row_count {
            let (row, neighbours) = if is_down {
                (step, &above)
            } else {
                (row_count - 1 - step, &below)
            };
            let fixed = if is_down { row - 1 } else { row + 1 };
            let mut place = vec![0.0; spots.len()];
            for (at, spot) in rows[fixed].iter().enumerate() {
                place[*spot] = at as f64;
            }
            let own = rows[row]
                .iter()
                .enumerate()
                .map(|(at, spot)| (*spot, at as f64));
            let mut keys = own
                .map(|(spot, at)| {
                    let others = &neighbours[spot];
                    let sum = others.iter().map(|other| place[*other]).sum::<f64>();
                    let middle = if others.is_empty() {
                        at
                    } else {
                        sum / others.len() as f64
                    };
                    (middle, spot)
                })
                .collect::<Vec<_>>();
            keys.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[row] = keys.into_iter().map(|(_, spot)| spot).collect();
        }
        let count = crossings(&rows, &below);
        if count < fewest {
            fewest = count;
            best.clone_from(&rows);
        }
    }
    if fewest == usize::MAX { rows } else { best }
}

/// How many pairs of links cross; the greatest number where there are too many to count.
fn crossings(rows: &[Vec<usize>], below: &[Vec<usize>]) -> usize {
    let mut place = vec![0; below.len()];
    for row in rows {
        for (at, spot) in row.iter().enumerate() {
            place[*spot] = at;
        }
    }
    let mut count = 0;
    for row in rows {
        let links = row
            .iter()
            .flat_map(|upper| {
                below[*upper]
                    .iter()
                    .map(|lower| (place[*upper], place[*lower]))
            })
            .collect::<Vec<_>>();
        if links.len() > MAX_COUNTED {
            return usize::MAX;
        }
        for (at, (upper, lower)) in links.iter().enumerate() {
            let crossed = links[..at].iter().filter(|(other_upper, other_lower)| {
                (other_upper < upper && other_lower > lower)
                    || (other_upper > upper && other_lower < lower)
            });
            count += crossed.count();
        }
    }
    count
}
