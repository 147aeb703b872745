//! The opcode tables of `crates/code/src/generated`, from `xtask/facts/X.Y.json`.
//!
//! The facts name opcodes and say what each version's interpreter knows of them; what is settled here
//! is how they are grouped: the canonical list of names, what kind of argument each has, and the form
//! of each stack effect.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::File;
use super::effects;
use crate::sh;

/// The versions described, oldest first.
pub(super) const VERSIONS: [&str; 11] = [
    "2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
];

const FOLDER: &str = "crates/code/src/generated";

/// Where the facts of a version are.
pub(super) fn facts_path(version: &str) -> PathBuf {
    sh::root().join(format!("xtask/facts/{version}.json"))
}

pub(super) fn generate() -> Result<Vec<File>> {
    let mut versions = Vec::new();
    for name in VERSIONS {
        let path = facts_path(name);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let facts = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        versions.push(Facts { name, json: facts });
    }
    let mut names = BTreeSet::new();
    for facts in &versions {
        names.extend(facts.opcodes().map(|(name, _, _)| name.to_owned()));
    }
    let mut files = vec![module_file(), op_file(&names)?];
    for facts in &versions {
        let text = facts
            .table_file()
            .with_context(|| format!("facts of {}", facts.name))?;
        files.push(File {
            path: format!("{FOLDER}/{}.rs", facts.module()).into(),
            text,
        });
    }
    Ok(files)
}

/// `LOAD_FAST` to `LoadFast`; the runtime's superinstructions, joined by two underscores in CPython
/// (`LOAD_FAST__LOAD_CONST`), get `Then` between them, as the compiler's later ones have one.
fn camel_case(name: &str) -> String {
    let mut text = String::new();
    for word in name.replace("__", "_THEN_").split(['_', '+']) {
        let mut letters = word.chars();
        text.extend(letters.next());
        text.extend(letters.flat_map(char::to_lowercase));
    }
    text
}

fn module_file() -> File {
    let mut text = String::from(
        "//! Tables that `cargo xtask codegen` writes from the facts in `xtask/facts`: do not edit.\n\n",
    );
    let modules = VERSIONS.map(|v| format!("v{}", v.replace('.', "_")));
    text.push_str("mod op;\npub(crate) mod printable;\n");
    let mut sorted = modules.to_vec();
    sorted.sort();
    for module in &sorted {
        let _ = writeln!(text, "mod {module};");
    }
    text.push_str("\npub use op::Op;\n\nuse crate::table::OpTable;\n\n");
    text.push_str("/// The table of each version, in the order of `Version::ALL`.\n");
    let _ = writeln!(
        text,
        "pub(crate) static TABLES: [&OpTable; {}] = [",
        modules.len()
    );
    for module in &modules {
        let _ = writeln!(text, "&{module}::TABLE,");
    }
    text.push_str("];\n");
    File {
        path: format!("{FOLDER}/mod.rs").into(),
        text,
    }
}

fn op_file(names: &BTreeSet<String>) -> Result<File> {
    let mut text = String::from(
        "//! The canonical opcodes: written by `cargo xtask codegen`, do not edit.\n\n\
         /// An opcode by CPython's name: the union of the names of every version.\n\
         ///\n\
         /// The runtime's superinstructions of 3.11 and 3.12, which CPython spells with two underscores\n\
         /// (`LOAD_FAST__LOAD_CONST`), are spelt with `Then` here.\n\
         #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]\n\
         #[repr(u16)]\n\
         #[allow(missing_docs)]\n\
         pub enum Op {\n",
    );
    let mut seen = BTreeSet::new();
    for name in names {
        let variant = camel_case(name);
        if !seen.insert(variant.clone()) {
            bail!("{name} and another opcode are both {variant}");
        }
        let _ = writeln!(text, "{variant},");
    }
    let count = names.len();
    let _ = writeln!(
        text,
        "}}\n\nimpl Op {{\n/// How many opcodes there are.\npub const COUNT: usize = {count};\n\n\
         /// Every opcode, by name.\npub const ALL: [Op; {count}] = ["
    );
    for name in names {
        let _ = writeln!(text, "Op::{},", camel_case(name));
    }
    let _ = writeln!(
        text,
        "];\n\n/// CPython's names, sorted.\npub(crate) const NAMES: [&'static str; {count}] = ["
    );
    for name in names {
        let _ = writeln!(text, "{name:?},");
    }
    text.push_str("];\n}\n");
    Ok(File {
        path: format!("{FOLDER}/op.rs").into(),
        text,
    })
}

/// What the interpreter of one version said.
struct Facts {
    name: &'static str,
    json: Value,
}

