//! The private state of an execution: what decides later plans and is not in an attribute.

use serde::{Deserialize, Serialize};

/// The private state, as JSON in the state file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateState {
    /// The apply that started the execution stopped waiting before its end: no apply has reported the outcome.
    #[serde(skip_serializing_if = "is_false")]
    pub interrupted: bool,
    /// Why an interrupted execution failed, as a refresh found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// It was imported, and no apply has stored its configuration yet.
    #[serde(skip_serializing_if = "is_false")]
    pub imported: bool,
}

impl PrivateState {
    /// Decodes the private state; unreadable bytes are an empty one, as of an older version of the provider.
    pub fn read(bytes: &[u8]) -> PrivateState {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Encodes the private state; an empty one has no bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        if *self == PrivateState::default() {
            return Vec::new();
        }
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_state_survives_other_versions() {
        let marks = [
            PrivateState::default(),
            PrivateState {
                imported: true,
                ..PrivateState::default()
            },
            PrivateState {
                interrupted: true,
                failure: Some("NON_ZERO_EXIT_CODE".to_owned()),
                imported: false,
            },
        ];
        for private in marks {
            assert_eq!(PrivateState::read(&private.to_bytes()), private);
        }
        assert_eq!(PrivateState::default().to_bytes(), b"");
        for other in [&b""[..], b"\xff", b"[]", br#"{"interrupted": 7}"#] {
            assert_eq!(PrivateState::read(other), PrivateState::default());
        }
        let newer = br#"{"imported": true, "added": [1]}"#;
        assert!(PrivateState::read(newer).imported);
    }
}
