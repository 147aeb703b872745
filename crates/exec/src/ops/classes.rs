//! `class` statements, and the bookkeeping of `except*`.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::exception::Exception;
use crate::object::function::{Cell, Function};
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_new::winning_metatype;
use crate::value::Value;
use crate::vm::Vm;

/// `__build_class__(function, name, *bases, metaclass=None, **kwds)`.
pub(crate) fn build_class(vm: &mut Vm, args: Args<'_>) -> PyResult {
    let [function, name, original_bases @ ..] = args.positional() else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    let Some(function) = function.downcast::<Function>().cloned() else {
        return Err(vm.type_error("__build_class__: func must be a function"));
    };
    let Some(class_name) = name.downcast::<Str>() else {
        return Err(vm.type_error("__build_class__: name is not a string"));
    };
    let bases = resolve_bases(vm, original_bases)?;
    let bases_tuple = vm.new_tuple(bases.clone());
    let mut metaclass = None;
    let (mut keyword_names, mut keyword_values) = (Vec::new(), Vec::new());
    for (keyword, value) in args.keywords() {
        if keyword.eq_str("metaclass") {
            metaclass = Some(value.clone());
        } else {
            keyword_names.push(Value::from(keyword));
            keyword_values.push(value.clone());
        }
    }
    let metaclass = match metaclass {
        Some(metaclass) => metaclass,
        None => match bases.first() {
            Some(base) => Value::from(vm.type_of(base)),
            None => Value::from(&vm.types.type_),
        },
    };
    let metaclass = match metaclass.downcast::<Type>() {
        Some(ty) => Value::from(winning_metatype(vm, &ty.clone(), &bases)?),
        None => metaclass,
    };
    let keyword_names = Tuple::of_type(&vm.types.tuple, keyword_names);
    let namespace = prepare(
        vm,
        &metaclass,
        name,
        &bases_tuple,
        &keyword_names,
        &keyword_values,
    )?;
    let cell = vm.eval_code(&function, Some(namespace.clone()))?;
    let has_original_bases = original_bases.len() != bases.len()
        || original_bases.iter().zip(&bases).any(|(a, b)| !a.is(b));
    if has_original_bases {
        let original = vm.new_tuple(original_bases.to_vec());
        let key = vm.names.__orig_bases__.clone();
        vm.set_item(&namespace, key.as_value(), original)?;
    }
    let mut values = vec![name.clone(), bases_tuple, namespace];
    values.extend(keyword_values);
    let class = vm.call_args(&metaclass, Args::new(&values, Some(&keyword_names)))?;
    check_class_cell(vm, &class, &cell, class_name)?;
    Ok(class)
}

/// The bases with `__mro_entries__` resolved.
fn resolve_bases(vm: &mut Vm, original: &[Value]) -> PyResult<Vec<Value>> {
    let mut bases = Vec::with_capacity(original.len());
    for base in original {
        if base.downcast::<Type>().is_none() {
            let name = vm.names.__mro_entries__.clone();
            if let Some(method) = vm.get_attr_opt(base, &name)? {
                let all = vm.new_tuple(original.to_vec());
                let entries = vm.call(&method, &[all])?;
                match entries.downcast::<Tuple>() {
                    Some(entries) => bases.extend_from_slice(entries.items()),
                    None => return Err(vm.type_error("__mro_entries__ must return a tuple")),
                }
                continue;
            }
        }
        bases.push(base.clone());
    }
    Ok(bases)
}

fn prepare(
    vm: &mut Vm,
    metaclass: &Value,
    name: &Value,
    bases: &Value,
    keyword_names: &Ref<Tuple>,
    keyword_values: &[Value],
) -> PyResult {
    let prepare_name = vm.names.__prepare__.clone();
    let Some(prepare) = vm.get_attr_opt(metaclass, &prepare_name)? else {
        return Ok(Value::from(Dict::new(vm)));
    };
    let mut values = vec![name.clone(), bases.clone()];
    values.extend_from_slice(keyword_values);
    let namespace = vm.call_args(&prepare, Args::new(&values, Some(keyword_names)))?;
    let is_mapping = namespace.downcast::<Dict>().is_some()
        || vm.type_of(&namespace).slots.get_item.get().is_some();
    if is_mapping {
        return Ok(namespace);
    }
    let found = vm.type_name(&namespace);
    let meta = match metaclass.downcast::<Type>() {
        Some(metaclass) => metaclass.name(),
        None => "<metaclass>".into(),
    };
    Err(vm.type_error(format!(
        "{meta}.__prepare__() must return a mapping, not {found}"
    )))
}

