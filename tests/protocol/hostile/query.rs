//! Queries that hold what belongs into no query: each is refused where it is wrong, before Google is asked.

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, DynamicValue, list_resource};
use serde_json::{Value, json};

use super::{
    blamed, improper,
    place::{Place, places},
    provider, values,
};
use crate::{
    codec::{self, raw},
    harness::Emulator,
    terraform::{JOB, Terraform, attributes, errors},
    version::V1_14_0,
};

/// A query with nothing wrong in it, and with something in every place.
fn query() -> Value {
    json!({ "project": "example-project", "locations": ["us-central1"], "labels": { "team": "render" } })
}

/// What is wrong with what was told of a query that is strange in one place.
fn misjudged(place: &Place, told: &[Diagnostic], must_be_refused: bool) -> Vec<String> {
    let mut found = improper(told);
    let all = blamed(told);
    if must_be_refused && all.is_empty() {
        found.push("no error".to_owned());
    }
    let elsewhere = all.iter().filter(|at| !place.concerns(at));
    found.extend(elsewhere.map(|at| format!("an error at {at:?}")));
    found
}

/// All events of an answer.
async fn listed(terraform: &mut Terraform, config: Option<DynamicValue>) -> Vec<list_resource::Event> {
    let mut stream = terraform.list(config, 100, true).await;
    let mut events = Vec::new();
    while let Some(event) = stream.message().await.unwrap() {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn a_query_is_judged_in_each_place_and_google_is_asked_only_when_it_is_good() {
    let emulator = Emulator::start();
    let mut terraform = Terraform::start(V1_14_0).await;
    let schemas = terraform.schemas().await;
    let mut config = provider();
    config["cloud_run_endpoint"] = emulator.endpoint().into();
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &config)
        .await;
    assert_eq!(told, []);
    let attributes = attributes(&schemas.list_resource_schemas[JOB]);
    let (mut found, mut refused, mut asked) = (Vec::new(), 0, 0);
    for place in places(attributes) {
        let unfit = values::unfit(&place).into_iter();
        let unfit = unfit.map(|(name, bytes)| (name, raw(&bytes), true));
        let fit = values::fit(place.kind).into_iter();
        let fit = fit.map(|fit| (fit.name, fit.sent, false));
        for (name, value, is_unfit) in unfit.chain(fit) {
            let config = Some(codec::object(
                attributes,
                &place.put(attributes, &query(), &value),
            ));
            let mut fault = |fault: String| found.push(format!("{place} = {name}: {fault}"));
            let told = terraform.validate_query(config.clone()).await;
            misjudged(&place, &told, is_unfit)
                .into_iter()
                .for_each(&mut fault);
            emulator.clear_requests();
            let events = listed(&mut terraform, config).await;
            let told: Vec<_> = events.iter().flat_map(|event| event.diagnostic.clone()).collect();
            let is_bad = is_unfit || !errors(&told).is_empty();
            misjudged(&place, &told, is_bad).into_iter().for_each(&mut fault);
            if is_bad != emulator.requests().is_empty() {
                fault(format!("refused: {is_bad}, and {:?}", emulator.lines()));
            }
            if is_bad { refused += 1 } else { asked += 1 }
        }
    }
    assert_eq!(found, [""; 0]);
    assert!(refused > 50 && asked > 5, "{refused} refused, {asked} asked");
    terraform.end().await;
}

#[tokio::test]
async fn bytes_that_are_no_query_are_refused() {
    let mut terraform = Terraform::start(V1_14_0).await;
    let schemas = terraform.schemas().await;
    let whole = codec::object(attributes(&schemas.list_resource_schemas[JOB]), &query()).msgpack;
    let cut = (1..whole.len()).map(|length| whole[..length].to_vec());
    let others = [vec![0xc1], vec![0x90], vec![7], vec![0x81, 0xa2, b'?', b'?', 1]];
    for msgpack in cut.chain(others) {
        let config = Some(DynamicValue {
            msgpack: msgpack.clone(),
            json: Vec::new(),
        });
        let told = terraform.validate_query(config.clone()).await;
        assert_eq!(
            (errors(&told).len(), improper(&told)),
            (1, Vec::new()),
            "{msgpack:?}"
        );
        let events = listed(&mut terraform, config).await;
        let [event] = events.as_slice() else {
            panic!("{msgpack:?}: {events:?}")
        };
        assert_eq!(event.diagnostic, told, "{msgpack:?}");
        assert!(event.identity.is_none(), "{msgpack:?}");
    }
    // Nobody has configured this provider: that is said, too, and there is no crash.
    for config in [None, Some(codec::null())] {
        assert_eq!(terraform.validate_query(config.clone()).await, []);
        let events = listed(&mut terraform, config).await;
        assert_eq!(errors(&events[0].diagnostic).len(), 1, "{events:?}");
    }
    terraform.end().await;
}
