//! Showing exceptions: from exception objects to the traceback text that CPython prints on stderr.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Raised;
use crate::object::exception::{Exception, FIELD_NAME, FIELD_OBJ};
use crate::object::exception_group::FIELD_EXCEPTIONS;
use crate::object::frame::{FrameObject, Traceback};
use crate::object::header::Ref;
use crate::object::native::NativeFunction;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::text::StrView;
use crate::traceback::suggestions::{self, AttributeScope, NameScope, SelfState};
use crate::traceback::{
    self, Frame, Ignored, Location, Notes, Options, Report, SyntaxDetails, Version,
};
use crate::value::Value;
use crate::vm::Vm;

/// Whether a hook of `sys` is the native one, which needs no call.
pub(crate) fn is_native(hook: &Value, name: &str) -> bool {
    hook.downcast::<NativeFunction>()
        .is_some_and(|function| function.def.name == name)
}

/// The text of a str as stderr shows it: lone surrogates escaped.
pub(crate) fn stderr_text(text: StrView<'_>) -> String {
    match text.as_ascii() {
        Some(text) => text.to_owned(),
        None => text.chars().fold(String::new(), |mut out, c| {
            match char::from_u32(c) {
                Some(c) => out.push(c),
                None => out.push_str(&format!("\\u{c:04x}")),
            }
            out
        }),
    }
}

impl Vm {
    /// The rules of the VM's version for tracebacks.
    pub(crate) fn traceback_version(&self) -> Version {
        Version::from_minor(self.version_number()).unwrap_or(Version::V3_13)
    }

    /// What CPython prints on stderr for an exception that nobody caught.
    pub fn format_exception(&mut self, raised: &Raised) -> String {
        let report = self.report(&raised.0);
        let options = Options::new(self.traceback_version());
        let source = Source::new(self.host.show_source);
        traceback::format_report(&report, options, &|file, line| source.line(file, line))
    }

    /// Prints an exception with its traceback on `sys.stderr`, as the default `sys.excepthook` does; of what is none it says so there.
    pub fn show_exception(&mut self, exception: &Value) {
        let text = match exception.downcast::<Exception>().cloned() {
            Some(exception) => self.format_exception(&Raised(exception)),
            None if exception.is_none() && self.version_number() >= 13 => {
                "NoneType: None\n".to_owned()
            }
            None => {
                let found = self.type_name(exception);
                format!(
                    "TypeError: print_exception(): Exception expected for value, {found} found\n"
                )
            }
        };
        self.write_stderr(&text);
    }

    /// Tells `sys.unraisablehook` of an exception that nobody can catch, raised while something was done with `object`.
    pub fn unraisable(&mut self, raised: Raised, ignored: Ignored, object: &Value) {
        self.trace_current_frame(&raised.0);
        let shown = self.shown_repr(object);
        let version = self.traceback_version();
        let heading = traceback::unraisable_heading(version, ignored, &shown);
        let object = match heading.has_object {
            true => object.clone(),
            false => Value::NONE,
        };
        let hook = match self.sys_stream("unraisablehook") {
            Ok(Some(hook)) if !is_native(&hook, "unraisablehook") => hook,
            _ => return self.show_unraisable(&raised.0, heading.err_msg.as_deref(), &object),
        };
        let class = Value::from(self.type_of(raised.value()));
        let traceback = raised.0.traceback.get().unwrap_or(Value::NONE);
        let message = heading.err_msg.map_or(Value::NONE, |m| self.new_str(&m));
        let ty = self.unraisable_args_class();
        let value = raised.value().clone();
        let args = self.new_struct(&ty, vec![class, value, traceback, message, object]);
        if let Err(failed) = self.call(&hook, &[args]) {
            let message = "Exception ignored in sys.unraisablehook";
            self.show_unraisable(&failed.0, Some(message), &hook);
        }
    }

    /// `sys.UnraisableHookArgs`.
    pub fn unraisable_args_class(&mut self) -> Ref<Type> {
        const FIELDS: &[&str] = &[
            "exc_type",
            "exc_value",
            "exc_traceback",
            "err_msg",
            "object",
        ];
        self.struct_class_once("UnraisableHookArgs", FIELDS)
    }

