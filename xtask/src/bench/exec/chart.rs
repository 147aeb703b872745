//! The results as a bar chart for the docs.

use std::fmt::Write;

use super::Row;
use super::table::{geometric_mean, group, peers};

const LEFT: f64 = 190.0;
const WIDTH: f64 = 520.0;
const BAR: f64 = 9.0;
const COLOURS: [&str; 4] = ["#2f6f9f", "#7fb0d0", "#c58b3b", "#8a8a8a"];

/// Bars of how many times faster pyco is than each contestant; the line is at 1.
pub(super) fn svg(rows: &[Row]) -> String {
    let peers = peers(rows);
    let mut bars: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    for name in ["programs/", "micro/"] {
        for row in group(rows, name) {
            let ratios = peers.iter().map(|p| row.ratios.get(p).copied()).collect();
            bars.push((row.name.clone(), ratios));
        }
        let means = peers.iter().map(|p| geometric_mean(group(rows, name), p));
        bars.push((format!("{name} geometric mean"), means.collect()));
    }
    let most = bars.iter().flat_map(|(_, r)| r.iter().flatten().copied());
    let most = most.fold(1.0, f64::max).ceil();
    let scale = WIDTH / most;
    let step = BAR * peers.len() as f64 + 6.0;
    let top = 24.0 + 16.0 * peers.len() as f64;
    let height = top + step * bars.len() as f64 + 20.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{height:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        LEFT + WIDTH + 60.0
    );
    for (n, peer) in peers.iter().enumerate() {
        let (y, colour) = (14.0 + 16.0 * n as f64, COLOURS[n % COLOURS.len()]);
        let _ = writeln!(
            out,
            "<rect x=\"{LEFT}\" y=\"{:.0}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"{y:.0}\">times faster than {peer}</text>",
            y - 9.0,
            LEFT + 16.0
        );
    }
    for (row, (name, ratios)) in bars.iter().enumerate() {
        let y = top + step * row as f64;
        let _ = writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 6.0,
            y + step / 2.0 + 1.0
        );
        for (n, ratio) in ratios.iter().enumerate() {
            let Some(ratio) = ratio else { continue };
            let (y, width) = (y + BAR * n as f64, ratio * scale);
            let colour = COLOURS[n % COLOURS.len()];
            let _ = writeln!(
                out,
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"8\">{ratio:.2}</text>",
                BAR - 1.0,
                LEFT + width + 3.0,
                y + BAR - 2.0
            );
        }
    }
    let one = LEFT + scale;
    let _ = writeln!(
        out,
        "<line x1=\"{one:.1}\" x2=\"{one:.1}\" y1=\"{top:.0}\" y2=\"{:.0}\" stroke=\"black\" stroke-dasharray=\"3 2\"/>\n</svg>",
        height - 14.0
    );
    out
}
