//! Bytes as a stored state, of this resource or of one that is moved here: read, upgraded, and planned from.

#![no_main]

use facets_gpu_fuzz::{job, provider::Provider};
use libfuzzer_sys::fuzz_target;
use terraform_plugin::value::{from_json, from_msgpack, to_msgpack};

thread_local! {
    static PROVIDER: Provider = Provider::default();
}

fuzz_target!(|data: &[u8]| {
    // Another reader of JSON agrees on what it is, where no number and no depth is too much for either.
    let json = serde_json::from_slice::<serde_json::Value>(data);
    match (from_json(data), json) {
        (Ok(value), _) => assert!(value.is_wholly_known()),
        (Err(error), Ok(_)) => {
            let told = error.to_string();
            assert!(
                told.contains("nested more than") || told.contains("out of range"),
                "{told}"
            );
        }
        (Err(_), Err(_)) => {}
    }
    PROVIDER.with(|provider| {
        if let Some(state) = provider.moved(data) {
            let value = job::conformed(from_msgpack(&state).expect("a value"));
            assert!(value.is_wholly_known(), "a state has nothing unknown");
            provider.plan(&state, &to_msgpack(&job::good()));
            provider.plan(&state, &state);
        }
        let Some(state) = provider.upgrade(data) else {
            return;
        };
        let value = job::conformed(from_msgpack(&state).expect("a value"));
        assert_eq!(to_msgpack(&value), state, "a state is sent as it is read");
        assert!(value.is_wholly_known(), "a state has nothing unknown");
        provider.plan(&state, &to_msgpack(&job::good()));
        provider.plan(&state, &[0xc0]);
        provider.plan(&state, &state);
    });
});
