//! What a pattern is matched against: a str, or anything bytes-like.

use pyco_exec::object::buffer::bytes_of;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::str_::Str;
use pyco_exec::text::{StrView, Unit};
use pyco_exec::{PyResult, Value, Vm};

use super::matcher::{Found, Matcher, Question};
use super::pattern::Pattern;

/// A text, which stays as it is while it is matched.
pub(super) struct Text {
    pub(super) value: Value,
    /// The bytes of what could change.
    copied: Option<Vec<u8>>,
}

impl Text {
    /// The text in a value, which has to be of the pattern's kind.
    pub(super) fn of(vm: &mut Vm, pattern: &Pattern, value: &Value) -> PyResult<Text> {
        let is_str = value.downcast::<Str>().is_some();
        let mut copied = None;
        if !is_str && value.downcast::<Bytes>().is_none() {
            let Some(bytes) = bytes_of(vm, value) else {
                let found = vm.type_name(value);
                let message = format!("expected string or bytes-like object, got '{found}'");
                return Err(vm.type_error(message));
            };
            copied = Some(bytes.to_vec());
        }
        match pattern.is_bytes {
            Some(false) if !is_str => {
                Err(vm.type_error("cannot use a string pattern on a bytes-like object"))
            }
            Some(true) if is_str => {
                Err(vm.type_error("cannot use a bytes pattern on a string-like object"))
            }
            _ => Ok(Text {
                value: value.clone(),
                copied,
            }),
        }
    }

    /// The characters; bytes count as characters below 256.
    fn view(&self) -> StrView<'_> {
        if let Some(copied) = &self.copied {
            return StrView::Latin1(copied);
        }
        if let Some(text) = self.value.downcast::<Str>() {
            return text.view();
        }
        let bytes = self
            .value
            .downcast::<Bytes>()
            .map_or(&[][..], |bytes| bytes.data());
        StrView::Latin1(bytes)
    }

    pub(super) fn len(&self) -> usize {
        self.view().len()
    }

    /// Part of the text, as a str or bytes.
    pub(super) fn slice(&self, vm: &Vm, from: usize, to: usize) -> Value {
        let len = self.len();
        let (from, to) = (from.min(len), to.min(len));
        let is_all = from == 0 && to == len;
        let range = from..to.max(from);
        if let Some(text) = self.value.downcast::<Str>() {
            if is_all && text.is_exact() {
                return self.value.clone();
            }
            return vm.str_from_view(text.view().substr(range).view());
        }
        match self.view() {
            _ if is_all && self.value.downcast::<Bytes>().is_some_and(|b| b.is_exact()) => {
                self.value.clone()
            }
            StrView::Latin1(bytes) => vm.new_bytes(bytes[range].to_vec()),
            _ => vm.new_bytes(Vec::new()),
        }
    }

    /// The first match of a pattern.
    pub(super) fn find(
        &self,
        vm: &mut Vm,
        pattern: &Pattern,
        question: Question,
    ) -> PyResult<Option<Found>> {
        match self.view() {
            StrView::Ascii(units) | StrView::Latin1(units) => find_in(vm, pattern, units, question),
            StrView::Ucs2(units) => find_in(vm, pattern, units, question),
            StrView::Ucs4(units) => find_in(vm, pattern, units, question),
        }
    }
}

fn find_in<U: Unit>(
    vm: &mut Vm,
    pattern: &Pattern,
    text: &[U],
    question: Question,
) -> PyResult<Option<Found>> {
    let matcher = Matcher {
        text,
        program: &pattern.program,
        groups: pattern.groups,
        unicode: vm.unicode_version(),
        empty_has_no_boundary: vm.version().minor() >= 14,
    };
    matcher.find(vm, question)
}
