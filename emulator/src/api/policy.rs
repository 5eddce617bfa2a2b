//! IAM policies of jobs: get, set, test.

use serde_json::{Map, Value, json};

use super::job::not_found;
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::resource_name::JobName;
use crate::response::Response;
use crate::store::Store;

impl Emulator {
    pub(super) fn get_policy(&self, name: &JobName) -> Result<Response, ApiError> {
        current(&self.store(), name).map(Response::ok)
    }

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

    /// Returns all permissions of the request: permissions are denied by faults only. Requires no permission itself, and
    /// the job need not exist.
    pub(super) fn test_permissions(body: &Map<String, Value>) -> Result<Response, ApiError> {
        let permissions = body.get("permissions").and_then(Value::as_array);
        for permission in permissions.into_iter().flatten() {
            let text = permission.as_str().unwrap_or_default();
            if text.split('.').filter(|part| !part.is_empty()).count() < 3 || text.contains('*') {
                return Err(ApiError::invalid_argument(format!(
                    "Permission {text} is not valid for this resource."
                )));
            }
        }
        Ok(Response::ok(match permissions {
            Some(permissions) => json!({ "permissions": permissions }),
            None => json!({}),
        }))
    }
}

fn current(store: &Store, name: &JobName) -> Result<Value, ApiError> {
    if !store.jobs.contains_key(name) {
        return Err(not_found(name));
    }
    let policy = store.policies.get(name).cloned();
    Ok(policy.unwrap_or_else(|| json!({ "etag": EMPTY_POLICY_ETAG })))
}

/// Random bytes in base64.
fn new_etag() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(&uuid::Uuid::new_v4().as_bytes()[..9])
}

/// The etag of Google's services for a policy that was never set.
const EMPTY_POLICY_ETAG: &str = "ACAB";
