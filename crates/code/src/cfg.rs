//! [`ControlFlow`]: the basic blocks of a code object, the edges between them, and which block dominates which.
//!
//! Invariants: blocks are in the order of the bytecode, do not overlap and together are all of it; block 0 is the
//! entry; an edge leads to the start of a block. Building takes near-linear time and does not recurse.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use pyco_linetable::ByteOffset;

use crate::code_object::CodeObject;
use crate::error::{Error, ErrorKind};
use crate::exception_table::ExceptionEntry;
use crate::instruction::Instruction;
use crate::op::Op;

/// Why execution goes from one block to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// From the last instruction on to the one after it.
    Next,
    /// The last instruction jumps.
    Jump,
    /// An instruction raises, and the exception table sends it to a handler (3.11 on).
    Exception,
    /// The last instruction sets up a handler or a loop's end, to be gone to later (up to 3.10).
    Setup,
}

/// An edge of the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    /// The block that it leads to, by number.
    pub target: usize,
    /// Why it is taken.
    pub kind: EdgeKind,
}

/// A run of instructions that execution enters at the first and leaves after the last, but for exceptions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The first byte.
    pub start: ByteOffset,
    /// The byte after the last.
    pub end: ByteOffset,
    /// Where execution goes from here.
    pub edges: Vec<Edge>,
    /// Where execution comes from, by number of the block.
    pub predecessors: Vec<usize>,
}

/// The control-flow graph of a code object.
///
/// ```
/// use pyco_code::{CodeObject, ControlFlow, Version};
/// # let marshalled = b"c\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xf3\x04\0\0\0\x95\0g\0)\x01N\
/// #     \xa9\0r\x01\0\0\0\xf3\0\0\0\0\xda\x08empty.py\xda\x08<module>r\x04\0\0\0\x01\0\0\0\
/// #     s\x05\0\0\0\xf1\x03\x01\x01\x01r\x02\0\0\0";
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// let graph = ControlFlow::of(&code)?;
/// assert_eq!(graph.blocks().len(), 1);
/// assert!(graph.blocks()[0].edges.is_empty());
/// # Ok::<(), pyco_code::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ControlFlow {
    blocks: Vec<Block>,
    /// The immediate dominator of each block that can be reached; of the entry, itself.
    dominators: Vec<Option<usize>>,
}

impl ControlFlow {
    /// The graph of a code object of any version.
    ///
    /// # Errors
    /// Where the bytecode or the exception table is malformed, and where one of them leads to somewhere that is not the
    /// start of an instruction.
    pub fn of(code: &CodeObject) -> Result<Self, Error> {
        let instructions = code.instructions().collect::<Result<Vec<_>, _>>()?;
        let entries = code
            .exceptiontable()
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let leaders = leaders(&instructions, &entries)?;
        let mut blocks = Vec::new();
        let mut current = Vec::new();
        for instruction in &instructions {
            if leaders.contains(&instruction.start.0) && !current.is_empty() {
                blocks.push(block(&current));
                current.clear();
            }
            current.push(*instruction);
        }
        if !current.is_empty() {
            blocks.push(block(&current));
        }
        let last = |block: &Block| {
            let at = instructions.partition_point(|instruction| instruction.end < block.end);
            instructions[at]
        };
        let entries = Handlers::new(entries);
        let edges = blocks
            .iter()
            .map(|block| edges(&blocks, block, &last(block), &entries));
        let edges = edges.collect::<Result<Vec<_>, _>>()?;
        for (from, edges) in edges.into_iter().enumerate() {
            for edge in &edges {
                blocks[edge.target].predecessors.push(from);
            }
            blocks[from].edges = edges;
        }
        let dominators = dominators(&blocks);
        Ok(ControlFlow { blocks, dominators })
    }

    /// The blocks, in the order of the bytecode; the first is where execution starts.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The number of the block that holds an offset.
    #[must_use]
    pub fn block_at(&self, offset: ByteOffset) -> Option<usize> {
        let at = self.blocks.partition_point(|block| block.end <= offset);
        (at < self.blocks.len()).then_some(at)
    }

    /// Whether anything leads to a block.
    #[must_use]
    pub fn is_reachable(&self, block: usize) -> bool {
        self.dominators.get(block).copied().flatten().is_some()
    }

    /// The last block before this one that every way from the entry to it passes; `None` for the entry and for
    /// what cannot be reached.
    #[must_use]
    pub fn immediate_dominator(&self, block: usize) -> Option<usize> {
        let dominator = self.dominators.get(block).copied().flatten()?;
        (dominator != block).then_some(dominator)
    }

    /// Whether every way from the entry to `block` passes `dominator`; a block dominates itself.
    #[must_use]
    pub fn dominates(&self, dominator: usize, block: usize) -> bool {
        let mut at = self.is_reachable(block).then_some(block);
        while let Some(block) = at {
            if block == dominator {
                return true;
            }
            at = self.immediate_dominator(block);
        }
        false
    }
}

fn block(instructions: &[Instruction]) -> Block {
    let (start, end) = match instructions {
        [first, .., last] => (first.start, last.end),
        [only] => (only.start, only.end),
        [] => (ByteOffset(0), ByteOffset(0)),
    };
    Block {
        start,
        end,
        edges: Vec::new(),
        predecessors: Vec::new(),
    }
}

