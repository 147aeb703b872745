//! A layered layout of a directed graph: where boxes and edges go.
//!
//! After Sugiyama: cycles are broken, boxes get rows by the longest way to them, edges that pass rows get
//! a place in each (a *waypoint*), rows are ordered by the middles of their neighbours, and then moved sideways to be
//! near them. Edges run at right angles, in tracks between the rows that they share with nothing they would cover. An
//! edge that leads up leaves its box at the bottom and comes to its target from above, like any other.
//!
//! Invariants: boxes do not overlap; nothing recurses; time is near-linear in the rows that all edges pass.

use super::order;

/// Between boxes of a row.
const GAP: f64 = 28.0;
/// Between what passes a row.
const WAYPOINT_GAP: f64 = 14.0;
/// Above and below the tracks between two rows.
const MARGIN: f64 = 18.0;
/// Between tracks.
const TRACK: f64 = 9.0;
/// How often rows are moved sideways.
const SWEEPS: usize = 24;

/// What is to be laid out.
pub(super) struct Graph {
    /// Width and height of each box.
    pub(super) sizes: Vec<(f64, f64)>,
    /// From which box to which; box 0 is on top.
    pub(super) edges: Vec<(usize, usize)>,
}

/// Where everything goes.
pub(super) struct Layout {
    /// The top left corner of each box.
    pub(super) boxes: Vec<(f64, f64)>,
    /// The corners of each edge.
    pub(super) paths: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A box or a waypoint, with its place.
pub(super) struct Spot {
    pub(super) row: usize,
    pub(super) width: f64,
    /// The middle.
    pub(super) x: f64,
    pub(super) is_box: bool,
}

/// An edge on its way: the spots from its upper to its lower end.
struct Chain {
    spots: Vec<usize>,
    is_upward: bool,
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let upward = upward_edges(graph);
    let rows = rows(graph, &upward);
    let mut spots = graph
        .sizes
        .iter()
        .zip(&rows)
        .map(|((width, _), row)| Spot {
            row: *row,
            width: *width,
            x: 0.0,
            is_box: true,
        })
        .collect::<Vec<_>>();
    let chains = chains(graph, &upward, &rows, &mut spots);
    let links = links(graph, &chains);
    let order = order::order(&spots, &links);
    place_sideways(&mut spots, &order, &links);
    draw(graph, &spots, &chains)
}

/// Which edges close a cycle, by a walk from each box that none came to.
fn upward_edges(graph: &Graph) -> Vec<bool> {
    let mut out = vec![Vec::new(); graph.sizes.len()];
    for (edge, (from, to)) in graph.edges.iter().enumerate() {
        out[*from].push((edge, *to));
    }
    let mut upward = vec![false; graph.edges.len()];
    let mut is_open = vec![false; out.len()];
    let mut is_done = vec![false; out.len()];
    for first in 0..out.len() {
        if is_done[first] {
            continue;
        }
        is_open[first] = true;
        let mut stack = vec![(first, 0)];
        while let Some((at, next)) = stack.last_mut() {
            let at = *at;
            let Some((edge, to)) = out[at].get(*next).copied() else {
                (is_open[at], is_done[at]) = (false, true);
                stack.pop();
                continue;
            };
            *next += 1;
            if is_open[to] {
                upward[edge] = true;
            } else if !is_done[to] {
                is_open[to] = true;
                stack.push((to, 0));
            }
        }
    }
    upward
}

/// The row of each box: below all that lead down to it.
fn rows(graph: &Graph, upward: &[bool]) -> Vec<usize> {
    let downward = || {
        let edges = graph.edges.iter().zip(upward);
        edges.filter(|(_, upward)| !**upward).map(|(edge, _)| *edge)
    };
    let mut waiting = vec![0; graph.sizes.len()];
    let mut out = vec![Vec::new(); graph.sizes.len()];
    for (from, to) in downward() {
        waiting[to] += 1;
        out[from].push(to);
    }
    let mut rows = vec![0; graph.sizes.len()];
    let mut ready = (0..waiting.len())
        .filter(|at| waiting[*at] == 0)
        .collect::<Vec<_>>();
    while let Some(at) = ready.pop() {
        for to in &out[at] {
            rows[*to] = rows[*to].max(rows[at] + 1);
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    rows
}

fn chains(graph: &Graph, upward: &[bool], rows: &[usize], spots: &mut Vec<Spot>) -> Vec<Chain> {
    let mut chains = Vec::new();
    for ((from, to), is_upward) in graph.edges.iter().zip(upward) {
        let mut chain = Chain {
            spots: Vec::new(),
            is_upward: *is_upward,
        };
        // One that leads up passes the rows of both its ends, beside the boxes.
        let passed = if *is_upward {
            rows[*to]..rows[*from] + 1
        } else {
            rows[*from] + 1..rows[*to]
        };
        if !is_upward {
            chain.spots.push(*from);
        }
        for row in passed {
            chain.spots.push(spots.len());
            spots.push(Spot {
                row,
                width: 0.0,
                x: 0.0,
                is_box: false,
            });
        }
        if !is_upward {
            chain.spots.push(*to);
        }
        chains.push(chain);
    }
    chains
}

/// What is to be near each other, in neighbouring rows.
fn links(graph: &Graph, chains: &[Chain]) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    for (chain, (from, to)) in chains.iter().zip(&graph.edges) {
        links.extend(chain.spots.windows(2).map(|pair| (pair[0], pair[1])));
        // An edge that leads up stands beside the boxes at its ends; this draws it to them.
        if chain.is_upward
            && let [.., last_but_one, _] = chain.spots[..]
        {
            links.push((*to, chain.spots[1]));
            links.push((last_but_one, *from));
        }
    }
    links
}

/// How far apart the middles of two neighbours of a row must be.
fn separation(left: &Spot, right: &Spot) -> f64 {
    let gap = if left.is_box && right.is_box {
        GAP
    } else {
        WAYPOINT_GAP
    };
    (left.width + right.width) / 2.0 + gap
}

/// Moves each row so that its spots are as near to the middles of their neighbours as their order allows.
fn place_sideways(spots: &mut [Spot], order: &[Vec<usize>], links: &[(usize, usize)]) {
    let mut above = vec![Vec::new(); spots.len()];
    let mut below = vec![Vec::new(); spots.len()];
    for (upper, lower) in links {
        below[*upper].push(*lower);
        above[*lower].push(*upper);
    }
    for row in order {
        let mut x = 0.0;
        for (at, spot) in row.iter().enumerate() {
            if at > 0 {
                x += separation(&spots[row[at - 1]], &spots[*spot]);
            }
            spots[*spot].x = x;
        }
    }
    for sweep in 0..SWEEPS {
        let is_down = sweep % 2 == 0;
        let neighbours = if is_down { &above } else { &below };
        let rows: Box<dyn Iterator<Item = &Vec<usize>>> = if is_down {
            Box::new(order.iter())
        } else {
            Box::new(order.iter().rev())
        };
        for row in rows {
            let wanted = row
                .iter()
                .map(|spot| wanted(*spot, &neighbours[*spot], spots));
            let wanted = wanted.collect::<Vec<_>>();
            settle(spots, row, &wanted);
        }
    }
}

/// Where a spot wants to be, and how much.
fn wanted(spot: usize, neighbours: &[usize], spots: &[Spot]) -> (f64, f64) {
    if neighbours.is_empty() {
        return (spots[spot].x, 0.1);
    }
    let sum = neighbours.iter().map(|other| spots[*other].x).sum::<f64>();
    let middle = sum / neighbours.len() as f64;
    // Straight long edges are worth more than centred boxes.
    let is_passing = !spots[spot].is_box && neighbours.iter().all(|other| !spots[*other].is_box);
    (middle, if is_passing { 4.0 } else { 1.0 })
}

/// The places nearest to the wanted ones that keep order and distance: by pooling neighbours that collide.
fn settle(spots: &mut [Spot], row: &[usize], wanted: &[(f64, f64)]) {
    // Without the distances, what is left to keep is the order.
    let mut offsets = vec![0.0; row.len()];
    for at in 1..row.len() {
        offsets[at] = offsets[at - 1] + separation(&spots[row[at - 1]], &spots[row[at]]);
    }
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (at, (place, weight)) in wanted.iter().enumerate() {
        let mut pool = (place - offsets[at], *weight, 1);
        while let Some(last) = pools.last()
            && last.0 > pool.0
        {
            let weight = last.1 + pool.1;
            pool = (
                (last.0 * last.1 + pool.0 * pool.1) / weight,
                weight,
                last.2 + pool.2,
            );
            pools.pop();
        }
        pools.push(pool);
    }
    let mut at = 0;
    for (place, _, count) in pools {
        for _ in 0..count {
            spots[row[at]].x = place + offsets[at];
            at += 1;
        }
    }
}

/// A stretch of an edge that runs sideways between two rows.
struct Crossing {
    chain: usize,
    /// Which of the edge's sideways stretches.
    step: usize,
    from: f64,
    to: f64,
    /// Below which row, from 1 on; 0 is above the first.
    gap: usize,
    track: usize,
}

fn draw(graph: &Graph, spots: &[Spot], chains: &[Chain]) -> Layout {
    let row_count = spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0);
    let ports = Ports::new(graph, spots, chains);
    let mut crossings = Vec::new();
    for (index, chain) in chains.iter().enumerate() {
        let (_, to) = graph.edges[index];
        let (start, end) = (ports.bottom[index], ports.top[index]);
        // Where it passes, from its start on.
        let mut stops = vec![start];
        let passed = chain.spots.iter().filter(|spot| !spots[**spot].is_box);
        let passed = passed.map(|spot| spots[*spot].x).collect::<Vec<_>>();
        if chain.is_upward {
            stops.extend(passed.iter().rev());
        } else {
            stops.extend(&passed);
        }
        stops.push(end);
        let first = spots[graph.edges[index].0].row + 1;
        for (step, pair) in stops.windows(2).enumerate() {
            let gap = match chain.is_upward {
                true if step + 2 == stops.len() => spots[to].row,
                true => first - step,
                false => first + step,
            };
            crossings.push(Crossing {
                chain: index,
                step,
                from: pair[0],
                to: pair[1],
                gap,
                track: 0,
            });
        }
    }
    let track_counts = assign_tracks(&mut crossings, row_count);
    let mut heights = vec![0.0; row_count];
    for (spot, (_, height)) in spots.iter().zip(&graph.sizes) {
        heights[spot.row] = f64::max(heights[spot.row], *height);
    }
    // The top of each gap, then of the row below it.
    let mut gap_tops = Vec::new();
    let mut row_tops = Vec::new();
    let mut y = 0.0;
    for gap in 0..=row_count {
        gap_tops.push(y);
        let tracks = track_counts[gap].saturating_sub(1) as f64;
        let is_outside = (gap == 0 || gap == row_count) && track_counts[gap] == 0;
        y += if is_outside {
            0.0
        } else {
            2.0 * MARGIN + tracks * TRACK
        };
        if gap < row_count {
            row_tops.push(y);
            y += heights[gap];
        }
    }
    let left = spots
        .iter()
        .map(|spot| spot.x - spot.width / 2.0)
        .fold(f64::MAX, f64::min);
    let right = spots
        .iter()
        .map(|spot| spot.x + spot.width / 2.0)
        .fold(f64::MIN, f64::max);
    let boxes = spots.iter().zip(&graph.sizes);
    let boxes = boxes.map(|(spot, (width, _))| (spot.x - width / 2.0 - left, row_tops[spot.row]));
    let mut paths = vec![Vec::new(); chains.len()];
    crossings.sort_by_key(|crossing| (crossing.chain, crossing.step));
    for crossing in &crossings {
        let (from, to) = graph.edges[crossing.chain];
        let path = &mut paths[crossing.chain];
        let y = gap_tops[crossing.gap] + MARGIN + crossing.track as f64 * TRACK;
        if path.is_empty() {
            let start = row_tops[spots[from].row] + graph.sizes[from].1;
            path.push((crossing.from - left, start));
        }
        path.push((crossing.from - left, y));
        path.push((crossing.to - left, y));
        if (crossing.to - ports.top[crossing.chain]).abs() < 1e-9 && crossing.gap == spots[to].row {
            path.push((crossing.to - left, row_tops[spots[to].row]));
        }
    }
    Layout {
        boxes: boxes.collect(),
        paths,
        width: right - left,
        height: y,
    }
}

/// Gives the stretches of each gap tracks in which they do not cover each other. Returns how many each gap has.
fn assign_tracks(crossings: &mut [Crossing], row_count: usize) -> Vec<usize> {
    let mut counts = vec![0; row_count + 1];
    let mut by_gap = vec![Vec::new(); row_count + 1];
    for (at, crossing) in crossings.iter().enumerate() {
        by_gap[crossing.gap].push(at);
    }
    for (gap, mut members) in by_gap.into_iter().enumerate() {
        // Long ones first, so that short ones nest between them.
        members.sort_by(|a, b| {
            let len = |at: &usize| (crossings[*at].from - crossings[*at].to).abs();
            len(a).total_cmp(&len(b))
        });
        let mut tracks: Vec<Vec<(f64, f64)>> = Vec::new();
        for at in members {
            let (from, to) = (crossings[at].from, crossings[at].to);
            let range = (from.min(to) - TRACK / 2.0, from.max(to) + TRACK / 2.0);
            let is_free = |track: &Vec<(f64, f64)>| {
                track
                    .iter()
                    .all(|other| range.1 <= other.0 || other.1 <= range.0)
            };
            let free = match (from - to).abs() < 1.0 {
                // Straight ones need no track.
                true => Some(0),
                false => tracks.iter().position(is_free),
            };
            let track = free.unwrap_or(tracks.len());
            if track == tracks.len() {
                tracks.push(Vec::new());
            }
            if (from - to).abs() >= 1.0 {
                tracks[track].push(range);
            }
            crossings[at].track = track;
        }
        counts[gap] = tracks.len();
    }
    counts
}

/// Where edges leave and enter their boxes: side by side, in the order of where they go.
struct Ports {
    bottom: Vec<f64>,
    top: Vec<f64>,
}

impl Ports {
    fn new(graph: &Graph, spots: &[Spot], chains: &[Chain]) -> Self {
        // Where an edge goes to from its start, and comes from at its end.
        let near = |index: usize, is_start: bool| {
            let chain = &chains[index];
            let (from, to) = graph.edges[index];
            let spot = match (chain.is_upward, is_start) {
                (true, true) => chain.spots.last(),
                (true, false) => chain.spots.first(),
                (false, true) => chain.spots.get(1),
                (false, false) => chain.spots.iter().rev().nth(1),
            };
            spots[spot.copied().unwrap_or(if is_start { to } else { from })].x
        };
        let spread = |is_start: bool| {
            let mut by_box = vec![Vec::new(); graph.sizes.len()];
            for (index, (from, to)) in graph.edges.iter().enumerate() {
                by_box[if is_start { *from } else { *to }].push(index);
            }
            let mut ports = vec![0.0; graph.edges.len()];
            for (at, mut edges) in by_box.into_iter().enumerate() {
                edges.sort_by(|a, b| near(*a, is_start).total_cmp(&near(*b, is_start)));
                let width = graph.sizes[at].0;
                let step = (width / (edges.len() + 1) as f64).min(24.0);
                let first = spots[at].x - step * (edges.len().saturating_sub(1)) as f64 / 2.0;
                for (number, edge) in edges.into_iter().enumerate() {
                    ports[edge] = first + step * number as f64;
                }
            }
            ports
        };
        Ports {
            bottom: spread(true),
            top: spread(false),
        }
    }
}
