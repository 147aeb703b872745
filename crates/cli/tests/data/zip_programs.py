"""Makes program.zip of the compiled files of zipped/, one stored, the others deflated. Run by CPython 3.13 in this folder."""

import importlib._bootstrap_external as external
import os
import zipfile

names = ["__main__", "helper", "pack/__init__", "pack/inner", "pack/other"]
with zipfile.ZipFile("program.zip", "w") as archive:
    for name in names:
        with open(os.path.join("zipped", name + ".py"), "rb") as source:
            code = compile(source.read(), name + ".py", "exec")
        info = zipfile.ZipInfo(name + ".pyc", (2026, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_STORED if name == "helper" else zipfile.ZIP_DEFLATED
        archive.writestr(info, external._code_to_hash_pyc(code, bytes(8), False))
