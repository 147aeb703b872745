//! The end of a VM: everything that is left goes, and the built-in classes last.
//!
//! An instance of a built-in class does not count as a reference to its class, so the classes must outlive all objects. If a
//! host still holds some when the VM goes, the classes stay, emptied: what the host holds can be dropped or looked at, to no
//! use, but safely. No Python code runs here.

use std::mem;

use crate::gc;
use crate::heap;
use crate::object::header::{Kind, flags};
use crate::object::type_::Type;
use crate::value::Value;

/// The built-in classes of a VM. To be the last of its objects that is dropped.
#[derive(Default)]
pub(crate) struct Classes(Vec<Value>);

impl Classes {
    /// Holds all built-in classes that there are.
    pub(crate) fn keep(&mut self) {
        heap::for_each(|header| {
            // SAFETY: the heap gives live objects, and a count is added for the new reference.
            let value = unsafe {
                let object = header.as_ref();
                if object.kind() != Kind::Type || object.has(flags::ORPHAN) {
                    return;
                }
                object.incref();
                Value::from_header(header)
            };
            if value.downcast::<Type>().is_some_and(|ty| ty.is_built_in()) {
                self.0.push(value);
            }
        });
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        bury();
        for class in &self.0 {
            if let Some(class) = class.downcast::<Type>() {
                class.strip();
            }
        }
        bury();
        if !are_alone(&self.0) {
            orphan_all();
            return mem::forget(mem::take(&mut self.0));
        }
        // The class of all classes is its own, and that of the others: it goes last.
        let (last, others): (Vec<Value>, Vec<Value>) = mem::take(&mut self.0)
            .into_iter()
            .partition(|class| class.header().is_some_and(|h| h.ty().as_value().is(class)));
        drop(others);
        drop(last);
    }
}

/// Drops what waits for its finalizer, and cycles, without finalizers.
fn bury() {
    loop {
        let mut found = false;
        for header in heap::take_pending() {
            found = true;
            // SAFETY: the queue owns one reference to each of its objects, which this value takes over.
            let value = Value::from_header(header);
            if let Some(header) = value.header() {
                header.set(flags::NEEDS_FINALIZER | flags::HAS_WEAK_REFERENCES, false);
            }
        }
        for value in gc::unreachable(&[]) {
            found = true;
            if let Some(header) = value.header() {
                header.set(flags::NEEDS_FINALIZER | flags::HAS_WEAK_REFERENCES, false);
                header.clear();
            }
        }
        if !found {
            return;
        }
    }
}

/// Whether nothing is left but these classes with their empty dicts, and nobody else refers to them.
fn are_alone(classes: &[Value]) -> bool {
    let mut others = 0usize;
    let mut expected = 0usize;
    for class in classes {
        let counted = class.header().map_or(0, |h| h.refcount());
        expected += 2;
        others += usize::from(counted != 1);
    }
    let mut live = 0usize;
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects.
        let object = unsafe { header.as_ref() };
        if !object.has(flags::ORPHAN) {
            live += 1;
            others += usize::from(object.refcount() != 1);
        }
    });
    others == 0 && live == expected
}

/// Marks all that is left as no longer any VM's.
fn orphan_all() {
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects.
        unsafe { header.as_ref() }.set(flags::ORPHAN, true);
    });
}

#[cfg(test)]
mod tests {
    use pyco_code::{CodeObject, Version, verify};

    use crate::heap;
    use crate::host::Host;
    use crate::object::list::List;
    use crate::vm::Vm;

    /// Runs a recorded program to its end, on a VM of its own.
    fn run(pyc: &[u8]) {
        let code = verify(&CodeObject::from_pyc(pyc).expect("a .pyc")).expect("a compiler's code");
        let mut vm = Vm::new(code.version(), Host::new()).expect("the only VM of this thread");
        let _ = vm.run_program(code);
    }

    macro_rules! program {
        ($name:literal) => {
            include_bytes!(concat!("../../../fixtures/pyc/3.13/", $name, ".pyc"))
        };
    }

    #[test]
    fn nothing_is_left_of_a_vm() {
        for (name, pyc) in [
            ("classes", program!("classes").as_slice()),
            ("metaclasses", program!("metaclasses")),
            ("generators", program!("generators")),
            ("uncaught", program!("uncaught")),
            ("life", program!("life")),
            ("closures", program!("closures")),
            ("exceptions", program!("exceptions")),
        ] {
            run(pyc);
            assert_eq!(heap::live_bytes(), 0, "bytes left of {name}");
        }
    }

    #[test]
    fn a_value_that_outlives_its_vm_can_be_dropped_while_another_vm_runs() {
        let mut vm = Vm::new(Version::V3_13, Host::new()).expect("the only VM of this thread");
        let kept = vm.new_list(Vec::new());
        let list = kept.downcast::<List>().expect("a list");
        list.items_mut(&mut vm).push(kept.clone());
        drop(vm);
        run(program!("classes"));
        drop(kept);
        run(program!("generators"));
    }
}
