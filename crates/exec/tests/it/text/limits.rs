//! Results that are refused before they are allocated.

use pyco_exec::text::{Align, StrBuf, StrView, TooLarge, Translated, bytes, hex};

const HUGE: isize = isize::MAX;
const LIMIT: usize = 1 << 20;

#[test]
fn what_would_be_too_large_is_refused_with_its_size() {
    let text = StrView::ascii("ab\t");
    let wide = StrBuf::from("€€");
    let size = |result: Result<StrBuf, TooLarge>| {
        result.map_err(|error| error.bytes).expect_err("refused")
    };
    let some =
        |result: Result<Option<StrBuf>, TooLarge>| size(result.map(Option::unwrap_or_default));
    let huge = HUGE as u128;
    assert_eq!(size(text.repeat(HUGE, LIMIT)), 3 * huge);
    assert_eq!(size(wide.view().repeat(HUGE, LIMIT)), 4 * huge);
    assert_eq!(some(text.pad(HUGE, Align::Center, 0x20AC, LIMIT)), 2 * huge);
    assert_eq!(some(text.zfill(HUGE, LIMIT)), huge);
    assert_eq!(some(text.expand_tabs(HUGE, LIMIT)), huge);
    assert_eq!(size(text.concat(wide.view(), 9)), 10);
    let long = text.repeat(100_000, LIMIT).expect("within the limit");
    assert_eq!(
        some(text.replace(StrView::EMPTY, long.view(), -1, LIMIT)),
        4 * 300_000 + 3
    );
    assert_eq!(
        size(long.view().join(std::iter::repeat_n(text, 5), LIMIT)),
        4 * 300_000 + 15
    );
    assert_eq!(
        bytes::repeat(b"ab", HUGE, LIMIT),
        Err(TooLarge { bytes: 2 * huge })
    );
    assert_eq!(hex(b"abc", Some(b':'), 1, 7), Err(TooLarge { bytes: 8 }));
}

#[test]
fn translate_stops_where_its_result_gets_too_large() {
    let long = StrView::ascii("x")
        .repeat(400_000, LIMIT)
        .expect("within the limit");
    let mut asked = 0;
    let result =
        StrView::ascii("aaaaaaaaaa").translate(LIMIT, |_| -> Result<Translated, TooLarge> {
            asked += 1;
            Ok(Translated::Text(long.clone()))
        });
    assert!(result.is_err());
    // Once more for the first, as CPython does.
    assert_eq!(asked, 4);
}

#[test]
fn the_limit_itself_is_allowed() {
    assert_eq!(
        StrView::ascii("ab").repeat(5, 10).map(|text| text.len()),
        Ok(10)
    );
    assert_eq!(
        StrBuf::from("€")
            .view()
            .repeat(5, 10)
            .map(|text| text.len()),
        Ok(5)
    );
    assert!(StrBuf::from("€").view().repeat(6, 10).is_err());
}
