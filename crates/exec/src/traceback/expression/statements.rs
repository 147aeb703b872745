//! Simple statements, as far as [`super::first_statement`] needs them.
//!
//! Only the first statement is looked at closely. What follows it on its line matters merely by being valid or
//! not; compound statements cannot follow a `;`, so there are none here.

use super::lexer::Token;
use super::{FirstStatement, Kind, Node, Parsed, Parser, Refused};
use crate::traceback::version::Version;

/// Operators of augmented assignments.
const AUGMENTED: [&str; 13] = [
    "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**=", "//=", ">>=", "<<=",
];

impl Parser<'_> {
    pub(super) fn first_statement(&mut self) -> Parsed<FirstStatement> {
        while self.peek()? == Token::Newline {
            self.take()?;
        }
        if self.peek()? == Token::End {
            return Ok(FirstStatement::Missing);
        }
        let Some(call) = self.call_result()? else {
            return Ok(FirstStatement::Other);
        };
        while self.take_op(";")? {
            if matches!(self.peek()?, Token::Newline | Token::End) {
                break;
            }
            self.simple_statement()?;
        }
        self.expect_end()?;
        Ok(FirstStatement::CallResult {
            start: call.start,
            end: call.end,
        })
    }

    /// The call of `return name(...)` or `name = anything(...)`.
    fn call_result(&mut self) -> Parsed<Option<Node>> {
        if self.take_keyword("return")? {
            if !self.at_expression()? {
                return Ok(None);
            }
            let value = self.star_expressions()?;
            let is_match =
                matches!(value.kind, Kind::Call { is_name_called, .. } if is_name_called);
            return Ok(is_match.then_some(value));
        }
        let target = self.statement_expression()?;
        if target.kind != Kind::Name || !self.take_op("=")? {
            return Ok(None);
        }
        let value = self.statement_expression()?;
        let is_match = matches!(value.kind, Kind::Call { .. }) && self.peek()? != Token::Op("=");
        Ok(is_match.then_some(value))
    }

    fn simple_statement(&mut self) -> Parsed<()> {
        match self.peek()? {
            Token::Keyword("pass" | "break" | "continue") => self.take().map(|_| ()),
            Token::Keyword("return") => self.optional_after_keyword(Self::star_expressions),
            Token::Keyword("raise") => {
                self.optional_after_keyword(Self::expression)?;
                if self.take_keyword("from")? {
                    self.expression()?;
                }
                Ok(())
            }
            Token::Keyword("del") => {
                self.take()?;
                let is_target = self.star_expressions()?.is_target;
                if is_target { Ok(()) } else { Err(Refused) }
            }
            Token::Keyword("assert") => {
                self.take()?;
                self.expression()?;
                if self.take_op(",")? {
                    self.expression()?;
                }
                Ok(())
            }
            Token::Keyword("global" | "nonlocal") => {
                self.take()?;
                self.names()
            }
            Token::Keyword("import" | "from") => self.import(),
            Token::Name("lazy") if self.version >= Version::V3_15 && self.is_lazy_import()? => {
                self.take()?;
                self.import()
            }
            Token::Name("type") if self.version >= Version::V3_12 && self.is_type_alias()? => {
                self.type_alias()
            }
            _ => self.assignment(),
        }
    }

    fn optional_after_keyword(&mut self, rule: fn(&mut Self) -> Parsed) -> Parsed<()> {
        self.take()?;
        if self.at_expression()? {
            rule(self)?;
        }
        Ok(())
    }

    fn names(&mut self) -> Parsed<()> {
        self.expect_name()?;
        while self.take_op(",")? {
            self.expect_name()?;
        }
        Ok(())
    }

    fn token_after_next(&self) -> Parsed<Token<'_>> {
        let mut ahead = self.lexer;
        ahead.take()?;
        Ok(ahead.take()?.token)
    }

    fn is_lazy_import(&self) -> Parsed<bool> {
        let next = self.token_after_next()?;
        Ok(matches!(next, Token::Keyword("import" | "from")))
    }

    fn is_type_alias(&self) -> Parsed<bool> {
        Ok(matches!(self.token_after_next()?, Token::Name(_)))
    }

    fn type_alias(&mut self) -> Parsed<()> {
        self.take()?;
        self.expect_name()?;
        if self.take_op("[")? {
            // Type parameters; their inner rules cannot fail in code that ran.
            while self.take()?.token != Token::Op("]") {}
        }
        self.expect_op("=")?;
        self.expression().map(|_| ())
    }

    fn dotted_name(&mut self) -> Parsed<()> {
        self.expect_name()?;
        while self.take_op(".")? {
            self.expect_name()?;
        }
        Ok(())
    }

    fn optional_alias(&mut self) -> Parsed<()> {
        if self.take_keyword("as")? {
            self.expect_name()?;
        }
        Ok(())
    }

    fn import(&mut self) -> Parsed<()> {
        if self.take_keyword("import")? {
            loop {
                self.dotted_name()?;
                self.optional_alias()?;
                if !self.take_op(",")? {
                    return Ok(());
                }
            }
        }
        self.expect_keyword("from")?;
        let mut is_relative = false;
        while self.take_op(".")? || self.take_op("...")? {
            is_relative = true;
        }
        if !is_relative || matches!(self.peek()?, Token::Name(_)) {
            self.dotted_name()?;
        }
        self.expect_keyword("import")?;
        if self.take_op("*")? {
            return Ok(());
        }
        let is_parenthesised = self.take_op("(")?;
        loop {
            self.expect_name()?;
            self.optional_alias()?;
            let has_comma = self.take_op(",")?;
            if is_parenthesised && self.take_op(")")? {
                return Ok(());
            }
            if !has_comma {
                return if is_parenthesised {
                    Err(Refused)
                } else {
                    Ok(())
                };
            }
        }
    }

    fn assignment(&mut self) -> Parsed<()> {
        let mut node = self.statement_expression()?;
        if let Token::Op(op) = self.peek()?
            && AUGMENTED.contains(&op)
        {
            self.take()?;
            self.statement_expression()?;
            return if node.is_target { Ok(()) } else { Err(Refused) };
        }
        if self.take_op(":")? {
            self.expression()?;
            if self.take_op("=")? {
                self.statement_expression()?;
            }
            return if node.is_target { Ok(()) } else { Err(Refused) };
        }
        while self.take_op("=")? {
            if !node.is_target {
                return Err(Refused);
            }
            node = self.statement_expression()?;
        }
        Ok(())
    }
}
