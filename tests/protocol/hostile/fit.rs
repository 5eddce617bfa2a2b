//! A value of the right kind that is absent, unknown, empty or huge: either an error about its place, or a plan that
//! obeys the rules of Terraform's core, and can be applied.

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, Schema, plan_resource_change, schema::Attribute};
use serde_json::{Value, json};

use super::{
    blamed, improper, job, job_with,
    place::{Place, places},
    provider,
    values::{self, Fit},
};
use crate::{
    codec::{self, UNKNOWN},
    core::{Action, Walk, incompatible, invalid_plan, proposed, replacing, typed, unknowns, whole},
    harness::Emulator,
    terraform::{JOB, Terraform, attributes, errors},
    version::V1_11_4,
};

/// What is wrong with what was told about a configuration that is unusual in one place.
fn misjudged(place: &Place, told: &[Diagnostic]) -> Vec<String> {
    let mut found = improper(told);
    let all = blamed(told).into_iter();
    let elsewhere: Vec<_> = all.filter(|at| !place.concerns(at)).collect();
    if let Some(at) = elsewhere.first() {
        found.push(format!("{} errors elsewhere, such as at {at:?}", elsewhere.len()));
    }
    found
}

/// A provider that is asked about one unusual job after the other.
struct Matrix<'t> {
    terraform: &'t mut Terraform,
    schema: &'t Schema,
    found: Vec<String>,
    planned: usize,
    refused: usize,
}

impl Matrix<'_> {
    /// Validates and plans a job with this value in this place. What is planned is given when there was no error.
    async fn try_one(&mut self, place: &Place, fit: &Fit, prior: &Value) -> Option<Value> {
        let attributes = attributes(self.schema);
        let sent = place.put(attributes, &job_with(place), &fit.sent);
        let meant = fit.meant.as_ref();
        let meant = meant.map(|meant| whole(attributes, &place.put(attributes, &job_with(place), meant)));
        let told = self.terraform.validate(self.schema, &sent).await;
        let mut faults = misjudged(place, &told);
        let is_good = errors(&told).is_empty();
        let answer = self.ask(prior, &sent, meant.as_ref()).await;
        // Terraform plans nothing that is refused already; what is said then need not make sense.
        faults.extend(match is_good {
            true => misjudged(place, &answer.diagnostics),
            false => improper(&answer.diagnostics),
        });
        let is_good = is_good && errors(&answer.diagnostics).is_empty();
        let planned = meant.filter(|_| is_good).and_then(|meant| {
            let judged = judged(attributes, prior, &meant, &answer);
            judged.map_err(|broken| faults.extend(broken)).ok()
        });
        let what = if prior.is_null() { "a new job" } else { "a job" };
        let faults = faults
            .iter()
            .map(|fault| format!("{what} with {place} = {}: {fault}", fit.name));
        self.found.extend(faults);
        match planned {
            Some(_) => self.planned += 1,
            None => self.refused += 1,
        }
        planned
    }

    /// Plans a configuration that is sent in one form and meant in another. What these tests cannot tell is proposed as
    /// null; a provider goes by the configuration.
    async fn ask(
        &mut self,
        prior: &Value,
        sent: &Value,
        meant: Option<&Value>,
    ) -> plan_resource_change::Response {
        let attributes = attributes(self.schema);
        let nothing = whole(attributes, &json!({}));
        let proposal = proposed(attributes, prior, meant.unwrap_or(&nothing));
        let request = plan_resource_change::Request {
            prior_state: Some(codec::object(attributes, prior)),
            proposed_new_state: Some(codec::object(attributes, &proposal)),
            config: Some(codec::object(attributes, sent)),
            ..Default::default()
        };
        self.terraform.plan_change(request).await
    }
}

/// What an answer plans, if that breaks none of core's rules.
fn judged(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    answer: &plan_resource_change::Response,
) -> Result<Value, Vec<String>> {
    let planned = typed(attributes, answer.planned_state.as_ref().unwrap()).map_err(|fault| vec![fault])?;
    let mut broken = invalid_plan(attributes, prior, config, &planned);
    broken.extend(replacing(&answer.requires_replace, prior, &planned).err());
    if broken.is_empty() {
        Ok(planned)
    } else {
        Err(broken)
    }
}

/// A state as an apply could have left it: what is unknown in a plan has become something.
fn applied(attributes: &[Attribute], planned: &Value) -> Value {
    let mut state = planned.clone();
    for attribute in attributes {
        let member = &mut state[&attribute.name];
        if *member == UNKNOWN {
            *member = match attribute.r#type.as_slice() {
                _ if attribute.nested_type.is_some() => json!({}),
                b"\"number\"" => json!(1),
                _ => json!("told"),
            };
        }
    }
    assert_eq!(unknowns(&state), [""; 0]);
    state
}

