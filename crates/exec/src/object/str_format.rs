//! `str.format`, `str.format_map` and `str.__format__`.

use crate::call::Args;
use crate::error::PyResult;
use crate::numeric::field::{
    self, AutoNumber, Conversion, Field, FieldName, First, Lookup, MAX_DEPTH, Pieces,
};
use crate::numeric::format_spec::{Context, format_str};
use crate::object::int_methods::decimal;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{str_argument, text, unchanged};
use crate::ops;
use crate::text::unit::{Unit, with_units};
use crate::text::{StrBuf, StrBuilder, StrView};
use crate::value::Value;
use crate::vm::Vm;

/// Where the values of fields come from.
#[derive(Clone, Copy)]
enum Source<'a> {
    Arguments(Args<'a>),
    Mapping(&'a Value),
}

/// A template being filled in.
struct Template<'a> {
    source: Source<'a>,
    numbers: AutoNumber,
    /// What the first field has given, if nothing stands before it.
    first: Option<Value>,
}

impl Template<'_> {
    /// Appends a template with its fields replaced. Specs are templates too, down to the depth that Python allows.
    fn fill<U: Unit>(
        &mut self,
        vm: &mut Vm,
        units: &[U],
        depth: usize,
        out: &mut StrBuilder,
    ) -> PyResult<()> {
        if depth == 0 {
            return Err(vm.numeric_error(field::too_deep()));
        }
        for piece in Pieces::new(units) {
            let piece = piece.map_err(|e| vm.numeric_error(e))?;
            out.push_view(U::as_str(&units[piece.literal]).view());
            if let Some(field) = piece.field {
                self.field(vm, units, &field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field<U: Unit>(
        &mut self,
        vm: &mut Vm,
        units: &[U],
        field: &Field,
        depth: usize,
        out: &mut StrBuilder,
    ) -> PyResult<()> {
        let mut value = self.value(vm, &units[field.name.clone()])?;
        if let Some(conversion) = field.conversion {
            let conversion = Conversion::parse(conversion).map_err(|e| vm.numeric_error(e))?;
            value = match conversion {
                Conversion::Repr => vm.repr(&value)?,
                Conversion::Str => vm.str(&value)?,
                Conversion::Ascii => ops::text::ascii(vm, &value)?,
            };
        }
        let spec = &units[field.spec.clone()];
        let spec = if field.spec_has_fields {
            let mut filled = StrBuilder::new();
            self.fill(vm, spec, depth - 1, &mut filled)?;
            filled.finish()
        } else {
            U::as_str(spec).into_buf()
        };
        if spec.is_empty()
            && let Some(text) = value.downcast::<Str>().filter(|text| text.is_exact())
        {
            self.note(&value, out);
            out.push_view(text.view());
            return Ok(());
        }
        if spec.is_empty()
            && let Some(n) = value.as_small_int()
        {
            out.push_view(StrView::Ascii(decimal(&mut [0; 24], n)));
            return Ok(());
        }
        let spec = vm.str_from_buf(spec);
        let formatted = ops::text::format(vm, &value, &spec)?;
        self.note(&formatted, out);
        out.push_view(text(&formatted));
        vm.check_growth(out.len())
    }

    /// Remembers what a field gives if it may be the whole result.
    fn note(&mut self, given: &Value, out: &StrBuilder) {
        let is_exact = given.downcast::<Str>().is_some_and(|text| text.is_exact());
        self.first = Some(given.clone()).filter(|_| is_exact && out.is_empty());
    }

    /// The value that a field's name leads to.
    fn value<U: Unit>(&mut self, vm: &mut Vm, name: &[U]) -> PyResult {
        let mut parts = FieldName::parse(name, vm.release()).map_err(|e| vm.numeric_error(e))?;
        let first = self
            .numbers
            .resolve(parts.first.clone())
            .map_err(|e| vm.numeric_error(e))?;
        let mut value = match first {
            First::Name(range) => self.named(vm, &name[range])?,
            First::Index(index) => self.numbered(vm, index)?,
            First::Auto => return Ok(Value::NONE),
        };
        for part in &mut parts {
            let part = part.map_err(|e| vm.numeric_error(e))?;
            value = match part {
                Lookup::Attribute(range) => {
                    let attribute = vm.str_from_view(U::as_str(&name[range]).view());
                    let attribute = vm.attribute_name(&attribute)?;
                    vm.get_attr(&value, &attribute)?
                }
                Lookup::Index(index) => vm.get_item(&value, &vm.int(index as i64))?,
                Lookup::Key(range) => {
                    let key = vm.str_from_view(U::as_str(&name[range]).view());
                    vm.get_item(&value, &key)?
                }
            };
        }
        Ok(value)
    }

    fn numbered(&self, vm: &mut Vm, index: usize) -> PyResult {
        let Source::Arguments(args) = self.source else {
            return Err(vm.value_error("Format string contains positional fields"));
        };
        match args.positional().get(index) {
            Some(value) => Ok(value.clone()),
            None => Err(vm.numeric_error(field::index_out_of_range(index))),
        }
    }

    fn named<U: Unit>(&self, vm: &mut Vm, name: &[U]) -> PyResult {
        let name = U::as_str(name);
        match self.source {
            Source::Mapping(mapping) => {
                let key = vm.str_from_view(name.view());
                vm.get_item(mapping, &key)
            }
            Source::Arguments(args) => {
                let found = args
                    .keywords()
                    .find(|(keyword, _)| keyword.view() == name.view());
                match found {
                    Some((_, value)) => Ok(value.clone()),
                    None => {
                        let key = vm.str_from_view(name.view());
                        Err(vm.key_error(key))
                    }
                }
            }
        }
    }
}

fn format_from(vm: &mut Vm, this: &Value, source: Source<'_>) -> PyResult {
    let view = text(this);
    let has_braces = view.contains_char(u32::from(b'{')) || view.contains_char(u32::from(b'}'));
    if !has_braces && !view.is_empty() {
        return Ok(this.clone());
    }
    let mut out = StrBuilder::with_capacity(view.len());
    let mut template = Template {
        source,
        numbers: AutoNumber::default(),
        first: None,
    };
    with_units!(view, units => template.fill(vm, units, MAX_DEPTH, &mut out))?;
    let whole = |given: &Value| {
        given
            .downcast::<Str>()
            .is_some_and(|t| t.len() == out.len())
    };
    if let Some(text) = template.first.filter(whole) {
        return Ok(text);
    }
    Ok(vm.str_from_buf(out.finish()))
}

fn format(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    format_from(vm, this, Source::Arguments(args))
}

fn format_map(vm: &mut Vm, this: &Value, mapping: &Value) -> PyResult {
    format_from(vm, this, Source::Mapping(mapping))
}

fn dunder_format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    let spec = str_argument(vm, spec, "__format__() argument")?;
    if spec.is_empty() {
        return match this.downcast::<Str>() {
            Some(text) if !text.is_exact() => vm.str(this),
            _ => Ok(unchanged(vm, this)),
        };
    }
    let view = text(this);
    let type_name = vm.type_name(this);
    let context = Context {
        release: vm.release(),
        type_name: &type_name,
        size_limit: vm.max_size(),
        max_digits: 0,
    };
    let layout = with_units!(spec, spec => format_str(view.len(), spec, &context));
    let layout = layout.map_err(|e| vm.numeric_error(e))?;
    if layout.left + layout.right == 0 && layout.taken == view.len() {
        return match this.downcast::<Str>() {
            Some(text) if !text.is_exact() => vm.str(this),
            _ => Ok(unchanged(vm, this)),
        };
    }
    let mut out = StrBuilder::with_capacity(layout.len());
    out.push_repeated(layout.fill, layout.left);
    out.push_view(view.substr(0..layout.taken).view());
    out.push_repeated(layout.fill, layout.right);
    let out: StrBuf = out.finish();
    Ok(vm.str_from_buf(out))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::any("format", format).signature("($self, /, *args, **kwargs)"),
    NativeDef::one("format_map", format_map).signature("($self, mapping, /)"),
    NativeDef::one("__format__", dunder_format).signature("($self, format_spec, /)"),
];
