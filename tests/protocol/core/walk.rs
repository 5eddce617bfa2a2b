//! One walk of Terraform's core over one resource: what it asks in which order, and what it makes of the answers.
//!
//! A broken rule is a fault of the provider, and ends the test. What the provider tells the user comes back as
//! diagnostics, and ends the walk where it would end core's.

use facets_gpu::wire::proto::tfplugin6::{
    Diagnostic, DynamicValue, Schema, apply_resource_change, plan_resource_change, schema::Attribute,
};
use serde_json::Value;

use super::{
    change::{Action, Change, Stored},
    identity,
    proposal::proposed,
    rules, typed,
};
use crate::{
    codec,
    terraform::{Terraform, attributes, errors},
};

/// A walk, in a process that is configured when it has to be.
pub(crate) struct Walk<'a> {
    pub(crate) terraform: &'a mut Terraform,
    pub(crate) schema: &'a Schema,
}

/// The answer to one question for a plan.
struct Answer {
    planned: Value,
    identity: Option<Value>,
    private: Vec<u8>,
    replacing: Vec<String>,
    told: Vec<Diagnostic>,
}

pub(super) type Told = Vec<Diagnostic>;

impl Walk<'_> {
    pub(super) fn attributes(&self) -> &[Attribute] {
        attributes(self.schema)
    }

    pub(super) async fn validate(&mut self, config: &Value) -> Result<Told, Told> {
        well(self.terraform.validate(self.schema, config).await)
    }

    /// Plans the way from a state to a configuration. `before` is the plan that is being applied, if one is.
    pub(crate) async fn plan(
        &mut self,
        stored: Option<Stored>,
        config: &Value,
        before: Option<&Change>,
    ) -> Result<Change, Told> {
        let mut told = self.validate(config).await?;
        let config = typed::whole(self.attributes(), config);
        // A tainted object is planned as if there were none.
        let sound = stored.as_ref().filter(|stored| !stored.tainted);
        let prior = sound.map_or(Value::Null, |stored| stored.value.clone());
        let private = sound.map_or_else(Vec::new, |stored| stored.private.clone());
        let planned_private = match before {
            Some(before) if self.terraform.version.stores_planned_private() => before.private.clone(),
            _ => Vec::new(),
        };
        let known = sound.and_then(|stored| stored.identity.clone());
        let mut answer = self
            .ask((&prior, known.as_ref()), &config, private, planned_private)
            .await?;
        told.append(&mut answer.told);
        let replacing = answer.replacing.clone();
        let mut action = match prior.is_null() {
            true => Action::Create,
            false if answer.planned == prior => Action::NoOp,
            false if replacing.is_empty() => Action::Update,
            false => Action::Replace,
        };
        if action == Action::Replace {
            // Asked again for an object that does not exist yet; what is told this time is not shown.
            answer = self
                .ask((&Value::Null, None), &config, answer.private, Vec::new())
                .await?;
        } else if action != Action::Create && self.terraform.version.knows_identity() {
            let planned = answer.identity.as_ref();
            assert_eq!(identity::unstable(known.as_ref(), planned), None, "in a plan");
        }
        if action == Action::Create && stored.is_some() {
            action = Action::Replace;
        }
        Ok(Change {
            action,
            before: stored.as_ref().map_or(Value::Null, |stored| stored.value.clone()),
            after: answer.planned,
            identity: answer.identity,
            private: answer.private,
            replacing,
            refreshed: stored,
            told,
        })
    }

    async fn ask(
        &mut self,
        (prior, known): (&Value, Option<&Value>),
        config: &Value,
        prior_private: Vec<u8>,
        planned_private: Vec<u8>,
    ) -> Result<Answer, Told> {
        let proposed = proposed(self.attributes(), prior, config);
        let answer = self
            .terraform
            .plan_change(plan_resource_change::Request {
                prior_state: self.encoded(prior),
                proposed_new_state: self.encoded(&proposed),
                config: self.encoded(config),
                prior_private,
                planned_private,
                prior_identity: self.terraform.encoded(known),
                ..Default::default()
            })
            .await;
        assert!(answer.deferred.is_none() && !answer.legacy_type_system);
        let told = well(answer.diagnostics)?;
        let planned = self.whole("a plan", answer.planned_state.as_ref());
        let planned_identity = answer.planned_identity.as_ref();
        let identity = identity::read(&self.terraform.identity, "a plan", planned_identity).unwrap();
        let faults = rules::invalid_plan(self.attributes(), prior, config, &planned);
        assert!(faults.is_empty(), "an invalid plan: {faults:#?}");
        let replacing = rules::replacing(&answer.requires_replace, prior, &planned).unwrap();
        Ok(Answer {
            planned,
            identity,
            private: answer.planned_private,
            replacing,
            told,
        })
    }

    pub(super) async fn plan_destroy(&mut self, stored: Stored) -> Result<Change, Told> {
        let private = stored.private.clone();
        let prior = (&stored.value, stored.identity.as_ref());
        let answer = self.ask(prior, &Value::Null, private, Vec::new()).await?;
        Ok(Change {
            action: Action::Delete,
            before: stored.value.clone(),
            after: answer.planned,
            identity: None,
            private: answer.private,
            replacing: Vec::new(),
            refreshed: Some(stored),
            told: answer.told,
        })
    }

    /// Deletes the object, and gives back what is left in the state.
    pub(crate) async fn delete(&mut self, stored: Stored, change: &Change) -> (Option<Stored>, Told) {
        let deletion = Change {
            action: Action::Delete,
            before: stored.value.clone(),
            after: Value::Null,
            identity: None,
            ..change.clone()
        };
        self.make(Some(stored), &deletion, &Value::Null).await
    }

    /// Plans again with what is known by now, holds that against the plan, and makes the change.
    pub(crate) async fn apply(
        &mut self,
        stored: Option<Stored>,
        change: &Change,
        config: &Value,
    ) -> (Option<Stored>, Told) {
        let mut again = match self.plan(stored.clone(), config, Some(change)).await {
            Ok(again) => again,
            Err(told) => return (stored, told),
        };
        // A replacement has deleted by now, and goes on with a creation.
        let expected = match change.action {
            Action::Replace => Action::Create,
            other => other,
        };
        assert!(
            again.action == expected || (expected, again.action) == (Action::Update, Action::NoOp),
            "planned {expected:?}, and {:?} when applied",
            again.action
        );
        let faults = rules::incompatible(&change.after, &again.after);
        assert!(faults.is_empty(), "an inconsistent final plan: {faults:#?}");
        let planned = change.identity.as_ref();
        assert_eq!(
            identity::unstable(planned, again.identity.as_ref()),
            None,
            "in a final plan"
        );
        if again.action == Action::NoOp {
            return (stored, again.told);
        }
        let mut told = std::mem::take(&mut again.told);
        let (stored, more) = self.make(stored, &again, config).await;
        told.extend(more);
        (stored, told)
    }

    /// Makes a change, and decides what the state says afterwards.
    async fn make(
        &mut self,
        stored: Option<Stored>,
        change: &Change,
        config: &Value,
    ) -> (Option<Stored>, Told) {
        let answer = self
            .terraform
            .apply_change(apply_resource_change::Request {
                prior_state: self.encoded(&change.before),
                planned_state: self.encoded(&change.after),
                config: self.encoded(config),
                planned_private: change.private.clone(),
                planned_identity: self.terraform.encoded(change.identity.as_ref()),
                ..Default::default()
            })
            .await;
        let told = answer.diagnostics;
        let failed = !errors(&told).is_empty();
        assert!(!answer.legacy_type_system);
        let value = self.whole("the result of an apply", answer.new_state.as_ref());
        if !failed {
            let faults = rules::incompatible(&change.after, &value);
            assert!(faults.is_empty(), "an inconsistent result: {faults:#?}");
        }
        let identity = self.identity("the result of an apply", answer.new_identity.as_ref(), &value);
        if !value.is_null() && self.terraform.version.knows_identity() {
            let planned = change.identity.as_ref();
            assert_eq!(
                identity::unstable(planned, identity.as_ref()),
                None,
                "in a result"
            );
        }
        let stored = match (value.is_null(), failed) {
            (true, true) => stored,
            (true, false) => None,
            (false, _) => Some(Stored {
                value,
                identity,
                private: answer.private,
                tainted: failed
                    && (change.action == Action::Create || stored.is_some_and(|stored| stored.tainted)),
            }),
        };
        (stored, told)
    }

    pub(super) fn encoded(&self, value: &Value) -> Option<DynamicValue> {
        Some(codec::object(self.attributes(), value))
    }

    /// A value from the provider, which must be of the schema's type. Only a plan may hold unknown values.
    pub(super) fn whole(&self, what: &str, value: Option<&DynamicValue>) -> Value {
        let value = value.unwrap_or_else(|| panic!("{what} is missing"));
        let value = typed::read(self.attributes(), value).unwrap_or_else(|fault| panic!("{what}: {fault}"));
        if what != "a plan" {
            assert_eq!(rules::unknowns(&value), [""; 0], "{what} is not wholly known");
        }
        value
    }
}

/// What was told, if no error is among it.
pub(super) fn well(told: Told) -> Result<Told, Told> {
    if errors(&told).is_empty() {
        Ok(told)
    } else {
        Err(told)
    }
}
