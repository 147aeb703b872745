//! Native modules for pyco-exec that CPython writes in C.
