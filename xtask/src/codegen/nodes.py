"""Prints what a CPython's `_ast` says of its classes of nodes: base, attributes and signature, a line each, tabs between."""

import _ast


def show(cls):
    text = " ".join(cls.__doc__.split()) if cls._fields else cls.__name__
    own = "_attributes" in cls.__dict__ and cls._attributes
    print(cls.__base__.__name__, ",".join(own) if own else "-", text, sep="\t")


for cls in _ast.AST.__subclasses__():
    show(cls)
    for member in cls.__subclasses__():
        show(member)
