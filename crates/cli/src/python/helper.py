# Runs in an installed CPython and compiles for pyco: see protocol.rs, which says what goes over the pipe.
import _ast
import marshal
import os
import sys
import warnings

AST = _ast.AST


def plain(value):
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if value is None or type(value) in (int, str, bytes):
        return value
    return str(value)


# What is known of a SyntaxError besides its arguments: some have it only here.
PLACE = ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line")


def place(error):
    if not isinstance(error, SyntaxError):
        return ()
    return tuple((name, plain(getattr(error, name))) for name in PLACE)


def tree_of(root):
    """A tree as steps and values, children first: see tree.rs."""
    classes, numbers, steps, values = [], {}, bytearray(), []
    todo = [root]
    # Written backwards: a node, then its attributes from the last to the first.
    while todo:
        value = todo.pop()
        if isinstance(value, AST):
            kind = type(value)
            if kind not in numbers:
                numbers[kind] = len(classes), [name for name in kind._fields + kind._attributes]
                classes.append((kind.__name__, kind.__name__, tuple(numbers[kind][1])))
            number, names = numbers[kind]
            steps.append(ord("n"))
            values.append(number)
            todo += [getattr(value, name) for name in names]
        elif type(value) is list:
            steps.append(ord("l"))
            values.append(len(value))
            todo += value
        else:
            steps.append(ord("v"))
            values.append(value)
    return tuple(classes), bytes(reversed(steps)), tuple(reversed(values))


def stands_in(base, name):
    """A class whose instances show as a mark: see Tree::mark in pyco-exec."""
    return type(name, (base,), {"__repr__": lambda self: "\0%d\0" % self.pyco_step, "pyco_step": 0})


def tree_from(data):
    classes, steps, values = marshal.loads(data)
    kinds = [(stands_in(getattr(_ast, base), name), names) for base, name, names in classes]
    listed, others = stands_in(list, "list"), {}
    stack = []
    for number, (step, value) in enumerate(zip(steps, values)):
        if step == ord("v"):
            stack.append(value)
            continue
        if step == ord("o"):
            if value not in others:
                base = object if value[1] is None else int
                others[value] = stands_in(base, value[0])
            made = others[value]() if value[1] is None else others[value](value[1])
        elif step in b"ltf":
            start = len(stack) - value
            made = {ord("l"): listed, ord("t"): tuple, ord("f"): frozenset}[step](stack[start:])
            del stack[start:]
            if step != ord("l"):
                stack.append(made)
                continue
        else:
            kind, names = kinds[value]
            start = len(stack) - len(names)
            made = kind.__new__(kind)
            made.__dict__.update(zip(names, stack[start:]))
            del stack[start:]
        made.pyco_step = number
        stack.append(made)
    return stack.pop()


def raised(error):
    return "raised", type(error).__name__, plain(error.args), place(error)


def told(warning):
    return warning.category.__name__, str(warning.message), warning.lineno


def compiled(request):
    number = lambda start, end: int.from_bytes(request[start:end], "little", signed=True)
    form, mode, optimize, is_strict = request[0], request[1], request[2], request[3]
    flags, feature, most_digits, name_len = number(4, 8), number(8, 12), number(12, 16), number(16, 20)
    filename = request[20:20 + name_len].decode("utf-8", "surrogatepass")
    source = request[20 + name_len:]
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits if most_digits < 0 else most_digits)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if is_strict:
            warnings.simplefilter("error")
        try:
            if form == 1:
                source = source.decode("utf-8")
            elif form == 2:
                source = tree_from(source)
            made = compile(
                source,
                filename,
                ("exec", "eval", "single", "func_type")[mode],
                flags,
                True,
                optimize,
                _feature_version=feature,
            )
            result = ("tree", tree_of(made)) if isinstance(made, AST) else ("code", marshal.dumps(made))
        except BaseException as error:
            result = raised(error)
    return result + (tuple(told(w) for w in caught),)


class Cut(Exception):
    pass


def tokenized(request):
    import _tokenize

    lines, encoding, extra_tokens, is_cut = marshal.loads(request[1:])
    lines = iter(lines)

    def readline():
        for line in lines:
            return line if encoding is not None else line.decode("utf-8")
        raise Cut if is_cut else StopIteration

    def taken_apart():
        if sys.version_info < (3, 12):
            for text, kind, *place, line in _tokenize.TokenizerIter("".join(text.decode("utf-8") for text in lines)):
                yield kind, text, (place[0], place[2]), (place[1], place[3]), line
        else:
            options = {} if encoding is None else {"encoding": encoding}
            yield from _tokenize.TokenizerIter(readline, extra_tokens=extra_tokens, **options)

    tokens, shown, numbers, found, error = [], [], {}, [], None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            for kind, text, start, end, line in taken_apart():
                if line not in numbers:
                    numbers[line] = len(shown)
                    shown.append(line)
                found += [(len(tokens), told(w)) for w in caught[len(found):]]
                tokens.append((kind, text, *start, *end, numbers[line]))
        except Cut:
            pass
        except BaseException as problem:
            error = raised(problem)[1:]
        found += [(len(tokens), told(w)) for w in caught[len(found):]]
    return "tokens", tuple(tokens), tuple(shown), error, tuple(found)


def main():
    requests = sys.stdin.buffer
    # Whatever prints is not to end up among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(answer):
        data = marshal.dumps(answer, 2)
        answers.write(len(data).to_bytes(4, "little") + data)
        answers.flush()

    import importlib.util as util

    info = sys.version_info
    magic = int.from_bytes(util.MAGIC_NUMBER[:2], "little")
    release = "%d.%d.%d" % info[:3]
    if info.releaselevel != "final":
        release += info.releaselevel + str(info.serial)
    send(("pyco", 4, sys.implementation.name, release, magic, sys.executable or "", tuple(sys.path)))
    while True:
        head = requests.read(4)
        if len(head) < 4:
            break
        length = int.from_bytes(head, "little")
        request = requests.read(length)
        if len(request) < length:
            break
        send(tokenized(request) if request[0] == 3 else compiled(request))


main()
