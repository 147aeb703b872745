"""Syntax trees, made by the compiler and by hand: `trees.json` has what CPython says of each (see `record_trees.py`)."""

import _ast

ONLY_AST = _ast.PyCF_ONLY_AST


def show(node, depth=0):
    """A node with all that it has, a line each."""
    if isinstance(node, _ast.AST):
        print("  " * depth + type(node).__name__, *(f"{name}={value!r}" for name, value in vars(node).items()
              if not isinstance(value, (_ast.AST, list))))
        for name, value in vars(node).items():
            if isinstance(value, (_ast.AST, list)):
                print("  " * depth + f"  .{name}")
                show(value, depth + 2)
    elif isinstance(node, list):
        for item in node:
            show(item, depth)
    else:
        print("  " * depth + repr(node))


def parsed(text, mode="exec", flags=0):
    print("---", repr(text), mode, flags)
    try:
        tree = compile(text, "<text>", mode, flags | ONLY_AST)
    except SyntaxError as error:
        print(type(error).__name__, error.args)
        return None
    show(tree)
    return tree


module = parsed("""\
def f(a, /, b: int = 1, *c, d=2, **e) -> None:
    'doc'
    global g
    return [x async for x in a if x], lambda: 0
class C(A, metaclass=M): pass
x = y.z[1:2] = f'{w!r:>{n}} {{'
try: import a.b as c
except* E as e: raise
for i in (): break
else: continue
match x:
    case {'a': 1, **rest} | [_, *others] | P(1, k=None): del x
""")
parsed("1 + 2j * -3.5 ** True or b'x' is not ... < 'é\\ud800' != None", "eval")
parsed("x += 1\n", "single")
parsed("(int, *str, **a) -> bool", "func_type")
parsed("x = 1 # type: int\ny = 2 # type: ignore[e]\n", "exec", _ast.PyCF_TYPE_COMMENTS)
parsed("1 + 2, (3, 4), x in {1, 2}", "eval", _ast.PyCF_OPTIMIZED_AST)
parsed("type X[T: int, *U, **V] = T")
parsed("x = (")
parsed("  x")

print("--- the same nodes")
one, other = compile("a + b", "", "eval", ONLY_AST).body, compile("b + a", "", "eval", ONLY_AST).body
print(one.left.ctx is other.right.ctx is _ast.Name("x").ctx, one.op is other.op, one.left is other.left)

print("--- trees become code")
space = {"b": 30}
exec(compile(compile("a = b + 12", "<one>", "exec", ONLY_AST), "<two>", "exec"), space)
print(space["a"])


def place(node):
    """Line numbers for all that want them."""
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, _ast.AST):
            if "lineno" in node._attributes:
                node.lineno = node.end_lineno = 1
                node.col_offset = node.end_col_offset = 0
            todo += vars(node).values()
    return root


class Wide(_ast.Name):
    _fields = ("id", "ctx", "more")


class Seven(int):
    pass


root = _ast.Expression(_ast.BinOp(Wide("b", _ast.Load(), None), _ast.Mult(), _ast.Constant(2)))
place(root)
root.body.lineno = Seven(1)
code = compile(root, "<three>", "eval")
print(code.co_filename, eval(code, space))
print(compile(root, "<four>", "eval", ONLY_AST) is root)
show(compile(root, "<four>", "eval", _ast.PyCF_OPTIMIZED_AST))


class Thing:
    def __repr__(self):
        return "<a thing>"


class Shown(_ast.Constant):
    def __repr__(self):
        return "<a constant>"


def refused(tree, mode="eval"):
    global root
    root = tree
    place(root)
    try:
        print(compile(root, "<bad>", mode))
    except Exception as error:
        print(type(error).__name__, error)


print("--- what is refused")
name = lambda *args: _ast.Name(*args)
refused(_ast.Expression(_ast.Constant(1)), "exec")
refused(_ast.Expression(Thing()))
refused(_ast.Expression(name(3, _ast.Load())))
refused(_ast.Expression(name("x", _ast.Store())))
refused(_ast.Expression(name("None", _ast.Load())))
refused(_ast.Expression(name("x", "load")))
refused(_ast.Expression(name("x", Thing())))
refused(_ast.Expression(name("x", [Thing(), Thing(), 3])))
refused(_ast.Expression(name("x", (Thing(),))))
refused(_ast.Expression(_ast.Constant((1, Thing()))))
refused(_ast.Expression(_ast.Constant(frozenset([Thing]))))
refused(_ast.Expression(_ast.Constant(Seven(7))))
refused(_ast.Expression(_ast.Tuple((), _ast.Load())))
refused(_ast.Expression(_ast.Tuple([None], _ast.Load())))
refused(_ast.Expression(_ast.BoolOp(_ast.And(), [])))
refused(_ast.Module([_ast.Assign([], name("x", _ast.Load()))], []), "exec")
refused(_ast.Module([Shown(1)], []), "exec")
refused(_ast.Module([_ast.Return()], []), "exec")
refused(_ast.Module({}, []), "exec")
late = _ast.Expression(name("x", _ast.Load()))
place(late)
late.body.lineno = "one"
root = late
try:
    compile(late, "", "eval")
except (TypeError, ValueError) as error:
    print(error)
del late.body.lineno
try:
    compile(late, "", "eval")
except (TypeError, ValueError) as error:
    print(error)

print("--- too deep")
deep = _ast.UnaryOp(_ast.Not(), None)
deep.operand = deep
deep.lineno = deep.col_offset = 1
try:
    compile(_ast.Expression(deep), "", "eval")
except RecursionError as error:
    print(error)
