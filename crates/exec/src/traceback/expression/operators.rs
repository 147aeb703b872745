//! Expressions made of operators: from `a if b else c` down to `**`, and lists separated by commas.
//!
//! Invariant: each rule that may enter itself goes through [`Parser::nested`], which bounds the depth.

use std::cell::Cell;

use super::lexer::{Lexer, MAX_DEPTH, Spanned, Token};
use super::{Kind, Node, Parsed, Parser, Refused, Seen};
use crate::traceback::version::Version;

/// The binding strength of binary operators, loosest first.
fn strength(op: &str) -> Option<u8> {
    Some(match op {
        "|" => 0,
        "^" => 1,
        "&" => 2,
        "<<" | ">>" => 3,
        "+" | "-" => 4,
        "*" | "/" | "//" | "%" | "@" => 5,
        _ => return None,
    })
}

impl<'a> Parser<'a> {
    /// A parser at the start of `text`; `None` for a text that starts indented, which no statement may.
    pub(super) fn new(text: &'a str, version: Version) -> Option<Self> {
        let lexer = Lexer::new(text, version);
        let blank = text.len() - text.trim_start_matches([' ', '\t', '\x0c']).len();
        let is_indented = text[..blank].rsplit('\x0c').next() != Some("");
        let starts_blank = matches!(text.as_bytes().get(blank), None | Some(b'#' | b'\n'));
        let parser = Self {
            lexer,
            version,
            seen: Cell::new(None),
        };
        (!is_indented || starts_blank).then_some(parser)
    }

