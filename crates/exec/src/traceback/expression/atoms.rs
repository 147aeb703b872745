//! Atoms: names, numbers, strings, and what stands in brackets, comprehensions included.
//!
//! Invariant: a rule entered at an opening bracket takes everything up to the matching one.

use super::lexer::Token;
use super::{Kind, Node, Parsed, Parser, Refused};
use crate::traceback::version::Version;

impl Parser<'_> {
    pub(super) fn atom(&mut self) -> Parsed {
        let taken = self.take()?;
        match taken.token {
            Token::Name(_) => Ok(Node::new(Kind::Name, taken.start, taken.end)),
            Token::Keyword("None" | "True" | "False") | Token::Number | Token::Op("...") => {
                Ok(Node::new(Kind::Other, taken.start, taken.end))
            }
            Token::StringStart(prefix) => self.strings(taken.start, prefix),
            Token::Op("(") => self.nested(|parser| parser.parenthesised(taken.start)),
            Token::Op("[") => self.nested(|parser| parser.list(taken.start)),
            Token::Op("{") => self.nested(|parser| parser.braced(taken.start)),
            _ => Err(Refused),
        }
    }

    /// A group, a tuple or a generator expression, after its opening parenthesis.
    fn parenthesised(&mut self, start: usize) -> Parsed {
        if self.take_op(")")? {
            return Ok(Node::target(Kind::Other, start, self.lexer.last_end, true));
        }
        if self.peek()? == Token::Keyword("yield") {
            let node = self.yield_expression()?;
            self.expect_op(")")?;
            return Ok(node);
        }
        let first = self.star_named_expression()?;
        if self.at_comprehension()? {
            self.allow_starred_element(first)?;
            self.comprehension_clauses()?;
            self.expect_op(")")?;
            return Ok(Node::new(Kind::Other, start, self.lexer.last_end));
        }
        if self.peek()? == Token::Op(",") {
            let is_target = self.list_items(first)?;
            self.expect_op(")")?;
            let end = self.lexer.last_end;
            return Ok(Node::target(Kind::Other, start, end, is_target));
        }
        self.expect_op(")")?;
        if first.kind == Kind::Starred {
            return Err(Refused);
        }
        Ok(first)
    }

    fn list(&mut self, start: usize) -> Parsed {
        if self.take_op("]")? {
            return Ok(Node::target(Kind::Other, start, self.lexer.last_end, true));
        }
        let first = self.star_named_expression()?;
        let mut is_target = false;
        if self.at_comprehension()? {
            self.allow_starred_element(first)?;
            self.comprehension_clauses()?;
        } else {
            is_target = self.list_items(first)?;
        }
        self.expect_op("]")?;
        let end = self.lexer.last_end;
        Ok(Node::target(Kind::Other, start, end, is_target))
    }

    /// The items after `first`; whether one can assign to all of them.
    fn list_items(&mut self, first: Node) -> Parsed<bool> {
        let mut is_target = first.is_target;
        while self.take_op(",")? {
            if !self.at_expression()? {
                break;
            }
            is_target &= self.star_named_expression()?.is_target;
        }
        Ok(is_target)
    }

    /// A dict or a set, after its opening brace.
    fn braced(&mut self, start: usize) -> Parsed {
        if !self.take_op("}")? {
            if self.peek()? == Token::Op("**") {
                self.dict_items(true)?;
            } else {
                self.set_or_dict()?;
            }
            self.expect_op("}")?;
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    fn set_or_dict(&mut self) -> Parsed<()> {
        let key_start = self.peek_start()?;
        let first = self.star_named_expression()?;
        if first.kind != Kind::Starred && self.peek()? == Token::Op(":") {
            // A key may be `(a := b)`, but not `a := b`.
            if self.is_bare_walrus(key_start) {
                return Err(Refused);
            }
            self.take()?;
            self.expression()?;
            return self.dict_items(false);
        }
        if self.at_comprehension()? {
            self.allow_starred_element(first)?;
            return self.comprehension_clauses();
        }
        self.list_items(first)?;
        Ok(())
    }

    /// Whether `name :=` stands at `start`, with no parenthesis before it.
    pub(super) fn is_bare_walrus(&self, start: usize) -> bool {
        let mut lexer = self.lexer;
        lexer.pos = start;
        let is_name = matches!(lexer.take(), Ok(taken) if matches!(taken.token, Token::Name(_)));
        is_name && matches!(lexer.take(), Ok(taken) if taken.token == Token::Op(":="))
    }

    /// Items of a dict. `at_item` tells whether the next token starts one or follows one.
    fn dict_items(&mut self, mut at_item: bool) -> Parsed<()> {
        let mut is_first = true;
        loop {
            if at_item {
                if self.take_op("**")? {
                    let is_operand = self.unpacked_mapping()?;
                    let is_comprehension = self.at_comprehension()?;
                    let is_new = self.version >= Version::V3_15 && is_first;
                    if (is_comprehension && !is_new) || (!is_operand && !is_comprehension) {
                        return Err(Refused);
                    }
                } else {
                    self.expression()?;
                    self.expect_op(":")?;
                    self.expression()?;
                }
            }
            if is_first && self.at_comprehension()? {
                return self.comprehension_clauses();
            }
            is_first = false;
            at_item = true;
            if !self.take_op(",")? || self.peek()? == Token::Op("}") {
                return Ok(());
            }
        }
    }

    /// What follows `**` in a dict; whether it binds tighter than comparisons, as it must where no `for` follows.
    fn unpacked_mapping(&mut self) -> Parsed<bool> {
        if let Token::Keyword("not" | "lambda") = self.peek()? {
            self.expression()?;
            return Ok(false);
        }
        self.nested(|parser| parser.binary(0))?;
        let mut is_operand = true;
        while self.comparison_operator()? {
            is_operand = false;
            self.binary(0)?;
        }
        if self.take_keyword("and")? || self.take_keyword("or")? {
            is_operand = false;
            self.disjunction()?;
        }
        if self.take_keyword("if")? {
            is_operand = false;
            self.disjunction()?;
            self.expect_keyword("else")?;
            self.expression()?;
        }
        Ok(is_operand)
    }

    /// Whether `for` or `async for` comes next.
    pub(super) fn at_comprehension(&self) -> Parsed<bool> {
        Ok(matches!(
            self.peek()?,
            Token::Keyword("for") | Token::Keyword("async")
        ))
    }

    /// `*x` before `for` came with 3.15.
    pub(super) fn allow_starred_element(&self, element: Node) -> Parsed<()> {
        if element.kind == Kind::Starred && self.version < Version::V3_15 {
            return Err(Refused);
        }
        Ok(())
    }

    /// All `for … in … if …` clauses.
    pub(super) fn comprehension_clauses(&mut self) -> Parsed<()> {
        while self.at_comprehension()? {
            self.take_keyword("async")?;
            self.expect_keyword("for")?;
            self.comprehension_target()?;
            self.expect_keyword("in")?;
            self.disjunction()?;
            while self.take_keyword("if")? {
                self.disjunction()?;
            }
        }
        Ok(())
    }

    fn comprehension_target(&mut self) -> Parsed<()> {
        let mut item_count = 0_usize;
        loop {
            let is_starred = self.take_op("*")?;
            let node = self.binary(0)?;
            item_count += 1;
            let has_comma = self.take_op(",")?;
            let is_lone_starred = is_starred && item_count == 1 && !has_comma;
            if !node.is_target || is_lone_starred {
                return Err(Refused);
            }
            if !has_comma || self.peek()? == Token::Keyword("in") {
                return Ok(());
            }
        }
    }
}
