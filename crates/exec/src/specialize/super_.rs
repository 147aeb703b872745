//! `super().method`: one table for all places, by the version of the instance's class, the class after which to look, and the name.
//!
//! An entry owns nothing. A class keeps its bases and what they hold as long as it keeps its version, which is never given again; a name
//! is interned, so it lives as long as the VM.

use crate::object::header::{Obj, Ref};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

struct Entry {
    version: u32,
    /// The bits of the class.
    class: u64,
    name: *const Obj<Str>,
    /// The bits of the method.
    method: u64,
}

/// The table of a VM.
pub(crate) struct SuperTable {
    entries: Vec<Entry>,
}

const SIZE: usize = 256;

#[inline(always)]
fn slot(version: u32, class: u64, name: *const Obj<Str>) -> usize {
    let (class, name) = (class as usize >> 4, name as usize >> 4);
    (class ^ name ^ (name >> 8) ^ version as usize) % SIZE
}

impl SuperTable {
    pub(crate) fn new() -> SuperTable {
        SuperTable {
            entries: Vec::new(),
        }
    }
}

/// The method that `super(class, this).name` is, as far as the table knows.
#[inline(always)]
pub(crate) fn super_method<'a>(
    vm: &'a Vm,
    class: &Value,
    this: &Value,
    name: *const Obj<Str>,
) -> Option<&'a Value> {
    let version = this.header()?.ty().version();
    let class = class.bits();
    let entry = vm.super_table.entries.get(slot(version, class, name))?;
    let is_it = entry.version == version && entry.class == class && std::ptr::eq(entry.name, name);
    // SAFETY: the instance's class has the entry's version, so one of its bases still holds the method; a `Value` is its bits.
    is_it.then(|| unsafe { &*(&raw const entry.method).cast::<Value>() })
}

/// Puts a method into the table.
#[cold]
pub(crate) fn remember_super(
    vm: &mut Vm,
    class: &Value,
    this: &Value,
    name: &Ref<Str>,
    method: &Value,
) {
    let version = vm.type_of(this).version();
    // What `super` gives for a class does not depend on that one's own class alone.
    if version == 0 || !this.is_object() || this.downcast::<Type>().is_some() {
        return;
    }
    // Nor does a class that only claims to be the instance's.
    let is_base = class
        .downcast::<Type>()
        .is_some_and(|class| vm.type_of(this).is_subtype(vm, class));
    if !is_base {
        return;
    }
    let entries = &mut vm.super_table.entries;
    if entries.is_empty() {
        let empty = || Entry {
            version: 0,
            class: 0,
            name: std::ptr::null(),
            method: 0,
        };
        entries.resize_with(SIZE, empty);
    }
    let class = class.bits();
    entries[slot(version, class, name.as_ptr())] = Entry {
        version,
        class,
        name: name.as_ptr(),
        method: method.bits(),
    };
}
