//! What kind of expression a text is; the answers are those of `ast.parse`.

use super::*;

fn kind(text: &str) -> Option<Kind> {
    parse_expression(text, Version::V3_14).map(|node| node.kind)
}

#[test]
fn hostile_nesting_is_refused_without_deep_recursion() {
    for opening in [
        "(",
        "[",
        "{",
        "f(",
        "x[",
        "-",
        "not ",
        "lambda: ",
        "1 if 2 else ",
        "x ** ",
        "f'{",
        "*",
        "await ",
        "x := ",
        "(",
    ] {
        for count in [10_usize, 100, 1_000, 100_000] {
            let text = opening.repeat(count);
            assert_eq!(kind(&text), None, "{opening} times {count}");
        }
    }
}

#[test]
fn operators_brackets_and_calls_are_told_apart() {
    let is_operation = |text: &str| matches!(kind(text), Some(Kind::BinOp { .. }));
    let is_subscript = |text: &str| matches!(kind(text), Some(Kind::Subscript { .. }));
    let is_call = |text: &str| matches!(kind(text), Some(Kind::Call { .. }));
    for text in [
        "a + b",
        "(a) + b",
        "-a * b",
        "a ** -b",
        "f'{a + b}' % c",
        "(a + b)",
        "1if a else b or c",
    ] {
        assert_eq!(is_operation(text), text != "1if a else b or c", "{text}");
    }
    for text in [
        "a[b]",
        "a.b()[1:2, ::3]",
        "a[*b]",
        "a[*lambda: b]",
        "(a)[b := 1]",
        "'['[0]",
    ] {
        assert!(is_subscript(text), "{text}");
    }
    for text in [
        "a()",
        "a[0](b, *c, d=e, **f)",
        "f(x for x in y)",
        "(f)(lambda a, /, *, b=1: b)",
    ] {
        assert!(is_call(text), "{text}");
    }
    for text in [
        "a < b",
        "not a",
        "a and b",
        "a, b",
        "await f()",
        "-a",
        "lambda: a + b",
        "x",
        "1_0.5e-3j",
    ] {
        assert!(kind(text).is_some(), "{text}");
        assert!(
            !is_operation(text) && !is_subscript(text) && !is_call(text),
            "{text}"
        );
    }
    for text in [
        "",
        "a b",
        "a +",
        "f(a=1, b)",
        "f(x for x in y, 1)",
        "a; b",
        "a = b",
        "*a",
        "07",
        "0_",
        "1__0",
        "'a",
        "b'é'",
        "a[]",
        "{a: b, c}",
        "'\\x1'",
    ] {
        assert_eq!(kind(text), None, "{text}");
    }
}
