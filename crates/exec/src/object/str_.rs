//! str: the object. The units stand inline behind the header; algorithms are in [`crate::text`], methods in
//! `object/str_methods.rs`.
//!
//! Invariants:
//! - `len` units of the width of `kind` follow the payload, in the narrowest kind that holds the largest code point.
//! - `hash` is `NO_HASH` until it was asked for; it depends on the VM's hash key.

use std::cell::Cell;
use std::fmt;
use std::ptr::NonNull;

use crate::heap;
use crate::object::header::{Kind as PayloadKind, Obj, Payload, Ref, flags};
use crate::object::type_::Type;
use crate::text::{HashKey, Kind, StrBuf, StrView};
use crate::value::Value;
use crate::vm::Vm;

/// CPython's hashes are never -1.
const NO_HASH: i64 = -1;

/// A str's payload, followed by its units.
#[repr(C)]
pub struct Str {
    hash: Cell<i64>,
    len: usize,
    kind: Kind,
    // Aligned like the payload, so that the units start where it ends.
    units: [u64; 0],
}

impl Payload for Str {
    const KIND: PayloadKind = PayloadKind::Str;

    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}

    #[inline(always)]
    fn object_size(&self) -> usize {
        size_of::<Obj<Str>>() + (self.len * self.kind.unit_size()).next_multiple_of(8)
    }
}

impl Str {
    /// A new str of class `ty` with this text.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(ty: &Ref<Type>, text: StrView<'_>) -> Ref<Str> {
        let bytes = text.unit_bytes();
        let size = size_of::<Obj<Str>>() + bytes.len().next_multiple_of(8);
        // SAFETY: the payload and the units behind it are written whole, and `object_size` gives the same size.
        unsafe {
            Ref::allocate(ty, size, |object: NonNull<Obj<Str>>| {
                let payload = Obj::payload_ptr(object);
                payload.write(Str {
                    hash: Cell::new(NO_HASH),
                    len: text.len(),
                    kind: text.kind(),
                    units: [],
                });
                payload
                    .add(1)
                    .cast::<u8>()
                    .copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
            })
        }
    }

    /// A new str of class `ty`, made of these texts one after the other, if all have one byte a character and the whole is no longer
    /// than `most`. Writes each text once, where it is to stand.
    pub(crate) fn joined<'a>(
        ty: &Ref<Type>,
        parts: impl Iterator<Item = StrView<'a>> + Clone,
        most: usize,
    ) -> Option<Ref<Str>> {
        let (mut len, mut kind) = (0usize, Kind::Ascii);
        for part in parts.clone() {
            len = len.checked_add(part.len())?;
            kind = kind.max(part.kind());
        }
        if kind > Kind::Latin1 || len > most.min(isize::MAX as usize / 2) {
            return None;
        }
        let size = size_of::<Obj<Str>>() + len.next_multiple_of(8);
        // SAFETY: the payload is written whole, `object_size` gives the same size, and the parts, which a clone of the iterator
        // gives alike, fill the units.
        Some(unsafe {
            Ref::allocate(ty, size, |object: NonNull<Obj<Str>>| {
                let payload = Obj::payload_ptr(object);
                payload.write(Str {
                    hash: Cell::new(NO_HASH),
                    len,
                    kind,
                    units: [],
                });
                let units = payload.add(1).cast::<u8>().as_ptr();
                let mut at = 0;
                for part in parts {
                    let bytes = part.unit_bytes();
                    assert!(at + bytes.len() <= len, "the iterator gave other parts");
                    units
                        .add(at)
                        .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                    at += bytes.len();
                }
                units.add(at).write_bytes(0, len - at);
            })
        })
    }

    /// A new str of class `ty` with `len` units of one byte, which `fill` writes over zeros. None of them may be above 0x7F if `kind` is
    /// ASCII, and one must be if it is Latin-1.
    pub(crate) fn filled(
        ty: &Ref<Type>,
        kind: Kind,
        len: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Ref<Str> {
        assert!(kind <= Kind::Latin1 && len <= isize::MAX as usize / 2);
        let size = size_of::<Obj<Str>>() + len.next_multiple_of(8);
        // SAFETY: the payload and the units behind it are written whole, and `object_size` gives the same size.
        unsafe {
            Ref::allocate(ty, size, |object: NonNull<Obj<Str>>| {
                let payload = Obj::payload_ptr(object);
                payload.write(Str {
                    hash: Cell::new(NO_HASH),
                    len,
                    kind,
                    units: [],
                });
                let units = payload.add(1).cast::<u8>().as_ptr();
                units.write_bytes(0, len);
                fill(std::slice::from_raw_parts_mut(units, len));
            })
        }
    }

    /// `text + more`, made by growing `text`, whose only owner the caller is; gives it back unchanged if that cannot be.
    pub(crate) fn append(text: Ref<Str>, more: &Str) -> Result<Ref<Str>, Ref<Str>> {
        let header = text.header();
        let shared = header.refcount() != 1 || header.has(flags::INTERNED) || !text.is_exact();
        // A short text is cheaper to copy, and those of one character are the VM's own.
        if shared || text.kind != more.kind || text.len < 2 {
            return Err(text);
        }
        let (old_size, width) = (text.object_size(), text.kind.unit_size());
        let (old_len, len) = (text.len, text.len + more.len);
        let size = size_of::<Obj<Str>>() + (len * width).next_multiple_of(8);
        // SAFETY: the caller's reference is the only one, and an exact str has nothing behind its units; the object may move, and
        // the new one is as large as `object_size` then says. `more` is another object, as `text` has one owner.
        unsafe {
            let grown = heap::grow(text.into_header().cast(), old_size, size).cast::<Obj<Str>>();
            let payload = Obj::payload_ptr(grown).as_ptr();
            (*payload).len = len;
            (*payload).hash.set(NO_HASH);
            let units = payload.add(1).cast::<u8>().add(old_len * width);
            let bytes = more.view().unit_bytes();
            units.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            Ok(Ref::from_header(grown.cast()))
        }
    }

    /// The text.
    #[inline(always)]
    pub fn view(&self) -> StrView<'_> {
        let units = self.units.as_ptr();
        // SAFETY: `new` wrote `len` units of this kind there, inside the same allocation, and they never change.
        unsafe {
            match self.kind {
                Kind::Ascii => StrView::Ascii(std::slice::from_raw_parts(units.cast(), self.len)),
                Kind::Latin1 => StrView::Latin1(std::slice::from_raw_parts(units.cast(), self.len)),
                Kind::Ucs2 => StrView::Ucs2(std::slice::from_raw_parts(units.cast(), self.len)),
                Kind::Ucs4 => StrView::Ucs4(std::slice::from_raw_parts(units.cast(), self.len)),
            }
        }
    }

    /// The number of code points.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hash.
    #[inline(always)]
    pub fn hash(&self, vm: &Vm) -> i64 {
        match self.hash.get() {
            NO_HASH => self.compute_hash(vm.hash_key),
            hash => hash,
        }
    }

    /// The hash by the VM's key.
    pub(crate) fn hash_by(&self, key: HashKey) -> i64 {
        match self.hash.get() {
            NO_HASH => self.compute_hash(key),
            hash => hash,
        }
    }

    /// Says what the hash is, where it had to be computed before there was an object.
    pub(crate) fn set_hash(&self, hash: i64) {
        self.hash.set(hash);
    }

    #[inline(never)]
    fn compute_hash(&self, key: HashKey) -> i64 {
        let hash = key.hash_str(self.view());
        self.hash.set(hash);
        hash
    }

    /// Whether the text is `text`.
    pub fn eq_str(&self, text: &str) -> bool {
        self.view().eq_str(text)
    }

    /// The text, if it is ASCII.
    pub fn as_ascii(&self) -> Option<&str> {
        self.view().as_ascii()
    }
}

