//! Numbers without the object model: big ints, floats, complex, and the format mini-language.
