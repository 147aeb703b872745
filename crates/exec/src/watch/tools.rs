//! The tools of `sys.monitoring`: who is in use, what each wants, and how it is called.

use super::event::{self, Event, Events};
use super::{PROGRAM_TOOLS, TOOL_COUNT};
use crate::error::PyResult;
use crate::object::code::Code;
use crate::object::header::Ref;
use crate::value::Value;
use crate::vm::Vm;

/// The names of the events, by their numbers here.
const NAMES: [&str; event::COUNT] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

impl Vm {
    /// Calls a tool's callback, if it has one for the event.
    pub(super) fn tell_tool(
        &mut self,
        tool: usize,
        code: &Ref<Code>,
        event: Event,
        unit: u32,
        rest: &[Value],
    ) -> PyResult<()> {
        let Some((callback, is_branch)) = self.callback_for(tool, event) else {
            return Ok(());
        };
        let mut args = Vec::with_capacity(4);
        args.push(Value::from(code));
        if event != event::LINE {
            args.push(self.int(2 * i64::from(unit)));
        }
        args.extend_from_slice(rest);
        let answer = self.call_watcher(&callback, &args)?;
        if !answer.is(&self.disable_marker()?) {
            return Ok(());
        }
        if event > event::last_local(self.version.minor()) {
            self.watch.callbacks[tool][usize::from(event)] = None;
            let name = NAMES[usize::from(event)];
            return Err(
                self.value_error(format!("Cannot disable {name} events. Callback removed."))
            );
        }
        let restarts = self.watch.restarts;
        let watch = code.watch();
        watch.disable(unit, event, tool, restarts);
        if is_branch {
            watch.disable(unit, event::BRANCH_LEFT, tool, restarts);
            watch.disable(unit, event::BRANCH_RIGHT, tool, restarts);
        }
        Ok(())
    }

    /// A tool's callback for an event, and whether it is one for branches whichever way they go.
    fn callback_for(&self, tool: usize, event: Event) -> Option<(Value, bool)> {
        let callbacks = self.watch.callbacks.get(tool)?;
        let own = callbacks[usize::from(event)].clone();
        match (own, event) {
            (Some(own), _) => Some((own, false)),
            (None, event::BRANCH_LEFT | event::BRANCH_RIGHT) => {
                let branch = callbacks[usize::from(event::BRANCH)].clone()?;
                Some((branch, true))
            }
            _ => None,
        }
    }

    /// The name under which a tool is in use.
    #[must_use]
    pub fn watching_tool(&self, tool: usize) -> Option<Value> {
        self.watch.names.get(tool)?.clone()
    }

    /// Says that a tool is in use under a name, or that it is not any more.
    pub fn set_watching_tool(&mut self, tool: usize, name: Option<Value>) {
        if let Some(entry) = self.watch.names.get_mut(tool) {
            *entry = name;
        }
    }

    /// Forgets a tool's callbacks and the events that it wants.
    pub fn clear_watching_tool(&mut self, tool: usize) {
        if tool >= PROGRAM_TOOLS {
            return;
        }
        self.watch.callbacks[tool] = [const { None }; event::COUNT];
        self.watch.global[tool] = Events::NONE;
        if self.watch.local_count > 0 {
            self.watch.local_count = 0;
            for code in self.all_code() {
                if let Some(watch) = code.watch_if_any() {
                    watch.forget_tool(tool);
                    self.watch.local_count += watch.local_count();
                }
            }
        }
        self.watching_changed();
    }

    /// All code objects that are alive.
    fn all_code(&self) -> Vec<Ref<Code>> {
        let mut found = Vec::new();
        crate::heap::for_each(|header| {
            // SAFETY: the heap gives live objects, and a count is added for the new reference.
            unsafe {
                if header.as_ref().kind() == crate::object::header::Kind::Code {
                    header.as_ref().incref();
                    found.push(Value::from_header(header));
                }
            }
        });
        let codes = found.into_iter();
        codes.filter_map(|code| code.into_ref().ok()).collect()
    }

