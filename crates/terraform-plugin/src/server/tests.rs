//! The text of every diagnostic that the server itself makes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use tonic::Request;

use super::*;
use crate::proto::tfplugin6::{self as tf, provider_server::Provider as _};
use crate::provider::{ConfigureRequest, ProviderInfo};
use crate::resource::{StateResponse, UpdateRequest};
use crate::schema::{Attribute, Schema, Type};
use crate::value::Value;

/// A resource with the defaults of the trait.
struct Thing {
    name: &'static str,
    schema: Schema,
    has_identity: bool,
}

#[async_trait::async_trait]
impl Resource<()> for Thing {
    fn type_name(&self) -> &'static str {
        self.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn identity_schema(&self) -> Option<&Schema> {
        self.has_identity.then_some(&self.schema)
    }

    async fn read(&self, _: &Context<()>, _: &Value, _: &[u8]) -> StateResponse {
        panic!("on purpose")
    }

    async fn create(&self, _: &Context<()>, _: &Value) -> StateResponse {
        panic!("on purpose")
    }

    async fn update(&self, _: &Context<()>, _: &UpdateRequest<'_>) -> StateResponse {
        panic!("on purpose")
    }

    async fn delete(&self, _: &Context<()>, _: &Value) -> StateResponse {
        panic!("on purpose")
    }
}

struct Things(Schema);

impl Provider for Things {
    type Data = ();

    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            name: "terraform-provider-example",
            version: "0.0.0",
            description: "",
            source: "example/example",
            log_crates: &[],
        }
    }

    fn schema(&self) -> &Schema {
        &self.0
    }

    fn resources(&self) -> Vec<Box<dyn Resource<()>>> {
        let thing = |name, has_identity| Thing {
            name,
            schema: self.0.clone(),
            has_identity,
        };
        vec![
            Box::new(thing("example_thing", true)),
            Box::new(thing("example_plain", false)),
        ]
    }

    fn configure(&self, _: &ConfigureRequest<'_>) -> (Option<()>, Vec<Diagnostic>) {
        (Some(()), Vec::new())
    }
}

fn server() -> Server<Things> {
    let count = Attribute::new("count", Type::Number, "");
    let things = Things(Schema::new("", vec![count]));
    Server::new(things, StopSignal::permanent(), Redactor::default())
}

/// The diagnostics of a call, as text.
macro_rules! call {
    ($server:expr, $method:ident, $module:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        #[allow(clippy::needless_update, reason = "some requests have no other field")]
        let request = tf::$module::Request { $($field $(: $value)?,)* ..Default::default() };
        let response = $server.$method(Request::new(request)).await.unwrap().into_inner();
        let shown = response.diagnostics.iter().map(|sent| format!("{}\n  {}\n", sent.summary, sent.detail));
        shown.collect::<String>()
    }};
}

#[tokio::test]
async fn messages() {
    let server = server();
    let thing = || "example_thing".to_owned();
    let plain = || "example_plain".to_owned();
    let mut all = vec![
        call!(server, read_resource, read_resource { type_name: thing() }),
        call!(
            server,
            validate_resource_config,
            validate_resource_config {
                type_name: "example_other".to_owned(),
            }
        ),
        call!(
            server,
            validate_data_resource_config,
            validate_data_resource_config { type_name: thing() }
        ),
    ];
    let _ = call!(server, configure_provider, configure_provider {});
    all.push(call!(server, read_resource, read_resource { type_name: thing() }));
    all.push(call!(
        server,
        import_resource_state,
        import_resource_state { type_name: thing() }
    ));
    all.push(call!(
        server,
        move_resource_state,
        move_resource_state {
            target_type_name: thing(),
            source_type_name: "other_thing".to_owned(),
        }
    ));
    all.push(call!(
        server,
        generate_resource_config,
        generate_resource_config { type_name: thing() }
    ));
    for (type_name, version) in [(thing(), 1), (plain(), 0)] {
        all.push(call!(
            server,
            upgrade_resource_identity,
            upgrade_resource_identity { type_name, version }
        ));
    }
    for json in [
        "{",
        "1",
        r#"{"count": "many"}"#,
        r#"{"count": 1e99999999999}"#,
        &"[".repeat(70),
    ] {
        let raw_state = Some(tf::RawState {
            json: json.into(),
            ..Default::default()
        });
        all.push(call!(
            server,
            upgrade_resource_state,
            upgrade_resource_state {
                type_name: thing(),
                raw_state,
            }
        ));
    }
    let raw_state = Some(tf::RawState {
        flatmap: [("id".to_owned(), "1".to_owned())].into(),
        ..Default::default()
    });
    all.push(call!(
        server,
        upgrade_resource_state,
        upgrade_resource_state {
            type_name: thing(),
            raw_state,
        }
    ));
    for msgpack in [
        &[0xc1][..],
        &[0xa1],
        &[0xc0, 0xc0],
        &[0x81, 1, 1],
        b"\x81\xa5other\xc0",
        b"\x81\xa5count\xcb\x7f\xf0\0\0\0\0\0\0",
        b"\xa1\xff",
    ] {
        let config = Some(tf::DynamicValue {
            msgpack: msgpack.to_vec(),
            json: Vec::new(),
        });
        all.push(call!(
            server,
            validate_resource_config,
            validate_resource_config {
                type_name: thing(),
                config,
            }
        ));
    }
    insta::assert_snapshot!(all.join("\n"));
}
