//! CPython location tables: decode, look up and encode, for every format.
