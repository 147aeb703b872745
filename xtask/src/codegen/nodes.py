"""Prints what a CPython's `_ast` says of its classes of nodes: base, attributes and signature, a line each, tabs between."""

import _ast


def show(cls):
    text = " ".join(cls.__doc__.split()) if cls._fields else cls.__name__
    own = "_attributes" in cls.__dict__ and cls._attributes
    # What may be missing has None in the class.
    shown = [name + "?" * hasattr(cls, name) for name in own or ()]
    print(cls.__base__.__name__, ",".join(shown) or "-", text, sep="\t")


for cls in _ast.AST.__subclasses__():
    show(cls)
    for member in cls.__subclasses__():
        show(member)