    fn look(&self) -> Parsed<Seen<'a>> {
        let position = self.lexer.position();
        if let Some(seen) = self.seen.get().filter(|seen| seen.position == position) {
            return Ok(seen);
        }
        let mut after = self.lexer;
        let token = after.take()?;
        let seen = Seen {
            position,
            token,
            after,
        };
        self.seen.set(Some(seen));
        Ok(seen)
    }

    /// The next token, without taking it.
    pub(super) fn peek(&self) -> Parsed<Token<'a>> {
        Ok(self.look()?.token.token)
    }

    pub(super) fn peek_start(&self) -> Parsed<usize> {
        Ok(self.look()?.token.start)
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Parsed<Spanned<'a>> {
        let seen = self.look()?;
        let depth = self.lexer.depth;
        self.lexer = seen.after;
        self.lexer.depth = depth;
        Ok(seen.token)
    }

    /// Takes the next token if it is this operator.
    pub(super) fn take_op(&mut self, op: &str) -> Parsed<bool> {
        let is_it = matches!(self.peek(), Ok(Token::Op(found)) if found == op);
        if is_it {
            self.take()?;
        }
        Ok(is_it)
    }

    /// Takes the next token if it is this keyword.
    pub(super) fn take_keyword(&mut self, word: &str) -> Parsed<bool> {
        let is_it = self.peek()? == Token::Keyword(word);
        if is_it {
            self.take()?;
        }
        Ok(is_it)
    }

    pub(super) fn expect_op(&mut self, op: &str) -> Parsed<()> {
        if self.take_op(op)? {
            Ok(())
        } else {
            Err(Refused)
        }
    }

    pub(super) fn expect_keyword(&mut self, word: &str) -> Parsed<()> {
        if self.take_keyword(word)? {
            Ok(())
        } else {
            Err(Refused)
        }
    }

    pub(super) fn expect_name(&mut self) -> Parsed<&'a str> {
        match self.take()?.token {
            Token::Name(name) => Ok(name),
            _ => Err(Refused),
        }
    }

    /// Newlines, then the end of the text.
    pub(super) fn expect_end(&mut self) -> Parsed<()> {
        loop {
            match self.take()?.token {
                Token::Newline => {}
                Token::End => return Ok(()),
                _ => return Err(Refused),
            }
        }
    }

    /// Runs `rule` one level deeper.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.lexer.depth >= MAX_DEPTH {
            return Err(Refused);
        }
        self.lexer.depth += 1;
        let result = rule(self);
        self.lexer.depth -= 1;
        result
    }

    /// Whether the next token can start an expression, or `*` before one.
    pub(super) fn at_expression(&self) -> Parsed<bool> {
        Ok(match self.peek()? {
            Token::Name(_) | Token::Number | Token::StringStart(_) => true,
            Token::Keyword(word) => {
                matches!(word, "False" | "None" | "True" | "await" | "lambda" | "not")
            }
            Token::Op(op) => matches!(op, "(" | "[" | "{" | "-" | "+" | "~" | "..." | "*"),
            _ => false,
        })
    }

    /// What may stand as a statement or after `=`: a yield, or expressions separated by commas.
    pub(super) fn statement_expression(&mut self) -> Parsed {
        if self.peek()? == Token::Keyword("yield") {
            return self.yield_expression();
        }
        self.star_expressions()
    }

    /// `yield`, `yield a, b` or `yield from a`.
    pub(super) fn yield_expression(&mut self) -> Parsed {
        let start = self.take()?.start;
        if self.take_keyword("from")? {
            self.expression()?;
        } else if self.at_expression()? {
            self.star_expressions()?;
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    /// Expressions, each possibly starred, separated by commas; with a comma it is a tuple.
    pub(super) fn star_expressions(&mut self) -> Parsed {
        self.comma_list(Self::star_expression)
    }

    fn comma_list(&mut self, item: fn(&mut Self) -> Parsed) -> Parsed {
        let start = self.peek_start()?;
        let first = item(self)?;
        let mut is_tuple = false;
        let mut is_target = first.is_target;
        while self.take_op(",")? {
            is_tuple = true;
            if !self.at_expression()? {
                break;
            }
            is_target &= item(self)?.is_target;
        }
        if !is_tuple {
            return Ok(first);
        }
        let end = self.lexer.last_end;
        Ok(Node::target(Kind::Other, start, end, is_target))
    }

    pub(super) fn star_expression(&mut self) -> Parsed {
        if self.peek()? == Token::Op("*") {
            return self.starred(0);
        }
        self.expression()
    }

    /// As [`Self::star_expression`], but `name := value` may stand there too.
    pub(super) fn star_named_expression(&mut self) -> Parsed {
        if self.peek()? == Token::Op("*") {
            return self.starred(0);
        }
        self.named_expression()
    }

    fn starred(&mut self, loosest: u8) -> Parsed {
        let start = self.take()?.start;
        let value = self.nested(|parser| parser.binary(loosest))?;
        let end = self.lexer.last_end;
        Ok(Node::target(Kind::Starred, start, end, value.is_target))
    }

    /// `name := value`, or an expression.
    pub(super) fn named_expression(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let node = self.expression()?;
        if self.peek()? != Token::Op(":=") {
            return Ok(node);
        }
        // Parentheses around the name are refused by the grammar.
        if node.kind != Kind::Name || node.start != start || node.end != self.lexer.last_end {
            return Err(Refused);
        }
        self.take()?;
        self.expression()?;
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    /// A conditional expression, a lambda, or anything that binds tighter.
    pub(super) fn expression(&mut self) -> Parsed {
        self.nested(|parser| {
            if parser.peek()? == Token::Keyword("lambda") {
                return parser.lambda();
            }
            let start = parser.peek_start()?;
            let node = parser.disjunction()?;
            if !parser.take_keyword("if")? {
                return Ok(node);
            }
            parser.disjunction()?;
            parser.expect_keyword("else")?;
            parser.expression()?;
            Ok(Node::new(Kind::Other, start, parser.lexer.last_end))
        })
    }

    /// `or`, `and`, `not` and comparisons, none of which has anchors.
    pub(super) fn disjunction(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let mut is_compound = false;
        let node = loop {
            while self.take_keyword("not")? {
                is_compound = true;
            }
            let node = self.comparison(&mut is_compound)?;
            if !self.take_keyword("or")? && !self.take_keyword("and")? {
                break node;
            }
            is_compound = true;
        };
        if !is_compound {
            return Ok(node);
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    fn comparison(&mut self, is_compound: &mut bool) -> Parsed {
        let mut node = self.binary(0)?;
        while self.comparison_operator()? {
            *is_compound = true;
            node = self.binary(0)?;
        }
        Ok(node)
    }

    pub(super) fn comparison_operator(&mut self) -> Parsed<bool> {
        // A bad token here may still belong to whatever comes next, which will refuse it.
        match self.peek()? {
            Token::Op("<" | ">" | "==" | ">=" | "<=" | "!=") => {}
            Token::Keyword("in") => {}
            Token::Keyword("is") => {
                self.take()?;
                self.take_keyword("not")?;
                return Ok(true);
            }
            Token::Keyword("not") => {
                self.take()?;
                self.expect_keyword("in")?;
                return Ok(true);
            }
            _ => return Ok(false),
        }
        self.take()?;
        Ok(true)
    }

    /// Binary operators that bind at least as tightly as `loosest`; recursion goes at most six deep here.
    pub(super) fn binary(&mut self, loosest: u8) -> Parsed {
        let start = self.peek_start()?;
        let mut left = self.factor()?;
        loop {
            let Token::Op(op) = self.peek()? else {
                return Ok(left);
            };
            let Some(strength) = strength(op).filter(|found| *found >= loosest) else {
                return Ok(left);
            };
            self.take()?;
            let right = self.binary(strength + 1)?;
            let kind = Kind::BinOp {
                left_end: left.end,
                right_start: right.start,
            };
            left = Node::new(kind, start, self.lexer.last_end);
        }
    }

    /// Signs, then a power.
    fn factor(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let mut is_signed = false;
        while let Token::Op("+" | "-" | "~") = self.peek()? {
            is_signed = true;
            self.take()?;
        }
        let node = self.power()?;
        if !is_signed {
            return Ok(node);
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    fn power(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let base = self.await_primary()?;
        if !self.take_op("**")? {
            return Ok(base);
        }
        let exponent = self.nested(Self::factor)?;
        let kind = Kind::BinOp {
            left_end: base.end,
            right_start: exponent.start,
        };
        Ok(Node::new(kind, start, self.lexer.last_end))
    }

    fn await_primary(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let is_await = self.take_keyword("await")?;
        let node = self.primary()?;
        if !is_await {
            return Ok(node);
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }
}