    /// What `sys.unraisablehook` itself does: prints the exception, under a heading with `object` unless that is None.
    pub fn show_unraisable(
        &mut self,
        exception: &Ref<Exception>,
        message: Option<&str>,
        object: &Value,
    ) {
        let shown = match object.is_none() {
            true => None,
            false => Some(self.shown_repr(object)),
        };
        let report = self.report(exception);
        let source = Source::new(self.host.show_source);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = traceback::write_unraisable(
            &report,
            message,
            shown.as_deref(),
            Options::new(self.traceback_version()),
            &|file, line| source.line(file, line),
            &mut text,
        );
        self.write_stderr(&text);
    }

    fn shown_repr(&mut self, value: &Value) -> String {
        match self.repr(value) {
            Ok(repr) => repr
                .downcast::<Str>()
                .map_or_else(String::new, |r| stderr_text(r.view())),
            Err(_) => "<object repr() failed>".to_owned(),
        }
    }

    /// An exception and all that it refers to, as data.
    fn report(&mut self, first: &Ref<Exception>) -> Report {
        let mut report = Report::default();
        let mut seen: Vec<Ref<Exception>> = vec![first.clone()];
        let mut at = 0;
        while at < seen.len() {
            let exception = seen[at].clone();
            let mut index_of = |value: Option<Value>| {
                let linked = value?.into_ref::<Exception>().ok()?;
                Some(seen.iter().position(|s| s.is(&linked)).unwrap_or_else(|| {
                    seen.push(linked);
                    seen.len() - 1
                }))
            };
            let cause = index_of(exception.cause.get());
            let context = index_of(exception.context.get());
            let members = self.group_members(&exception).map(|members| {
                members
                    .into_iter()
                    .filter_map(|member| index_of(Some(member)))
                    .collect()
            });
            let mut shown = self.report_one(&exception);
            shown.cause = cause;
            shown.context = context;
            shown.members = members;
            report.exceptions.push(shown);
            at += 1;
        }
        report
    }

    fn group_members(&mut self, exception: &Ref<Exception>) -> Option<Vec<Value>> {
        if !exception
            .ty()
            .is_subtype(self, &self.types.base_exception_group)
        {
            return None;
        }
        let members = exception.field(self, FIELD_EXCEPTIONS)?;
        members
            .downcast::<Tuple>()
            .map(|members| members.items().to_vec())
    }

    fn report_one(&mut self, exception: &Ref<Exception>) -> traceback::Exception {
        let ty = exception.ty().clone();
        let module_key = self.names.__module__.clone();
        let module = match ty.is_built_in() {
            true => Some("builtins".to_owned()),
            false => {
                let module = self.get_attr_opt(ty.as_value(), &module_key).ok().flatten();
                module.and_then(|m| m.downcast::<Str>().map(|m| stderr_text(m.view())))
            }
        };
        let qualname = match ty.qualname.get() {
            Some(name) => self.display(&name),
            None => ty.name().to_string(),
        };
        let message = match self.str(exception.as_value()) {
            Ok(text) => text.downcast::<Str>().map(|t| stderr_text(t.view())),
            Err(_) => None,
        };
        let frames = self.frames_of(exception);
        let suggestion = self.suggestion(exception);
        traceback::Exception {
            module,
            qualname,
            message,
            suggestion,
            notes: self.notes_of(exception),
            syntax: self.syntax_of(exception),
            suppress_context: exception.suppress_context.get(),
            frames,
            ..traceback::Exception::default()
        }
    }

    fn notes_of(&mut self, exception: &Ref<Exception>) -> Notes {
        let key = self.intern("__notes__");
        let Ok(Some(notes)) = self.get_attr_opt(exception.as_value(), &key) else {
            return Notes::Absent;
        };
        let is_text = notes.downcast::<Str>().is_some()
            || notes.downcast::<crate::object::bytes::Bytes>().is_some();
        if !is_text
            && self.type_of(&notes).slots.get_item.get().is_some()
            && let Ok(items) = self.collect(&notes)
        {
            let texts = items.iter().map(|item| {
                let text = self.str(item).ok()?;
                text.downcast::<Str>().map(|t| stderr_text(t.view()))
            });
            return Notes::List(texts.collect());
        }
        let repr = self.repr(&notes).ok();
        Notes::Other(repr.and_then(|r| r.downcast::<Str>().map(|r| stderr_text(r.view()))))
    }

