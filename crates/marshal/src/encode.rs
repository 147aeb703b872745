//! From a `Document` back to bytes: the inverse of `document`, exact to the byte.
//!
//! Nodes lie in the order of the bytes, so one pass over them suffices. Everything but the
//! contents of strings, floats and long numbers is written from the nodes.

use alloc::vec::Vec;

use crate::document::{FIRSTLINENO, RawNode};
use crate::typecode as tc;
use crate::{CodeLayout, Document};

impl Document<'_> {
    /// The bytes that this was read from, [`Document::trailing`] included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_to(&mut out);
        out
    }

    /// Appends to `out` what [`Document::encode`] returns.
    pub fn encode_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.input.len());
        let code_ints = 4 * self.code_layout().map_or(0, CodeLayout::leading_ints);
        for &node in &self.nodes {
            self.encode_node(node, code_ints, out);
        }
        out.extend_from_slice(self.trailing());
    }

    #[inline]
    fn encode_node(&self, node: RawNode, code_ints: usize, out: &mut Vec<u8>) {
        let position = node.position as usize;
        let argument = node.argument.to_le_bytes();
        match node.type_code() {
            FIRSTLINENO => out.extend_from_slice(&argument),
            tc::SHORT_ASCII | tc::SHORT_ASCII_INTERNED => {
                out.extend_from_slice(&[node.byte, argument[0]]);
                out.extend_from_slice(&self.input[position + 2..][..node.argument as usize]);
            }
            tc::STRING | tc::INTERNED | tc::UNICODE | tc::ASCII | tc::ASCII_INTERNED => {
                out.push(node.byte);
                out.extend_from_slice(&argument);
                out.extend_from_slice(&self.input[position + 5..][..node.argument as usize]);
            }
            tc::REF | tc::STRING_REF | tc::INT | tc::TUPLE | tc::LIST | tc::SET | tc::FROZENSET => {
                let [a, b, c, d] = argument;
                out.extend_from_slice(&[node.byte, a, b, c, d]);
            }
            tc::SMALL_TUPLE => out.extend_from_slice(&[node.byte, argument[0]]),
            tc::CODE => {
                out.push(node.byte);
                out.extend_from_slice(&self.input[position + 1..][..code_ints]);
            }
            tc::LONG => {
                out.push(node.byte);
                out.extend_from_slice(&argument);
                let digits = (node.argument as i32).unsigned_abs() as usize;
                out.extend_from_slice(&self.input[position + 5..][..2 * digits]);
            }
            code => {
                out.push(node.byte);
                let len = self.fixed_payload(code, position + 1);
                out.extend_from_slice(&self.input[position + 1..][..len]);
            }
        }
    }

    /// Bytes after the type byte of the rarer leaves, whose payload begins at `at`.
    fn fixed_payload(&self, code: u8, at: usize) -> usize {
        let text = |at: usize| self.input.get(at).map_or(0, |&len| 1 + usize::from(len));
        match code {
            tc::BINARY_FLOAT | tc::INT64 => 8,
            tc::BINARY_COMPLEX => 16,
            tc::FLOAT => text(at),
            tc::COMPLEX => {
                let real = text(at);
                real + text(at + real)
            }
            _ => 0,
        }
    }
}
