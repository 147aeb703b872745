//! Traceback text, carets included, and name suggestions, as pure functions.
