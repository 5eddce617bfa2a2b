#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use proptest::prelude::*;

#[test]
fn equal_numbers_compare_equal_in_any_form() {
    for spelling in ["7", "7.0", "0.7e1", "70e-1", "+7", "007"] {
        assert_eq!(Number::parse(spelling), Some(Number::from(7_i64)), "{spelling}");
    }
    assert_eq!(Number::parse("1.5"), Number::from_f64(1.5));
    assert_eq!(
        Number::parse("9206443873042977792"),
        Number::from_f64(9.206443873042978e18)
    );
    for (text, float) in [
        ("-9223372036854775808", -9_223_372_036_854_775_808.0),
        ("9223372036854775808", 9_223_372_036_854_775_808.0),
    ] {
        assert_eq!(Number::parse(text), Number::from_f64(float));
    }
    assert_eq!(Number::parse("-0"), Some(Number::from(0_i64)));
    assert_eq!(
        Number::parse("9223372036854775808"),
        Some(Number::from(9_223_372_036_854_775_808_u64))
    );
    assert_ne!(
        Number::parse("0.1"),
        Number::from_f64(0.1),
        "no float is exactly a tenth"
    );
}

#[test]
fn invalid_numbers_are_rejected() {
    for text in [
        "", "-", ".", "1e", "e5", "1.2.3", "0x10", "NaN", "inf", "1_000", "½",
    ] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
    assert_eq!(Number::from_f64(f64::NAN), None);
    assert_eq!(Number::from_f64(f64::INFINITY), None);
}

#[test]
fn huge_numbers_are_rejected() {
    assert_eq!(Number::parse("1e400").unwrap().to_string(), "1e+400");
    assert_eq!(Number::from_digits(278, 4).to_string(), "0.0278");
    let digits = "9".repeat(1_000_000);
    for absurd in [
        "1e1000000000",
        "1e2147483647",
        "-1e-2147483648",
        "1e99999999999999999999",
        &digits,
    ] {
        assert_eq!(Number::parse(absurd), None);
    }
}

proptest! {
    #[test]
    fn numbers_display_their_value(
        sign in "[+-]?", whole in "[0-9]{1,40}", fraction in "[0-9]{0,40}", power in -400..400,
    ) {
        let number = Number::parse(&format!("{sign}{whole}.{fraction}e{power}"));
        prop_assert_eq!(number.as_ref().and_then(|number| Number::parse(&number.to_string())), number);
    }

    #[test]
    fn any_float_is_exact(float in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let number = Number::from_f64(float).unwrap();
        prop_assert_eq!(Number::parse(&format!("{float:.1074}")), Some(number));
    }
}
