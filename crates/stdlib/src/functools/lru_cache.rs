//! `_lru_cache_wrapper`: a function that remembers its results.
//!
//! Results stand in a row of links; the dict finds a link by its key. The links of a bounded cache are in the order of their last
//! use, as a ring through link 0, which holds no result: after it comes the oldest, before it the newest.

use std::cell::Cell;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, Vm, VmCell};

use crate::arguments::{or_none, ssize};

/// The function, what the cache may hold, and what it holds.
pub(super) struct LruCache {
    function: Value,
    cache_info_type: Value,
    /// `None` is without bound.
    most: Option<usize>,
    is_typed: bool,
    hits: Cell<i64>,
    misses: Cell<i64>,
    /// From keys to results, or in a bounded cache to the numbers of links.
    found: Ref<Dict>,
    links: VmCell<Vec<Link>>,
    /// What stands between positional and keyword arguments in a key.
    mark: Value,
}

struct Link {
    previous: usize,
    next: usize,
    hash: i64,
    key: Value,
    result: Value,
}

impl Payload for LruCache {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.cache_info_type);
        visit(self.found.as_value());
        visit(&self.mark);
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.links.traverse_with(|links| {
                for link in links {
                    visit(&link.key);
                    visit(&link.result);
                }
            });
        }
    }

    fn clear(&self) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        drop(unsafe { self.links.take_in_clear() });
    }
}

pub(super) static LRU_CACHE: ClassDef =
    ClassDef::new::<LruCache>("functools._lru_cache_wrapper", slots)
        .with_dict()
        .weakly_referenced()
        .method_descriptor()
        .methods(&[
            NativeDef::no_args("cache_info", cache_info).signature("($self, /)"),
            NativeDef::no_args("cache_clear", cache_clear).signature("($self, /)"),
            NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
            NativeDef::any("__copy__", |_, this, _| Ok(this.clone())),
            NativeDef::any("__deepcopy__", |_, this, _| Ok(this.clone())),
        ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.call.set(Some(call));
    slots
        .descr_get
        .set(Some(|vm, this, instance, _| match instance {
            Some(instance) => Ok(vm.new_method(this.clone(), instance.clone())),
            None => Ok(this.clone()),
        }));
}

static PARAMS: Params = Params::new(&["user_function", "maxsize", "typed", "cache_info_type"], 4);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "lru_cache", &PARAMS)?;
    let function = or_none(bound.get(0));
    let is_typed = vm.truth(&or_none(bound.get(2)))?;
    if vm.type_of(&function).slots.call.get().is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let most = match bound.not_none(1) {
        None => None,
        Some(most) if most.as_int().is_some() => {
            Some(usize::try_from(ssize(vm, most)?).unwrap_or(0))
        }
        Some(_) => return Err(vm.type_error("maxsize should be integer or None")),
    };
    let object = vm.types.object.clone();
    let payload = LruCache {
        function,
        cache_info_type: or_none(bound.get(3)),
        most,
        is_typed,
        hits: Cell::new(0),
        misses: Cell::new(0),
        found: Dict::new(vm),
        links: VmCell::new(Vec::new()),
        mark: vm.call(object.as_value(), &[])?,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let cache = receiver::<LruCache>(vm, this)?.clone();
    if cache.most == Some(0) {
        cache.misses.set(cache.misses.get() + 1);
        return vm.call_args(&cache.function, args);
    }
    let key = cache.key(vm, args);
    let hash = vm.hash(&key)?;
    let known = cache.found.get_hashed(vm, &key, hash)?;
    if let Some(known) = known {
        cache.hits.set(cache.hits.get() + 1);
        return Ok(cache.use_again(vm, known));
    }
    cache.misses.set(cache.misses.get() + 1);
    let result = vm.call_args(&cache.function, args)?;
    match cache.most {
        None => cache.found.set_hashed(vm, key, hash, result.clone())?,
        Some(most) => cache.remember(vm, most, key, hash, &result)?,
    }
    Ok(result)
}

