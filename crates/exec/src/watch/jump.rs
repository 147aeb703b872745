//! Assignment to `f_lineno`.

use crate::error::PyResult;
use crate::object::frame::FrameObject;
use crate::object::header::Ref;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `frame.f_lineno = line`.
    pub(crate) fn jump_to_line(&mut self, frame: &Ref<FrameObject>, line: &Value) -> PyResult<()> {
        let _ = (frame, line);
        Err(self.not_implemented("assignment to f_lineno"))
    }
}
