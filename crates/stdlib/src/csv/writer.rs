//! `writer`: rows to lines, each handed to a `write` method.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrBuilder;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::dialect::{Dialect, of_arguments};
use super::{ALL, NONE, NONNUMERIC, NOTNULL, STRINGS, complain, name_in_messages};
use crate::arguments::is_number;

/// The payload.
struct Writer {
    write: Value,
    dialect: Ref<Dialect>,
}

impl Payload for Writer {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.write);
        visit(self.dialect.as_value());
    }
}

pub(super) static WRITER: ClassDef = ClassDef::new::<Writer>("_csv.writer", |_, _| {})
    .subclassable()
    .no_instances()
    .methods(&[
        NativeDef::one("writerow", write_row),
        NativeDef::one("writerows", |vm, this, rows| {
            vm.for_each(rows, |vm, row| write_row(vm, this, &row).map(drop))?;
            Ok(Value::NONE)
        }),
    ])
    .attributes(&[GetSetDef::get("dialect", |vm, this| {
        Ok(receiver::<Writer>(vm, this)?.dialect.as_value().clone())
    })
    .member()]);

/// `writer(...)`.
pub(super) fn open(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let name = name_in_messages(vm, "writer");
    pyco_exec::call::check_count(vm, name, args.positional().len(), 1, 2)?;
    let dialect = of_arguments(vm, args.rest())?;
    let name = vm.intern("write");
    let write = vm.get_attr_opt(&args.positional()[0], &name)?;
    let Some(write) = write.filter(|write| vm.is_callable(write)) else {
        return Err(vm.type_error("argument 1 must have a \"write\" method"));
    };
    let class = vm.class(&WRITER);
    Ok(Value::from(Ref::new(&class, Writer { write, dialect })))
}

/// The line that is being written.
struct Line {
    text: StrBuilder,
    field_count: usize,
}

fn write_row(vm: &mut Vm, this: &Value, row: &Value) -> PyResult {
    let writer = receiver::<Writer>(vm, this)?.clone();
    let dialect = &*writer.dialect;
    let fields = match vm.iter(row) {
        Ok(fields) => fields,
        Err(raised) if raised.is(vm, &vm.types.type_error.clone()) => {
            let found = vm.type_name(row);
            return Err(complain(vm, &format!("iterable expected, not {found}")));
        }
        Err(raised) => return Err(raised),
    };
    let mut line = Line {
        text: StrBuilder::with_capacity(0),
        field_count: 0,
    };
    let mut is_null = false;
    while let Some(field) = vm.next(&fields)? {
        let is_quoted = match dialect.quoting {
            ALL => true,
            NONNUMERIC => !is_number(vm, &field),
            STRINGS => field.downcast::<Str>().is_some(),
            NOTNULL => !field.is_none(),
            _ => false,
        };
        is_null = field.is_none();
        let text = match is_null {
            true => None,
            false => Some(vm.str(&field)?),
        };
        append(vm, dialect, &mut line, text.as_ref(), is_quoted)?;
    }
    if line.field_count > 0 && line.text.is_empty() {
        if dialect.quoting == NONE || is_null && is_bare_null(vm, dialect) {
            return Err(complain(vm, "single empty field record must be quoted"));
        }
        line.field_count -= 1;
        append(vm, dialect, &mut line, None, true)?;
    }
    if let Some(terminator) = dialect.line_terminator.downcast::<Str>() {
        line.text.push_view(terminator.view());
    }
    let line = vm.str_from_buf(line.text.finish());
    vm.call(&writer.write, &[line])
}

/// Whether `None` is told from an empty str by its lack of quotes, as it is from 3.13 on.
fn is_bare_null(vm: &Vm, dialect: &Dialect) -> bool {
    vm.version_number() >= 13 && matches!(dialect.quoting, STRINGS | NOTNULL)
}

/// Writes one field; nothing is an empty one that stands for `None`.
fn append(
    vm: &mut Vm,
    dialect: &Dialect,
    line: &mut Line,
    field: Option<&Value>,
    is_quoted: bool,
) -> PyResult<()> {
    let is_new = vm.version_number() >= 13;
    let terminator = dialect.line_terminator.downcast::<Str>();
    let text = field.and_then(|field| field.downcast::<Str>());
    let len = text.map_or(0, |text| text.len());
    vm.check_growth((line.text.len() + len).saturating_mul(4))?;
    let mut is_quoted = is_quoted;
    let mut out = StrBuilder::with_capacity(len);
    for c in text.into_iter().flat_map(|text| text.view().chars()) {
        let is_special = c == dialect.delimiter
            || Some(c) == dialect.escape
            || Some(c) == dialect.quote
            || is_new && (c == 0x0A || c == 0x0D)
            || terminator.is_some_and(|text| text.view().chars().any(|end| end == c));
        if is_special {
            let needs_escape = match () {
                () if dialect.quoting == NONE => true,
                () if Some(c) == dialect.quote && dialect.double_quote => {
                    out.push(c);
                    false
                }
                () => Some(c) == dialect.quote || Some(c) == dialect.escape,
            };
            match (needs_escape, dialect.escape) {
                (true, Some(escape)) => out.push(escape),
                (true, None) => {
                    return Err(complain(vm, "need to escape, but no escapechar set"));
                }
                (false, _) => is_quoted = true,
            }
        }
        out.push(c);
    }
    let is_space = dialect.delimiter == 0x20 && dialect.skip_initial_space;
    if is_new && len == 0 && is_space && !is_quoted {
        if dialect.quoting == NONE || field.is_none() && is_bare_null(vm, dialect) {
            return Err(complain(
                vm,
                "empty field must be quoted if delimiter is a space and skipinitialspace is true",
            ));
        }
        is_quoted = true;
    }
    if line.field_count > 0 {
        line.text.push(dialect.delimiter);
    }
    let quote = dialect.quote.filter(|_| is_quoted);
    if let Some(quote) = quote {
        line.text.push(quote);
    }
    line.text.push_view(out.view());
    if let Some(quote) = quote {
        line.text.push(quote);
    }
    line.field_count += 1;
    Ok(())
}
