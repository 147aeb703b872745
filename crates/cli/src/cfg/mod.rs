//! `pyco cfg`: the control-flow graph of one code object as a picture, an SVG.

mod layout;
mod order;
mod svg;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use pyco_code::{ArgKind, Block, CodeObject, Constant, ControlFlow, EdgeKind, Instruction, Op};

use crate::input;
use crate::source;
use svg::{Picture, Row, Shade};

/// Longer texts are cut, in characters.
const MAX_TEXT: usize = 64;

/// More blocks than anyone could read.
const MAX_BLOCKS: usize = 4000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The .pyc file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The code object, by its qualified name; `<module>` is the outermost
    #[arg(value_name = "QUALNAME")]
    qualname: String,
    /// Where the picture goes
    #[arg(short, long, value_name = "OUT.svg")]
    output: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let bytes = input::read(&args.file)?;
    let (_, module) = input::code(&bytes)?;
    let code = module
        .find(&args.qualname)
        .ok_or_else(|| missing(&module, &args.qualname))?;
    let source = source::find(&args.file, &code.filename().to_string_lossy());
    let picture = picture(code, source.as_deref())?;
    fs::write(&args.output, picture.to_svg())
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| args.output.display().to_string())
}

fn missing(module: &CodeObject, qualname: &str) -> anyhow::Error {
    const SHOWN: usize = 12;
    let names = module.walk().take(SHOWN + 1);
    let mut names = names
        .map(|code| code.qualname().to_string_lossy().into_owned())
        .collect::<Vec<_>>();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…".into());
    }
    anyhow!(
        "found no code object {qualname}, expected one of {}",
        names.join(", ")
    )
}

/// What is drawn of a code object.
fn picture(code: &CodeObject, source: Option<&str>) -> Result<Picture> {
    let graph = ControlFlow::of(code)?;
    let blocks = graph.blocks();
    if blocks.len() > MAX_BLOCKS {
        bail!(
            "found {} blocks, expected at most {MAX_BLOCKS} to draw",
            blocks.len()
        );
    }
    let instructions = code.instructions().collect::<Result<Vec<_>, _>>()?;
    let source = source.map(|text| text.lines().collect::<Vec<_>>());
    let source = source.unwrap_or_default();
    let starts = blocks
        .iter()
        .enumerate()
        .map(|(at, block)| (block.start.0, at));
    let numbers = starts.collect::<BTreeMap<_, _>>();
    let mut picture = Picture::new(
        &format!("{} in {}", code.qualname(), code.filename()),
        &format!(
            "CPython {}, {} blocks, first line {}",
            code.version(),
            blocks.len(),
            code.firstlineno()
        ),
    );
    for (at, block) in blocks.iter().enumerate() {
        let is_handler = is_handler(&graph, at);
        let shade = match () {
            () if at == 0 => Shade::Entry,
            () if !graph.is_reachable(at) => Shade::Unreachable,
            () if is_handler => Shade::Handler,
            () => Shade::Plain,
        };
        picture.add_box(
            shade,
            rows(code, block, at, &instructions, &source, &numbers)?,
        );
    }
    for (from, block) in blocks.iter().enumerate() {
        for edge in &block.edges {
            picture.add_edge(from, edge.target, edge.kind);
        }
    }
    Ok(picture)
}

/// Whether all ways to a block are exceptions.
fn is_handler(graph: &ControlFlow, block: usize) -> bool {
    let predecessors = &graph.blocks()[block].predecessors;
    let is_raised = |from: &usize| {
        let edges = graph.blocks()[*from].edges.iter();
        edges
            .filter(|edge| edge.target == block)
            .all(|edge| matches!(edge.kind, EdgeKind::Exception | EdgeKind::Setup))
    };
    !predecessors.is_empty() && predecessors.iter().all(is_raised)
}

/// The lines of a block: its number, and its instructions below the source that they come from.
fn rows(
    code: &CodeObject,
    block: &Block,
    number: usize,
    instructions: &[Instruction],
    source: &[&str],
    numbers: &BTreeMap<u32, usize>,
) -> Result<Vec<Row>> {
    let mut rows = vec![Row::Title(format!("block {number}"))];
    let first = instructions.partition_point(|instruction| instruction.start < block.start);
    let mut line = None;
    for instruction in &instructions[first..] {
        if instruction.start >= block.end {
            break;
        }
        let found = code
            .location(instruction.offset)?
            .line()
            .filter(|line| *line > 0);
        if found != line
            && let Some(found) = found
        {
            let text = source
                .get(found as usize - 1)
                .map_or("", |text| text.trim());
            rows.push(Row::Source(found, cut(text)));
        }
        line = found;
        rows.push(Row::Instruction {
            offset: instruction.offset.0,
            name: instruction.op().name(),
            argument: cut(&argument(code, instruction, numbers)),
        });
    }
    Ok(rows)
}

/// What the argument means, or the number where it means no more than that.
fn argument(
    code: &CodeObject,
    instruction: &Instruction,
    numbers: &BTreeMap<u32, usize>,
) -> String {
    if let Some(Some(target)) = instruction.jump_target() {
        let to = if instruction.op() == Op::EndAsyncFor {
            "from"
        } else {
            "to"
        };
        return match numbers.range(..=target.0).next_back() {
            Some((_, block)) => format!("{to} block {block}"),
            None => format!("{to} {}", target.0),
        };
    }
    let constant = code.consts().get(instruction.oparg as usize);
    if let (ArgKind::Const, Some(Constant::Code(inner))) = (instruction.info.arg, constant) {
        return format!("<code {}>", inner.name());
    }
    let text = code.argrepr(instruction);
    match instruction.info.has_arg() {
        true if text.is_empty() => instruction.oparg.to_string(),
        _ => text,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