    /// Sets what a tool calls at an event; gives what it called before.
    pub fn set_watching_callback(
        &mut self,
        tool: usize,
        event: Event,
        callback: Option<Value>,
    ) -> Option<Value> {
        let entry = self
            .watch
            .callbacks
            .get_mut(tool)?
            .get_mut(usize::from(event))?;
        std::mem::replace(entry, callback)
    }

    /// The events that a tool wants of all code.
    #[must_use]
    pub fn watched_events(&self, tool: usize) -> Events {
        self.watch.global.get(tool).copied().unwrap_or_default()
    }

    /// Sets them.
    pub fn set_watched_events(&mut self, tool: usize, events: Events) {
        if tool < PROGRAM_TOOLS {
            self.watch.global[tool] = events;
            self.watching_changed();
        }
    }

    /// The events that a tool wants of one code object.
    #[must_use]
    pub fn watched_local_events(&self, tool: usize, code: &Ref<Code>) -> Events {
        match tool {
            0..TOOL_COUNT => code.watch().local(tool),
            _ => Events::NONE,
        }
    }

    /// Sets them.
    pub fn set_watched_local_events(&mut self, tool: usize, code: &Ref<Code>, events: Events) {
        if tool < PROGRAM_TOOLS {
            let before = code.watch().local(tool);
            code.watch().set_local(tool, events);
            let count = &mut self.watch.local_count;
            match (before.is_empty(), events.is_empty()) {
                (true, false) => *count += 1,
                (false, true) => *count = count.saturating_sub(1),
                _ => {}
            }
            self.watching_changed();
        }
    }

    /// Enables again what callbacks have disabled.
    pub fn restart_watching(&mut self) {
        self.watch.restarts += 1;
    }

    /// `sys.monitoring.DISABLE`: what a callback returns that wants no more of a place.
    ///
    /// # Errors
    /// What making an object may raise.
    pub fn disable_marker(&mut self) -> PyResult {
        Ok(self.markers()?[0].clone())
    }

    /// `sys.monitoring.MISSING`: the first argument of a call that has none.
    ///
    /// # Errors
    /// What making an object may raise.
    pub fn missing_marker(&mut self) -> PyResult {
        Ok(self.markers()?[1].clone())
    }

    fn markers(&mut self) -> PyResult<&[Value; 2]> {
        if self.watch.markers.is_none() {
            let class = self.types.object.clone();
            let mut make = || self.call(class.as_value(), &[]);
            let made = [make()?, make()?];
            self.watch.markers = Some(made);
        }
        Ok(self.watch.markers.get_or_insert([Value::NONE, Value::NONE]))
    }
}

#[cfg(test)]
mod tests {
    use pyco_code::{CodeObject, verify};

    use crate::host::Host;
    use crate::vm::Vm;
    use crate::watch::event::{self, Events};

    #[test]
    fn who_wants_no_events_of_single_code_any_more_is_not_watched() {
        let pyc = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/pyc/3.13/classes.pyc"
        );
        let pyc = std::fs::read(pyc).expect("a recorded program");
        let code = verify(&CodeObject::from_pyc(&pyc).expect("a .pyc")).expect("its code");
        let mut vm = Vm::new(code.version(), Host::new()).expect("the only VM of this thread");
        let code = vm.new_code(code).expect("a code object");
        let line = Events::of(&[event::LINE]);
        vm.set_watched_local_events(1, &code, line);
        vm.set_watched_local_events(2, &code, line);
        vm.set_watched_local_events(2, &code, Events::of(&[event::LINE, event::CALL]));
        assert!(vm.is_watched);
        vm.set_watched_local_events(1, &code, Events::NONE);
        vm.set_watched_local_events(1, &code, Events::NONE);
        assert!(vm.is_watched);
        vm.set_watched_local_events(2, &code, Events::NONE);
        assert!(!vm.is_watched);
        vm.set_watched_local_events(2, &code, line);
        // Code that goes while it is watched is noticed when a tool is cleared.
        drop(code);
        assert!(vm.is_watched);
        vm.clear_watching_tool(0);
        assert!(!vm.is_watched);
    }
}
