//! The node classes of each version's abstract syntax: their bases, and their fields as their docstrings have them.
//!
//! Asked from CPython 3.11 to 3.15: `_ast`'s classes, their `__base__`, `__doc__` and whether they add `_attributes`.

use pyco_exec::object::native::Versions;

/// A node class.
pub(super) struct Node {
    pub(super) base: &'static str,
    /// `Name(identifier id, expr_context ctx)`; for a sum only the name.
    pub(super) text: &'static str,
    /// Whether it adds line and column.
    pub(super) is_placed: bool,
    pub(super) versions: Versions,
}

const fn row(base: &'static str, text: &'static str) -> Node {
    Node {
        base,
        text,
        is_placed: false,
        versions: Versions::ALL,
    }
}

const fn placed(base: &'static str, text: &'static str) -> Node {
    Node {
        is_placed: true,
        ..row(base, text)
    }
}

impl Node {
    const fn since(self, minor: u8) -> Node {
        Node {
            versions: self.versions.since(minor),
            ..self
        }
    }

    const fn until(self, minor: u8) -> Node {
        Node {
            versions: self.versions.until(minor),
            ..self
        }
    }
}

/// Every class, bases first.
pub(super) static NODES: &[Node] = &[
    placed("AST", "alias(identifier name, identifier? asname)"),
    placed("AST", "arg(identifier arg, expr? annotation, string? type_comment)"),
    row("AST", "arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr* kw_defaults, arg? kwarg, expr* defaults)").until(13),
    row("AST", "arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults)").since(14),
    row("AST", "boolop"),
    row("AST", "cmpop"),
    row("AST", "comprehension(expr target, expr iter, expr* ifs, int is_async)"),
    placed("AST", "excepthandler"),
    placed("AST", "expr"),
    row("AST", "expr_context"),
    placed("AST", "keyword(identifier? arg, expr value)"),
    row("AST", "match_case(pattern pattern, expr? guard, stmt* body)"),
    row("AST", "mod"),
    row("AST", "operator"),
    placed("AST", "pattern"),
    placed("AST", "stmt"),
    row("AST", "type_ignore"),
    placed("AST", "type_param").since(12),
    row("AST", "unaryop"),
    row("AST", "withitem(expr context_expr, expr? optional_vars)"),
    row("operator", "Add"),
    row("boolop", "And"),
    row("stmt", "AnnAssign(expr target, expr annotation, expr? value, int simple)"),
    row("stmt", "Assert(expr test, expr? msg)"),
    row("stmt", "Assign(expr* targets, expr value, string? type_comment)"),
    row("stmt", "AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)"),
    row("stmt", "AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment)").until(11),
    row("stmt", "AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)").since(12),
    row("stmt", "AsyncWith(withitem* items, stmt* body, string? type_comment)"),
    row("expr", "Attribute(expr value, identifier attr, expr_context ctx)"),
    row("stmt", "AugAssign(expr target, operator op, expr value)"),
    row("expr", "Await(expr value)"),
    row("expr", "BinOp(expr left, operator op, expr right)"),
    row("operator", "BitAnd"),
    row("operator", "BitOr"),
    row("operator", "BitXor"),
    row("expr", "BoolOp(boolop op, expr* values)"),
    row("stmt", "Break"),
    row("expr", "Call(expr func, expr* args, keyword* keywords)"),
    row("stmt", "ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list)").until(11),
    row("stmt", "ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)").since(12),
    row("expr", "Compare(expr left, cmpop* ops, expr* comparators)"),
    row("expr", "Constant(constant value, string? kind)"),
    row("stmt", "Continue"),
    row("expr_context", "Del"),
    row("stmt", "Delete(expr* targets)"),
    row("expr", "Dict(expr* keys, expr* values)").until(13),
    row("expr", "Dict(expr?* keys, expr* values)").since(14),
    row("expr", "DictComp(expr key, expr value, comprehension* generators)").until(14),
    row("expr", "DictComp(expr key, expr? value, comprehension* generators)").since(15),
    row("operator", "Div"),
    row("cmpop", "Eq"),
    row("excepthandler", "ExceptHandler(expr? type, identifier? name, stmt* body)"),
    row("stmt", "Expr(expr value)"),
    row("mod", "Expression(expr body)"),
    row("operator", "FloorDiv"),
    row("stmt", "For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)"),
    row("expr", "FormattedValue(expr value, int conversion, expr? format_spec)"),
    row("stmt", "FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment)").until(11),
    row("stmt", "FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)").since(12),
    row("mod", "FunctionType(expr* argtypes, expr returns)"),
    row("expr", "GeneratorExp(expr elt, comprehension* generators)"),
    row("stmt", "Global(identifier* names)"),
    row("cmpop", "Gt"),
    row("cmpop", "GtE"),
    row("stmt", "If(expr test, stmt* body, stmt* orelse)"),
    row("expr", "IfExp(expr test, expr body, expr orelse)"),
    row("stmt", "Import(alias* names)").until(14),
    row("stmt", "Import(alias* names, int? is_lazy)").since(15),
    row("stmt", "ImportFrom(identifier? module, alias* names, int? level)").until(14),
    row("stmt", "ImportFrom(identifier? module, alias* names, int? level, int? is_lazy)").since(15),
    row("cmpop", "In"),
    row("mod", "Interactive(stmt* body)"),
    row("expr", "Interpolation(expr value, constant str, int conversion, expr? format_spec)").since(14),
    row("unaryop", "Invert"),
    row("cmpop", "Is"),
    row("cmpop", "IsNot"),
    row("expr", "JoinedStr(expr* values)"),
    row("operator", "LShift"),
    row("expr", "Lambda(arguments args, expr body)"),
    row("expr", "List(expr* elts, expr_context ctx)"),
    row("expr", "ListComp(expr elt, comprehension* generators)"),
    row("expr_context", "Load"),
    row("cmpop", "Lt"),
    row("cmpop", "LtE"),
    row("operator", "MatMult"),
    row("stmt", "Match(expr subject, match_case* cases)"),
    row("pattern", "MatchAs(pattern? pattern, identifier? name)"),
    row("pattern", "MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)"),
    row("pattern", "MatchMapping(expr* keys, pattern* patterns, identifier? rest)"),
    row("pattern", "MatchOr(pattern* patterns)"),
    row("pattern", "MatchSequence(pattern* patterns)"),
    row("pattern", "MatchSingleton(constant value)"),
    row("pattern", "MatchStar(identifier? name)"),
    row("pattern", "MatchValue(expr value)"),
    row("operator", "Mod"),
    row("mod", "Module(stmt* body, type_ignore* type_ignores)"),
    row("operator", "Mult"),
    row("expr", "Name(identifier id, expr_context ctx)"),
    row("expr", "NamedExpr(expr target, expr value)"),
    row("stmt", "Nonlocal(identifier* names)"),
    row("unaryop", "Not"),
    row("cmpop", "NotEq"),
    row("cmpop", "NotIn"),
    row("boolop", "Or"),
    row("type_param", "ParamSpec(identifier name)").since(12).until(12),
    row("type_param", "ParamSpec(identifier name, expr? default_value)").since(13),
    row("stmt", "Pass"),
    row("operator", "Pow"),
    row("operator", "RShift"),
    row("stmt", "Raise(expr? exc, expr? cause)"),
    row("stmt", "Return(expr? value)"),
    row("expr", "Set(expr* elts)"),
    row("expr", "SetComp(expr elt, comprehension* generators)"),
    row("expr", "Slice(expr? lower, expr? upper, expr? step)"),
    row("expr", "Starred(expr value, expr_context ctx)"),
    row("expr_context", "Store"),
    row("operator", "Sub"),
    row("expr", "Subscript(expr value, expr slice, expr_context ctx)"),
    row("expr", "TemplateStr(expr* values)").since(14),
    row("stmt", "Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)"),
    row("stmt", "TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)"),
    row("expr", "Tuple(expr* elts, expr_context ctx)"),
    row("stmt", "TypeAlias(expr name, type_param* type_params, expr value)").since(12),
    row("type_ignore", "TypeIgnore(int lineno, string tag)"),
    row("type_param", "TypeVar(identifier name, expr? bound)").since(12).until(12),
    row("type_param", "TypeVar(identifier name, expr? bound, expr? default_value)").since(13),
    row("type_param", "TypeVarTuple(identifier name)").since(12).until(12),
    row("type_param", "TypeVarTuple(identifier name, expr? default_value)").since(13),
    row("unaryop", "UAdd"),
    row("unaryop", "USub"),
    row("expr", "UnaryOp(unaryop op, expr operand)"),
    row("stmt", "While(expr test, stmt* body, stmt* orelse)"),
    row("stmt", "With(withitem* items, stmt* body, string? type_comment)"),
    row("expr", "Yield(expr? value)"),
    row("expr", "YieldFrom(expr value)"),
];
