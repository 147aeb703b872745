//! `_locale`: the C locale, and the only other one that there is: `C.UTF-8`, for characters alone.
//!
//! Constants as Linux numbers them, asked from the interpreter: `vars(_locale)`.

use std::cmp::Ordering;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{c_int_or, str_argument};
use pyco_exec::{PyResult, Raised, Value, Vm};

use crate::time::{DAYS, MONTHS};

/// Which locale each category is set to, and the module's `Error`.
#[derive(Default)]
struct State {
    is_utf8: bool,
    error: Option<Value>,
}

const CATEGORIES: &[(&str, i64)] = &[
    ("LC_CTYPE", 0),
    ("LC_NUMERIC", 1),
    ("LC_TIME", 2),
    ("LC_COLLATE", 3),
    ("LC_MONETARY", 4),
    ("LC_MESSAGES", 5),
    ("LC_ALL", 6),
    ("CHAR_MAX", 127),
];

/// The keys of `nl_langinfo`, and what the C locale says.
const INFO: &[(&str, i64, &str)] = &[
    ("CODESET", 14, "UTF-8"),
    ("RADIXCHAR", 65536, "."),
    ("THOUSEP", 65537, ""),
    ("CRNCYSTR", 262_159, "-"),
    ("D_T_FMT", 131_112, "%a %b %e %H:%M:%S %Y"),
    ("D_FMT", 131_113, "%m/%d/%y"),
    ("T_FMT", 131_114, "%H:%M:%S"),
    ("T_FMT_AMPM", 131_115, "%I:%M:%S %p"),
    ("AM_STR", 131_110, "AM"),
    ("PM_STR", 131_111, "PM"),
    ("ERA", 131_116, ""),
    ("ERA_D_FMT", 131_118, ""),
    ("ALT_DIGITS", 131_119, ""),
    ("ERA_D_T_FMT", 131_120, ""),
    ("ERA_T_FMT", 131_121, ""),
    ("YESEXPR", 327_680, "^[yY]"),
    ("NOEXPR", 327_681, "^[nN]"),
];

