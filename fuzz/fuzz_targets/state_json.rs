//! Bytes as a stored state of this resource or of a moved one: decoded, upgraded and used as prior state of a plan.

#![no_main]

use facets_gpu_fuzz::{job, provider::Provider};
use libfuzzer_sys::fuzz_target;
use terraform_plugin::value::{from_json, from_msgpack, to_msgpack};

thread_local! {
    static PROVIDER: Provider = Provider::default();
}

fuzz_target!(|data: &[u8]| {
    // `serde_json` accepts the same JSON, except for our limits on numbers and nesting.
    let json = serde_json::from_slice::<serde_json::Value>(data);
    match (from_json(data), json) {
        (Ok(value), _) => assert!(value.is_wholly_known()),
        (Err(error), Ok(_)) => {
            let message = error.to_string();
            assert!(
                message.contains("nested more than") || message.contains("out of range"),
                "{message}"
            );
        }
        (Err(_), Err(_)) => {}
    }
    PROVIDER.with(|provider| {
        if let Some(state) = provider.move_state(data) {
            let value = job::coerced(from_msgpack(&state).expect("a value"));
            assert!(value.is_wholly_known(), "a state has no unknown values");
            provider.plan(&state, &to_msgpack(&job::valid()));
            provider.plan(&state, &state);
        }
        let Some(state) = provider.upgrade(data) else {
            return;
        };
        let value = job::coerced(from_msgpack(&state).expect("a value"));
        assert_eq!(
            to_msgpack(&value),
            state,
            "a decoded state encodes to the same bytes"
        );
        assert!(value.is_wholly_known(), "a state has no unknown values");
        provider.plan(&state, &to_msgpack(&job::valid()));
        provider.plan(&state, &[0xc0]);
        provider.plan(&state, &state);
    });
});
