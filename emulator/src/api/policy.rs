//! IAM policies of jobs: get, set, test.

use serde_json::{Map, Value, json};

use super::Emulator;
use super::job::absent;
use crate::error::ApiError;
use crate::resource_name::JobName;
use crate::response::Response;
use crate::store::Store;

impl Emulator {
    pub(super) fn get_policy(&self, name: &JobName) -> Result<Response, ApiError> {
        current(&self.store(), name).map(Response::ok)
    }

    /// Replaces the policy, unless its etag is not the current one.
    pub(super) fn set_policy(&self, name: &JobName, body: &Map<String, Value>) -> Result<Response, ApiError> {
        let mut store = self.store();
        let current = current(&store, name)?;
        let mut policy = body.get("policy").cloned().unwrap_or_else(|| json!({}));
        if !policy["etag"].is_null() && policy["etag"] != current["etag"] {
            return Err(ApiError::new(
                409,
                "ABORTED",
                "There were concurrent policy changes. Please retry the whole read-modify-write with exponential \
                 backoff.",
            ));
        }
        policy["etag"] = json!(new_etag());
        if policy["version"].is_null() {
            policy["version"] = json!(1);
        }
        store.policies.insert(name.clone(), policy.clone());
        Ok(Response::ok(policy))
    }

    /// Whoever asks may do everything: who may not is told by the faults. Asking needs no permission, and the job
    /// need not exist.
    pub(super) fn test_permissions(body: &Map<String, Value>) -> Result<Response, ApiError> {
        let asked = body.get("permissions").and_then(Value::as_array);
        for permission in asked.into_iter().flatten() {
            let text = permission.as_str().unwrap_or_default();
            if text.split('.').filter(|part| !part.is_empty()).count() < 3 || text.contains('*') {
                return Err(ApiError::invalid_argument(format!(
                    "Permission {text} is not valid for this resource."
                )));
            }
        }
        Ok(Response::ok(match asked {
            Some(asked) => json!({ "permissions": asked }),
            None => json!({}),
        }))
    }
}

fn current(store: &Store, name: &JobName) -> Result<Value, ApiError> {
    if !store.jobs.contains_key(name) {
        return Err(absent(name));
    }
    let policy = store.policies.get(name).cloned();
    Ok(policy.unwrap_or_else(|| json!({ "etag": NEVER_SET })))
}

/// Bytes in base64, of which a client may only ask whether they are the same.
fn new_etag() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(&uuid::Uuid::new_v4().as_bytes()[..9])
}

/// The etag that Google's services give to a policy that nobody has set.
const NEVER_SET: &str = "ACAB";
