"""Records what interpreters suggest for mistyped names, as data for tests/it/traceback.rs.

usage: python3 suggestions.py COUNT SEED PYTHON... > suggestions.jsonl
       python suggestions.py --answer COUNT SEED
"""

import io
import json
import keyword
import os
import random
import subprocess
import sys
import types

WORDS = "foo fooBar foo_bar append extend _private __dunder__ value values valeur éclair ÉCLAIR жук Жук жуки 变量 变量名 ﬁne self_x sys asyncio re math".split()
LETTERS = "abcxyzABC_0éжЖ变"


def shown(exception):
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(type(exception), exception, exception.__traceback__)
        text = sys.stderr.getvalue()
    finally:
        sys.stderr = stderr
    return text.rstrip("\n").rsplit("\n", 1)[-1].removeprefix(f"{type(exception).__qualname__}: {exception}")


def word(chance):
    if chance.random() < 0.5:
        return chance.choice(WORDS)
    return "".join(chance.choice(LETTERS) for _ in range(chance.choice([1, 2, 3, 4, 5, 6, 8, 12, 20, 45])))


def mistyped(chance, name):
    letters = list(name)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3, 5])):
        place = chance.randrange(len(letters) + 1)
        change = chance.randrange(4)
        if change == 0:
            letters.insert(place, chance.choice(LETTERS))
        elif place < len(letters):
            if change == 1 and len(letters) > 1:
                del letters[place]
            elif change == 2:
                letters[place] = letters[place].swapcase()
            else:
                letters[place] = chance.choice(LETTERS)
    return "".join(letters)


def attribute(names, wrong, is_own):
    class Thing:
        def __dir__(self):
            return names

    thing = Thing()
    if is_own:
        self = thing
    try:
        raise AttributeError("m", name=wrong, obj=thing)
    except AttributeError as exception:
        return shown(exception)


def name(local_names, global_names, builtin_names, wrong, state):
    body = "\n".join(f" {name} = 1" for name in local_names)
    parameter, argument = ("self", "obj") if state != "absent" else ("", "")
    if state == "unbound":
        body += "\n del self"
    source = f"def f({parameter}):\n{body}\n WRONG\nf({argument})"
    space = {"__builtins__": dict.fromkeys(builtin_names, 1), "obj": types.SimpleNamespace(**({wrong: 1} if state == "with" else {}))}
    space |= dict.fromkeys(global_names, 1)
    code = compile(source, "<none>", "exec")
    function = code.co_consts[0]
    code = code.replace(co_consts=tuple(function.replace(co_names=(wrong,)) if const is function else const for const in code.co_consts))
    try:
        exec(code, space)
    except NameError as exception:
        traceback = exception.__traceback__
        while traceback.tb_next:
            traceback = traceback.tb_next
        frame = traceback.tb_frame
        local_names = list(frame.f_locals) if sys.version_info >= (3, 13) else list(frame.f_code.co_varnames)
        return [local_names, list(frame.f_globals), list(frame.f_builtins), shown(exception)]


def imported(names, wrong):
    module = sys.modules["made_up"] = types.ModuleType("made_up")
    vars(module).update(dict.fromkeys(names, 1))
    try:
        exec(f"from made_up import {wrong}")
    except ImportError as exception:
        if getattr(exception, "name_from", wrong) != wrong:
            return None
        return [sorted(dir(module)), shown(exception)]


def built_in(value, wrong):
    try:
        getattr(value, wrong)
    except AttributeError as exception:
        # Types as they are in all versions; what matters is which built-in types the value belongs to.
        kinds = [kind.__name__ for kind in type(value).__mro__]
        return [sorted(value.__dir__()), kinds, shown(exception)]


class Outer:
    def __init__(self):
        self.inner = types.SimpleNamespace(deep_value=1)
        self._hidden = types.SimpleNamespace(deep_hidden=1)


def answer(count, seed):
    import unicodedata

    chance = random.Random(seed)
    answers = []
    for _ in range(count):
        names = sorted({word(chance) for _ in range(chance.choice([0, 1, 3, 10, 30]))})
        wrong = mistyped(chance, chance.choice(names) if names and chance.random() < 0.8 else word(chance)) or "q"
        is_own = chance.random() < 0.2
        normal = unicodedata.normalize("NFKC", wrong)
        answers.append(["attribute", wrong, normal, names, is_own, attribute(names, wrong, is_own)])
        parts = [[], [], []]
        for item in names:
            chance.choice(parts).append(item)
        state = chance.choice(["absent", "absent", "absent", "with", "without", "unbound"])
        result = None
        if normal == wrong and all(item.isidentifier() and unicodedata.normalize("NFKC", item) == item for item in names):
            result = name(*parts, wrong, state)
        answers.append(["name", wrong, normal, state, wrong in sys.stdlib_module_names, result])
        if wrong.isidentifier() and not keyword.iskeyword(wrong):
            # The compiler normalizes the name before anybody sees it.
            answers.append(["import", normal, normal, imported(names, normal)])
    for size in [748, 749, 750, 751]:
        answers.append(["attribute", "fo", "fo", ["foo"] + ["x"] * size, False, attribute(["foo"] + ["x"] * size, "fo", False)])
    pairs = [([], "push"), ([], "apend"), ([], "add"), ("", "toUpperCase"), ({}, "put"), ({}, "keySet"), ((), "append"), ((), "remove"),
             (frozenset(), "add"), (frozenset(), "update"), (1.5, "__or__"), (1, "push"), ([], "contains"), (type("L", (list,), {})(), "addAll"),
             (Outer(), "deep_value"), (Outer(), "deep_valu"), (Outer(), "deep_hidden"), (set(), "push"), ("", "lenght")]
    for value, wrong in pairs:
        answers.append(["built-in", wrong, wrong, built_in(value, wrong)])
    return answers


def main():
    count, seed, *pythons = sys.argv[1:]
    merged = {}
    for python in pythons:
        environment = os.environ | {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        command = [python, os.path.abspath(__file__), "--answer", count, seed]
        minor, *answers = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout)
        for index, found in enumerate(answers):
            for line in merged.setdefault(index, []):
                if line[1:] == found:
                    line[0].append(minor)
                    break
            else:
                if found[-1] is not None:
                    merged[index].append([[minor], *found])
    for lines in merged.values():
        for line in lines:
            print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    if sys.argv[1] == "--answer":
        print(json.dumps([sys.version_info.minor, *answer(int(sys.argv[2]), int(sys.argv[3]))]))
    else:
        main()
