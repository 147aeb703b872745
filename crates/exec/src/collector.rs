//! What the `gc` module shows and sets of the cycle collector: see `gc.rs` for the collector itself.

use crate::error::PyResult;
use crate::heap;
use crate::object::dict::Dict;
use crate::object::frozen_dict::{FrozenDict, exact_items};
use crate::object::header::{Header, Kind, Ref, flags};
use crate::object::list::List;
use crate::object::set::Set;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_facts;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

use std::collections::HashMap;

/// Bits of `gc.set_debug()`.
pub mod debug {
    /// Print statistics of each collection.
    pub const STATS: i64 = 1;
    /// Print what is collected.
    pub const COLLECTABLE: i64 = 2;
    /// Print what cannot be collected.
    pub const UNCOLLECTABLE: i64 = 4;
    /// Put what is collected into `gc.garbage` instead of freeing it.
    pub const SAVE_ALL: i64 = 32;
}

/// What a collection of one generation has done so far, as `gc.get_stats()` has it.
#[derive(Clone, Copy, Default, Debug)]
pub struct GenerationStats {
    /// How many there were.
    pub collections: usize,
    /// Objects that were collected.
    pub collected: usize,
    /// Objects that were looked at.
    pub candidates: usize,
}

/// The state of the cycle collector.
pub struct Collector {
    /// `gc.isenabled()`: whether it runs by itself.
    pub is_enabled: bool,
    /// `gc.get_debug()`.
    pub debug: i64,
    /// `gc.get_threshold()`.
    pub thresholds: [i64; 3],
    /// `gc.get_stats()`.
    pub stats: [GenerationStats; 3],
    /// Collections of the younger generation since the last of generation 1 and 2.
    pub counts: [usize; 2],
    /// `gc.garbage`.
    pub garbage: Value,
    /// `gc.callbacks`.
    pub callbacks: Value,
    pub(crate) is_running: bool,
}

/// When `gc.callbacks` are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Start,
    Stop,
}

impl Collector {
    pub(crate) fn new(first_threshold: i64, garbage: Value, callbacks: Value) -> Collector {
        Collector {
            is_enabled: true,
            debug: 0,
            thresholds: [first_threshold, 10, 10],
            stats: [GenerationStats::default(); 3],
            counts: [0; 2],
            garbage,
            callbacks,
            is_running: false,
        }
    }

    /// The bytes by which the heap has to grow at least before the next collection. CPython counts objects that can be part of a cycle;
    /// so many of them, with what they refer to, are about this many bytes.
    pub(crate) fn growth(&self) -> usize {
        const OBJECT: usize = 256;
        const MOST: usize = 4 << 20;
        match self.thresholds[0] {
            ..=0 => usize::MAX,
            threshold => (threshold as usize).saturating_mul(OBJECT).min(MOST),
        }
    }

    /// Counts a collection.
    pub(crate) fn count(&mut self, generation: usize) {
        for (index, count) in self.counts.iter_mut().enumerate() {
            match index + 1 {
                younger if younger <= generation => *count = 0,
                next if next == generation + 1 => *count += 1,
                _ => {}
            }
        }
    }

    pub(crate) fn note(&mut self, generation: usize, found: usize, candidates: usize) {
        let stats = &mut self.stats[generation];
        stats.collections += 1;
        stats.collected += found;
        stats.candidates += candidates;
    }
}

impl Vm {
    /// The state of the cycle collector.
    pub fn collector(&mut self) -> &mut Collector {
        &mut self.collector
    }

    /// Collects a generation (0 to 2) and those younger; gives the number of objects found.
    pub fn collect_generation(&mut self, generation: usize) -> usize {
        crate::gc::collect_generation(self, generation.min(crate::gc::OLDEST))
    }

    /// Applies a change of `gc.set_threshold()`.
    pub fn set_gc_thresholds(&mut self, thresholds: [i64; 3]) {
        self.collector.thresholds = thresholds;
        heap::collected(self.collector.growth(), false);
    }

