//! Strings and bytes without the object model: storage, methods and Unicode properties.
