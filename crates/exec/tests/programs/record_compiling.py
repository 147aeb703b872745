"""Writes compiling.json: what the CPython that runs this says of the sources of compiling.py."""

import contextlib
import io
import json
import marshal
import os

folder = os.path.dirname(os.path.abspath(__file__))
with contextlib.redirect_stdout(io.StringIO()):
    space = {"__name__": "compiling"}
    exec(open(os.path.join(folder, "compiling.py"), encoding="utf-8").read(), space)
answers = []
for text, filename, mode, flags in space["SOURCES"]:
    try:
        code = compile(text, filename, mode, flags, True, 0)
        result = {"code": marshal.dumps(code).hex()}
    except SyntaxError as error:
        message, place = error.args
        result = {"class": type(error).__name__, "message": message, "place": place}
    answers.append({"text": text, "filename": filename, "mode": mode, "flags": flags, **result})
with open(os.path.join(folder, "compiling.json"), "w", encoding="utf-8") as out:
    json.dump(answers, out, indent=1)
    out.write("\n")