    /// Calls what is in `gc.callbacks`.
    pub(crate) fn tell_gc_callbacks(
        &mut self,
        phase: Phase,
        generation: usize,
        collected: usize,
        candidates: usize,
    ) {
        let Some(callbacks) = self.collector.callbacks.downcast::<List>().cloned() else {
            return;
        };
        if callbacks.items(self).is_empty() {
            return;
        }
        let info = Dict::new(self);
        for (name, count) in [
            ("generation", generation),
            ("collected", collected),
            ("uncollectable", 0),
        ] {
            let count = self.int(count as i64);
            self.set_global(&info, name, count);
        }
        if self.version_number() >= 15 {
            let candidates = self.int(candidates as i64);
            self.set_global(&info, "candidates", candidates);
            self.set_global(&info, "duration", Value::float(0.0));
        }
        let name = match phase {
            Phase::Start => "start",
            Phase::Stop => "stop",
        };
        let mut index = 0;
        while let Some(callback) = callbacks.items(self).get(index).cloned() {
            index += 1;
            let phase = self.new_str(name);
            if let Err(raised) = self.call(&callback, &[phase, Value::from(&info)]) {
                self.unraisable(raised, Ignored::GcCallback, &callback);
            }
        }
    }

    /// How many of these objects CPython counts as collected: those that it tracks. A class counts its MRO, too, which is an object there.
    pub(crate) fn count_collected(&mut self, garbage: &[Value]) -> usize {
        let mut known = HashMap::new();
        let mut count = 0;
        for object in garbage {
            let is_class = object.kind() == Some(Kind::Type);
            count += usize::from(self.tracks(object, &mut known)) + usize::from(is_class);
        }
        count
    }

    /// Puts garbage into `gc.garbage` if DEBUG_SAVEALL is set.
    pub(crate) fn keep_garbage(&mut self, garbage: &[Value]) -> bool {
        if self.collector.debug & debug::COLLECTABLE != 0 {
            for object in garbage {
                let (class, at) = (self.type_name(object), object.id());
                self.write_stderr(&format!("gc: collectable <{class} {at:#x}>\n"));
            }
        }
        if self.collector.debug & debug::SAVE_ALL == 0 {
            return false;
        }
        if let Some(list) = self.collector.garbage.downcast::<List>().cloned() {
            list.items_mut(self).extend(garbage.iter().cloned());
        }
        true
    }

    /// `gc.is_tracked(value)`: whether CPython's collector would follow the object.
    pub fn is_tracked(&mut self, value: &Value) -> bool {
        self.tracks(value, &mut HashMap::new())
    }

    /// [`Vm::is_tracked`], with what is known of classes already.
    fn tracks(&mut self, value: &Value, known: &mut HashMap<u64, bool>) -> bool {
        let Some(header) = value.header() else {
            return false;
        };
        if header.has(flags::HIDDEN) {
            return false;
        }
        // Those that CPython lays out at compile time are not, those that it makes as it goes are.
        if let Some(class) = value.downcast::<Type>()
            && class.is_built_in()
            && !class.name().contains('.')
        {
            return false;
        }
        let before_314 = self.version_number() < 14;
        if let Some(tuple) = value.downcast::<Tuple>().filter(|tuple| tuple.is_exact()) {
            return self.tracks_tuple(tuple, known, 0);
        }
        if let Some(dict) = value
            .downcast::<Dict>()
            .filter(|d| d.is_exact() && before_314)
        {
            let items = dict.items(self);
            let mut items = items.iter().flat_map(|(key, value)| [key, value]);
            return items.any(|item| self.may_be_tracked(item, known, 0));
        }
        if let Some(set) = value.downcast::<Set>()
            && header.ty().is(&self.types.frozenset)
            && self.version_number() >= 15
        {
            let items = set.items(self);
            return items.iter().any(|item| self.may_be_tracked(item, known, 0));
        }
        self.tracks_class(&header.ty().clone(), known)
    }

    /// Whether a tuple is followed: before 3.14 a new one is, until the collector has seen that it need not be.
    fn tracks_tuple(
        &mut self,
        tuple: &Ref<Tuple>,
        known: &mut HashMap<u64, bool>,
        depth: u32,
    ) -> bool {
        let is_new = tuple.header().generation() == 0 && self.version_number() < 14;
        match tuple.items() {
            [] => false,
            items => {
                is_new
                    || items
                        .iter()
                        .any(|item| self.may_be_tracked(item, known, depth))
            }
        }
    }

    /// Whether a tuple or dict with this in it has to be followed, as CPython decides: it could be part of a cycle, now or later.
    fn may_be_tracked(
        &mut self,
        value: &Value,
        known: &mut HashMap<u64, bool>,
        depth: u32,
    ) -> bool {
        /// Tuples nested more deeply count as followed.
        const DEEPEST: u32 = 100;
        let Some(header) = value.header() else {
            return false;
        };
        if let Some(tuple) = value.downcast::<Tuple>().filter(|tuple| tuple.is_exact()) {
            return depth == DEEPEST || self.tracks_tuple(tuple, known, depth + 1);
        }
        // The classes that CPython has in static memory are no objects of the collector's.
        if value.downcast::<Type>().is_some_and(|ty| ty.is_built_in()) {
            return false;
        }
        self.tracks_class(&header.ty().clone(), known)
    }