const FIRST_SHORT_DAY: i64 = 131_072;
const FIRST_DAY: i64 = 131_079;
const FIRST_SHORT_MONTH: i64 = 131_086;
const FIRST_MONTH: i64 = 131_098;

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("setlocale", 1, 2, set_locale)
        .signature("($module, category, locale=None, /)"),
    NativeDef::no_args("localeconv", conventions).signature("($module, /)"),
    NativeDef::range("strcoll", 2, 2, collate).signature("($module, os1, os2, /)"),
    NativeDef::one("strxfrm", |vm, _, text| {
        str_argument(vm, text, "strxfrm() argument")?;
        Ok(text.clone())
    })
    .signature("($module, string, /)"),
    NativeDef::one("nl_langinfo", info).signature("($module, key, /)"),
    NativeDef::no_args("getencoding", |vm, _| Ok(vm.new_str("UTF-8"))).signature("($module, /)"),
];

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_locale");
    vm.add_functions(&module, FUNCTIONS);
    for (name, value) in CATEGORIES {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    for (name, value, _) in INFO {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    for (prefix, first, count) in [
        ("ABDAY", FIRST_SHORT_DAY, 7),
        ("DAY", FIRST_DAY, 7),
        ("ABMON", FIRST_SHORT_MONTH, 12),
        ("MON", FIRST_MONTH, 12),
    ] {
        for index in 0..count {
            let value = vm.int(first + index);
            vm.set_global(module.dict(), &format!("{prefix}_{}", index + 1), value);
        }
    }
    let class = error_class(vm)?;
    vm.set_global(module.dict(), "Error", class);
    Ok(module)
}

/// `locale.Error`, a class of the program's kind.
fn error_class(vm: &mut Vm) -> PyResult {
    let name = vm.new_str("Error");
    let bases = vec![Value::from(&vm.types.exception)];
    let bases = vm.new_tuple(bases);
    let namespace = Dict::new(vm);
    let module = vm.new_str("locale");
    vm.set_global(&namespace, "__module__", module);
    let meta = vm.types.type_.clone();
    let class = vm.call(meta.as_value(), &[name, bases, Value::from(namespace)])?;
    vm.state::<State>().error = Some(class.clone());
    Ok(class)
}

#[cold]
fn error(vm: &mut Vm, message: &str) -> Raised {
    let message = vm.new_str(message);
    let class = vm.state::<State>().error.clone().unwrap_or(Value::NONE);
    match vm.call(&class, &[message]) {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}

fn set_locale(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let category = c_int_or(vm, args.first(), 0)?;
    let wanted = match args.get(1).filter(|locale| !locale.is_none()) {
        Some(locale) => {
            str_argument(vm, locale, "setlocale() argument 2")?;
            Some(vm.display(locale))
        }
        None => None,
    };
    if !(0..=12).contains(&category) {
        return Err(error(
            vm,
            match wanted {
                Some(_) => "unsupported locale setting",
                None => "locale query failed",
            },
        ));
    }
    let is_for_characters = category == 0 || category == 6;
    if let Some(wanted) = wanted {
        let is_utf8 = match &*wanted {
            "C" | "POSIX" => false,
            // What the environment asks for is not looked at: it is UTF-8 in any case.
            "" | "C.UTF-8" | "C.utf8" => true,
            _ => return Err(error(vm, "unsupported locale setting")),
        };
        if is_for_characters {
            vm.state::<State>().is_utf8 = is_utf8;
        }
        let name = match (is_utf8, &*wanted) {
            (true, "C.utf8") => "C.utf8",
            (true, _) => "C.UTF-8",
            (false, _) => "C",
        };
        return Ok(vm.new_str(name));
    }
    let name = match is_for_characters && vm.state::<State>().is_utf8 {
        true => "C.UTF-8",
        false => "C",
    };
    Ok(vm.new_str(name))
}

fn conventions(vm: &mut Vm, _module: &Value) -> PyResult {
    let conventions = Dict::new(vm);
    let texts = [
        "int_curr_symbol",
        "currency_symbol",
        "mon_decimal_point",
        "mon_thousands_sep",
        "mon_grouping",
        "positive_sign",
        "negative_sign",
    ];
    for name in texts {
        let value = match name {
            "mon_grouping" => vm.new_list(Vec::new()),
            _ => vm.new_str(""),
        };
        vm.set_global(&conventions, name, value);
    }
    for name in [
        "int_frac_digits",
        "frac_digits",
        "p_cs_precedes",
        "p_sep_by_space",
        "n_cs_precedes",
        "n_sep_by_space",
        "p_sign_posn",
        "n_sign_posn",
    ] {
        let value = vm.int(127);
        vm.set_global(&conventions, name, value);
    }
    let rest = [
        ("decimal_point", vm.new_str(".")),
        ("thousands_sep", vm.new_str("")),
        ("grouping", vm.new_list(Vec::new())),
    ];
    for (name, value) in rest {
        vm.set_global(&conventions, name, value);
    }
    Ok(Value::from(conventions))
}

/// The order of two texts by their code points.
fn collate(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [a, b] = args else {
        return Ok(Value::NONE);
    };
    str_argument(vm, a, "strcoll() argument 1")?;
    str_argument(vm, b, "strcoll() argument 2")?;
    let order = match (a.downcast::<Str>(), b.downcast::<Str>()) {
        (Some(a), Some(b)) => a.view().chars().cmp(b.view().chars()),
        _ => Ordering::Equal,
    };
    Ok(vm.int(order as i64))
}

fn info(vm: &mut Vm, _module: &Value, key: &Value) -> PyResult {
    let key = i64::from(c_int_or(vm, Some(key), 0)?);
    if let Some((_, _, text)) = INFO.iter().find(|(_, number, _)| *number == key) {
        return Ok(vm.new_str(text));
    }
    let name = |names: &[&'static str], first: i64| {
        let index = usize::try_from(key - first).ok()?;
        names.get(index).copied()
    };
    let short = |text: &'static str| text.get(..3);
    let mut days = DAYS;
    // Here a week starts on Sunday.
    days.rotate_right(1);
    let text = name(&days, FIRST_SHORT_DAY)
        .and_then(short)
        .or_else(|| name(&days, FIRST_DAY))
        .or_else(|| name(&MONTHS, FIRST_SHORT_MONTH).and_then(short))
        .or_else(|| name(&MONTHS, FIRST_MONTH));
    match text {
        Some(text) => Ok(vm.new_str(text)),
        None => Err(vm.value_error("unsupported langinfo constant")),
    }
}
