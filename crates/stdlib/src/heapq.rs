//! `_heapq`: heaps in lists, smallest or largest first.

use pyco_exec::object::header::Ref;
use pyco_exec::object::list::List;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::CompareOp;
use pyco_exec::{PyResult, Raised, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_heapq");
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

const HEAP: &str = "($module, heap, /)";
const HEAP_ITEM: &str = "($module, heap, item, /)";

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("heappush", 2, 2, |vm, _, a| {
        push(vm, "heappush", a, Order::Min)
    })
    .signature(HEAP_ITEM),
    NativeDef::range("heappushpop", 2, 2, |vm, _, a| {
        push_pop(vm, "heappushpop", a, Order::Min)
    })
    .signature(HEAP_ITEM),
    NativeDef::one("heappop", |vm, _, a| pop(vm, "heappop", a, Order::Min)).signature(HEAP),
    NativeDef::range("heapreplace", 2, 2, |vm, _, a| {
        replace(vm, "heapreplace", a, Order::Min)
    })
    .signature(HEAP_ITEM),
    NativeDef::one("heapify", |vm, _, a| heapify(vm, "heapify", a, Order::Min)).signature(HEAP),
    NativeDef::one("_heappop_max", |vm, _, a| {
        pop(vm, "_heappop_max", a, Order::Max)
    })
    .signature(HEAP)
    .until(13),
    NativeDef::range("_heapreplace_max", 2, 2, |vm, _, a| {
        replace(vm, "_heapreplace_max", a, Order::Max)
    })
    .signature(HEAP_ITEM)
    .until(13),
    NativeDef::one("_heapify_max", |vm, _, a| {
        heapify(vm, "_heapify_max", a, Order::Max)
    })
    .signature(HEAP)
    .until(13),
    NativeDef::range("heappush_max", 2, 2, |vm, _, a| {
        push(vm, "heappush_max", a, Order::Max)
    })
    .signature(HEAP_ITEM)
    .since(14),
    NativeDef::range("heappushpop_max", 2, 2, |vm, _, a| {
        push_pop(vm, "heappushpop_max", a, Order::Max)
    })
    .signature(HEAP_ITEM)
    .since(14),
    NativeDef::one("heappop_max", |vm, _, a| {
        pop(vm, "heappop_max", a, Order::Max)
    })
    .signature(HEAP)
    .since(14),
    NativeDef::range("heapreplace_max", 2, 2, |vm, _, a| {
        replace(vm, "heapreplace_max", a, Order::Max)
    })
    .signature(HEAP_ITEM)
    .since(14),
    NativeDef::one("heapify_max", |vm, _, a| {
        heapify(vm, "heapify_max", a, Order::Max)
    })
    .signature(HEAP)
    .since(14),
];

/// Whether the smallest or the largest item is first.
#[derive(Clone, Copy)]
enum Order {
    Min,
    Max,
}

/// A heap whose list must keep its length while items are compared.
struct Heap {
    list: Ref<List>,
    order: Order,
}

impl Heap {
    /// The list of an argument of the function `name`; `number` is how the complaint tells which.
    fn new(vm: &mut Vm, name: &str, number: &str, heap: &Value, order: Order) -> PyResult<Heap> {
        match heap.downcast::<List>() {
            Some(list) => Ok(Heap {
                list: list.clone(),
                order,
            }),
            None => {
                let found = vm.type_name(heap);
                let message = format!("{name}() argument{number} must be list, not {found}");
                Err(vm.type_error(message))
            }
        }
    }

    fn len(&self, vm: &Vm) -> usize {
        self.list.items(vm).len()
    }

    fn item(&self, vm: &Vm, at: usize) -> Value {
        self.list.items(vm)[at].clone()
    }

    /// Whether `a` belongs nearer to the root than `b`.
    fn before(&self, vm: &mut Vm, a: &Value, b: &Value) -> PyResult<bool> {
        let len = self.len(vm);
        let (a, b) = match self.order {
            Order::Min => (a, b),
            Order::Max => (b, a),
        };
        let is_before = vm.compare_bool(a, b, CompareOp::Lt)?;
        if self.len(vm) != len {
            return Err(vm.runtime_error("list changed size during iteration"));
        }
        Ok(is_before)
    }

