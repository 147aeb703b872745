//! The constructors of exception classes.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::exceptions_data::os_error_type;
use crate::object::bytes::Bytes;
use crate::object::exception::{Exception, exception_of};
use crate::object::exception_group::{FIELD_EXCEPTIONS, FIELD_MESSAGE, FIELD_TEXT};
use crate::object::exception_types::{exception_class, no_keywords};
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// `BaseException.__new__`: keeps the positional arguments as `args`.
pub(crate) fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    Ok(Value::from(Exception::of_type(vm, ty, args.positional())))
}

fn set_args(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult<Ref<Exception>> {
    let exception = exception_of(vm, this)?;
    // `__new__` has set the same as a rule.
    let is_set = exception.args.get().is_some_and(|old| {
        let old = old.downcast::<Tuple>().map_or(&[][..], |old| old.items());
        old.len() == args.len() && old.iter().zip(args).all(|(a, b)| a.is(b))
    });
    if !is_set {
        exception.args.set(Some(vm.tuple_from(args)));
    }
    Ok(exception)
}

/// `BaseException.__init__`.
pub(crate) fn args(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    set_args(vm, this, args.positional()).map(drop)
}

pub(crate) fn stop_iteration(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    let exception = set_args(vm, this, args.positional())?;
    exception.set_field(vm, 0, args.positional().first().cloned());
    Ok(())
}

pub(crate) fn system_exit(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    let exception = set_args(vm, this, args.positional())?;
    let code = match args.positional() {
        [] => return Ok(()),
        [code] => Some(code.clone()),
        _ => exception.args.get(),
    };
    exception.set_field(vm, 0, code);
    Ok(())
}

/// Sets the fields that only keywords name, from field `first` on; those that are not given have no value any more. `name` is what
/// the complaint about others speaks of, also for subclasses.
fn keyword_fields(
    vm: &mut Vm,
    this: &Value,
    args: Args<'_>,
    name: &str,
    params: &Params,
    first: usize,
) -> PyResult<()> {
    let exception = set_args(vm, this, args.positional())?;
    let bound = args.only_keywords().bind(vm, name, params)?;
    for index in 0..params.names.len() {
        exception.set_field(vm, first + index, bound.get(index).cloned());
    }
    Ok(())
}

static IMPORT: Params = Params::new(&["name", "path", "name_from"], 0).keyword_only(3);
/// Up to 3.11.
static IMPORT_OLD: Params = Params::new(&["name", "path"], 0).keyword_only(2);
static NAME: Params = Params::new(&["name"], 0).keyword_only(1);
static ATTRIBUTE: Params = Params::new(&["name", "obj"], 0).keyword_only(2);

pub(crate) fn import_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let params = if vm.version_number() < 12 {
        &IMPORT_OLD
    } else {
        &IMPORT
    };
    keyword_fields(vm, this, args, "ImportError", params, 1)?;
    let message = match args.positional() {
        [message] => Some(message.clone()),
        _ => None,
    };
    exception_of(vm, this)?.set_field(vm, 0, message);
    Ok(())
}

pub(crate) fn name_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    keyword_fields(vm, this, args, "NameError", &NAME, 0)
}

pub(crate) fn attribute_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    keyword_fields(vm, this, args, "AttributeError", &ATTRIBUTE, 0)
}

/// `OSError.__new__`: the class for the errno, if there is one.
pub(crate) fn new_os_error(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let mut ty = ty.clone();
    let given = args.positional();
    if ty.is(&vm.types.os_error) && (2..=5).contains(&given.len()) {
        let errno = given[0].as_int().and_then(|n| n.to_i64());
        let errno = errno.and_then(|n| i32::try_from(n).ok());
        if let Some(found) = errno
            .and_then(os_error_type)
            .and_then(|name| exception_class(vm, name))
        {
            ty = found;
        }
    }
    if has_own_init(vm, &ty) {
        // Nothing is known of the arguments before its `__init__` hands them on.
        return Ok(Value::from(Exception::of_type(vm, &ty, &[])));
    }
    let value = Value::from(Exception::of_type(vm, &ty, given));
    fill_os_error(vm, &value, args)?;
    Ok(value)
}

/// Whether a subclass of OSError has an `__init__` but no `__new__`: then its `__init__` says what the arguments are.
fn has_own_init(vm: &Vm, ty: &Ref<Type>) -> bool {
    let (own, built_in) = (&ty.slots, &vm.types.os_error.slots);
    let has_init = match (own.init.get(), built_in.init.get()) {
        (Some(a), Some(b)) => !std::ptr::fn_addr_eq(a, b),
        _ => false,
    };
    let has_new = match (own.new.get(), built_in.new.get()) {
        (Some(a), Some(b)) => !std::ptr::fn_addr_eq(a, b),
        _ => false,
    };
    has_init && !has_new
}

/// `OSError.__init__`: `__new__` has done it, unless the class has an `__init__` of its own, which calls this one.
pub(crate) fn os_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let ty = vm.type_of(this).clone();
    match has_own_init(vm, &ty) {
        true => fill_os_error(vm, this, args),
        false => Ok(()),
    }
}

