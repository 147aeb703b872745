//! `_string`: what `string.Formatter` needs to take templates apart as `str.format` does.

use std::cell::{Cell, RefCell};

use pyco_exec::numeric::Error;
use pyco_exec::numeric::field::{FieldName, First, Lookup, Pieces};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrBuf;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_string");
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("formatter_parser", formatter_parser).signature("($self, object, /)"),
    NativeDef::one("formatter_field_name_split", field_name_split).signature("($self, object, /)"),
];

/// The parts of a text, found at once, and the error that comes after the last.
pub(crate) struct Parts {
    items: Vec<Value>,
    next: Cell<usize>,
    error: RefCell<Option<Error>>,
}

impl Payload for Parts {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.items.iter().for_each(visit);
    }
}

static PIECES: ClassDef = ClassDef::new::<Parts>("formatteriterator", slots).no_instances();
static LOOKUPS: ClassDef = ClassDef::new::<Parts>("fieldnameiterator", slots).no_instances();

fn slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let parts = receiver::<Parts>(vm, this)?;
    let at = parts.next.get();
    if let Some(item) = parts.items.get(at) {
        parts.next.set(at + 1);
        return Ok(Some(item.clone()));
    }
    match parts.error.borrow_mut().take() {
        Some(error) => Err(vm.numeric_error(error)),
        None => Ok(None),
    }
}

fn iterator(
    vm: &mut Vm,
    class: &'static ClassDef,
    items: Vec<Value>,
    error: Option<Error>,
) -> Value {
    let class = vm.class(class);
    let parts = Parts {
        items,
        next: Cell::new(0),
        error: RefCell::new(error),
    };
    Value::from(Ref::new(&class, parts))
}

/// The code points of a str argument.
fn code_points(vm: &mut Vm, text: &Value) -> PyResult<Vec<u32>> {
    match text.downcast::<Str>() {
        Some(text) => Ok(text.view().chars().collect()),
        None => {
            let found = vm.type_name(text);
            Err(vm.type_error(format!("expected str, got {found}")))
        }
    }
}

fn text(vm: &Vm, points: &[u32]) -> Value {
    vm.str_from_buf(StrBuf::from_ucs4(points.to_vec()))
}

/// `formatter_parser(template)`: tuples of literal text, field name, format spec and conversion.
fn formatter_parser(vm: &mut Vm, _module: &Value, template: &Value) -> PyResult {
    let points = code_points(vm, template)?;
    let (mut items, mut error) = (Vec::new(), None);
    for piece in Pieces::new(&points) {
        let piece = match piece {
            Ok(piece) => piece,
            Err(found) => {
                error = Some(found);
                break;
            }
        };
        let literal = text(vm, &points[piece.literal]);
        let item = match piece.field {
            None => [literal, Value::NONE, Value::NONE, Value::NONE],
            Some(field) => {
                let conversion = field.conversion.map(|conversion| text(vm, &[conversion]));
                let name = text(vm, &points[field.name]);
                let spec = text(vm, &points[field.spec]);
                [literal, name, spec, conversion.unwrap_or(Value::NONE)]
            }
        };
        items.push(vm.tuple_of(item));
        vm.check_growth(items.len())?;
    }
    Ok(iterator(vm, &PIECES, items, error))
}

/// `formatter_field_name_split(name)`: the first part, and an iterator over the others.
fn field_name_split(vm: &mut Vm, _module: &Value, name: &Value) -> PyResult {
    let points = code_points(vm, name)?;
    let mut parts = match FieldName::parse(&points, vm.release()) {
        Ok(parts) => parts,
        Err(error) => return Err(vm.numeric_error(error)),
    };
    let first = match parts.first.clone() {
        First::Auto => vm.new_str(""),
        First::Index(index) => vm.int(index as i64),
        First::Name(range) => text(vm, &points[range]),
    };
    let (mut items, mut error) = (Vec::new(), None);
    for part in &mut parts {
        let item = match part {
            Ok(Lookup::Attribute(range)) => [Value::TRUE, text(vm, &points[range])],
            Ok(Lookup::Index(index)) => [Value::FALSE, vm.int(index as i64)],
            Ok(Lookup::Key(range)) => [Value::FALSE, text(vm, &points[range])],
            Err(found) => {
                error = Some(found);
                break;
            }
        };
        items.push(vm.tuple_of(item));
    }
    let rest = iterator(vm, &LOOKUPS, items, error);
    Ok(vm.tuple_of([first, rest]))
}
