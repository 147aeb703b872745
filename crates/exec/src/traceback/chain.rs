//! Exceptions one after the other, the first cause first, and the boxes of exception groups.
//!
//! 3.11 and 3.12 walk the exceptions while printing; later versions first decide for all of them which links
//! are new. Invariant: recursion happens only into the members of a group, which ends at [`MAX_GROUP_DEPTH`].

use std::collections::HashSet;
use std::fmt::{self, Write};

use super::report::{Exception, Frame, Report, SourceLines};
use super::stack::{self, Style};
use super::version::Version;
use super::{message, pystr};

const MAX_GROUP_WIDTH: usize = 15;
const MAX_GROUP_DEPTH: usize = 10;

/// Groups that hold each other many times over would be unfolded without end; beyond this many nodes, and some more
/// for each exception there is, links are left out.
const MAX_NODES: usize = 1 << 14;
const MAX_NODES_PER_EXCEPTION: usize = 4;

const CAUSE: &str = "The above exception was the direct cause of the following exception:\n";
const CONTEXT: &str = "During handling of the above exception, another exception occurred:\n";

/// Writes a report.
pub(super) struct Printer<'a> {
    pub(super) report: &'a Report,
    pub(super) version: Version,
    pub(super) limit: Option<i64>,
    pub(super) source: SourceLines<'a>,
    pub(super) out: &'a mut dyn Write,
    depth: usize,
    needs_close: bool,
    seen: HashSet<usize>,
    links: Vec<Links>,
}

/// The links of one exception that are followed, as indices into [`Printer::links`].
#[derive(Default)]
struct Links {
    exception: usize,
    cause: Option<usize>,
    context: Option<usize>,
    members: Vec<usize>,
}

