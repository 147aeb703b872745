"""Runs tests of the standard library; the first argument is the folder that it must come from, or empty.

Prints `failed NAME` for each that fails, and in the last line how many ran and from where. With a folder, stops
if a module was compiled from the source that lies there.
"""
import io
import os
import sys
import unittest


def main():
    folder, names = sys.argv[1], sys.argv[2:]
    # This script's own folder holds modules named like those of the library.
    sys.path[0:1] = []
    compiled = []

    def hook(event, args):
        if event == "compile" and isinstance(args[1], str) and args[1].startswith(folder):
            compiled.append(args[1])

    if folder:
        sys.addaudithook(hook)
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    for test, _ in result.failures + result.errors:
        # A test may have left a line begun.
        print("\nfailed", test.id())
    library = os.path.dirname(os.__file__)
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    files = [file for file in files if file and file.endswith((".py", ".pyc")) and file != __file__]
    # The import system takes this one from where it lies before it has a path to look in.
    elsewhere = [file for file in files
                 if not file.startswith(folder or library) and os.path.basename(file) != "zipimport.py"]
    if folder and elsewhere:
        sys.exit("modules from elsewhere: %s" % elsewhere[:9])
    if compiled:
        sys.exit("compiled from source: %s" % compiled[:9])
    print("%d tests, %d failures, %d errors, %d skipped, with %d modules of the library"
          % (result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(files)))


# Processes that tests start may import this file.
if __name__ == "__main__":
    main()
