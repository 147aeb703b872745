//! [`Picture`]: boxes of text and edges between them, as an SVG.

use std::fmt::Write;

use pyco_code::EdgeKind;

use super::layout::{Graph, layout};

/// The width of a character of the typewriter font, and the height of a line, in pixels.
const CHARACTER: f64 = 7.25;
const LINE: f64 = 16.0;
const PADDING: f64 = 10.0;
/// Around everything.
const BORDER: f64 = 24.0;
/// The height of title and key.
const HEAD: f64 = 74.0;
/// The least width, for title and key.
const MIN_WIDTH: f64 = 640.0;

const STYLE: &str = "
  text { font: 12px 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
  .head { font: bold 16px 'DejaVu Sans', 'Liberation Sans', Helvetica, Arial, sans-serif }
  .key { font: 12px 'DejaVu Sans', 'Liberation Sans', Helvetica, Arial, sans-serif; fill: #57606a }
  .title { font-weight: bold; fill: #57606a }
  .source { fill: #0a5c2b }
  .offset { fill: #8c959f }
  .argument { fill: #0550ae }
  .box { fill: #ffffff; stroke: #8c959f }
  .bar { fill: #eaeef2 }
  .entry .bar { fill: #cfe8d5 }
  .handler .box { fill: #fff8f7; stroke: #d1807a }
  .handler .bar { fill: #ffd8d3 }
  .unreachable { opacity: 0.55 }
  .edge { fill: none; stroke-width: 1.6; stroke-linejoin: round }
  .next { stroke: #57606a; marker-end: url(#next) }
  .jump { stroke: #0969da; marker-end: url(#jump) }
  .exception { stroke: #cf222e; stroke-width: 1.2; stroke-dasharray: 5 3; marker-end: url(#exception) }
  .setup { stroke: #9a6700; stroke-width: 1.2; stroke-dasharray: 2 3; marker-end: url(#setup) }
";

/// Class, colour and meaning of each kind of edge.
const KINDS: [(&str, &str, &str); 4] = [
    ("next", "#57606a", "goes on"),
    ("jump", "#0969da", "jumps"),
    ("exception", "#cf222e", "raises"),
    ("setup", "#9a6700", "sets up"),
];

/// What a box is.
#[derive(Clone, Copy)]
pub(super) enum Shade {
    Entry,
    Plain,
    Handler,
    Unreachable,
}

/// A line of a box.
pub(super) enum Row {
    Title(String),
    Source(u32, String),
    Instruction {
        offset: u32,
        name: &'static str,
        argument: String,
    },
}

impl Row {
    fn len(&self) -> usize {
        match self {
            Row::Title(text) => text.chars().count(),
            Row::Source(line, text) => line.to_string().len() + 2 + text.chars().count(),
            Row::Instruction { name, argument, .. } => {
                ARGUMENT_AT.max(NAME_AT + name.len() + 1) + argument.chars().count()
            }
        }
    }
}

/// The columns at which names and arguments start.
const NAME_AT: usize = 6;
const ARGUMENT_AT: usize = 30;

/// Boxes and edges.
pub(super) struct Picture {
    title: String,
    subtitle: String,
    boxes: Vec<(Shade, Vec<Row>)>,
    edges: Vec<(usize, usize, EdgeKind)>,
}

impl Picture {
    pub(super) fn new(title: &str, subtitle: &str) -> Self {
        Picture {
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            boxes: Vec::new(),
            edges: Vec::new(),
        }
    }

    pub(super) fn add_box(&mut self, shade: Shade, rows: Vec<Row>) {
        self.boxes.push((shade, rows));
    }

    pub(super) fn add_edge(&mut self, from: usize, to: usize, kind: EdgeKind) {
        self.edges.push((from, to, kind));
    }

    pub(super) fn to_svg(&self) -> String {
        let size = |(_, rows): &(Shade, Vec<Row>)| {
            let longest = rows.iter().map(Row::len).max().unwrap_or(0);
            let width = longest as f64 * CHARACTER + 2.0 * PADDING;
            // A pixel of every width is even, so that middles are whole.
            let width = (width / 2.0).ceil() * 2.0;
            (width, rows.len() as f64 * LINE + PADDING)
        };
        let graph = Graph {
            sizes: self.boxes.iter().map(size).collect(),
            edges: self
                .edges
                .iter()
                .map(|(from, to, _)| (*from, *to))
                .collect(),
        };
        let layout = layout(&graph);
        let width = layout.width.max(MIN_WIDTH) + 2.0 * BORDER;
        let height = layout.height + HEAD + 2.0 * BORDER;
        let left = BORDER + (layout.width.max(MIN_WIDTH) - layout.width) / 2.0;
        let mut out = String::new();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\">\n<style>{STYLE}</style>\n<defs>"
        );
        for (name, colour, _) in KINDS {
            let _ = writeln!(
                out,
                "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
                 markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
                 <path d=\"M0 0 L8 4 L0 8 z\" fill=\"{colour}\"/></marker>"
            );
        }
        let _ = writeln!(
            out,
            "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#f6f8fa\"/>"
        );
        self.head(&mut out);
        let _ = writeln!(
            out,
            "<g transform=\"translate({left:.1} {:.1})\">",
            HEAD + BORDER
        );
        // Exceptions are drawn first, below what is more often followed.
        let mut drawn = (0..self.edges.len()).collect::<Vec<_>>();
        drawn.sort_by_key(|edge| std::cmp::Reverse(class(self.edges[*edge].2)));
        for edge in drawn {
            path(&layout.paths[edge], class(self.edges[edge].2), &mut out);
        }
        for ((shade, rows), (place, size)) in
            self.boxes.iter().zip(layout.boxes.iter().zip(&graph.sizes))
        {
            draw_box(*shade, rows, *place, *size, &mut out);
        }
        out.push_str("</g>\n</svg>\n");
        out
    }

    fn head(&self, out: &mut String) {
        let _ = write!(out, "<text class=\"head\" x=\"{BORDER}\" y=\"34\">");
        escape(&self.title, out);
        let _ = write!(out, "</text>\n<text class=\"key\" x=\"{BORDER}\" y=\"54\">");
        escape(&self.subtitle, out);
        out.push_str("</text>\n");
        let mut x = BORDER;
        for (at, (name, _, meaning)) in KINDS.iter().enumerate() {
            if !self.edges.iter().any(|(.., kind)| class(*kind) == at) {
                continue;
            }
            let _ = writeln!(
                out,
                "<path class=\"edge {name}\" d=\"M{x} 74 H{}\"/>\
                 <text class=\"key\" x=\"{}\" y=\"78\">{meaning}</text>",
                x + 40.0,
                x + 48.0
            );
            x += 120.0;
        }
    }
}

/// Which of [`KINDS`] an edge is.
fn class(kind: EdgeKind) -> usize {
    match kind {
        EdgeKind::Next => 0,
        EdgeKind::Jump => 1,
        EdgeKind::Exception => 2,
        EdgeKind::Setup => 3,
    }
}

/// A line with rounded corners.
fn path(points: &[(f64, f64)], class: usize, out: &mut String) {
    const RADIUS: f64 = 5.0;
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    let _ = write!(
        out,
        "<path class=\"edge {}\" d=\"M{:.1} {:.1}",
        KINDS[class].0, first.0, first.1
    );
    let mut before = *first;
    for (at, point) in rest.iter().enumerate() {
        let (to_here, len) = direction(before, *point);
        let Some(next) = rest.get(at + 1) else {
            let _ = write!(out, " L{:.1} {:.1}", point.0, point.1);
            break;
        };
        let (from_here, next_len) = direction(*point, *next);
        if len < 0.5 {
            continue;
        }
        let radius = RADIUS.min(len / 2.0).min(next_len / 2.0);
        let _ = write!(
            out,
            " L{:.1} {:.1} Q{:.1} {:.1} {:.1} {:.1}",
            point.0 - to_here.0 * radius,
            point.1 - to_here.1 * radius,
            point.0,
            point.1,
            point.0 + from_here.0 * radius,
            point.1 + from_here.1 * radius
        );
        before = *point;
    }
    out.push_str("\"/>\n");
}

/// From one point to another: the direction, and how far.
fn direction(from: (f64, f64), to: (f64, f64)) -> ((f64, f64), f64) {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let len = x.hypot(y);
    if len == 0.0 {
        return ((0.0, 0.0), 0.0);
    }
    ((x / len, y / len), len)
}

fn draw_box(
    shade: Shade,
    rows: &[Row],
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    out: &mut String,
) {
    let class = match shade {
        Shade::Entry => "entry",
        Shade::Plain => "plain",
        Shade::Handler => "handler",
        Shade::Unreachable => "unreachable",
    };
    let _ = writeln!(
        out,
        "<g class=\"{class}\" transform=\"translate({x:.1} {y:.1})\">\
         <rect class=\"box\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\"/>\
         <rect class=\"bar\" x=\"0.8\" y=\"0.8\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\"/>",
        width - 1.6,
        LINE + 3.0
    );
    for (number, row) in rows.iter().enumerate() {
        let y = (number as f64 + 1.0) * LINE - 2.0;
        let text = |class: &str, column: usize, text: &str, out: &mut String| {
            let x = PADDING + column as f64 * CHARACTER;
            let _ = write!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">");
            escape(text, out);
            out.push_str("</text>");
        };
        match row {
            Row::Title(title) => text("title", 0, title, out),
            Row::Source(line, source) => text("source", 0, &format!("{line}  {source}"), out),
            Row::Instruction {
                offset,
                name,
                argument,
            } => {
                text("offset", 0, &format!("{offset:>5}"), out);
                text("name", NAME_AT, name, out);
                text(
                    "argument",
                    ARGUMENT_AT.max(NAME_AT + name.len() + 1),
                    argument,
                    out,
                );
            }
        }
        out.push('\n');
    }
    out.push_str("</g>\n");
}

/// Text as XML has it; what XML has not becomes U+FFFD.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
