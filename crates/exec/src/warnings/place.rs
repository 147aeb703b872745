//! Who is to blame for a warning: the file, the line, the module, and the registry of what that module was warned of.

use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::frame::FrameObject;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

/// Where the blame falls.
pub struct Place {
    /// `co_filename`.
    pub file: Value,
    /// The line, 1-based.
    pub line: i64,
    /// The module's name.
    pub module: Value,
    /// `__warningregistry__`, or `None` where nothing is remembered.
    pub registry: Value,
}

/// How far down the stack the blame falls.
pub struct StackLevel {
    /// 1 is the running frame.
    pub level: i64,
    /// Frames of files that start so do not count (3.12 and later).
    pub skip_file_prefixes: Vec<Ref<Str>>,
}

impl Default for StackLevel {
    fn default() -> StackLevel {
        StackLevel {
            level: 1,
            skip_file_prefixes: Vec::new(),
        }
    }
}

impl Vm {
    /// The place that many frames down.
    ///
    /// # Errors
    /// Those of a namespace that is not what it should be.
    pub fn warning_place(&mut self, stack: &StackLevel) -> PyResult<Place> {
        let mut depth = 0;
        let mut level = stack.level;
        let mut frame = self.frame_at(depth);
        let starts_inside = frame.as_ref().is_some_and(is_of_import);
        if level <= 0 || starts_inside {
            while level > 1 && frame.is_some() {
                level -= 1;
                depth += 1;
                frame = self.frame_at(depth);
            }
        } else {
            // The frames of the import system do not count, nor those that the caller does not want to.
            let skipped = |frame: &Ref<FrameObject>| is_skipped(frame, &stack.skip_file_prefixes);
            while frame.as_ref().is_some_and(skipped) {
                depth += 1;
                frame = self.frame_at(depth);
            }
            while level > 1 && frame.is_some() {
                level -= 1;
                depth += 1;
                frame = self.frame_at(depth);
                while frame
                    .as_ref()
                    .is_some_and(|f| is_of_import(f) || skipped(f))
                {
                    depth += 1;
                    frame = self.frame_at(depth);
                }
            }
        }
        let (globals, file, line) = match &frame {
            Some(frame) => {
                let file = frame.code.code().filename().to_string_lossy().into_owned();
                (
                    frame.globals.clone(),
                    file,
                    i64::from(frame.line().unwrap_or(0)),
                )
            }
            None => (self.sys_namespace()?, "<sys>".to_owned(), 0),
        };
        let registry_name = self.intern("__warningregistry__");
        let registry = match globals.get_str(self, &registry_name) {
            Some(registry) => registry,
            None => {
                let registry = Value::from(&Dict::new(self));
                globals.set_str(self, &registry_name, registry.clone());
                registry
            }
        };
        let name = self.names.__name__.clone();
        let module = globals.get_str(self, &name);
        let module = module.filter(|name| name.is_none() || name.downcast::<Str>().is_some());
        Ok(Place {
            file: self.new_str(&file),
            line,
            module: module.unwrap_or_else(|| Value::from(&self.intern("<string>"))),
            registry,
        })
    }

    fn frame_at(&mut self, depth: usize) -> Option<Ref<FrameObject>> {
        self.frame_object(depth)?.downcast::<FrameObject>().cloned()
    }

    fn sys_namespace(&mut self) -> PyResult<Ref<Dict>> {
        let key = self.intern("sys");
        let sys = self.modules.clone().get_str(self, &key);
        let dict = self.names.__dict__.clone();
        let namespace = match sys {
            Some(sys) => self.get_attr_opt(&sys, &dict)?,
            None => None,
        };
        let namespace = namespace.and_then(|dict| dict.downcast::<Dict>().cloned());
        Ok(namespace.unwrap_or_else(|| Dict::new(self)))
    }
}

fn file_of(frame: &Ref<FrameObject>) -> String {
    frame.code.code().filename().to_string_lossy().into_owned()
}

fn is_of_import(frame: &Ref<FrameObject>) -> bool {
    let file = file_of(frame);
    file.contains("importlib") && file.contains("_bootstrap")
}

fn is_skipped(frame: &Ref<FrameObject>, prefixes: &[Ref<Str>]) -> bool {
    !prefixes.is_empty() && {
        let file = file_of(frame);
        prefixes
            .iter()
            .any(|prefix| file.starts_with(&prefix.to_string()))
    }
}