fn fill_os_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    let given = args.positional();
    let exception = set_args(vm, this, given)?;
    if !(2..=5).contains(&given.len()) {
        return Ok(());
    }
    exception.set_field(vm, 0, Some(given[0].clone()));
    exception.set_field(vm, 1, Some(given[1].clone()));
    let filename = given.get(2).filter(|f| !f.is_none());
    if let Some(filename) = filename {
        let is_blocking = &*vm.type_name(this) == "BlockingIOError" && filename.as_int().is_some();
        if is_blocking {
            exception.set_field(vm, 4, Some(filename.clone()));
            return Ok(());
        }
        exception.set_field(vm, 2, Some(filename.clone()));
        exception.set_field(vm, 3, given.get(4).filter(|f| !f.is_none()).cloned());
        set_args(vm, this, &given[..2])?;
    }
    Ok(())
}

pub(crate) fn syntax_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    let given = args.positional();
    let exception = set_args(vm, this, given)?;
    if let Some(message) = given.first() {
        exception.set_field(vm, 0, Some(message.clone()));
    }
    if let [_, details] = given {
        let details = vm.collect(details)?;
        if !matches!(details.len(), 4 | 6) {
            let message = format!(
                "function takes {} 4 arguments ({} given)",
                if details.len() < 4 {
                    "at least"
                } else {
                    "exactly"
                },
                details.len()
            );
            return Err(vm.type_error(message));
        }
        let mut details = details.into_iter();
        for index in 0..6 {
            exception.set_field(vm, index + 1, details.next());
        }
    }
    Ok(())
}

fn unicode(vm: &mut Vm, this: &Value, args: Args<'_>, kinds: &[&str]) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    let given = args.positional();
    if given.len() != kinds.len() {
        let message = format!(
            "function takes exactly {} arguments ({} given)",
            kinds.len(),
            given.len()
        );
        return Err(vm.type_error(message));
    }
    let first = 5 - kinds.len();
    let exception = set_args(vm, this, given)?;
    for (index, (kind, value)) in kinds.iter().zip(given).enumerate() {
        let fits = match *kind {
            "str" => value.downcast::<Str>().is_some(),
            "int" => value.as_int().is_some(),
            _ => {
                value.downcast::<Bytes>().is_some()
                    || value
                        .downcast::<crate::object::bytearray::ByteArray>()
                        .is_some()
            }
        };
        if !fits {
            let found = vm.type_name(value);
            let message = match *kind {
                "int" => format!("'{found}' object cannot be interpreted as an integer"),
                "bytes" => format!("a bytes-like object is required, not '{found}'"),
                _ => format!("argument {} must be str, not {found}", index + 1),
            };
            return Err(vm.type_error(message));
        }
        let value = match value.downcast::<crate::object::bytearray::ByteArray>() {
            Some(array) => {
                let data = array.data.get(vm).clone();
                vm.new_bytes(data)
            }
            None => value.clone(),
        };
        exception.set_field(vm, first + index, Some(value));
    }
    Ok(())
}

pub(crate) fn unicode_encode_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    unicode(vm, this, args, &["str", "str", "int", "int", "str"])
}

pub(crate) fn unicode_decode_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    unicode(vm, this, args, &["str", "bytes", "int", "int", "str"])
}

pub(crate) fn unicode_translate_error(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    unicode(vm, this, args, &["str", "int", "int", "str"])
}

static GROUP: Params = Params::new(&["message", "exceptions"], 2).positional_only(2);

/// `BaseExceptionGroup.__new__`: an ExceptionGroup if all members are Exceptions.
pub(crate) fn new_group(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = args.positional();
    if given.len() != 2 {
        let message = format!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            given.len()
        );
        return Err(vm.type_error(message));
    }
    let bound = Args::positional_only(given).bind(vm, "BaseExceptionGroup.__new__", &GROUP)?;
    let (Some(message), Some(exceptions)) = (bound.get(0), bound.get(1)) else {
        return Ok(Value::NONE);
    };
    if message.downcast::<Str>().is_none() {
        let found = vm.type_name(message);
        return Err(vm.type_error(format!(
            "BaseExceptionGroup.__new__() argument 1 must be str, not {found}"
        )));
    }
    if !vm.is_sequence(exceptions) {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let members = vm.collect(exceptions)?;
    if members.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut all_exceptions = true;
    for (index, member) in members.iter().enumerate() {
        let Some(member) = member.downcast::<Exception>() else {
            return Err(vm.value_error(format!(
                "Item {index} of second argument (exceptions) is not an exception"
            )));
        };
        all_exceptions &= member.ty().is_subtype(vm, &vm.types.exception);
    }
    let mut ty = ty.clone();
    let group = exception_class(vm, "ExceptionGroup");
    if ty.is(&vm.types.base_exception_group) {
        if let Some(group) = group.filter(|_| all_exceptions) {
            ty = group;
        }
    } else if !all_exceptions && ty.is_subtype(vm, &vm.types.exception) {
        let name = ty.name();
        let message = match &*name {
            "ExceptionGroup" => "Cannot nest BaseExceptions in an ExceptionGroup".to_owned(),
            _ => format!("Cannot nest BaseExceptions in '{name}'"),
        };
        return Err(vm.type_error(message));
    }
    let exception = Exception::of_type(vm, &ty, given);
    exception.set_field(vm, FIELD_MESSAGE, Some(message.clone()));
    let members = vm.new_tuple(members);
    exception.set_field(vm, FIELD_EXCEPTIONS, Some(members));
    let is_plain =
        exceptions.downcast::<List>().is_some() || exceptions.downcast::<Tuple>().is_some();
    if vm.version_number() >= 13 && !is_plain {
        let text = vm.repr(exceptions)?;
        exception.set_field(vm, FIELD_TEXT, Some(text));
    }
    Ok(Value::from(exception))
}

pub(crate) fn group(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords(vm, this, args)?;
    set_args(vm, this, args.positional()).map(drop)
}
