//! Requests for tokens and their answers.
//!
//! A request is the byte 3 and the marshalled `(lines, encoding or None, whether extra tokens are told, whether the lines are cut)`;
//! the answer is `("tokens", tokens, lines, exception or None, warnings)`: a token is `(type, text, line, column, end line, end
//! column, which of the lines)`, a warning comes with the number of tokens before it.

use pyco_exec::compiler::{Token, TokenSource, Tokens};
use pyco_marshal::Value;

use super::protocol::{number, refusal, text, tuple, warning};
use super::tree::marshalled;

/// The bytes of a request, without their length.
pub(super) fn encode_request(source: &TokenSource<'_>) -> Vec<u8> {
    let lines = source.lines.iter();
    let lines = lines.map(|line| Value::Bytes(line.as_slice().into()));
    let encoding = match source.encoding {
        Some(encoding) => Value::Str(encoding.into()),
        None => Value::None,
    };
    let parts = [
        Value::Tuple(lines.collect()),
        encoding,
        Value::Bool(source.extra_tokens),
        Value::Bool(source.is_cut),
    ];
    let mut request = vec![3];
    request.extend(marshalled(&Value::Tuple(parts.into_iter().collect())));
    request
}

/// Reads an answer.
pub(super) fn decode_answer(message: &[u8]) -> Result<Tokens, String> {
    let wrong = |what: &str| format!("the compiler's answer is not understood: {what}");
    let items = tuple(message).map_err(|error| wrong(&error))?;
    let tokens = tokens(&items).ok_or_else(|| wrong("no tokens"))?;
    let is_known = |token: &Token| token.line < tokens.lines.len();
    match tokens.tokens.iter().all(is_known) {
        true => Ok(tokens),
        false => Err(wrong("a token without a line")),
    }
}

fn tokens(items: &[Value]) -> Option<Tokens> {
    let [
        kind,
        Value::Tuple(tokens),
        Value::Tuple(lines),
        error,
        Value::Tuple(warnings),
    ] = items
    else {
        return None;
    };
    if kind.as_str() != Some("tokens") {
        return None;
    }
    let error = match error {
        Value::None => None,
        Value::Tuple(parts) => Some(refusal(parts)?),
        _ => return None,
    };
    let warned = |value: &Value| {
        let Value::Tuple(parts) = value else {
            return None;
        };
        let [before, told] = &parts[..] else {
            return None;
        };
        Some((usize::try_from(number(before)?).ok()?, warning(told)?))
    };
    Some(Tokens {
        tokens: tokens.iter().map(token).collect::<Option<_>>()?,
        lines: lines.iter().map(text).collect::<Option<_>>()?,
        error,
        warnings: warnings.iter().map(warned).collect::<Option<_>>()?,
    })
}

fn token(value: &Value) -> Option<Token> {
    let Value::Tuple(parts) = value else {
        return None;
    };
    let [kind, own, line, column, end_line, end_column, shown] = &parts[..] else {
        return None;
    };
    Some(Token {
        kind: number(kind)?,
        text: text(own)?,
        start: (number(line)?, number(column)?),
        end: (number(end_line)?, number(end_column)?),
        line: usize::try_from(number(shown)?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use pyco_marshal::{Int, Items};

    use super::*;

    fn all(items: &[Value]) -> Value {
        Value::Tuple(items.iter().cloned().collect::<Items>())
    }

    fn int(number: i64) -> Value {
        Value::Int(Int::from(number))
    }

    fn answer(parts: &[Value]) -> Result<Tokens, String> {
        decode_answer(&marshalled(&all(parts)))
    }

    fn one_token(line: i64) -> Value {
        let x = Value::Str("x".into());
        all(&[all(&[int(1), x, int(1), int(0), int(1), int(1), int(line)])])
    }

    #[test]
    fn tokens_errors_and_warnings_arrive() {
        let str = |text: &str| Value::Str(text.into());
        let error = all(&[str("SyntaxError"), all(&[str("no")]), all(&[])]);
        let warning = all(&[int(1), all(&[str("SyntaxWarning"), str("odd"), int(1)])]);
        let lines = all(&[str("x\n")]);
        let found = answer(&[str("tokens"), one_token(0), lines, error, all(&[warning])]);
        let found = found.expect("an answer");
        let expected = Token {
            kind: 1,
            text: "x".to_owned(),
            start: (1, 0),
            end: (1, 1),
            line: 0,
        };
        assert_eq!(found.tokens, [expected]);
        assert_eq!(found.lines, ["x\n"]);
        assert_eq!(found.error.expect("an error").class, "SyntaxError");
        assert_eq!(found.warnings[0].0, 1);
        assert_eq!(found.warnings[0].1.message, "odd");
    }

    #[test]
    fn answers_of_another_form_are_refused() {
        let tokens = Value::Str("tokens".into());
        let none = all(&[]);
        let wrong = [
            vec![],
            vec![none.clone(); 5],
            vec![
                tokens.clone(),
                all(&[int(1)]),
                none.clone(),
                Value::None,
                none.clone(),
            ],
            vec![
                tokens.clone(),
                none.clone(),
                none.clone(),
                none.clone(),
                none.clone(),
            ],
            vec![
                tokens.clone(),
                one_token(0),
                none.clone(),
                Value::None,
                none.clone(),
            ],
            vec![tokens, one_token(-1), none.clone(), Value::None, none],
        ];
        for parts in wrong {
            let error = answer(&parts).expect_err("no tokens");
            assert!(
                error.starts_with("the compiler's answer is not understood"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_request_carries_every_argument() {
        let lines = [b"x\n".to_vec()];
        let request = encode_request(&TokenSource {
            lines: &lines,
            encoding: Some("latin-1"),
            extra_tokens: true,
            is_cut: false,
        });
        assert_eq!(request[0], 3);
        let parts = [
            all(&[Value::Bytes(b"x\n".into())]),
            Value::Str("latin-1".into()),
            Value::Bool(true),
            Value::Bool(false),
        ];
        assert_eq!(
            Value::from_marshal(&request[1..]).expect("marshal"),
            all(&parts)
        );
    }
}
