"""Prints the ranges of code points that this CPython's str.isprintable() accepts: first and last."""
import sys

first = None
for point in range(sys.maxunicode + 2):
    if point <= sys.maxunicode and chr(point).isprintable():
        if first is None:
            first = point
    elif first is not None:
        print("%x %x" % (first, point - 1))
        first = None