    /// Whether instances of a class are followed.
    fn tracks_class(&mut self, ty: &Ref<Type>, known: &mut HashMap<u64, bool>) -> bool {
        let key = ty.as_value().id();
        if let Some(found) = known.get(&key) {
            return *found;
        }
        let found = type_facts::is_collected(self, ty);
        known.insert(key, found);
        found
    }

    /// `gc.is_finalized(value)`: whether the object's finalizer has run.
    pub fn is_finalized(&self, value: &Value) -> bool {
        value.header().is_some_and(|h| h.has(flags::FINALIZED))
    }

    /// All objects that the collector follows, of one generation or of all, but for those that `gc.freeze()` took out.
    ///
    /// # Errors
    /// If there is no memory for the list.
    pub fn tracked_objects(&mut self, generation: Option<usize>) -> PyResult<Vec<Value>> {
        let found = all(|header| {
            crate::gc::is_container(header)
                && generation.is_none_or(|g| header.generation() == g)
                && !header.has(flags::FROZEN)
        });
        self.check_growth(found.len() * size_of::<Value>())?;
        let mut known = HashMap::new();
        Ok(found
            .into_iter()
            .filter(|object| self.tracks(object, &mut known))
            .collect())
    }

    /// `gc.get_referents(value)`: what an object refers to.
    pub fn referents(&self, value: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        if let Some(items) = exact_items(value) {
            let items = items.items(self);
            return items
                .into_iter()
                .flat_map(|(key, value)| [value, key])
                .collect();
        }
        let value_is_frozen = value.downcast::<FrozenDict>().is_some();
        if let Some(header) = value.header() {
            header.traverse(&mut |value| match hidden(value) {
                // What lies within is what the object itself refers to; a view or an iterator only looks at it.
                Some(within) if value_is_frozen => {
                    within.traverse(&mut |value| found.push(value.clone()));
                }
                Some(_) => {}
                None => found.push(value.clone()),
            });
            if matches!(header.kind(), Kind::List | Kind::Tuple) && header.has(flags::EXACT) {
                found.reverse();
            }
        }
        found
    }

    /// `gc.get_referrers(*values)`: which objects refer to one of these.
    pub fn referrers(&mut self, values: &[Value]) -> Vec<Value> {
        let found = all(|header| {
            let mut refers = false;
            if crate::gc::is_container(header) {
                let mut check = |value: &Value| refers |= values.iter().any(|v| v.is(value));
                header.traverse(&mut |value| match hidden(value) {
                    Some(within) => within.traverse(&mut check),
                    None => check(value),
                });
            }
            refers
        });
        let mut known = HashMap::new();
        found
            .into_iter()
            .filter(|object| self.tracks(object, &mut known))
            .collect()
    }

    /// `gc.freeze()`: takes all objects out of future collections.
    pub fn freeze_objects(&mut self) {
        for object in all(crate::gc::is_container) {
            if let Some(header) = object.header() {
                header.set(flags::FROZEN, true);
            }
        }
    }

    /// `gc.unfreeze()`.
    pub fn unfreeze_objects(&mut self) {
        for object in all(|header| header.has(flags::FROZEN)) {
            if let Some(header) = object.header() {
                header.set(flags::FROZEN, false);
                header.grow_older(crate::gc::OLDEST);
            }
        }
    }

    /// `gc.get_freeze_count()`.
    pub fn frozen_count(&mut self) -> usize {
        all(|header| header.has(flags::FROZEN)).len()
    }
}

/// The live objects for which `wanted` says so.
fn all(wanted: impl Fn(&Header) -> bool) -> Vec<Value> {
    let mut found = Vec::new();
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects, and a count is added for the new reference.
        unsafe {
            if wanted(header.as_ref()) {
                header.as_ref().incref();
                found.push(Value::from_header(header));
            }
        }
    });
    found
}

/// The header of an object that is part of another, and that no program may see.
fn hidden(value: &Value) -> Option<&Header> {
    value.header().filter(|header| header.has(flags::HIDDEN))
}