impl PartialEq for Str {
    /// The same text.
    #[inline]
    fn eq(&self, other: &Str) -> bool {
        let hashes_differ = self.hash.get() != other.hash.get()
            && self.hash.get() != NO_HASH
            && other.hash.get() != NO_HASH;
        !hashes_differ
            && self.kind == other.kind
            && self.len == other.len
            && self.view().unit_bytes() == other.view().unit_bytes()
    }
}

impl fmt::Display for Str {
    /// The text, with lone surrogates as U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_ascii() {
            Some(text) => f.pad(text),
            None => {
                let text: String = self
                    .view()
                    .chars()
                    .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect();
                f.pad(&text)
            }
        }
    }
}

impl Vm {
    /// A str.
    pub fn new_str(&self, text: &str) -> Value {
        if text.is_ascii() {
            return self.str_from_view(StrView::Ascii(text.as_bytes()));
        }
        self.str_from_buf(StrBuf::from(text))
    }

    /// A str with this text; of one Latin-1 character or none, always the same object.
    #[inline]
    pub fn str_from_view(&self, text: StrView<'_>) -> Value {
        match text {
            StrView::Ascii(&[unit]) | StrView::Latin1(&[unit]) => {
                Value::from(&self.characters[unit as usize])
            }
            StrView::Ascii(&[]) => Value::from(&self.names.empty),
            _ => Value::from(Str::new(&self.types.str, text)),
        }
    }

    /// A str with this text.
    #[inline]
    pub fn str_from_buf(&self, text: StrBuf) -> Value {
        self.str_from_view(text.view())
    }

    /// The str of one code point, which must not exceed 0x10FFFF.
    #[inline]
    pub(crate) fn character(&self, code_point: u32) -> Value {
        match self.characters.get(code_point as usize) {
            Some(character) => Value::from(character),
            None => self.str_from_buf(StrBuf::from_code_point(code_point).unwrap_or_default()),
        }
    }
}
