"""Records what interpreters print for uncaught exceptions, as data for tests/it/traceback.rs.

usage: python3 record.py PYTHON... > cases.jsonl      (asks each and merges the answers)
       python record.py --answer                      (one interpreter's answers, on stdout)
"""

import collections.abc
import io
import json
import linecache
import os
import subprocess
import sys
import tempfile
import warnings

FILENAME = "case.py"


def escape(text):
    return text.encode("utf-8", "backslashreplace").decode()


def safe(function, value):
    try:
        return escape(function(value))
    except BaseException:
        return None


def shown(exception):
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(type(exception), exception, exception.__traceback__)
        return escape(sys.stderr.getvalue())
    finally:
        sys.stderr = stderr


def unraisable_arguments():
    caught = []

    class Dying:
        def __del__(self):
            raise ValueError

    hook, sys.unraisablehook = sys.unraisablehook, caught.append
    Dying()
    sys.unraisablehook = hook
    return type(caught[0])


def shown_as_unraisable(exception):
    arguments = type(exception), exception, exception.__traceback__, "while recording", 3
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__unraisablehook__(unraisable_arguments()(arguments))
        return escape(sys.stderr.getvalue())
    finally:
        sys.stderr = stderr


def suggestion(exception):
    """What CPython puts behind the message."""
    if not isinstance(exception, (NameError, AttributeError, ImportError)):
        return None
    state = exception.__cause__, exception.__context__, exception.__suppress_context__
    exception.__cause__ = exception.__context__ = None
    text = shown(exception)
    exception.__cause__, exception.__context__, exception.__suppress_context__ = state
    last = text.rstrip("\n").rsplit("\n", 1)[-1]
    start = f"{type(exception).__qualname__}: {exception}"
    return last.removeprefix(start) or None if last.startswith(start) else None


def syntax_details(exception):
    source = exception
    if sys.version_info >= (3, 14):
        import traceback

        source = traceback.TracebackException.from_exception(exception)
        list(source.format())
    def number(value):
        return int(value) if value is not None else None

    return [source.msg, source.filename, number(source.lineno), number(source.end_lineno), source.offset, source.end_offset, source.text]


def notes(exception):
    try:
        found = exception.__notes__
    except AttributeError:
        return None
    if found is None and sys.version_info >= (3, 13):
        return None
    is_sequence = isinstance(found, collections.abc.Sequence)
    if is_sequence and (sys.version_info < (3, 12) or not isinstance(found, (str, bytes))):
        return [safe(str, note) for note in found]
    return {"other": safe(repr, found)}


def frames(exception):
    found = []
    traceback = exception.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        position = list(code.co_positions())[traceback.tb_lasti // 2]
        found.append([code.co_filename, code.co_name, traceback.tb_lineno, *position])
        traceback = traceback.tb_next
    return found


def report(root):
    exceptions, numbers, queue = [], {}, [root]
    def reference(exception):
        if exception is None:
            return None
        if id(exception) not in numbers:
            numbers[id(exception)] = len(numbers)
            queue.append(exception)
        return numbers[id(exception)]

    reference(root)
    queue.pop()
    for exception in queue:
        kind = type(exception)
        entry = {
            "module": kind.__module__ if isinstance(kind.__module__, str) else None,
            "qualname": kind.__qualname__,
            "message": safe(str, exception),
            "suggestion": suggestion(exception),
            "notes": notes(exception),
            "cause": reference(exception.__cause__),
            "context": reference(exception.__context__),
            "suppress": exception.__suppress_context__,
            "members": None,
            "syntax": syntax_details(exception) if isinstance(exception, SyntaxError) else None,
            "frames": frames(exception),
        }
        if isinstance(exception, BaseExceptionGroup):
            entry["members"] = [reference(member) for member in exception.exceptions]
        defaults = {"module": "builtins", "suppress": False, "frames": []}
        exceptions.append({key: value for key, value in entry.items() if value != defaults.get(key)})
    return exceptions


def run(source, with_unraisable):
    with open(FILENAME, "w", encoding="utf-8", newline="") as file:
        file.write(source)
    linecache.clearcache()
    limit = None
    if source.startswith("# limit:"):
        limit = sys.tracebacklimit = int(source.split("\n")[0].partition(":")[2])
    recursion_limit = sys.getrecursionlimit()
    try:
        exec(compile(source, FILENAME, "exec", dont_inherit=True), {"__name__": "__main__"})
    except BaseException as exception:
        sys.setrecursionlimit(recursion_limit)
        exception.__traceback__ = exception.__traceback__.tb_next
        linecache.clearcache()
        unraisable = shown_as_unraisable(exception) if with_unraisable else None
        return [report(exception), shown(exception), limit, unraisable]
    finally:
        sys.setrecursionlimit(recursion_limit)
        if limit is not None:
            del sys.tracebacklimit
    return None


def answer():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import cases

    warnings.simplefilter("ignore")
    programs = list(json.load(sys.stdin)) if "--stdin" in sys.argv else list(cases.cases())
    answers = []
    stdout, sys.stdout = sys.stdout, io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for index, (name, source) in enumerate(programs):
            answers.append([name, source, run(source, index % 5 == 0)])
        os.chdir("/")
    json.dump(answers, stdout)


def main():
    merged = {}
    for python in sys.argv[1:]:
        minor = int(subprocess.run([python, "-c", "import sys; print(sys.version_info.minor)"], stdout=subprocess.PIPE, check=True).stdout)
        environment = os.environ | {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        environment.pop("PYTHONPATH", None)
        found = subprocess.run([python, os.path.abspath(__file__), "--answer"], stdout=subprocess.PIPE, check=True, env=environment).stdout
        for name, source, result in json.loads(found):
            case = merged.setdefault(name, {"name": name, "source": source, "results": []})
            for known in case["results"]:
                if known[1:] == result:
                    known[0].append(minor)
                    break
            else:
                if result is not None:
                    case["results"].append([[minor], *result])
    for case in merged.values():
        print(json.dumps(case, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    if "--answer" in sys.argv:
        answer()
    else:
        main()
