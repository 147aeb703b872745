"""Writes trees.json: what the CPython that runs this says of each text and tree that trees.py compiles, in order.

A tree is a list of steps as `syntax_tree/form.rs` has them, the class of a node in place. Constants that JSON does not have are
objects of one key, their kind.
"""

import _ast
import builtins
import contextlib
import io
import json
import marshal
import os

folder = os.path.dirname(os.path.abspath(__file__))
compile_ = compile
answers = []


def is_plain(value):
    if type(value) in (tuple, frozenset):
        return all(map(is_plain, value))
    return value is None or value is ... or type(value) in (bool, int, float, complex, str, bytes)


def constant(value):
    match value:
        case None | bool() | int():
            return value if abs(value or 0) < 1 << 62 else {"int": str(value)}
        case str():
            return value if value.isprintable() else {"str": list(map(ord, value))}
        case float():
            return {"float": value}
        case complex():
            return {"complex": [value.real, value.imag]}
        case bytes():
            return {"bytes": list(value)}
        case tuple() | frozenset():
            return {type(value).__name__: list(map(constant, value))}
    return {"ellipsis": None}


def written(value, steps, objects):
    if isinstance(value, _ast.AST):
        base = next(base for base in type(value).__mro__ if base.__module__ == "ast")
        names = [name for name in base._fields + base._attributes if hasattr(value, name)]
        for name in names:
            written(getattr(value, name), steps, objects)
        objects[len(steps)] = value
        steps.append(["node", base.__name__, type(value).__name__, names])
    elif isinstance(value, list):
        for item in value:
            written(item, steps, objects)
        objects[len(steps)] = value
        steps.append(["list", len(value)])
    elif is_plain(value):
        steps.append(["value", constant(value)])
    elif type(value) in (tuple, frozenset):
        for item in value:
            written(item, steps, objects)
        steps.append([type(value).__name__, len(value)])
    else:
        objects[len(steps)] = value
        steps.append(["other", type(value).__name__, constant(int(value)) if isinstance(value, int) else None])


def marked(text, objects):
    """The text of an exception with a mark where it shows an object."""
    for number, value in reversed(objects.items()):
        if repr(value)[0] in "<[":
            text = text.replace(repr(value), f"\0{number}\0")
    return text


def recorded(source, filename, mode, flags=0):
    is_tree = isinstance(source, _ast.AST)
    deep = getattr(getattr(source, "body", None), "operand", None)
    if is_tree and (flags & 0x8400 == 0x400 or deep is not None and deep is source.body):
        # The compiler is not asked.
        return compile_(source, filename, mode, flags)
    entry, objects = {"filename": filename, "mode": mode, "flags": flags}, {}
    if is_tree:
        written(source, entry.setdefault("tree", []), objects)
    else:
        entry["text"] = source
    answers.append(entry)
    try:
        made = compile_(source, filename, mode, flags, True)
    except Exception as error:
        entry["class"] = type(error).__name__
        entry["args"] = [constant(marked(arg, objects) if isinstance(arg, str) else arg) for arg in error.args]
        raise
    if isinstance(made, _ast.AST):
        written(made, entry.setdefault("made", []), {})
    else:
        entry["code"] = marshal.dumps(made).hex()
    return made


builtins.compile = recorded
with contextlib.redirect_stdout(io.StringIO()) as printed:
    path = os.path.join(folder, "trees.py")
    exec(compile_(open(path, encoding="utf-8").read(), path, "exec"), {"__name__": "trees"})
with open(os.path.join(folder, "trees.json"), "w", encoding="utf-8") as out:
    out.write("[\n" + ",\n".join(json.dumps(answer) for answer in answers) + "\n]\n")
