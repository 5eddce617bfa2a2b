//! Who may do what, as far as it is imitated.

use serde_json::{Value, json};

use super::{Cloud, JOBS, plain};

#[test]
fn a_policy_is_replaced_by_who_has_read_it() {
    let cloud = Cloud::with_job(plain());
    let [get, set] = ["getIamPolicy", "setIamPolicy"].map(|verb| format!("{JOBS}/render:{verb}"));
    assert_eq!(cloud.get(&get), json!({ "etag": "ACAB" }));
    let bindings = json!([{ "role": "roles/run.invoker", "members": ["user:a@example.com"] }]);
    let policy = json!({ "policy": { "etag": "ACAB", "bindings": bindings } });
    let now = cloud.good_now("POST", &set, &policy);
    assert_eq!((&now["bindings"], &now["version"]), (&bindings, &json!(1)));
    assert_eq!(cloud.get(&get), now);
    let (status, problem) = cloud.call("POST", &set, &policy);
    assert_eq!(
        (status, &problem["error"]["status"]),
        (409, &json!("ABORTED")),
        "the etag is an old one"
    );
    cloud.good_now("POST", &set, &json!({ "policy": {} }));
    assert!(cloud.get(&get).get("bindings").is_none());
    assert_eq!(
        cloud
            .call("GET", &format!("{JOBS}/none:getIamPolicy"), &Value::Null)
            .0,
        404
    );
}

#[test]
fn who_asks_for_permissions_has_them() {
    let cloud = Cloud::new();
    let test = format!("{JOBS}/render:testIamPermissions");
    let asked = json!({ "permissions": ["run.jobs.run", "run.jobs.get"] });
    assert_eq!(cloud.good_now("POST", &test, &asked), asked);
    assert_eq!(cloud.good_now("POST", &test, &Value::Null), json!({}));
    let (status, _) = cloud.call("POST", &test, &json!({ "permissions": ["run.*"] }));
    assert_eq!(status, 400);
}