impl Facts {
    fn module(&self) -> String {
        format!("v{}", self.name.replace('.', "_"))
    }

    /// The version as a pair that compares in order.
    fn release(&self) -> (u32, u32) {
        let (major, minor) = self.name.split_once('.').unwrap_or((self.name, "0"));
        (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
    }

    /// (name, number, kind) of every opcode.
    fn opcodes(&self) -> impl Iterator<Item = (&str, u64, &'static str)> {
        let groups = [
            ("base", "Base"),
            ("specialized", "Specialized"),
            ("instrumented", "Instrumented"),
            ("pseudo", "Pseudo"),
        ];
        groups.into_iter().flat_map(|(group, kind)| {
            let entries = self.json[group].as_object().into_iter().flatten();
            entries.filter_map(move |(name, number)| Some((name.as_str(), number.as_u64()?, kind)))
        })
    }

    fn lists(&self, list: &str, name: &str) -> bool {
        self.json[list]
            .as_array()
            .is_some_and(|names| names.iter().any(|n| n == name))
    }

    /// The opcode that `name` stands for: itself, or what it is before specialising or instrumenting.
    fn base_of<'a>(&'a self, name: &'a str) -> &'a str {
        if let Some(base) = self.json["deopt"][name].as_str() {
            return base;
        }
        match name.strip_prefix("INSTRUMENTED_") {
            Some(base) if self.json["base"].get(base).is_some() => base,
            _ => name,
        }
    }

    fn has_arg(&self, name: &str) -> bool {
        if self.json.get("hasarg").is_some() {
            return self.lists("hasarg", name);
        }
        let number = self
            .opcodes()
            .find(|(n, ..)| *n == name)
            .map(|(_, number, _)| number);
        number >= self.json["have_argument"].as_u64()
    }

    /// The `ArgKind` of a base or pseudo opcode, as Rust text.
    fn arg_kind(&self, name: &str) -> &'static str {
        let release = self.release();
        match name {
            "BINARY_OP" => return "BinaryOp",
            "CALL_INTRINSIC_1" => return "Intrinsic1",
            "CALL_INTRINSIC_2" => return "Intrinsic2",
            "LOAD_SPECIAL" => return "SpecialMethod",
            "LOAD_COMMON_CONSTANT" => return "CommonConstant",
            "LOAD_SMALL_INT" => return "SmallInt",
            "FORMAT_VALUE" => return "FormatValue",
            "CONVERT_VALUE" => return "Convert",
            "SET_FUNCTION_ATTRIBUTE" => return "FunctionFlags",
            "MAKE_FUNCTION" if ((3, 6)..(3, 13)).contains(&release) => return "FunctionFlags",
            "EXTENDED_ARG" => return "Extended",
            // `dis` of 3.13 on counts it among the locals; it is one of the cells.
            "LOAD_DEREF" => return "Free",
            "LOAD_FAST_LOAD_FAST"
            | "LOAD_FAST_BORROW_LOAD_FAST_BORROW"
            | "STORE_FAST_LOAD_FAST"
            | "STORE_FAST_STORE_FAST" => return "LocalPair",
            _ => {}
        }
        if self.lists("hasjabs", name) {
            "JumpAbsolute"
        } else if self.lists("hasjrel", name) {
            let backward = name.contains("JUMP_BACKWARD") || name == "END_ASYNC_FOR";
            if backward {
                "JumpBackward"
            } else {
                "JumpForward"
            }
        } else if self.lists("hasconst", name) {
            "Const"
        } else if self.lists("hasname", name) {
            match name {
                "LOAD_GLOBAL" if release >= (3, 11) => "Name { shift: 1 }",
                "LOAD_ATTR" if release >= (3, 12) => "Name { shift: 1 }",
                "LOAD_SUPER_ATTR" => "Name { shift: 2 }",
                "IMPORT_NAME" if release >= (3, 15) => "Name { shift: 2 }",
                _ => "Name { shift: 0 }",
            }
        } else if self.lists("haslocal", name) {
            "Local"
        } else if self.lists("hasfree", name) {
            "Free"
        } else if self.lists("hascompare", name) {
            "Compare"
        } else if self.has_arg(name) {
            "Number"
        } else {
            "None"
        }
    }

