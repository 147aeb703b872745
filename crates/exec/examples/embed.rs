//! Python inside a Rust program: a module of ours, a function of theirs, values both ways, an exception, a limit.
//!
//! `cargo run -p pyco-exec --example embed`

use pyco_code::{CodeObject, verify};
use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

/// What the native module keeps in the VM.
#[derive(Default)]
struct Calls(u32);

static FUNCTIONS: &[NativeDef] = &[NativeDef::one("twice", twice)];

fn twice(vm: &mut Vm, _module: &Value, text: &Value) -> PyResult {
    vm.state::<Calls>().0 += 1;
    match text.to_text() {
        Some(text) => Ok(vm.new_str(&text.repeat(2))),
        None => Err(vm.type_error("twice() takes a str")),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What CPython 3.13 made of a program that reads and writes JSON.
    let pyc = include_bytes!("../../../fixtures/pyc/3.13/json_text.pyc");
    let code = verify(&CodeObject::from_pyc(pyc)?)?;
    let mut vm = Vm::builder(code.version())
        .module("host", |vm| {
            let module = vm.new_module("host");
            vm.add_functions(&module, FUNCTIONS);
            Ok(module)
        })
        .memory(64 << 20)
        .build()?;
    match run(&mut vm, code) {
        Ok(()) => Ok(()),
        // An exception becomes text with its traceback, as `python` prints it.
        Err(raised) => Err(vm.format_exception(&raised).into()),
    }
}

fn run(vm: &mut Vm, code: pyco_code::Verified<CodeObject>) -> PyResult<()> {
    // The module's code runs in a namespace of ours, where it leaves its functions.
    let globals = vm.new_dict(&[]);
    vm.evaluate(code, &globals, None)?;
    let (Some(dumps), Some(loads)) = (vm.global(&globals, "dumps"), vm.global(&globals, "loads"))
    else {
        return Err(vm.runtime_error("the module has no dumps and loads"));
    };

    // From Rust into Python: a dict with an int of 200 bits.
    let mut bits = vec![0; 25];
    bits.push(1);
    let (big, half) = (vm.int_from_le_bytes(&bits), Value::float(0.5));
    let list = vm.new_list(vec![half, Value::TRUE, Value::NONE]);
    let dict = vm.new_dict(&[("big", big), ("list", list)]);
    let text = vm.call(&dumps, &[Value::from(dict)])?;
    println!("{}", text.to_text().unwrap_or_default());

    // And back.
    let text = vm.new_str("[1, 123456789012345678901234567890, \"text\"]");
    let items = vm.call(&loads, &[text])?;
    for item in vm.items_of(&items).unwrap_or_default() {
        println!(
            "{:?} {:?} {:?}",
            item.to_i64(),
            item.to_le_bytes(),
            item.to_text()
        );
    }

    // An exception is a value.
    let text = vm.new_str("[1,");
    if let Err(raised) = vm.call(&loads, &[text]) {
        let (class, message) = (
            vm.exception_class_name(&raised),
            vm.str_text(raised.value())?,
        );
        println!("{class}: {message}");
    }

    // A native function, called from Python's side of things.
    let host = vm.import("host")?;
    let name = vm.intern("twice");
    let text = vm.new_str("ab");
    let doubled = vm.call_method(&host, &name, &[text])?;
    println!("{:?}, {} call", doubled.to_text(), vm.state::<Calls>().0);

    // A limit ends the call, not the host.
    let numbers: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let text = vm.new_str(&format!("[{}]", numbers.join(",")));
    vm.set_fuel(Some(100));
    let ended = vm.call(&loads, std::slice::from_ref(&text));
    let limit = ended.err().and_then(|raised| raised.limit(vm));
    println!("{limit:?}");
    vm.set_fuel(None);
    let list = vm.call(&loads, &[text])?;
    println!("{:?} items", vm.items_of(&list).map(|items| items.len()));
    Ok(())
}
