//! CPython's marshal format and the .pyc header, lossless and safe on hostile bytes.
