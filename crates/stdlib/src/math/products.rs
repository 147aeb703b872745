//! `prod`.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::BinaryOp;
use pyco_exec::{Params, PyResult, Value, Vm};

use crate::arguments::or_none;

pub(super) static FUNCTIONS: &[NativeDef] = &[NativeDef::bound("prod", &PROD, |vm, _, bound| {
    let start = bound.get(1).cloned().unwrap_or_else(|| vm.int(1));
    prod(vm, &or_none(bound.get(0)), start)
})
.signature("($module, iterable, /, *, start=1)")];

static PROD: Params = Params::new(&["iterable", "start"], 1)
    .positional_only(1)
    .keyword_only(1);

fn prod(vm: &mut Vm, iterable: &Value, start: Value) -> PyResult {
    let iterator = vm.iter(iterable)?;
    let mut product = start;
    while let Some(item) = vm.next(&iterator)? {
        product = match (product.as_float(), item.as_float()) {
            (Some(a), Some(b)) => Value::float(a * b),
            _ => vm.binary(&product, &item, BinaryOp::Multiply)?,
        };
    }
    Ok(product)
}
