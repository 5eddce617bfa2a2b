//! The calls about the list resource, of Terraform 1.14 and later.

use tokio::sync::mpsc::{Sender, channel};

use super::{Provider, answer, from_proto, to_proto};
use crate::diagnostic::Diagnostic;
use crate::job::lifecycle::{self, Listed, Wanted};
use crate::job::listing::{self, Asked, SCHEMA};
use crate::wire::proto::tfplugin6 as tf;

/// The limit of a query, and whether it wants states, are not looked at: Terraform has seen to it that they fit.
pub(super) fn validate(
    request: tf::validate_list_resource_config::Request,
) -> tf::validate_list_resource_config::Response {
    let config =
        from_proto::known_type(&request.type_name).and_then(|()| from_proto::value(&SCHEMA, request.config));
    let told = match config {
        Ok(config) => listing::validate(&config),
        Err(unreadable) => vec![unreadable],
    };
    tf::validate_list_resource_config::Response {
        diagnostics: to_proto::diagnostics(&told),
    }
}

/// Sends what is found, one event each. Terraform stops reading when it has as many as it wants.
pub(super) async fn list(
    this: &Provider,
    request: tf::list_resource::Request,
    events: Sender<tf::list_resource::Event>,
) {
    let configured = this.configured();
    // No limit is 0 on the wire, and Terraform always sends one.
    let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0);
    let wanted = Wanted {
        limit,
        states: request.include_resource_object,
    };
    let asked = asked(this, &request.type_name, request.config);
    let (asked, client) = match (asked, configured.client()) {
        (Ok(asked), Ok(client)) => (asked, client),
        (Err(faults), _) => return refuse(&faults, &events).await,
        (_, Err(reason)) => return refuse(&[reason.for_writing()], &events).await,
    };
    let (out, mut found) = channel(1);
    let stop = this.stop().token();
    let listing = lifecycle::list(client, &asked, wanted, &configured.defaults, &stop, out);
    let sending = async {
        while let Some(listed) = found.recv().await {
            if !send(event(listed), &events).await {
                break;
            }
        }
    };
    tokio::join!(listing, sending);
}

fn asked(
    this: &Provider,
    type_name: &str,
    config: Option<tf::DynamicValue>,
) -> Result<Asked, Vec<Diagnostic>> {
    from_proto::known_type(type_name).map_err(|unknown| vec![unknown])?;
    let config = from_proto::value(&SCHEMA, config).map_err(|unreadable| vec![unreadable])?;
    listing::asked(&config, &this.configured().defaults)
}

/// One event for all: Terraform reads no further than the first error.
async fn refuse(faults: &[Diagnostic], events: &Sender<tf::list_resource::Event>) {
    let event = tf::list_resource::Event {
        diagnostic: to_proto::diagnostics(faults),
        ..Default::default()
    };
    send(event, events).await;
}

/// Sends an event, and says whether anybody listens.
async fn send(mut event: tf::list_resource::Event, events: &Sender<tf::list_resource::Event>) -> bool {
    answer::log(&mut event);
    events.send(event).await.is_ok()
}

fn event(listed: Listed) -> tf::list_resource::Event {
    match listed {
        Listed::Job(identity, name, state) => tf::list_resource::Event {
            identity: Some(to_proto::identity(&identity)),
            display_name: name,
            resource_object: state.as_ref().map(to_proto::value),
            ..Default::default()
        },
        Listed::Told(told) => tf::list_resource::Event {
            diagnostic: vec![to_proto::diagnostic(&told)],
            ..Default::default()
        },
    }
}