impl LruCache {
    /// What the arguments are found by: a single int or str is its own key.
    fn key(&self, vm: &Vm, args: Args<'_>) -> Value {
        let given = args.positional();
        if let ([only], false, false) = (given, self.is_typed, args.has_keywords()) {
            let is_str = only.downcast::<Str>().is_some_and(|text| text.is_exact());
            if is_str || vm.type_of(only).is(&vm.types.int) {
                return only.clone();
            }
        }
        let mut parts = Vec::with_capacity(args.all_values().len() * 2 + 1);
        parts.extend_from_slice(given);
        if args.has_keywords() {
            parts.push(self.mark.clone());
            for (name, value) in args.keywords() {
                parts.push(Value::from(name));
                parts.push(value.clone());
            }
        }
        if self.is_typed {
            let types = args.all_values().iter();
            parts.extend(types.map(|value| Value::from(vm.type_of(value))));
        }
        vm.new_tuple(parts)
    }

    /// The result that was found, which becomes the newest.
    fn use_again(&self, vm: &mut Vm, known: Value) -> Value {
        if self.most.is_none() {
            return known;
        }
        let at = known.as_small_int().and_then(|at| usize::try_from(at).ok());
        let links = self.links.get_mut(vm);
        match at.filter(|at| *at < links.len()) {
            Some(at) => {
                unlink(links, at);
                link_newest(links, at);
                links[at].result.clone()
            }
            None => Value::NONE,
        }
    }

    /// Keeps a result, in place of the oldest if the cache is full.
    fn remember(
        &self,
        vm: &mut Vm,
        most: usize,
        key: Value,
        hash: i64,
        result: &Value,
    ) -> PyResult<()> {
        // The call may have come here with the same arguments.
        if self.found.get_hashed(vm, &key, hash)?.is_some() {
            return Ok(());
        }
        let new = Link {
            previous: 0,
            next: 0,
            hash,
            key: key.clone(),
            result: result.clone(),
        };
        let count = self.found.len(vm);
        let links = self.links.get_mut(vm);
        if links.is_empty() {
            links.push(Link {
                previous: 0,
                next: 0,
                hash: 0,
                key: Value::NONE,
                result: Value::NONE,
            });
        }
        if count < most {
            let at = links.len();
            links.push(new);
            link_newest(links, at);
            let number = vm.int(at as i64);
            self.found.set_hashed(vm, key, hash, number)?;
            return vm.check_growth(at);
        }
        let at = links[0].next;
        let (old_key, old_hash) = (links[at].key.clone(), links[at].hash);
        unlink(links, at);
        let removed = self.found.remove_hashed(vm, &old_key, old_hash)?;
        let links = self.links.get_mut(vm);
        if removed.is_none() || at == 0 || at >= links.len() {
            // Its place is nobody's any more.
            return Ok(());
        }
        let old = std::mem::replace(&mut links[at], new);
        link_newest(links, at);
        drop(old);
        let number = vm.int(at as i64);
        self.found.set_hashed(vm, key, hash, number)
    }
}

fn unlink(links: &mut [Link], at: usize) {
    let (previous, next) = (links[at].previous, links[at].next);
    links[previous].next = next;
    links[next].previous = previous;
}

fn link_newest(links: &mut [Link], at: usize) {
    let newest = links[0].previous;
    links[newest].next = at;
    links[0].previous = at;
    links[at].previous = newest;
    links[at].next = 0;
}

fn cache_info(vm: &mut Vm, this: &Value) -> PyResult {
    let cache = receiver::<LruCache>(vm, this)?;
    let most = cache.most.map_or(Value::NONE, |most| vm.int(most as i64));
    let arguments = [
        vm.int(cache.hits.get()),
        vm.int(cache.misses.get()),
        most,
        vm.int(cache.found.len(vm) as i64),
    ];
    vm.call(&cache.cache_info_type, &arguments)
}

fn cache_clear(vm: &mut Vm, this: &Value) -> PyResult {
    let cache = receiver::<LruCache>(vm, this)?;
    cache.hits.set(0);
    cache.misses.set(0);
    cache.found.clear_items(vm);
    let links = std::mem::take(cache.links.get_mut(vm));
    drop(links);
    Ok(Value::NONE)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.intern("__qualname__");
    vm.get_attr(this, &name)
}