/// An exception of a chain and how the one before it in the text relates to it.
struct Step {
    /// For 3.13 and later an index into [`Printer::links`], before into the report.
    node: usize,
    relation: Option<&'static str>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        report: &'a Report,
        version: Version,
        limit: Option<i64>,
        source: SourceLines<'a>,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            report,
            version,
            limit,
            source,
            out,
            depth: 0,
            needs_close: false,
            seen: HashSet::new(),
            links: Vec::new(),
        }
    }

    /// Writes the first exception of the report and all that belongs to it.
    pub(super) fn print(&mut self) -> fmt::Result {
        if self.report.exceptions.is_empty() {
            return Ok(());
        }
        if self.is_modern() {
            self.resolve_links();
        }
        self.chain(0)
    }

    fn is_modern(&self) -> bool {
        self.version >= Version::V3_13
    }

    fn exception(&self, index: Option<usize>) -> Option<&'a Exception> {
        self.report.exceptions.get(index?)
    }

    /// Decides which links are followed, in CPython's order: an exception seen before is not shown again as
    /// cause or context.
    fn resolve_links(&mut self) {
        let mut queue = vec![self.add_node(0)];
        while let Some(node) = queue.pop() {
            let Some(exception) = self.exception(Some(self.links[node].exception)) else {
                continue;
            };
            let cause = self.add_unseen(exception.cause);
            let wants_context = cause.is_none() && !exception.suppress_context;
            let context = match wants_context {
                true => self.add_unseen(exception.context),
                false => None,
            };
            let mut members = Vec::new();
            for member in exception.members.iter().flatten() {
                if self.exception(Some(*member)).is_some() && self.has_room() {
                    members.push(self.add_node(*member));
                }
            }
            queue.extend(
                cause
                    .into_iter()
                    .chain(context)
                    .chain(members.iter().copied()),
            );
            let links = &mut self.links[node];
            (links.cause, links.context, links.members) = (cause, context, members);
        }
    }

    fn has_room(&self) -> bool {
        let count = self.report.exceptions.len();
        self.links.len() < MAX_NODES + count.saturating_mul(MAX_NODES_PER_EXCEPTION)
    }

    fn add_node(&mut self, exception: usize) -> usize {
        self.seen.insert(exception);
        self.links.push(Links {
            exception,
            ..Links::default()
        });
        self.links.len() - 1
    }

    fn add_unseen(&mut self, exception: Option<usize>) -> Option<usize> {
        let index = exception?;
        self.exception(exception)?;
        let is_new = !self.seen.contains(&index) && self.has_room();
        is_new.then(|| self.add_node(index))
    }

    fn chain(&mut self, node: usize) -> fmt::Result {
        let steps = if self.is_modern() {
            self.modern_steps(node)
        } else {
            self.plain_steps(node)
        };
        let needs_close = self.needs_close;
        for step in steps.iter().rev() {
            if let Some(relation) = step.relation {
                self.emit("\n")?;
                self.emit(relation)?;
                self.emit("\n")?;
            }
            if !self.is_modern() {
                self.needs_close = needs_close;
            }
            self.one(step.node)?;
        }
        Ok(())
    }

    fn modern_steps(&self, node: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut next = Some(node);
        while let Some(node) = next {
            let links = &self.links[node];
            let relation = match (links.cause, links.context) {
                (Some(_), _) => Some(CAUSE),
                (None, Some(_)) => Some(CONTEXT),
                (None, None) => None,
            };
            next = links.cause.or(links.context);
            steps.push(Step { node, relation });
        }
        steps
    }

    fn plain_steps(&mut self, first: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut next = Some(first);
        while let (Some(node), Some(exception)) = (next, self.exception(next)) {
            self.seen.insert(node);
            let is_cause = self.exception(exception.cause).is_some();
            let (link, relation) = if is_cause {
                (exception.cause, CAUSE)
            } else {
                let context = exception.context.filter(|_| !exception.suppress_context);
                (context, CONTEXT)
            };
            next = link
                .filter(|link| self.exception(Some(*link)).is_some() && !self.seen.contains(link));
            let relation = next.map(|_| relation);
            steps.push(Step { node, relation });
        }
        steps
    }

    /// One exception without its chain.
    fn one(&mut self, node: usize) -> fmt::Result {
        let index = if self.is_modern() {
            self.links[node].exception
        } else {
            node
        };
        let Some(exception) = self.exception(Some(index)) else {
            return Ok(());
        };
        if exception.members.is_none() {
            return self.body(exception, "Traceback (most recent call last):\n", false);
        }
        if self.depth > MAX_GROUP_DEPTH {
            return self.emit(&format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"));
        }
        let is_top = self.depth == 0;
        self.depth += usize::from(is_top);
        let header = "Exception Group Traceback (most recent call last):\n";
        self.body(exception, header, is_top)?;
        let members: Vec<usize> = if self.is_modern() {
            self.links[node].members.clone()
        } else {
            exception.members.iter().flatten().copied().collect()
        };
        let count = exception.members.as_ref().map_or(0, Vec::len);
        self.members(&members, count)?;
        self.depth -= usize::from(is_top);
        Ok(())
    }

    /// The boxes of a group with `count` members, of which those beyond the shown ones may be missing here.
    fn members(&mut self, members: &[usize], count: usize) -> fmt::Result {
        let shown = members.len().min(MAX_GROUP_WIDTH + 1);
        self.needs_close = false;
        for (index, member) in members.iter().take(shown).enumerate() {
            let is_last = index + 1 == shown;
            if is_last {
                self.needs_close = true;
            }
            let is_cut = index == MAX_GROUP_WIDTH;
            let corner = if index == 0 { "+-" } else { "  " };
            let title = if is_cut {
                "...".to_owned()
            } else {
                (index + 1).to_string()
            };
            let indent = self.indent();
            writeln!(
                self.out,
                "{indent}{corner}+---------------- {title} ----------------"
            )?;
            self.depth += 1;
            if is_cut {
                let left = count.saturating_sub(MAX_GROUP_WIDTH);
                let plural = if left > 1 { "s" } else { "" };
                self.emit(&format!("and {left} more exception{plural}\n"))?;
            } else {
                self.chain(*member)?;
            }
            if is_last && self.needs_close {
                let indent = self.indent();
                writeln!(self.out, "{indent}+------------------------------------")?;
                self.needs_close = false;
            }
            self.depth -= 1;
        }
        Ok(())
    }

    /// The traceback and the message.
    fn body(&mut self, exception: &'a Exception, header: &str, is_top_group: bool) -> fmt::Result {
        let frames = self.frames(exception);
        if !frames.is_empty() {
            let margin = if is_top_group { "+ " } else { "| " };
            self.emit_with(header, margin)?;
            // 3.11 and 3.12 do not indent the lines within one write, so each line brings its own margin.
            let margin = if self.is_modern() {
                String::new()
            } else {
                self.margin()
            };
            for entry in stack::format(frames, &margin, self.context()) {
                if self.is_modern() {
                    self.emit(&entry)?;
                } else {
                    self.out.write_str(&entry)?;
                }
            }
        }
        for line in message::lines(exception, self.version) {
            self.emit(&line)?;
        }
        Ok(())
    }

    fn context(&self) -> stack::Context<'a> {
        stack::Context {
            version: self.version,
            style: Style::of(self.version),
            source: self.source,
        }
    }

    fn frames(&self, exception: &'a Exception) -> &'a [Frame] {
        stack::within_limit(&exception.frames, self.limit, Style::of(self.version))
    }

    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    fn margin(&self) -> String {
        let bar = if self.depth > 0 { "| " } else { "" };
        self.indent() + bar
    }

    fn emit(&mut self, text: &str) -> fmt::Result {
        self.emit_with(text, "| ")
    }

    fn emit_with(&mut self, text: &str, margin: &str) -> fmt::Result {
        if self.depth == 0 {
            return self.out.write_str(text);
        }
        let prefix = self.indent() + margin;
        if self.is_modern() {
            return self.out.write_str(&pystr::indent(text, &prefix));
        }
        self.out.write_str(&prefix)?;
        self.out.write_str(text)
    }
}
