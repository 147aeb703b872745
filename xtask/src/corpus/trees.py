"""A line for each file of the standard library: digests of its tree, of the text and code made of that, of its tokens."""

import ast
import io
import os
import tokenize

FOLDER = os.path.dirname(ast.__file__)


def files(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            if name not in ("site-packages", "__pycache__"):
                yield from files(path)
        elif name.endswith(".py") and os.path.isfile(path):
            yield path


def said(function):
    """What a function returns, or the exception, as text."""
    try:
        return function()
    except (SyntaxError, ValueError, RecursionError, tokenize.TokenError) as error:
        return f"{type(error).__name__}: {error}"


def digest(text):
    return f"{len(text)}:{hash(text):x}"


for path in files(FOLDER):
    with open(path, "rb") as file:
        source = file.read()
    tree = said(lambda: ast.parse(source, path))
    found = [said(lambda: repr(list(tokenize.tokenize(io.BytesIO(source).readline))))]
    if isinstance(tree, ast.AST):
        code = said(lambda: compile(tree, path, "exec"))
        found += [
            ast.dump(tree, include_attributes=True),
            said(lambda: ast.unparse(tree)),
            code if isinstance(code, str) else repr((code.co_code, code.co_names, list(code.co_positions()))),
        ]
    else:
        found.append(tree)
    print(os.path.relpath(path, FOLDER), *map(digest, found), flush=True)
