//! `repr` of nodes (3.14 on): three levels of nodes, of each list the first and the last item.

use crate::error::PyResult;
use crate::object::list::List;
use crate::object::sequence::push_repr;
use crate::object::tuple::Tuple;
use crate::syntax_tree::node::AST;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

/// So many levels of nodes are shown.
const LEVELS: u32 = 3;

pub(super) fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let mut text = StrBuilder::new();
    push_node(vm, &mut text, this, LEVELS)?;
    Ok(vm.str_from_buf(text.finish()))
}

fn push_node(vm: &mut Vm, text: &mut StrBuilder, node: &Value, levels: u32) -> PyResult<()> {
    let name = vm.type_name(node);
    text.push_str(&name);
    let guard = match levels {
        0 => None,
        _ => vm.enter_repr(node),
    };
    let Some(guard) = guard else {
        text.push_str("(...)");
        return Ok(());
    };
    let pushed = push_fields(vm, text, node, levels);
    vm.leave_repr(guard);
    pushed
}

fn push_fields(vm: &mut Vm, text: &mut StrBuilder, node: &Value, levels: u32) -> PyResult<()> {
    let class = Value::from(vm.type_of(node));
    let key = vm.intern("_fields");
    let fields = vm.get_attr_opt(&class, &key)?;
    text.push_str("(");
    let count = match &fields {
        Some(fields) => vm.len(fields)?,
        None => 0,
    };
    for index in 0..count {
        let Some(fields) = &fields else { break };
        let index = vm.int(index as i64);
        let name = vm.get_item(fields, &index)?;
        let name = vm.attribute_name(&name)?;
        let value = vm.get_attr(node, &name)?;
        if index.as_small_int() != Some(0) {
            text.push_str(", ");
        }
        text.push_view(name.view());
        text.push_str("=");
        push_field(vm, text, &value, levels)?;
    }
    text.push_str(")");
    Ok(())
}

fn push_field(vm: &mut Vm, text: &mut StrBuilder, value: &Value, levels: u32) -> PyResult<()> {
    if let Some(list) = value.downcast::<List>() {
        let ends = ends_of(list.items(vm));
        return push_items(vm, text, value, ends, ("[", "]"), levels);
    }
    if let Some(tuple) = value.downcast::<Tuple>() {
        let ends = ends_of(tuple.items());
        return push_items(vm, text, value, ends, ("(", ")"), levels);
    }
    push_item(vm, text, value, levels)
}

/// The first and the last item, and how many there are.
fn ends_of(items: &[Value]) -> (Vec<Value>, usize) {
    let ends = match items {
        [first, .., last] => vec![first.clone(), last.clone()],
        few => few.to_vec(),
    };
    (ends, items.len())
}

fn push_items(
    vm: &mut Vm,
    text: &mut StrBuilder,
    list: &Value,
    (ends, count): (Vec<Value>, usize),
    (open, close): (&str, &str),
    levels: u32,
) -> PyResult<()> {
    if count == 0 {
        return push_repr(vm, text, list);
    }
    text.push_str(open);
    for (index, item) in ends.iter().enumerate() {
        if index > 0 {
            text.push_str(if count > 2 { ", ..., " } else { ", " });
        }
        push_item(vm, text, item, levels)?;
    }
    text.push_str(close);
    Ok(())
}

fn push_item(vm: &mut Vm, text: &mut StrBuilder, item: &Value, levels: u32) -> PyResult<()> {
    let ast = vm.class(&AST);
    if vm.type_of(item).is_subtype(vm, &ast) {
        return push_node(vm, text, item, levels - 1);
    }
    push_repr(vm, text, item)
}
