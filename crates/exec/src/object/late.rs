//! What the dicts of built-in classes are to hold, noted until someone asks for the dict: most programs ask for few.
//!
//! Invariants:
//! - A built-in class either has its dict, with all that was noted, or nobody has seen its dict. So whoever looks anything up
//!   finds what he would have found had it been there from the start, in the same order, and no version has to change.
//! - Filling runs no Python code.

use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::member::{Member, Place};
use crate::object::native::{GetSetDef, GetSetDescriptor, NativeDef};
use crate::object::type_::Type;
use crate::object::wrapper;
use crate::value::Value;
use crate::vm::Vm;

/// Something for the dict of a built-in class.
#[derive(Clone, Copy)]
pub(crate) enum Late {
    /// Native methods.
    Methods(&'static [NativeDef]),
    /// Native attributes.
    Attributes(&'static [GetSetDef]),
    /// What is in no table.
    Other(fn(&mut Vm, &Ref<Type>)),
}

impl Vm {
    /// Adds native methods to a built-in class.
    pub fn add_methods(&mut self, ty: &Ref<Type>, methods: &'static [NativeDef]) {
        self.add_late(ty, Late::Methods(methods));
    }

    /// Adds native attributes to a built-in class.
    pub fn add_attributes(&mut self, ty: &Ref<Type>, attributes: &'static [GetSetDef]) {
        self.add_late(ty, Late::Attributes(attributes));
    }

    /// Adds something to a built-in class: now if it has its dict, else together with the dict.
    pub(crate) fn add_late(&mut self, ty: &Ref<Type>, late: Late) {
        match ty.dict.get(self).clone() {
            Some(dict) => self.add_now(ty, &dict, late),
            None => self.late.push((ty.clone(), late)),
        }
    }

    /// Makes the dict of a built-in class: wrappers for the slots that it fills itself, then what was noted.
    #[cold]
    pub(crate) fn make_class_dict(&mut self, ty: &Ref<Type>) -> Ref<Dict> {
        let dict = Dict::new(self);
        *ty.dict.get_mut(self) = Some(dict.clone());
        wrapper::add_wrappers(self, ty, &dict);
        for index in 0..self.late.len() {
            let (class, late) = &self.late[index];
            if class.is(ty) {
                let late = *late;
                self.add_now(ty, &dict, late);
            }
        }
        dict
    }

    fn add_now(&mut self, ty: &Ref<Type>, dict: &Ref<Dict>, late: Late) {
        let minor = self.version_number();
        match late {
            Late::Methods(methods) => {
                for def in methods.iter().filter(|def| def.versions.contains(minor)) {
                    let name = self.intern(def.name);
                    let value = self.native_method(ty, def);
                    dict.set_str(self, &name, value);
                }
            }
            Late::Attributes(attributes) => {
                for def in attributes.iter().filter(|d| d.versions.contains(minor)) {
                    self.add_attribute(ty, dict, def);
                }
            }
            Late::Other(add) => add(self, ty),
        }
    }

    fn add_attribute(&mut self, ty: &Ref<Type>, dict: &Ref<Dict>, def: &'static GetSetDef) {
        let name = self.intern(def.name);
        let owner = ty.clone();
        let value = if def.member {
            let member = Member {
                name: name.clone(),
                owner,
                place: Place::Native(def),
            };
            Value::from(Ref::new(&self.types.member_descriptor, member))
        } else {
            let descriptor = GetSetDescriptor { def, owner };
            Value::from(Ref::new(&self.types.getset_descriptor, descriptor))
        };
        dict.set_str(self, &name, value);
    }
}