    /// Where a SyntaxError says that the error is.
    fn syntax_of(&mut self, exception: &Ref<Exception>) -> Option<SyntaxDetails> {
        if !exception.ty().is_subtype(self, &self.types.syntax_error) {
            return None;
        }
        // What is no str is shown as one.
        let filename = exception.field(self, 1).filter(|name| !name.is_none());
        let filename = filename.and_then(|name| self.str(&name).ok());
        let filename =
            filename.and_then(|name| name.downcast::<Str>().map(|s| stderr_text(s.view())));
        let text = |field| {
            let value = exception.field(self, field)?;
            value.downcast::<Str>().map(|s| stderr_text(s.view()))
        };
        let number = |field| exception.field(self, field)?.as_int()?.to_i64();
        Some(SyntaxDetails {
            msg: text(0),
            filename,
            lineno: number(2),
            offset: number(3),
            text: text(4),
            end_lineno: number(5),
            end_offset: number(6),
        })
    }

    fn frames_of(&mut self, exception: &Ref<Exception>) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut at = exception.traceback.get();
        while let Some(entry) = at.and_then(|t| t.into_ref::<Traceback>().ok()) {
            frames.push(frame_data(&entry));
            at = entry.next.get();
        }
        frames
    }

    /// What follows the message: "Did you mean".
    fn suggestion(&mut self, exception: &Ref<Exception>) -> Option<String> {
        let is_name = exception.ty().is_subtype(self, &self.types.name_error);
        let is_attribute = exception.ty().is_subtype(self, &self.types.attribute_error);
        let is_import = exception.ty().is_subtype(self, &self.types.import_error);
        if is_import {
            return self.import_suggestion(exception);
        }
        if !is_name && !is_attribute {
            return None;
        }
        let name = exception.field(self, FIELD_NAME)?;
        let name = name.downcast::<Str>()?.as_ascii()?.to_owned();
        let innermost = innermost_frame(exception);
        if is_attribute {
            let object = exception.field(self, FIELD_OBJ)?;
            return self.attribute_suggestion(&name, &object, innermost);
        }
        self.name_suggestion(&name, innermost?)
    }

    fn import_suggestion(&mut self, exception: &Ref<Exception>) -> Option<String> {
        let text = |vm: &Vm, field| {
            let value = exception.field(vm, field)?;
            value.downcast::<Str>()?.as_ascii().map(str::to_owned)
        };
        let wrong = text(self, crate::import::IMPORT_NAME_FROM_FIELD)?;
        let module = text(self, crate::import::IMPORT_NAME_FIELD)?;
        let key = self.intern(&module);
        let modules = self.modules.clone();
        let module = modules.get_str(self, &key)?;
        let names = crate::builtins::dir_names(self, &module).ok()?;
        suggestions::import_suffix(self.traceback_version(), &wrong, &wrong, &borrowed(&names))
    }

    fn attribute_suggestion(
        &mut self,
        name: &str,
        object: &Value,
        innermost: Option<Ref<FrameObject>>,
    ) -> Option<String> {
        let names = crate::builtins::dir_names(self, object).ok()?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let own_self = innermost.and_then(|frame| self.frame_local(&frame, "self"));
        let classes: Vec<std::rc::Rc<str>> = self
            .type_of(object)
            .mro(self)
            .iter()
            .map(|ty| ty.name())
            .collect();
        let scope = AttributeScope {
            names: &names,
            is_own_self: own_self.is_some_and(|own| own.is(object)),
            is_instance: &|class| classes.iter().any(|c| **c == *class),
            has_nested: &|_| false,
        };
        suggestions::attribute_suffix(self.traceback_version(), name, name, scope)
    }

    fn name_suggestion(&mut self, name: &str, frame: Ref<FrameObject>) -> Option<String> {
        let texts = |vm: &Vm, dict: &Ref<crate::object::dict::Dict>| -> Vec<String> {
            dict.table(vm)
                .iter()
                .filter_map(|(k, _)| k.downcast::<Str>().map(|k| k.to_string()))
                .collect()
        };
        let (globals, builtins) = (texts(self, &frame.globals), texts(self, &frame.builtins));
        let locals = self.frame_local_names(&frame);
        let own_self = self.frame_local(&frame, "self");
        let self_state = match own_self {
            None => SelfState::Absent,
            Some(own) => {
                let key = self.intern(name);
                match self.get_attr_opt(&own, &key) {
                    Ok(Some(_)) => SelfState::WithName,
                    _ => SelfState::WithoutName,
                }
            }
        };
        let version = self.traceback_version();
        let scope = NameScope {
            locals: &borrowed(&locals),
            globals: &borrowed(&globals),
            builtins: &borrowed(&builtins),
            self_state,
            is_stdlib_module: suggestions::is_stdlib_module(version, name),
        };
        suggestions::name_suffix(version, name, name, scope)
    }

    fn frame_local_names(&mut self, frame: &Ref<FrameObject>) -> Vec<String> {
        if let Some(namespace) = frame.namespace.get()
            && let Ok(names) = self.collect(&namespace)
        {
            return names
                .iter()
                .filter_map(|n| n.downcast::<Str>().map(|n| n.to_string()))
                .collect();
        }
        let values = frame.local_values(self);
        let names = frame.code.local_names().iter();
        names
            .zip(values)
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name.to_string())
            .collect()
    }

    fn frame_local(&mut self, frame: &Ref<FrameObject>, name: &str) -> Option<Value> {
        if let Some(namespace) = frame.namespace.get() {
            let key = self.new_str(name);
            return self.get_item(&namespace, &key).ok();
        }
        let values = frame.local_values(self);
        frame
            .code
            .local_names()
            .iter()
            .zip(values)
            .find(|(n, _)| n.eq_str(name))
            .and_then(|(_, value)| value)
    }
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn innermost_frame(exception: &Ref<Exception>) -> Option<Ref<FrameObject>> {
    let mut frame = None;
    let mut at = exception.traceback.get();
    while let Some(entry) = at.and_then(|t| t.into_ref::<Traceback>().ok()) {
        frame = Some(entry.frame.clone());
        at = entry.next.get();
    }
    frame
}

