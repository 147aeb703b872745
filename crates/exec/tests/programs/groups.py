def worker(i):
    if i % 3 == 0:
        raise ValueError(f"v{i}")
    if i % 3 == 1:
        raise TypeError(f"t{i}")
    raise OSError(i, f"os{i}")


def gather(n):
    errors = []
    for i in range(n):
        try:
            worker(i)
        except Exception as e:
            errors.append(e)
    raise ExceptionGroup("gathered", errors)


try:
    gather(6)
except* ValueError as eg:
    print("values", eg.exceptions, eg.message)
except* (TypeError, OSError) as eg:
    print("others", len(eg.exceptions), [type(x).__name__ for x in eg.exceptions])
else:
    print("never")
finally:
    print("finally")

nested = ExceptionGroup("outer", [ValueError(1), ExceptionGroup("inner", [KeyError("k"), ValueError(2)]), OSError(5, "io")])
print(repr(nested), str(nested))
match_, rest = nested.split(ValueError)
print(repr(match_), repr(rest))
print(nested.subgroup(lambda e: isinstance(e, KeyError)), nested.subgroup(MemoryError), nested.derive([EOFError()]))
try:
    try:
        raise nested
    except* KeyError as e:
        raise RuntimeError("replaced") from e
except ExceptionGroup as e:
    print(e, [repr(x) for x in e.exceptions])
try:
    try:
        raise ValueError("naked")
    except* ValueError as e:
        print(repr(e))
        raise
except ExceptionGroup as e:
    print("re", repr(e))
for bad in [lambda: ExceptionGroup("x", []), lambda: ExceptionGroup("x", [1]), lambda: ExceptionGroup(1, [ValueError()]),
            lambda: ExceptionGroup("x", [KeyboardInterrupt()]), lambda: ExceptionGroup("x"), lambda: ExceptionGroup("x", 5)]:
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
print(type(BaseExceptionGroup("b", [ValueError()])), type(BaseExceptionGroup("b", [KeyboardInterrupt()])))


class MyGroup(ExceptionGroup):
    def __new__(cls, msg, excs, code):
        obj = super().__new__(cls, msg, excs)
        obj.code = code
        return obj

    def derive(self, excs):
        return MyGroup(self.message, excs, self.code)


m = MyGroup("mine", [ValueError(1), TypeError(2)], 42)
m.add_note("a note")
a, b = m.split(TypeError)
print(type(a), a.code, b.code, a.__notes__, m.exceptions)
try:
    try:
        raise ExceptionGroup("eg", [])
    except* ExceptionGroup:
        pass
except Exception as e:
    print(type(e).__name__, e)
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as e:
    print(e)
