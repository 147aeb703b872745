//! CPython code objects: inspect, disassemble, verify, edit, assemble and quicken.
