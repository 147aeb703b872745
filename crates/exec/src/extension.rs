//! State that native modules keep in the VM, by its Rust type.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use crate::vm::Vm;

/// One value of each type that was asked for.
#[derive(Default)]
pub(crate) struct Extensions(HashMap<TypeId, Box<dyn Any>>);

impl Vm {
    /// The VM's one value of a type, made at first need: what a native module keeps beside its objects. It goes before the
    /// built-in classes do; values of Python in it count as held from outside.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #[derive(Default)]
    /// struct Calls(u32);
    ///
    /// let mut vm = pyco_exec::Vm::new(pyco_code::Version::V3_13, pyco_exec::Host::new())?;
    /// vm.state::<Calls>().0 += 1;
    /// assert_eq!(vm.state::<Calls>().0, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn state<T: Default + 'static>(&mut self) -> &mut T {
        let state = self.extensions.0.entry(TypeId::of::<T>());
        let state = state.or_insert_with(|| Box::new(T::default()));
        state
            .downcast_mut::<T>()
            .expect("each value is filed under its own type")
    }
}
