//! `_sre.SRE_Template`: what matches are replaced with, taken apart by `re._parser` (3.12 on).

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::list::List;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::{PyResult, Value, Vm};

use super::match_::group_slice;
use super::matcher::Found;
use super::pattern::join;
use super::text::Text;

/// Literals and groups in turn.
pub(super) struct Template {
    first: Value,
    rest: Vec<(usize, Value)>,
}

impl Payload for Template {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.first);
        self.rest.iter().for_each(|(_, literal)| visit(literal));
    }
}

pub(super) static TEMPLATE: ClassDef =
    ClassDef::new::<Template>("_sre.SRE_Template", |_, _| {}).no_instances();

/// `_sre.template(pattern, template)`: a literal, then group and literal by turns.
pub(super) fn template(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [_, parts] = args else {
        return Err(vm.type_error("template expected 2 arguments"));
    };
    if parts.downcast::<List>().is_none() {
        let found = vm.type_name(parts);
        return Err(vm.type_error(format!("template() argument 2 must be list, not {found}")));
    }
    let parts = vm.collect(parts)?;
    let Some((first, rest)) = parts.split_first().filter(|(_, rest)| rest.len() % 2 == 0) else {
        return Err(vm.type_error("invalid template"));
    };
    let mut groups = Vec::new();
    for pair in rest.chunks_exact(2) {
        match usize::try_from(vm.index_for(&pair[0])?) {
            Ok(group) => groups.push((group, pair[1].clone())),
            Err(_) => return Err(vm.value_error("invalid template")),
        }
    }
    let class = vm.class(&TEMPLATE);
    let template = Template {
        first: first.clone(),
        rest: groups,
    };
    Ok(Value::from(Ref::new(&class, template)))
}

/// The template with what the groups have matched.
pub(super) fn expand(vm: &mut Vm, template: &Template, text: &Text, found: &Found) -> PyResult {
    if template.rest.is_empty() {
        return Ok(template.first.clone());
    }
    let mut parts = vec![template.first.clone()];
    for (group, literal) in &template.rest {
        parts.extend(group_slice(vm, text, found, *group));
        if !literal.is_none() {
            parts.push(literal.clone());
        }
    }
    parts.retain(|part| !part.is_none());
    join(vm, text, parts)
}
