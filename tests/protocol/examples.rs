//! The examples that no Terraform of these tests can run, since they are for a newer one: read as text, and played.

use std::{fs, path::Path};

use hcl_edit::{
    expr::Expression,
    structure::{Block, Body},
};
use serde_json::{Value, json};

use crate::{
    core::{Action, Query, Workspace},
    harness::{Emulator, PROJECT, REGION, TOKEN},
    terraform::{JOB, Terraform, attributes},
    version::V1_15_9,
};

const NAME: &str = "video-processor";

fn example(path: &str) -> Body {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path);
    let text = fs::read_to_string(&path).unwrap();
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value of an expression in which nothing is computed.
fn value(expression: &Expression) -> Value {
    match expression {
        Expression::Bool(bool) => (**bool).into(),
        Expression::Number(number) => json!(number.as_i64().unwrap()),
        Expression::String(text) => text.as_str().into(),
        Expression::Variable(name) => name.as_str().into(),
        Expression::Array(items) => items.iter().map(value).collect(),
        Expression::Object(members) => {
            let members = members.iter().map(|(key, member)| {
                let name = key.as_ident().map(|name| name.as_str().to_owned());
                (name.unwrap(), value(member.expr()))
            });
            Value::Object(members.collect())
        }
        Expression::Traversal(_) => Value::Null,
        other => panic!("no values of {other:?} in these tests"),
    }
}

/// The arguments of a body.
fn arguments(body: &Body) -> Value {
    let arguments = body.attributes();
    Value::Object(
        arguments
            .map(|argument| (argument.key.as_str().to_owned(), value(&argument.value)))
            .collect(),
    )
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A workspace whose provider knows the project, and a job that the examples speak of.
fn workspace(emulator: &Emulator) -> Workspace {
    let job = json!({
        "labels": { "team": "media" },
        "launchStage": "ALPHA",
        "template": { "template": {
            "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
            "gpuZonalRedundancyDisabled": true,
            "containers": [{
                "image": "us-docker.pkg.dev/acme-batch/media/video-processor:1.4",
                "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
            }],
        } },
    });
    emulator.create_job(NAME, &job);
    let provider = json!({
        "project": PROJECT,
        "region": REGION,
        "access_token": TOKEN,
        "cloud_run_endpoint": emulator.endpoint(),
    });
    Workspace::new(V1_15_9, provider)
}

#[tokio::test]
async fn the_example_of_an_import_by_identity_takes_the_job_over() {
    let body = example("resources/facets_gpu_cloudrun_job/import-by-identity.tf");
    let [import] = body.get_blocks("import").collect::<Vec<_>>()[..] else {
        panic!("one block")
    };
    let import = arguments(&import.body);
    assert_eq!(names(&import), ["identity", "to"]);
    let identity = import["identity"].clone();

    let mut terraform = Terraform::start(V1_15_9).await;
    terraform.schemas().await;
    let known: Vec<_> = terraform
        .identity
        .iter()
        .map(|attribute| &attribute.name)
        .collect();
    assert!(
        names(&identity)
            .iter()
            .all(|name| known.iter().any(|known| known == name))
    );
    terraform.end().await;

    let emulator = Emulator::start();
    let mut workspace = workspace(&emulator);
    let config = json!({
        "name": NAME, "labels": { "team": "media" },
        "container": { "image": "us-docker.pkg.dev/acme-batch/media/video-processor:1.4" },
    });
    let plan = workspace.plan_import(identity.clone(), &config).await.unwrap();
    assert_eq!(plan.identity, Some(identity));
    assert_ne!(plan.action, Action::Replace);
    assert_eq!(plan.after["uid"], emulator.job(NAME).unwrap()["uid"]);
}

/// The query of a `list` block, which has only what core and the schema know.
fn query(block: &Block, known: &[String]) -> Query {
    let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
    assert_eq!((labels[0], labels.len()), (JOB, 2));
    let of_core = arguments(&block.body);
    let expected = ["include_resource", "limit", "provider"];
    assert!(
        names(&of_core).iter().all(|name| expected.contains(name)),
        "{of_core}"
    );
    assert_eq!(of_core["provider"], "facets");
    let inner: Vec<_> = block.body.blocks().collect();
    assert!(inner.iter().all(|inner| inner.ident.as_str() == "config") && inner.len() <= 1);
    let config = inner
        .first()
        .map_or_else(|| json!({}), |config| arguments(&config.body));
    for name in names(&config) {
        assert!(known.iter().any(|known| known == name), "{name}");
    }
    Query {
        limit: of_core["limit"].as_i64().unwrap_or(100),
        include_resource: of_core["include_resource"] == true,
        config,
    }
}

#[tokio::test]
async fn each_query_of_the_example_finds_the_job() {
    let mut terraform = Terraform::start(V1_15_9).await;
    let schemas = terraform.schemas().await;
    let known = attributes(&schemas.list_resource_schemas[JOB]);
    let known: Vec<_> = known.iter().map(|attribute| attribute.name.clone()).collect();
    terraform.end().await;

    let emulator = Emulator::start();
    let mut workspace = workspace(&emulator);
    let body = example("list-resources/facets_gpu_cloudrun_job/list-resource.tfquery.hcl");
    let mut used = Vec::new();
    let blocks: Vec<_> = body.get_blocks("list").collect();
    assert_eq!((blocks.len(), body.len()), (2, 2), "there is nothing else in it");
    for block in blocks {
        let query = query(block, &known);
        let (found, told) = workspace.query(&query).await.unwrap();
        let identity = json!({ "project": PROJECT, "location": REGION, "name": NAME });
        assert_eq!((found.len(), &found[0].identity), (1, &identity), "{told:?}");
        used.extend(names(&query.config).into_iter().map(str::to_owned));
    }
    assert!(
        known.iter().all(|known| used.contains(known)),
        "the example shows {used:?} of {known:?}"
    );
}
