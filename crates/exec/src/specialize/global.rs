//! LOAD_GLOBAL.

use pyco_code::quicken::{Instr, Unit};

use super::{cache, give_up, halves, joined, specialize_to};
use crate::eval::frame::Frame;
use crate::object::lazy_import::LazyImport;
use crate::value::Value;
use crate::vm::Vm;

/// Specialises LOAD_GLOBAL by where the name is.
pub(crate) fn load_global(vm: &mut Vm, frame: &Frame, unit: &Unit, name: usize) {
    let name = frame.code().names()[name].clone();
    let (globals, builtins) = (frame.globals().clone(), frame.builtins().clone());
    let with_null = unit.instr() == Instr::LoadGlobalNull;
    let pc: *const Unit = unit;
    let globals_version = globals.keys_version(vm);
    let is_lazy = |value: &Value| value.downcast::<LazyImport>().is_some();
    if !globals.is_exact()
        || !builtins.is_exact()
        || globals_version == 0
        || globals.get_str(vm, &name).as_ref().is_some_and(is_lazy)
    {
        return give_up(vm, unit, &[]);
    }
    if let Some(index) = globals.index_of_str(vm, &name) {
        // SAFETY: LOAD_GLOBAL has at least four cache units in every version.
        unsafe {
            cache(pc, 1).store(joined(globals_version, 0));
            cache(pc, 2).store(index as u64);
        }
        return specialize_to(
            vm,
            unit,
            if with_null {
                Instr::LoadGlobalNullModule
            } else {
                Instr::LoadGlobalModule
            },
        );
    }
    if let Some(index) = builtins.index_of_str(vm, &name) {
        let builtins_version = builtins.keys_version(vm);
        if builtins_version == 0 {
            return give_up(vm, unit, &[]);
        }
        // SAFETY: as above.
        unsafe {
            cache(pc, 1).store(joined(globals_version, builtins_version));
            cache(pc, 2).store(index as u64);
        }
        let instr = if with_null {
            Instr::LoadGlobalNullBuiltin
        } else {
            Instr::LoadGlobalBuiltin
        };
        return specialize_to(vm, unit, instr);
    }
    give_up(vm, unit, &[]);
}

/// LOAD_GLOBAL_MODULE.
///
/// # Safety
/// `pc` is at that instruction, in the running frame.
#[inline(always)]
pub(crate) unsafe fn global_module(frame: &Frame, pc: *const Unit) -> Option<&Value> {
    // SAFETY: equal versions say that the index is that of the name's entry; no code runs meanwhile.
    unsafe {
        let (version, _) = halves(cache(pc, 1).load());
        let globals = frame.globals();
        if globals.keys_version_now() != version {
            return None;
        }
        globals
            .value_at_unchecked(cache(pc, 2).load() as usize)
            .as_ref()
    }
}

/// LOAD_GLOBAL_BUILTIN.
///
/// # Safety
/// As for [`global_module`].
#[inline(always)]
pub(crate) unsafe fn global_builtin(frame: &Frame, pc: *const Unit) -> Option<&Value> {
    // SAFETY: as above; the globals' version says that the name is still not among them.
    unsafe {
        let (globals_version, builtins_version) = halves(cache(pc, 1).load());
        let builtins = frame.builtins();
        if frame.globals().keys_version_now() != globals_version
            || builtins.keys_version_now() != builtins_version
        {
            return None;
        }
        builtins
            .value_at_unchecked(cache(pc, 2).load() as usize)
            .as_ref()
    }
}