/// Where blocks start.
fn leaders(
    instructions: &[Instruction],
    entries: &[ExceptionEntry],
) -> Result<BTreeSet<u32>, Error> {
    let mut leaders = BTreeSet::new();
    let end = instructions.last().map_or(0, |last| last.end.0);
    for instruction in instructions {
        let target = jump_target(instruction)?;
        leaders.extend(target);
        if target.is_some() || ends(instruction.op()) {
            leaders.insert(instruction.end.0);
        }
    }
    for entry in entries {
        let places = [entry.start, entry.end, entry.target];
        leaders.extend(places.map(|unit| unit.to_bytes().0));
    }
    let is_start = |offset: &u32| {
        let found = instructions.binary_search_by_key(offset, |instruction| instruction.start.0);
        found.is_ok() || *offset == end
    };
    match leaders.iter().find(|offset| !is_start(offset)) {
        Some(offset) => Err(Error::bytecode(ErrorKind::NotAnInstruction, *offset)),
        None => Ok(leaders),
    }
}

/// Where an instruction jumps to, if it really jumps.
fn jump_target(instruction: &Instruction) -> Result<Option<u32>, Error> {
    // What END_ASYNC_FOR names is where the loop began, for who monitors it.
    let Some(target) = instruction
        .jump_target()
        .filter(|_| instruction.op() != Op::EndAsyncFor)
    else {
        return Ok(None);
    };
    match target {
        Some(target) => Ok(Some(target.0)),
        None => {
            let kind = ErrorKind::JumpOutOfRange(instruction.op());
            Err(Error::bytecode(kind, instruction.offset.0))
        }
    }
}

/// The edges of a block whose last instruction is `last`.
fn edges(
    blocks: &[Block],
    block: &Block,
    last: &Instruction,
    entries: &Handlers,
) -> Result<Vec<Edge>, Error> {
    let find = |offset: u32| {
        let found = blocks.binary_search_by_key(&offset, |block| block.start.0);
        found.map_err(|_| Error::bytecode(ErrorKind::JumpOutOfRange(last.op()), last.offset.0))
    };
    let mut edges = Vec::new();
    if let Some(target) = jump_target(last)? {
        let kind = if sets_up(last.op()) {
            EdgeKind::Setup
        } else {
            EdgeKind::Jump
        };
        edges.push(Edge {
            target: find(target)?,
            kind,
        });
    }
    // Bytecode that ends without a return has nowhere to go on to.
    if !ends(last.op())
        && let Ok(target) = find(block.end.0)
    {
        edges.push(Edge {
            target,
            kind: EdgeKind::Next,
        });
    }
    if let Some(entry) = entries.covering(block.start) {
        let target = find(entry.target.to_bytes().0)?;
        edges.push(Edge {
            target,
            kind: EdgeKind::Exception,
        });
    }
    edges.sort();
    Ok(edges)
}

/// The entries of an exception table, to be asked which covers a block. No block lies partly in an entry's range.
struct Handlers {
    entries: Vec<ExceptionEntry>,
    /// Whether they are as the compiler writes them: in order, and without overlap.
    is_sorted: bool,
}

impl Handlers {
    fn new(entries: Vec<ExceptionEntry>) -> Self {
        let is_sorted = entries.windows(2).all(|pair| pair[0].end <= pair[1].start);
        Handlers { entries, is_sorted }
    }

    /// The first entry that covers an offset.
    fn covering(&self, offset: ByteOffset) -> Option<&ExceptionEntry> {
        let offset = offset.to_units();
        let first = if self.is_sorted {
            self.entries.partition_point(|entry| entry.end <= offset)
        } else {
            self.entries
                .iter()
                .position(|entry| entry.start <= offset && offset < entry.end)?
        };
        self.entries
            .get(first)
            .filter(|entry| entry.start <= offset)
    }
}

/// Whether execution never goes on to the instruction after one.
fn ends(op: Op) -> bool {
    crate::edit::ends(op) || matches!(op, Op::JumpAbsolute | Op::BreakLoop | Op::ContinueLoop)
}

/// Whether an instruction of 3.10 or before notes its target for later instead of jumping to it.
fn sets_up(op: Op) -> bool {
    matches!(
        op,
        Op::SetupLoop | Op::SetupExcept | Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith
    )
}

/// The immediate dominator of each block, by the iterative algorithm of Cooper, Harvey and Kennedy.
fn dominators(blocks: &[Block]) -> Vec<Option<usize>> {
    let order = reverse_postorder(blocks);
    let mut number = vec![usize::MAX; blocks.len()];
    for (at, block) in order.iter().enumerate() {
        number[*block] = at;
    }
    let mut dominators = vec![None; blocks.len()];
    if let Some(entry) = order.first() {
        dominators[*entry] = Some(*entry);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for block in order.iter().skip(1) {
            let mut new = None;
            for from in &blocks[*block].predecessors {
                if dominators[*from].is_some() {
                    new =
                        Some(new.map_or(*from, |other| common(&dominators, &number, *from, other)));
                }
            }
            if dominators[*block] != new {
                dominators[*block] = new;
                changed = true;
            }
        }
    }
    dominators
}

/// The nearest block that dominates both.
fn common(dominators: &[Option<usize>], number: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        let later = if number[a] > number[b] {
            &mut a
        } else {
            &mut b
        };
        match dominators[*later] {
            Some(dominator) if dominator != *later => *later = dominator,
            _ => return *later,
        }
    }
    a
}

/// The blocks that can be reached, each before those that it leads to, as far as there are no loops.
fn reverse_postorder(blocks: &[Block]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; blocks.len()];
    let mut open = Vec::new();
    if let Some(first) = seen.first_mut() {
        *first = true;
        open.push((0, 0));
    }
    while let Some((block, next)) = open.last_mut() {
        match blocks[*block].edges.get(*next) {
            Some(edge) => {
                *next += 1;
                if !core::mem::replace(&mut seen[edge.target], true) {
                    open.push((edge.target, 0));
                }
            }
            None => {
                order.push(*block);
                open.pop();
            }
        }
    }
    order.reverse();
    order
}