#[tokio::test]
async fn whatever_is_in_one_place_is_either_an_error_there_or_planned_by_the_rules() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let schema = &schemas.resource_schemas[JOB];
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider())
        .await;
    assert_eq!(told, []);
    let good = terraform.plan(schema, &Value::Null, &job()).await;
    let state = codec::read(good.planned_state.as_ref().unwrap());
    let state = applied(attributes(schema), &state);
    let mut matrix = Matrix {
        terraform: &mut terraform,
        schema,
        found: Vec::new(),
        planned: 0,
        refused: 0,
    };
    for place in places(attributes(schema)).iter().filter(|place| !place.told) {
        let values = values::fit(place.kind);
        for prior in [&Value::Null, &state] {
            let mut unknown = None;
            for fit in &values {
                let Some(plan) = matrix.try_one(place, fit, prior).await else {
                    continue;
                };
                // What was known while the value was not is still so when it is.
                let before = unknown.as_ref().unwrap_or(&plan);
                let faults = incompatible(before, &plan);
                matrix.found.extend(
                    faults
                        .iter()
                        .map(|fault| format!("{place} = {}: {fault}", fit.name)),
                );
                if fit.name == "unknown" {
                    unknown = Some(plan);
                }
            }
        }
    }
    let Matrix {
        found,
        planned,
        refused,
        ..
    } = matrix;
    assert_eq!(found, [""; 0]);
    assert!(
        planned > 300 && refused > 100,
        "{planned} planned, {refused} refused"
    );
    terraform.end().await;
}

/// Makes an unusual job, changes it into the usual one, and deletes that. Whether there was a job.
async fn live(walk: &mut Walk<'_>, config: &Value, what: &str) -> bool {
    let Ok(change) = walk.plan(None, config, None).await else {
        return false;
    };
    let (stored, told) = walk.apply(None, &change, config).await;
    // The emulator, as Google, may refuse what the provider lets pass; then there is no job.
    assert_eq!(improper(&told), [""; 0], "{what}");
    assert_eq!(errors(&told).is_empty(), stored.is_some(), "{what}: {told:?}");
    let Some(mut stored) = stored else { return false };
    stored.value["deletion_protection"] = json!(false);
    let change = walk.plan(Some(stored.clone()), &job(), None).await.expect(what);
    if change.action == Action::Update {
        let (changed, told) = walk.apply(Some(stored), &change, &job()).await;
        assert!(errors(&told).is_empty(), "{what}: {told:?}");
        stored = changed.expect(what);
    }
    let (left, told) = walk.delete(stored, &change).await;
    assert!(left.is_none() && told.is_empty(), "{what}: {told:?}");
    true
}

#[tokio::test]
async fn what_is_planned_is_applied_however_unusual_it_is() {
    let emulator = Emulator::with(&["--operation-time", "0ms"]);
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let mut provider = provider();
    provider["cloud_run_endpoint"] = emulator.endpoint().into();
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider)
        .await;
    assert_eq!(told, []);
    let schema = &schemas.resource_schemas[JOB];
    let mut walk = Walk {
        terraform: &mut terraform,
        schema,
    };
    let mut lives = 0;
    for place in places(attributes(schema)).iter().filter(|place| !place.told) {
        for Fit { name, meant, .. } in values::fit(place.kind) {
            let Some(meant) = meant.filter(|_| !name.contains("unknown")) else {
                continue;
            };
            let config = place.put(attributes(schema), &job_with(place), &meant);
            lives += usize::from(live(&mut walk, &config, &format!("{place} = {name}")).await);
        }
    }
    assert!(lives > 60, "{lives} jobs");
    terraform.end().await;
}

#[tokio::test]
async fn whatever_is_in_one_place_of_the_providers_configuration_is_either_an_error_there_or_taken() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let schema = schemas.provider.as_ref().unwrap();
    let mut found = Vec::new();
    for place in places(attributes(schema)) {
        for Fit { name, sent, .. } in values::fit(place.kind) {
            let what = format!("{place} = {name}");
            let mut fault =
                |faults: Vec<String>| found.extend(faults.iter().map(|fault| format!("{what}: {fault}")));
            let config = place.put(attributes(schema), &provider(), &sent);
            let told = terraform.validate_provider(schema, &config).await;
            fault(misjudged(&place, &told));
            let is_good = errors(&told).is_empty();
            let told = terraform.configure(schema, &config).await;
            fault(if is_good {
                misjudged(&place, &told)
            } else {
                improper(&told)
            });
            let told = terraform
                .plan(&schemas.resource_schemas[JOB], &Value::Null, &job())
                .await
                .diagnostics;
            fault(improper(&told));
        }
    }
    assert_eq!(found, [""; 0]);
    terraform.end().await;
}
