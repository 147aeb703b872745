# Runs in an installed CPython and compiles for pyco: see protocol.rs, which says what goes over the pipe.
import marshal
import os
import sys
import warnings


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


def compiled(request):
    number = lambda start, end: int.from_bytes(request[start:end], "little", signed=True)
    is_str, mode, optimize, is_strict = request[0], request[1], request[2], request[3]
    flags, feature, name_len = number(4, 8), number(8, 12), number(12, 16)
    filename = request[16:16 + name_len].decode("utf-8", "surrogatepass")
    source = request[16 + name_len:]
    if is_str:
        source = source.decode("utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if is_strict:
            warnings.simplefilter("error", SyntaxWarning)
        try:
            code = compile(
                source,
                filename,
                ("exec", "eval", "single")[mode],
                flags,
                True,
                optimize,
                _feature_version=feature,
            )
            result = ("code", marshal.dumps(code))
        except BaseException as error:
            result = ("raised", type(error).__name__, plain(error.args), place(error))
    found = tuple((w.category.__name__, str(w.message), w.lineno) for w in caught)
    return result + (found,)


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
    send(("pyco", 2, sys.implementation.name, release, magic, sys.executable or "", tuple(sys.path)))
    while True:
        head = requests.read(4)
        if len(head) < 4:
            break
        length = int.from_bytes(head, "little")
        request = requests.read(length)
        if len(request) < length:
            break
        send(compiled(request))


main()