    /// Moves the item at `at` up towards the root of its subtree at `start`.
    fn rise(&self, vm: &mut Vm, start: usize, mut at: usize) -> PyResult<()> {
        if at >= self.len(vm) {
            return Err(out_of_range(vm));
        }
        let item = self.item(vm, at);
        while at > start {
            let parent = (at - 1) / 2;
            let above = self.item(vm, parent);
            if !self.before(vm, &item, &above)? {
                break;
            }
            self.list.items_mut(vm).swap(parent, at);
            at = parent;
        }
        Ok(())
    }

    /// Moves the item at `start` down to a leaf, past the better child each time, and from there up to its place.
    fn sink(&self, vm: &mut Vm, start: usize) -> PyResult<()> {
        let end = self.len(vm);
        if start >= end {
            return Err(out_of_range(vm));
        }
        let mut at = start;
        while at < end / 2 {
            let mut child = 2 * at + 1;
            if child + 1 < end {
                let (left, right) = (self.item(vm, child), self.item(vm, child + 1));
                // As CPython asks: of a largest-first heap whether the right one is below the left one.
                if !self.before(vm, &left, &right)? {
                    child += 1;
                }
            }
            self.list.items_mut(vm).swap(child, at);
            at = child;
        }
        self.rise(vm, start, at)
    }

    /// Puts `item` at the root and gives what was there.
    fn replace_root(&self, vm: &mut Vm, item: Value) -> PyResult {
        let old = match self.list.items_mut(vm).first_mut() {
            Some(root) => std::mem::replace(root, item),
            None => return Err(out_of_range(vm)),
        };
        self.sink(vm, 0)?;
        Ok(old)
    }
}

#[cold]
fn out_of_range(vm: &mut Vm) -> Raised {
    vm.index_error("index out of range")
}

fn push(vm: &mut Vm, name: &str, arguments: &[Value], order: Order) -> PyResult {
    let heap = Heap::new(vm, name, " 1", &arguments[0], order)?;
    heap.list.items_mut(vm).push(arguments[1].clone());
    let last = heap.len(vm) - 1;
    heap.rise(vm, 0, last)?;
    Ok(Value::NONE)
}

fn push_pop(vm: &mut Vm, name: &str, arguments: &[Value], order: Order) -> PyResult {
    let heap = Heap::new(vm, name, " 1", &arguments[0], order)?;
    if heap.len(vm) == 0 {
        return Ok(arguments[1].clone());
    }
    let root = heap.item(vm, 0);
    let (a, b) = match order {
        Order::Min => (&root, &arguments[1]),
        Order::Max => (&arguments[1], &root),
    };
    if !vm.compare_bool(a, b, CompareOp::Lt)? {
        return Ok(arguments[1].clone());
    }
    heap.replace_root(vm, arguments[1].clone())
}

fn pop(vm: &mut Vm, name: &str, heap: &Value, order: Order) -> PyResult {
    let heap = Heap::new(vm, name, "", heap, order)?;
    let Some(last) = heap.list.items_mut(vm).pop() else {
        return Err(out_of_range(vm));
    };
    if heap.len(vm) == 0 {
        return Ok(last);
    }
    heap.replace_root(vm, last)
}

fn replace(vm: &mut Vm, name: &str, arguments: &[Value], order: Order) -> PyResult {
    let heap = Heap::new(vm, name, " 1", &arguments[0], order)?;
    heap.replace_root(vm, arguments[1].clone())
}

fn heapify(vm: &mut Vm, name: &str, heap: &Value, order: Order) -> PyResult {
    let heap = Heap::new(vm, name, "", heap, order)?;
    for at in (0..heap.len(vm) / 2).rev() {
        heap.sink(vm, at)?;
    }
    Ok(Value::NONE)
}
