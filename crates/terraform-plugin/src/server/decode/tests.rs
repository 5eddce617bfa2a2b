#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::schema::{Attribute, Type};
use proptest::prelude::*;

fn schema() -> Schema {
    Schema::new(
        "",
        vec![
            Attribute::new("name", Type::String, ""),
            Attribute::new("count", Type::Number, ""),
            Attribute::new("tags", Type::string_map(), ""),
        ],
    )
}

#[test]
fn messagepack_precedes_json_and_missing_is_null() {
    assert_eq!(value(&schema(), None), Ok(Value::Null));
    let sent = tf::DynamicValue {
        msgpack: vec![0xc0],
        json: b"{}".to_vec(),
    };
    assert_eq!(value(&schema(), Some(sent)), Ok(Value::Null));
    let sent = tf::DynamicValue {
        msgpack: vec![],
        json: br#"{"name": "a"}"#.to_vec(),
    };
    assert_eq!(
        value(&schema(), Some(sent)).unwrap().get("name"),
        &Value::from("a")
    );
}

#[test]
fn null_is_recognized_without_decoding() {
    let sent = |msgpack: &[u8], json: &[u8]| tf::DynamicValue {
        msgpack: msgpack.to_vec(),
        json: json.to_vec(),
    };
    for null in [sent(&[], &[]), sent(&[0xc0], &[]), sent(&[], b" null ")] {
        assert!(is_null(Some(&null)), "{null:?}");
        assert_eq!(value(&schema(), Some(null)), Ok(Value::Null));
    }
    assert!(is_null(None));
    for other in [
        sent(&[0x80], &[]),
        sent(&[], b"{}"),
        sent(&[0x80], b"null"),
        sent(&[0xc1], &[]),
    ] {
        assert!(!is_null(Some(&other)), "{other:?}");
    }
}

#[test]
fn state_may_lack_attributes_and_have_others() {
    let stored = tf::RawState {
        json: br#"{"name": "a", "color": 1}"#.to_vec(),
        ..Default::default()
    };
    let state = state(&schema(), Some(stored)).unwrap();
    assert_eq!(
        (state.get("name"), state.get("color")),
        (&Value::from("a"), &Value::Null)
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
        let _ = value(&schema(), Some(tf::DynamicValue { msgpack: bytes.clone(), json: vec![] }));
        let _ = value(&schema(), Some(tf::DynamicValue { msgpack: vec![], json: bytes.clone() }));
        let _ = state(&schema(), Some(tf::RawState { json: bytes, ..Default::default() }));
    }
}
