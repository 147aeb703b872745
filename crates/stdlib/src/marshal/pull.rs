//! The bytes of one object from a file, piece by piece, as many as it has.
//!
//! What the pieces mean is not looked at here, but for how many more follow; memory is taken as bytes arrive.

use pyco_exec::object::buffer::{data, is_bytes_like};
use pyco_exec::{PyResult, Raised, Value, Vm};
use pyco_marshal::typecode as tc;

/// What is still to come.
enum Pending {
    Objects(u32),
    /// Keys and values until NULL; which of them is next.
    Pairs,
    Bytes(usize),
}

/// Deeper than anything that can be read.
const MAX_DEPTH: usize = 2002;

/// The bytes of the object that begins here.
pub(super) fn object(vm: &mut Vm, file: &Value) -> PyResult<Vec<u8>> {
    let mut pulled = Pulled {
        file,
        bytes: Vec::new(),
    };
    let mut pending = vec![Pending::Objects(1)];
    while let Some(last) = pending.last_mut() {
        match last {
            Pending::Objects(0) => {
                pending.pop();
                continue;
            }
            Pending::Objects(count) => *count -= 1,
            Pending::Pairs => {}
            Pending::Bytes(len) => {
                let len = *len;
                pending.pop();
                pulled.pull(vm, len)?;
                continue;
            }
        }
        let is_in_dict = matches!(last, Pending::Pairs);
        if pending.len() > MAX_DEPTH || !pulled.head(vm, &mut pending, is_in_dict)? {
            break;
        }
    }
    Ok(pulled.bytes)
}

struct Pulled<'a> {
    file: &'a Value,
    bytes: Vec<u8>,
}

impl Pulled<'_> {
    /// The type code of an object and what belongs to it; false if nothing that can be read follows.
    fn head(
        &mut self,
        vm: &mut Vm,
        pending: &mut Vec<Pending>,
        is_in_dict: bool,
    ) -> PyResult<bool> {
        if self.read(vm, 1)? == 0 {
            return Err(ends(vm, "EOF read where object expected"));
        }
        let code = self.bytes.last().copied().unwrap_or_default() & !tc::FLAG_REF;
        match code {
            tc::NULL if is_in_dict => {
                pending.pop();
            }
            tc::NONE | tc::TRUE | tc::FALSE | tc::ELLIPSIS | tc::STOP_ITERATION => {}
            tc::INT | tc::REF => self.pull(vm, 4)?,
            tc::INT64 | tc::BINARY_FLOAT => self.pull(vm, 8)?,
            tc::BINARY_COMPLEX => {
                self.pull(vm, 8)?;
                self.pull(vm, 8)?;
            }
            tc::LONG => {
                let digits = self.size(vm)?;
                for _ in 0..digits.unsigned_abs() {
                    self.pull(vm, 2)?;
                }
            }
            tc::FLOAT => self.short(vm)?,
            tc::COMPLEX => {
                self.short(vm)?;
                self.short(vm)?;
            }
            tc::SHORT_ASCII | tc::SHORT_ASCII_INTERNED => self.short(vm)?,
            tc::STRING | tc::INTERNED | tc::UNICODE | tc::ASCII | tc::ASCII_INTERNED => {
                let Ok(len) = usize::try_from(self.size(vm)?) else {
                    return Ok(false);
                };
                self.pull(vm, len)?;
            }
            tc::SMALL_TUPLE => {
                self.pull(vm, 1)?;
                let count = self.bytes.last().copied().unwrap_or_default();
                pending.push(Pending::Objects(count.into()));
            }
            tc::TUPLE | tc::LIST | tc::SET | tc::FROZENSET => {
                let Ok(count) = u32::try_from(self.size(vm)?) else {
                    return Ok(false);
                };
                pending.push(Pending::Objects(count));
            }
            tc::DICT | tc::FROZENDICT => pending.push(Pending::Pairs),
            tc::SLICE => pending.push(Pending::Objects(3)),
            tc::CODE => {
                for _ in 0..5 {
                    self.pull(vm, 4)?;
                }
                // Eight objects, the first line, two objects.
                pending.push(Pending::Objects(2));
                pending.push(Pending::Bytes(4));
                pending.push(Pending::Objects(8));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A length of one byte and so many bytes.
    fn short(&mut self, vm: &mut Vm) -> PyResult<()> {
        self.pull(vm, 1)?;
        let len = self.bytes.last().copied().unwrap_or_default();
        self.pull(vm, len.into())
    }

    /// A number of four bytes.
    fn size(&mut self, vm: &mut Vm) -> PyResult<i32> {
        self.pull(vm, 4)?;
        let size = self.bytes.last_chunk().copied().unwrap_or_default();
        Ok(i32::from_le_bytes(size))
    }

    /// So many bytes and no fewer.
    fn pull(&mut self, vm: &mut Vm, len: usize) -> PyResult<()> {
        if len > 0 && self.read(vm, len)? != len {
            return Err(ends(vm, "EOF read where not expected"));
        }
        Ok(())
    }

    /// Asks the file for bytes, and says how many came.
    fn read(&mut self, vm: &mut Vm, len: usize) -> PyResult<usize> {
        vm.check_growth(len)?;
        let buffer = vm.new_bytearray(vec![0; len]);
        let Some(view) = vm.memory_view(&buffer)?.map(Value::from) else {
            return Ok(0);
        };
        let name = vm.intern("readinto");
        let found = vm.call_method(self.file, &name, &[view])?;
        let count = vm.index_as_i64(&found, "Python int too large to convert to C ssize_t")?;
        if is_bytes_like(vm, &buffer) {
            let end = usize::try_from(count).map_or(0, |count| count.min(len));
            self.bytes.extend_from_slice(&data(vm, &buffer)[..end]);
        }
        match usize::try_from(count) {
            Ok(count) if count > len => Err(vm.value_error(format!(
                "read() returned too much data: {len} bytes requested, {count} returned"
            ))),
            Ok(count) => Ok(count),
            Err(_) => Ok(0),
        }
    }
}

#[cold]
fn ends(vm: &mut Vm, message: &'static str) -> Raised {
    let ty = vm.types.eof_error.clone();
    vm.error(&ty, message)
}
