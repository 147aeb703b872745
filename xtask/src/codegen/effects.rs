//! Stack effects: from answers of `dis.stack_effect`, or C expressions, to the `Items` of the tables.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A part of the argument: its name in `pyco_code::Part`, and its value.
type Part = (&'static str, fn(i64) -> i64);

const PARTS: [Part; 6] = [
    ("Oparg", |oparg| oparg),
    ("LowBit", |oparg| oparg & 1),
    ("Bytes", |oparg| (oparg & 0xff) + (oparg >> 8)),
    ("IsThree", |oparg| i64::from(oparg == 3)),
    ("FlagCount", |oparg| i64::from((oparg & 15).count_ones())),
    ("SpecBit", |oparg| oparg >> 2 & 1),
];

/// The effect of going on and of jumping, from `{"*" | "-" | OPARG: [next, jump]}`.
pub(super) fn fit(answers: &Value) -> Result<(String, String)> {
    let answers = answers.as_object().context("not an object")?;
    let mut points = Vec::new();
    for (oparg, answer) in answers {
        let effect = |at: usize| answer[at].as_i64().context("not a number");
        // "*" (any argument) and "-" (no argument) come alone, so that any number stands for them.
        points.push((oparg.parse().unwrap_or(0), effect(0)?, effect(1)?));
    }
    let next = points
        .iter()
        .map(|(oparg, next, _)| (*oparg, *next))
        .collect::<Vec<_>>();
    let jump = points
        .iter()
        .map(|(oparg, _, jump)| (*oparg, *jump))
        .collect::<Vec<_>>();
    Ok((form(&next)?, form(&jump)?))
}

/// The one form that goes through all (argument, effect) points.
fn form(points: &[(i64, i64)]) -> Result<String> {
    let (_, first) = *points.first().context("no answers")?;
    if points.iter().all(|(_, effect)| *effect == first) {
        return Ok(format!("fixed({first})"));
    }
    for (name, part) in PARTS {
        for factor in [1, -1, 2, -2] {
            let constant = points[0].1 - factor * part(points[0].0);
            if points
                .iter()
                .all(|(oparg, effect)| constant + factor * part(*oparg) == *effect)
            {
                return Ok(format!("plus({constant}, {factor}, Part::{name})"));
            }
        }
    }
    bail!("no form fits {points:?}")
}

/// A count from a C expression in `oparg`, such as `1 + (oparg & 1)`.
pub(super) fn parse(expression: &str) -> Result<String> {
    let packed = expression.replace(' ', "");
    if let Ok(constant) = packed.parse::<i64>() {
        return Ok(format!("fixed({constant})"));
    }
    let (constant, rest) = match packed.split_once('+') {
        Some((number, rest)) if number.parse::<i64>().is_ok() => (number.parse::<i64>()?, rest),
        _ => (0, packed.as_str()),
    };
    let shifted = |rest: &str| {
        rest.strip_prefix("(oparg-")?
            .strip_suffix(')')?
            .parse::<i64>()
            .ok()
    };
    let (constant, factor, part) = match rest {
        "oparg" => (constant, 1, "Oparg"),
        "oparg*2" => (constant, 2, "Oparg"),
        "(oparg&1)" => (constant, 1, "LowBit"),
        "(oparg&0xFF)+(oparg>>8)" | "(oparg>>8)+(oparg&0xFF)" => (constant, 1, "Bytes"),
        "((oparg==3)?1:0)" => (constant, 1, "IsThree"),
        _ => match shifted(rest) {
            Some(less) => (constant - less, 1, "Oparg"),
            None => bail!("found the count {expression:?}, which no form matches"),
        },
    };
    Ok(format!("plus({constant}, {factor}, Part::{part})"))
}
