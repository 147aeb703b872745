//! The end of a VM: everything that is left goes, and the built-in classes last.
//!
//! An instance of a built-in class does not count as a reference to its class, so the classes must outlive all objects. If a
//! host still holds some when the VM goes, the classes stay, emptied: what the host holds can be dropped or looked at, to no
//! use, but safely. No Python code runs here.

use std::mem;

use crate::gc;
use crate::heap::{self, Due};
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
        forget_shapes(&self.0);
        if !are_alone(&self.0) {
            orphan_all();
            return mem::forget(mem::take(&mut self.0));
        }
        for class in &self.0 {
            if let Some(class) = class.downcast::<Type>() {
                class.drop_dict();
            }
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
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects.
        unsafe { header.as_ref() }.set(flags::FROZEN, false);
    });
    loop {
        let mut found = false;
        let before = heap::bytes();
        for due in heap::take_pending() {
            found = true;
            if let Due::Finalizer(header) = due {
                // The queue owns one reference to the object, which this value takes over.
                let value = Value::from_header(header);
                if let Some(header) = value.header() {
                    header.set(flags::NEEDS_FINALIZER, false);
                }
            }
        }
        for value in gc::unreachable(&[], gc::OLDEST).0 {
            found = true;
            if let Some(header) = value.header() {
                header.set(flags::NEEDS_FINALIZER, false);
                header.clear();
            }
        }
        // What does not let go of itself when it is told to stays.
        if !found || heap::bytes() == before {
            return;
        }
    }
}

/// Drops the names of the attributes that instances of built-in classes had (of class methods, say), unless one of them is left.
fn forget_shapes(classes: &[Value]) {
    let mut is_needed = false;
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects.
        let object = unsafe { header.as_ref() };
        is_needed |= !object.has(flags::ORPHAN) && object.ty().attributes_size() != 0;
    });
    if !is_needed {
        for class in classes {
            if let Some(class) = class.downcast::<Type>() {
                class.root_shape().forget_grown();
            }
        }
    }
}

/// Whether nothing is left but these classes with the empty dicts of those that have one, and nobody else refers to them.
fn are_alone(classes: &[Value]) -> bool {
    let mut others = 0usize;
    let mut expected = 0usize;
    for class in classes {
        let counted = class.header().map_or(0, |h| h.refcount());
        let has_dict = class.downcast::<Type>().is_some_and(|ty| ty.has_dict());
        expected += 1 + usize::from(has_dict);
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

    /// Runs a recorded program to its end, or until its fuel is used up, on a VM of its own.
    fn run(pyc: &[u8], fuel: Option<u64>) {
        let code = verify(&CodeObject::from_pyc(pyc).expect("a .pyc")).expect("a compiler's code");
        let mut host = Host::new();
        host.fuel = fuel;
        let mut vm = Vm::new(code.version(), host).expect("the only VM of this thread");
        let _ = vm.run_program(code);
    }

    /// The recorded programs.
    fn programs() -> Vec<(String, Vec<u8>)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pyc/3.13");
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.expect("an entry").path();
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(path).expect("a program"))
        };
        let mut programs: Vec<_> = std::fs::read_dir(folder)
            .expect("the programs")
            .map(read)
            .collect();
        programs.sort();
        programs
    }

    #[test]
    fn nothing_is_left_of_a_vm_however_it_ends() {
        let mut left = Vec::new();
        for (name, pyc) in programs() {
            for fuel in [None, Some(0), Some(10), Some(50), Some(200), Some(1_000)] {
                let before = heap::live_bytes();
                run(&pyc, fuel);
                let bytes = heap::live_bytes() - before;
                if bytes != 0 {
                    left.push((name.clone(), fuel, bytes));
                }
            }
        }
        assert_eq!(left, []);
    }

    #[test]
    fn a_program_runs_on_when_versions_have_run_out() {
        for (name, pyc) in programs() {
            heap::leave_versions(300);
            let code = verify(&CodeObject::from_pyc(&pyc).expect("a .pyc")).expect("its code");
            let mut vm = Vm::new(code.version(), Host::new()).expect("the only VM of this thread");
            let outcome = vm.run_program(code);
            assert!(
                matches!(outcome, crate::Outcome::Exit(_)),
                "{name}: {outcome:?}"
            );
        }
    }

    #[test]
    fn a_value_that_outlives_its_vm_can_be_dropped_while_another_vm_runs() {
        let mut vm = Vm::new(Version::V3_13, Host::new()).expect("the only VM of this thread");
        let mut programs = programs().into_iter();
        let (_, classes) = programs
            .find(|(name, _)| name == "classes")
            .expect("it is there");
        let kept = vm.new_list(Vec::new());
        let list = kept.downcast::<List>().expect("a list");
        list.items_mut(&mut vm).push(kept.clone());
        drop(vm);
        run(&classes, None);
        drop(kept);
        run(&classes, None);
    }
}