    fn row(&self, name: &str, number: u64, kind: &str) -> Result<String> {
        let base = self.base_of(name);
        let mut text = format!(
            "row({number}, Op::{}, Kind::{kind}, ArgKind::{})",
            camel_case(name),
            self.arg_kind(base)
        );
        if base != name {
            let _ = write!(text, ".base(Op::{})", camel_case(base));
        }
        if let Some(units) = self.json["caches"][base].as_u64() {
            let _ = write!(text, ".caches({units})");
        }
        // A specialised superinstruction does more than its base, so that its effect is not the base's.
        let like = if kind == "Instrumented" { base } else { name };
        let effects = &self.json["stack_effect"];
        if let Some(answers) = effects.get(name).or(effects.get(like)) {
            let (next, jump) =
                effects::fit(answers).with_context(|| format!("stack effect of {name}"))?;
            let _ = write!(text, ".effect({next})");
            if jump != next {
                let _ = write!(text, ".jump_effect({jump})");
            }
        }
        let count = |key: &str| {
            let table = &self.json[key];
            let expression = table.get(name).or(table.get(like)).and_then(Value::as_str);
            expression.map(effects::parse).transpose()
        };
        if let (Some(popped), Some(pushed)) = (count("num_popped")?, count("num_pushed")?) {
            let _ = write!(text, ".moves({popped}, {pushed})");
        }
        Ok(text)
    }

    fn table_file(&self) -> Result<String> {
        let mut rows = BTreeMap::new();
        for (name, number, kind) in self.opcodes() {
            if let Some(other) = rows.insert(number, self.row(name, number, kind)?) {
                bail!("two opcodes have number {number}: {name} and {other}");
            }
        }
        let body = rows
            .values()
            .map(|row| format!("    {row},\n"))
            .collect::<String>();
        let mut uses = vec!["ArgKind", "Facts", "Kind", "OpInfo", "OpTable", "row"];
        uses.extend(["Part", "fixed", "plus"].into_iter().filter(|word| {
            body.contains(&format!("{word}(")) || body.contains(&format!("{word}::"))
        }));
        let version = self.module().to_uppercase();
        let magic = self.json["magic"].as_u64().context("no magic number")?;
        Ok(format!(
            "//! The opcodes of CPython {name}: written by `cargo xtask codegen`, do not edit.\n\n\
             use crate::generated::Op;\nuse crate::table::{{{uses}}};\nuse crate::version::Version;\n\n\
             #[rustfmt::skip]\nstatic ROWS: [OpInfo; {count}] = [\n{body}];\n\n\
             pub(super) static TABLE: OpTable = Facts {{\n\
             version: Version::{version},\nmagic: {magic},\nrows: &ROWS,\n\
             families: &[{families}],\ncache_format: &[{cache_format}],\ncmp_op: &{cmp_op},\nnb_ops: &[{nb_ops}],\n\
             intrinsic_1: &{intrinsic_1},\nintrinsic_2: &{intrinsic_2},\nspecial_methods: &{special},\n\
             common_constants: &{common},\n}}.table();\n",
            name = self.name,
            uses = uses.join(", "),
            count = rows.len(),
            families = self.families(),
            cache_format = self.cache_format(),
            cmp_op = self.texts("cmp_op"),
            nb_ops = self.nb_ops(),
            intrinsic_1 = self.texts("intrinsic_1_descs"),
            intrinsic_2 = self.texts("intrinsic_2_descs"),
            special = self.texts("special_method_names"),
            common = self.texts("common_constants"),
        ))
    }

    /// A list of strings as a Rust array.
    fn texts(&self, key: &str) -> String {
        let texts = self.json[key].as_array().into_iter().flatten();
        let texts = texts.filter_map(Value::as_str).collect::<Vec<_>>();
        format!("{texts:?}")
    }

    fn families(&self) -> String {
        let mut text = String::new();
        for (base, members) in self.json["families"].as_object().into_iter().flatten() {
            let members = members
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let members = members
                .map(|m| format!("Op::{}", camel_case(m)))
                .collect::<Vec<_>>();
            let _ = writeln!(
                text,
                "(Op::{}, &[{}]),",
                camel_case(base),
                members.join(", ")
            );
        }
        text
    }

    fn cache_format(&self) -> String {
        let mut text = String::new();
        for (base, fields) in self.json["cache_format"].as_object().into_iter().flatten() {
            let fields = fields.as_array().into_iter().flatten();
            let fields = fields
                .map(|f| format!("({}, {})", f[0], f[1]))
                .collect::<Vec<_>>();
            let _ = writeln!(
                text,
                "(Op::{}, &[{}]),",
                camel_case(base),
                fields.join(", ")
            );
        }
        text
    }

    fn nb_ops(&self) -> String {
        let pairs = self.json["nb_ops"].as_array().into_iter().flatten();
        pairs
            .map(|pair| format!("({}, {}),", pair[0], pair[1]))
            .collect()
    }
}