/// The body's `__class__` cell must hold the class now.
fn check_class_cell(vm: &mut Vm, class: &Value, cell: &Value, name: &Ref<Str>) -> PyResult<()> {
    let (Some(_), Some(cell)) = (class.downcast::<Type>(), cell.downcast::<Cell>()) else {
        return Ok(());
    };
    match cell.value.get() {
        Some(found) if found.is(class) => Ok(()),
        Some(found) => {
            let (found, class) = (vm.repr_text(&found)?, vm.repr_text(class)?);
            Err(vm.type_error(format!(
                "__class__ set to {found} defining '{name}' as {class}"
            )))
        }
        None => {
            let class = vm.repr_text(class)?;
            let message = format!(
                "__class__ not set defining '{name}' as {class}. Was __classcell__ propagated to type.__new__?"
            );
            Err(vm.runtime_error(message))
        }
    }
}

/// INTRINSIC_PREP_RERAISE_STAR: what an `except*` statement raises at its end, or `None`.
pub(crate) fn prepare_reraise_star(vm: &mut Vm, original: &Value, raised: &Value) -> PyResult {
    let Some(list) = raised.downcast::<List>() else {
        return Ok(Value::NONE);
    };
    let excs: Vec<Value> = list
        .items(vm)
        .iter()
        .filter(|e| !e.is_none())
        .cloned()
        .collect();
    if excs.is_empty() {
        return Ok(Value::NONE);
    }
    let group_class = vm.types.base_exception_group.clone();
    let is_group = vm.type_of(original).is_subtype(vm, &group_class);
    if !is_group {
        // A naked exception was wrapped; alone and unhandled, it comes out as it was.
        return Ok(excs.first().cloned().unwrap_or(Value::NONE));
    }
    let original_exception = original.downcast::<Exception>();
    let same_metadata = |vm: &Vm, exc: &Value| -> bool {
        let (Some(a), Some(b)) = (exc.downcast::<Exception>(), original_exception) else {
            return false;
        };
        let same = |x: Option<Value>, y: Option<Value>| match (x, y) {
            (Some(x), Some(y)) => x.is(&y),
            (None, None) => true,
            _ => false,
        };
        let _ = vm;
        same(a.traceback.get(), b.traceback.get())
            && same(a.cause.get(), b.cause.get())
            && same(a.context.get(), b.context.get())
    };
    let (reraised, new): (Vec<Value>, Vec<Value>) =
        excs.into_iter().partition(|exc| same_metadata(vm, exc));
    let mut all = new;
    if !reraised.is_empty() {
        all.push(project(vm, original, &reraised)?);
    }
    if let [one] = &all[..] {
        return Ok(one.clone());
    }
    let message = Value::from(&vm.names.empty);
    let list = vm.new_list(all);
    vm.call(group_class.as_value(), &[message, list])
}

/// The part of a group whose leaves are those of `keep`.
fn project(vm: &mut Vm, group: &Value, keep: &[Value]) -> PyResult {
    let mut leaves = Vec::new();
    let mut waiting: Vec<Value> = keep.to_vec();
    let group_class = vm.types.base_exception_group.clone();
    let exceptions = vm.intern("exceptions");
    while let Some(next) = waiting.pop() {
        if vm.type_of(&next).is_subtype(vm, &group_class) {
            let inner = vm.get_attr(&next, &exceptions)?;
            waiting.extend(vm.collect(&inner)?);
        } else {
            leaves.push(next);
        }
    }
    crate::object::exception_group::select(vm, group, &leaves)
}
