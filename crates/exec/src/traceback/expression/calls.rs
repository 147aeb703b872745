//! What follows an atom: attributes, calls and subscripts; and the parameters of a lambda.
//!
//! Invariant: trailers are a loop, so a chain of any length costs no stack.

use super::lexer::Token;
use super::{Kind, Node, Parsed, Parser, Refused};

/// What kinds of argument a call has had so far.
#[derive(Default)]
struct Arguments {
    count: usize,
    has_keyword: bool,
    has_mapping: bool,
    has_bare_generator: bool,
}

impl Parser<'_> {
    /// An atom and its trailers.
    pub(super) fn primary(&mut self) -> Parsed {
        let start = self.peek_start()?;
        let mut node = self.atom()?;
        loop {
            let Ok(next) = self.peek() else {
                return Ok(node);
            };
            node = match next {
                Token::Op(".") => {
                    self.take()?;
                    self.expect_name()?;
                    Node::target(Kind::Other, start, self.lexer.last_end, true)
                }
                Token::Op("(") => {
                    self.take()?;
                    self.nested(Self::arguments)?;
                    let kind = Kind::Call {
                        func_end: node.end,
                        is_name_called: node.kind == Kind::Name,
                    };
                    Node::new(kind, start, self.lexer.last_end)
                }
                Token::Op("[") => {
                    self.take()?;
                    let slice_end = self.nested(Self::slices)?;
                    let kind = Kind::Subscript {
                        value_end: node.end,
                        slice_end,
                    };
                    Node::new(kind, start, self.lexer.last_end)
                }
                _ => return Ok(node),
            };
        }
    }

    /// The arguments of a call and its closing parenthesis, after the opening one.
    pub(super) fn arguments(&mut self) -> Parsed<()> {
        let mut seen = Arguments::default();
        loop {
            if self.take_op(")")? {
                break;
            }
            self.argument(&mut seen)?;
            seen.count += 1;
            if !self.take_op(",")? {
                self.expect_op(")")?;
                break;
            }
            // A generator without its own parentheses must be the only argument.
            if seen.has_bare_generator {
                return Err(Refused);
            }
        }
        if seen.has_bare_generator && seen.count > 1 {
            return Err(Refused);
        }
        Ok(())
    }

    fn argument(&mut self, seen: &mut Arguments) -> Parsed<()> {
        if self.take_op("**")? {
            seen.has_mapping = true;
            self.expression()?;
            return Ok(());
        }
        if self.take_op("*")? {
            self.expression()?;
            if seen.has_mapping {
                return Err(Refused);
            }
            if self.at_comprehension()? {
                let starred = Node::new(Kind::Starred, 0, 0);
                self.allow_starred_element(starred)?;
                seen.has_bare_generator = true;
                return self.comprehension_clauses();
            }
            return Ok(());
        }
        let mut ahead = self.lexer;
        let is_name = matches!(ahead.take()?.token, Token::Name(_));
        if is_name && matches!(ahead.take(), Ok(taken) if taken.token == Token::Op("=")) {
            self.lexer = ahead;
            seen.has_keyword = true;
            self.expression()?;
            return Ok(());
        }
        self.named_expression()?;
        if self.at_comprehension()? {
            seen.has_bare_generator = true;
            self.comprehension_clauses()?;
        }
        if seen.has_keyword || seen.has_mapping {
            return Err(Refused);
        }
        Ok(())
    }

    /// What stands between `[` and `]`, and the `]`; gives the end of the subscript proper.
    fn slices(&mut self) -> Parsed<usize> {
        let first = self.slice()?;
        let mut end = first.end;
        let mut is_tuple = first.kind == Kind::Starred;
        while self.take_op(",")? {
            is_tuple = true;
            if self.peek()? == Token::Op("]") {
                break;
            }
            self.slice()?;
        }
        if is_tuple {
            end = self.lexer.last_end;
        }
        self.expect_op("]")?;
        Ok(end)
    }

    fn slice(&mut self) -> Parsed {
        let start = self.peek_start()?;
        if self.peek()? != Token::Op(":") {
            if self.take_op("*")? {
                self.expression()?;
                return Ok(Node::new(Kind::Starred, start, self.lexer.last_end));
            }
            let is_bare_walrus = self.is_bare_walrus(start);
            let node = self.named_expression()?;
            if self.peek()? != Token::Op(":") {
                return Ok(node);
            }
            if is_bare_walrus {
                return Err(Refused);
            }
        }
        self.take()?;
        if !matches!(self.peek()?, Token::Op(":" | "]" | ",")) {
            self.expression()?;
        }
        if self.take_op(":")? && !matches!(self.peek()?, Token::Op("]" | ",")) {
            self.expression()?;
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    /// A lambda, from its keyword on.
    pub(super) fn lambda(&mut self) -> Parsed {
        let start = self.take()?.start;
        self.lambda_parameters()?;
        // In a replacement field the colon starts the format spec instead.
        if self.lexer.field_depth == Some(self.lexer.brackets) {
            return Err(Refused);
        }
        self.expect_op(":")?;
        self.expression()?;
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    fn lambda_parameters(&mut self) -> Parsed<()> {
        let mut count = 0_usize;
        let (mut has_slash, mut has_star, mut has_default) = (false, false, false);
        let mut needs_name = false;
        while self.peek()? != Token::Op(":") {
            match self.take()?.token {
                Token::Op("/") if count > 0 && !has_slash && !has_star => has_slash = true,
                Token::Op("*") if !has_star => {
                    has_star = true;
                    if let Token::Name(_) = self.peek()? {
                        self.take()?;
                    } else {
                        needs_name = true;
                    }
                }
                Token::Op("**") if !needs_name => {
                    self.expect_name()?;
                    self.take_op(",")?;
                    return Ok(());
                }
                Token::Name(_) => {
                    needs_name = false;
                    if self.take_op("=")? {
                        self.expression()?;
                        has_default = true;
                    } else if has_default && !has_star {
                        return Err(Refused);
                    }
                }
                _ => return Err(Refused),
            }
            count += 1;
            if !self.take_op(",")? {
                break;
            }
        }
        if needs_name { Err(Refused) } else { Ok(()) }
    }
}
