//! Identities that are none, whichever call brings them: an import is refused, and every other call is answered by what
//! the state says.

use facets_gpu::wire::proto::tfplugin6::{
    DynamicValue, ResourceIdentityData, apply_resource_change, plan_resource_change, read_resource,
};

use super::{improper, job, provider};
use crate::{
    codec,
    harness::Emulator,
    terraform::{JOB, Terraform, attributes, errors},
    version::V1_16_0,
};

/// Bytes that are no identity, or a strange one; and whether an import can make something of it.
fn identities() -> Vec<(&'static str, ResourceIdentityData)> {
    let of = |msgpack: &[u8]| ResourceIdentityData {
        identity_data: Some(DynamicValue {
            msgpack: msgpack.to_vec(),
            json: Vec::new(),
        }),
    };
    let json = |json: &str| ResourceIdentityData {
        identity_data: Some(DynamicValue {
            msgpack: Vec::new(),
            json: json.into(),
        }),
    };
    vec![
        ("nothing", ResourceIdentityData::default()),
        ("no bytes", of(&[])),
        ("null", of(&[0xc0])),
        ("unknown", of(&[0xd4, 0, 0])),
        ("an empty object", of(&[0x80])),
        ("a list", of(&[0x90])),
        ("a number", of(&[7])),
        ("cut", of(&[0x83, 0xa4, b'n'])),
        ("never used", of(&[0xc1])),
        ("another attribute", of(&[0x81, 0xa2, b'?', b'?', 1])),
        (
            "a name that is a number",
            of(&[0x81, 0xa4, b'n', b'a', b'm', b'e', 7]),
        ),
        (
            "an unknown name",
            of(&[0x81, 0xa4, b'n', b'a', b'm', b'e', 0xd4, 0, 0]),
        ),
        ("no JSON", json("{")),
        ("deep JSON", json(&"[".repeat(300))),
        (
            "a huge name",
            json(&format!(
                "{{\"location\": \"l\", \"name\": \"{}\"}}",
                "n".repeat(1_000_000)
            )),
        ),
        (
            "a name of slashes",
            json(r#"{"project": "projects/p/locations/l", "location": "jobs", "name": "n"}"#),
        ),
        (
            "a name that leads elsewhere",
            json(r#"{"location": "..", "name": "../../x?y#z"}"#),
        ),
    ]
}

#[tokio::test]
async fn an_identity_that_is_none_is_refused_by_an_import_and_nobody_is_asked() {
    let emulator = Emulator::start();
    let mut terraform = Terraform::start(V1_16_0).await;
    let schemas = terraform.schemas().await;
    let mut config = provider();
    config["cloud_run_endpoint"] = emulator.endpoint().into();
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &config)
        .await;
    assert_eq!(told, []);
    for (name, identity) in identities() {
        // A huge name is one that Google has to refuse.
        if name == "a huge name" {
            continue;
        }
        let answer = terraform.import_value("", Some(identity)).await;
        assert_eq!(improper(&answer.diagnostics), [""; 0], "{name}");
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{name}");
        assert!(answer.imported_resources.is_empty(), "{name}");
        assert!(emulator.requests().is_empty(), "{name}");
    }
    terraform.end().await;
}

#[tokio::test]
async fn an_identity_beside_a_state_changes_no_answer() {
    let mut terraform = Terraform::start(V1_16_0).await;
    let schemas = terraform.schemas().await;
    let schema = &schemas.resource_schemas[JOB];
    let good = Some(codec::object(attributes(schema), &job()));
    let read = |current_identity| read_resource::Request {
        type_name: JOB.to_owned(),
        current_state: good.clone(),
        current_identity,
        ..Default::default()
    };
    let plan = |prior_identity| plan_resource_change::Request {
        prior_state: good.clone(),
        proposed_new_state: good.clone(),
        config: good.clone(),
        prior_identity,
        ..Default::default()
    };
    let apply = |planned_identity| apply_resource_change::Request {
        prior_state: good.clone(),
        planned_state: good.clone(),
        planned_identity,
        ..Default::default()
    };
    // Nobody has configured the provider, so that reading and applying come to an error of their own.
    let plain = (
        terraform
            .client
            .read_resource(read(None))
            .await
            .unwrap()
            .into_inner(),
        terraform.plan_change(plan(None)).await,
        terraform.apply_change(apply(None)).await,
    );
    assert_eq!(errors(&plain.1.diagnostics), Vec::<&_>::new());
    for new in [
        &plain.0.new_identity,
        &plain.1.planned_identity,
        &plain.2.new_identity,
    ] {
        assert!(new.is_some(), "{plain:?}");
    }
    for (name, identity) in identities() {
        let found = (
            terraform
                .client
                .read_resource(read(Some(identity.clone())))
                .await
                .unwrap()
                .into_inner(),
            terraform.plan_change(plan(Some(identity.clone()))).await,
            terraform.apply_change(apply(Some(identity))).await,
        );
        assert_eq!(found, plain, "{name}");
    }
    terraform.end().await;
}
