//! What came out, by file: a line of a table, the failures as text, or JSON.

use std::fmt::Write;

use serde_json::json;

/// How a method ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Pass,
    Fail,
    Error,
    Skip,
    Crash,
    TimeOut,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Pass, "pass"),
    (Kind::Fail, "fail"),
    (Kind::Error, "error"),
    (Kind::Skip, "skip"),
    (Kind::Crash, "crash"),
    (Kind::TimeOut, "time-out"),
];

/// The table's first line.
pub(super) const HEADING: &str =
    "file                        pass  fail error  skip crash time-out   rate";

/// One method, or a whole file.
pub(super) struct Outcome {
    kind: Kind,
    name: String,
    text: String,
}

impl Outcome {
    pub(super) fn new(kind: Kind, name: &str, text: String) -> Outcome {
        Outcome {
            kind,
            name: name.to_owned(),
            text,
        }
    }

    fn name_of_kind(&self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self.kind)
            .map_or("", |(_, name)| name)
    }
}

/// All of a file.
pub(super) struct FileReport {
    name: String,
    pub(super) outcomes: Vec<Outcome>,
    /// What became of the file as a whole, if it was not run method by method.
    pub(super) whole: Option<Outcome>,
    counts: [usize; 6],
}

impl FileReport {
    pub(super) fn new(name: String) -> FileReport {
        FileReport {
            name,
            outcomes: Vec::new(),
            whole: None,
            counts: [0; 6],
        }
    }

    /// How many methods ended in each way.
    fn counts(&self) -> [usize; 6] {
        let mut counts = self.counts;
        for outcome in &self.outcomes {
            for (count, (kind, _)) in counts.iter_mut().zip(KINDS) {
                *count += usize::from(outcome.kind == kind);
            }
        }
        counts
    }

    /// Adds the numbers of another report.
    pub(super) fn add(&mut self, other: &FileReport) {
        for (count, more) in self.counts.iter_mut().zip(other.counts()) {
            *count += more;
        }
    }

    /// The table's line.
    pub(super) fn line(&self) -> String {
        let [pass, fail, error, skip, crash, time_out] = self.counts();
        let mut line = format!("{:<26}", self.name);
        if let Some(whole) = &self.whole
            && self.outcomes.is_empty()
        {
            let first = whole.text.lines().next().unwrap_or_default();
            let _ = write!(line, " {}: {first}", whole.name_of_kind());
            return line;
        }
        let run = pass + fail + error + crash + time_out;
        let rate = match run {
            0 => "-".to_owned(),
            _ => format!("{:.1}%", 100.0 * pass as f64 / run as f64),
        };
        let _ = write!(
            line,
            " {pass:>5} {fail:>5} {error:>5} {skip:>5} {crash:>5} {time_out:>8} {rate:>6}"
        );
        line
    }

    /// What did not pass, with its text.
    pub(super) fn failures(&self) -> String {
        let mut out = String::new();
        let failed = self.outcomes.iter().chain(&self.whole);
        for outcome in failed.filter(|o| o.kind != Kind::Pass) {
            let mut lines = outcome.text.lines();
            let first = lines.next().unwrap_or_default();
            let _ = writeln!(
                out,
                "  {} {}: {first}",
                outcome.name_of_kind(),
                outcome.name
            );
            for line in lines {
                let _ = writeln!(out, "      {line}");
            }
        }
        out
    }

    /// One JSON object.
    pub(super) fn to_json(&self, version: &str) -> serde_json::Value {
        let counts = KINDS.iter().zip(self.counts());
        let counts = counts.map(|((_, name), count)| ((*name).to_owned(), json!(count)));
        let outcomes = self
            .outcomes
            .iter()
            .chain(&self.whole)
            .filter(|o| o.kind != Kind::Pass);
        let outcomes = outcomes
            .map(|o| json!({"method": o.name, "outcome": o.name_of_kind(), "text": o.text}));
        json!({
            "file": self.name,
            "python": version,
            "counts": counts.collect::<serde_json::Map<_, _>>(),
            "not_passed": outcomes.collect::<Vec<_>>(),
        })
    }
}
