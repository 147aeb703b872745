//! `_thread._local`: with one thread, an object with attributes.

use pyco_exec::Value;
use pyco_exec::object::header::Ref;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::types::Nothing;

pub(crate) static LOCAL: ClassDef = ClassDef::new::<Nothing>("_thread._local", slots)
    .subclassable()
    .weakly_referenced()
    .with_dict();

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, class, args| {
        let plain = vm.types.object.slots.init.get();
        let init = class.slots.init.get();
        let has_own_init = match (init, plain) {
            (Some(own), Some(plain)) => !std::ptr::fn_addr_eq(own, plain),
            (own, _) => own.is_some(),
        };
        if !args.all_values().is_empty() && !has_own_init {
            return Err(vm.type_error("Initialization arguments are not supported"));
        }
        Ok(Value::from(Ref::new(class, Nothing)))
    }));
}
