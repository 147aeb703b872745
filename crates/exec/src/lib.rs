//! Runs verified CPython code objects: object model, frames and eval loop.

pub mod exceptions_data;
pub mod numeric;
pub mod text;
pub mod traceback;
