//! What a walk asks about an object that is there: its stored state, what has become of it, which one it is, and how one
//! would write it.

use facets_gpu::wire::proto::tfplugin6::ResourceIdentityData;
use serde_json::Value;

use super::{
    change::Stored,
    identity,
    walk::{Told, Walk, well},
};
use crate::terraform::JOB;

impl Walk<'_> {
    /// Reads a state as every command does that looks at one, also when it is of this very version.
    pub(super) async fn upgrade(&mut self, stored: Stored) -> Stored {
        let answer = self.terraform.upgrade(stored.value.to_string().as_bytes()).await;
        assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
        let value = self.whole("an upgraded state", answer.upgraded_state.as_ref());
        assert!(!value.is_null());
        let known = stored
            .identity
            .as_ref()
            .filter(|_| self.terraform.version.knows_identity());
        if let Some(known) = known {
            let answer = self
                .terraform
                .upgrade_identity(0, known.to_string().as_bytes())
                .await;
            assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
            let upgraded = self.identity("an upgraded state", answer.upgraded_identity.as_ref(), &value);
            assert_eq!(upgraded.as_ref(), Some(known));
        }
        Stored { value, ..stored }
    }

    /// What has become of the object; none when it is gone.
    pub(super) async fn refresh(&mut self, stored: Stored) -> Result<Option<Stored>, Told> {
        let private = stored.private.clone();
        let known = stored.identity.as_ref();
        let answer = self
            .terraform
            .read(self.schema, &stored.value, known, private)
            .await;
        well(answer.diagnostics)?;
        let value = self.whole("a state read back", answer.new_state.as_ref());
        let identity = self.identity("a state read back", answer.new_identity.as_ref(), &value);
        if !value.is_null() && self.terraform.version.knows_identity() {
            assert_eq!(identity::unstable(known, identity.as_ref()), None);
        }
        let private = answer.private;
        Ok((!value.is_null()).then_some(Stored {
            value,
            identity,
            private,
            ..stored
        }))
    }

    /// Imports by an id, which is text, or by an identity, which is an object.
    pub(super) async fn import(&mut self, wanted: &Value) -> Result<Stored, Told> {
        let answer = match wanted.as_str() {
            Some(id) => self.terraform.import(id).await,
            None => self.terraform.import_identity(wanted).await,
        };
        well(answer.diagnostics)?;
        let [imported] = answer.imported_resources.as_slice() else {
            panic!("one object is asked for: {:?}", answer.imported_resources)
        };
        assert_eq!(imported.type_name, JOB);
        let value = self.whole("an imported state", imported.state.as_ref());
        assert!(!value.is_null(), "an imported object exists");
        let identity = self.identity("an imported state", imported.identity.as_ref(), &value);
        let stored = Stored {
            value,
            identity,
            private: imported.private.clone(),
            tainted: false,
        };
        let found = self.refresh(stored).await?;
        Ok(found.expect("an imported object is still there when it is read"))
    }

    /// The configuration that the provider writes for a state.
    pub(super) async fn written_for(&mut self, state: &Value) -> Result<Value, Told> {
        let answer = self.terraform.generate(self.encoded(state)).await;
        well(answer.diagnostics)?;
        let config = self.whole("a configuration", answer.config.as_ref());
        for attribute in self.attributes() {
            // Nobody may write what only the provider tells.
            let told = attribute.computed && !attribute.optional;
            assert!(!told || config[&attribute.name].is_null(), "{}", attribute.name);
        }
        Ok(config)
    }

    /// The identity of a state from the provider. There is one wherever there is an object, since core forgets what an
    /// answer does not say; and none of nothing.
    pub(super) fn identity(
        &self,
        what: &str,
        sent: Option<&ResourceIdentityData>,
        state: &Value,
    ) -> Option<Value> {
        let identity = identity::read(&self.terraform.identity, what, sent).unwrap();
        let expected = self.terraform.version.knows_identity() && !state.is_null();
        assert_eq!(
            identity.is_some(),
            expected,
            "the identity of {what} is {identity:?}"
        );
        for (name, part) in identity.iter().flat_map(|identity| identity.as_object().unwrap()) {
            assert_eq!(*part, state[name], "the identity of {what}: {name}");
        }
        identity
    }
}
