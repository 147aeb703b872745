//! The results as text, for people and for programs.

use super::{CONTROL, Row};

/// The rows whose names start so.
pub(super) fn group<'a>(rows: &'a [Row], group: &'a str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| row.name.starts_with(group))
}

/// The contestants other than pyco, in order of name.
pub(super) fn peers(rows: &[Row]) -> Vec<String> {
    let mut names: Vec<String> = rows
        .iter()
        .flat_map(|row| row.ratios.keys().cloned())
        .collect();
    names.retain(|name| name != CONTROL);
    names.sort();
    names.dedup();
    names
}

/// The geometric mean of pyco's ratios to a contestant.
pub(super) fn geometric_mean<'a>(rows: impl Iterator<Item = &'a Row>, peer: &str) -> Option<f64> {
    let logs: Vec<f64> = rows
        .filter_map(|row| row.ratios.get(peer))
        .map(|ratio| ratio.ln())
        .collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

pub(super) fn print(rows: &[Row]) {
    let peers = peers(rows);
    println!("Times faster than each, by CPU time (median of paired ratios); memory is the peak.");
    print!("{:<28} {:>9}", "program", "pyco ms");
    for peer in &peers {
        print!(" {:>26}", short(peer));
    }
    println!(" {:>8}", "control");
    for row in rows {
        let pyco = row.measured.get("pyco");
        let milliseconds = pyco.map_or(f64::NAN, |m| m.median() * 1e3);
        print!("{:<28} {milliseconds:>9.1}", row.name);
        for peer in &peers {
            match row.ratios.get(peer) {
                Some(ratio) => print!(" {ratio:>26.2}"),
                None => print!(" {:>26}", ""),
            }
        }
        let control = row.ratios.get(CONTROL).copied().unwrap_or(f64::NAN);
        println!(" {control:>8.2}");
        if let Some(count) = pyco.and_then(|m| m.instructions) {
            println!("    {:.1} million instructions", count as f64 / 1e6);
        }
    }
    for (name, what) in [("programs/", "programs"), ("micro/", "micro programs")] {
        print!("{:<28} {:>9}", format!("geometric mean, {what}"), "");
        for peer in &peers {
            match geometric_mean(group(rows, name), peer) {
                Some(mean) => print!(" {mean:>26.2}"),
                None => print!(" {:>26}", ""),
            }
        }
        println!();
    }
    print_memory(rows, &peers);
}

/// The peak memory of each.
fn print_memory(rows: &[Row], peers: &[String]) {
    println!("\nPeak memory in MiB.");
    print!("{:<28} {:>9}", "program", "pyco");
    for peer in peers {
        print!(" {:>26}", short(peer));
    }
    println!();
    for row in rows {
        print!("{:<28}", row.name);
        let names = std::iter::once("pyco").chain(peers.iter().map(String::as_str));
        for name in names {
            let width = if name == "pyco" { 9 } else { 26 };
            match row.measured.get(name) {
                Some(measured) => print!(" {:>width$.1}", measured.peak as f64 / 1024.0),
                None => print!(" {:>width$}", ""),
            }
        }
        println!();
    }
}

/// A contestant's name for the head of a column.
fn short(name: &str) -> String {
    name.replace("CPython ", "").replace(" with its ", " ")
}

/// One JSON object a row.
pub(super) fn json_lines(rows: &[Row]) -> String {
    rows.iter().map(json_line).collect()
}

fn json_line(row: &Row) -> String {
    let measured: serde_json::Map<String, serde_json::Value> = row
        .measured
        .iter()
        .map(|(name, m)| {
            let value = serde_json::json!({
                "seconds": m.seconds, "peak_kib": m.peak, "instructions": m.instructions,
            });
            (name.clone(), value)
        })
        .collect();
    let line = serde_json::json!({
        "name": row.name, "times_faster": row.ratios, "measured": measured,
    });
    format!("{line}\n")
}
