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
        print!(
            " {:>26}",
            peer.replace("CPython ", "").replace(" with its ", " ")
        );
    }
    println!(" {:>8} {:>9} {:>10}", "control", "pyco MiB", "others MiB");
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
        let mib = |peak: u64| peak as f64 / 1024.0;
        let control = row.ratios.get(CONTROL).copied().unwrap_or(f64::NAN);
        let others = row.measured.iter().filter(|(name, _)| *name != "pyco");
        let others = others.map(|(_, m)| m.peak).min().unwrap_or(0);
        let own = pyco.map_or(0, |m| m.peak);
        println!(" {control:>8.2} {:>9.1} {:>10.1}", mib(own), mib(others));
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
}

pub(super) fn print_json(row: &Row) {
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
    println!("{line}");
}
