//! Data sources.

use async_trait::async_trait;

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::value::Value;

/// A data source: what Terraform only reads.
#[async_trait]
pub trait DataSource<D: Send + Sync + 'static>: Send + Sync {
    /// The type in a configuration, such as `example_file`.
    fn type_name(&self) -> &'static str;

    /// The schema.
    fn schema(&self) -> &Schema;

    /// Errors and warnings about a configuration, of which parts may be unknown. Pure.
    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Reads the data source.
    ///
    /// # Errors
    /// When there is nothing to read, or it cannot be read.
    async fn read(&self, context: &Context<D>, config: &Value) -> Result<Value, Vec<Diagnostic>>;
}