fn frame_data(entry: &Ref<Traceback>) -> Frame {
    let code = entry.frame.code.code().clone();
    let location = code.location(pyco_code::UnitOffset(entry.unit.get()));
    let location = location.map_or_else(
        |_| Location::default(),
        |l| Location {
            line: l.line(),
            end_line: l.end_line(),
            column: l.column(),
            end_column: l.end_column(),
        },
    );
    Frame {
        filename: Arc::from(code.filename().to_string_lossy()),
        name: Arc::from(code.name().to_string_lossy()),
        lineno: location.line,
        location,
    }
}

/// Source files, read once each, if the host allows it.
pub(crate) struct Source {
    allowed: bool,
    files: RefCell<HashMap<String, Option<Vec<String>>>>,
}

impl Source {
    pub(crate) fn new(allowed: bool) -> Source {
        Source {
            allowed,
            files: RefCell::default(),
        }
    }

    /// A line of a file, 1-based.
    pub(crate) fn line(&self, file: &str, line: u32) -> Option<String> {
        if !self.allowed {
            return None;
        }
        let mut files = self.files.borrow_mut();
        let lines = files.entry(file.to_owned()).or_insert_with(|| {
            let bytes = std::fs::read(file).ok()?;
            let text = String::from_utf8_lossy(&bytes)
                .replace("\r\n", "\n")
                .replace('\r', "\n");
            Some(text.lines().map(str::to_owned).collect())
        });
        lines.as_ref()?.get(line.checked_sub(1)? as usize).cloned()
    }
}
