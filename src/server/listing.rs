//! The calls about the list resource, of Terraform 1.14 and later.

use tokio::sync::mpsc::{Sender, channel};

use super::answer::{Answer as _, Handled};
use super::{Provider, from_proto, to_proto};
use crate::job::lifecycle::{self, Listed, Wanted};
use crate::job::listing::{self, SCHEMA};
use crate::provider::NoClient;
use terraform_plugin::proto::tfplugin6 as tf;
use tf::list_resource::Event;

/// The limit of a query, and whether it wants states, are not looked at: Terraform has seen to it that they fit.
pub(super) fn validate(
    request: tf::validate_list_resource_config::Request,
) -> Handled<tf::validate_list_resource_config::Response> {
    from_proto::known_type(&request.type_name)?;
    let config = from_proto::value(&SCHEMA, request.config)?;
    Ok(tf::validate_list_resource_config::Response {
        diagnostics: to_proto::diagnostics(&listing::validate(&config)),
    })
}

/// Sends what is found, one event each. Terraform stops reading when it has as many as it wants.
pub(super) async fn list(this: &Provider, request: tf::list_resource::Request, events: &Sender<Event>) {
    if let Err(faults) = found(this, request, events).await {
        // One event for all: Terraform reads no further than the first error.
        send(this, Event::default().with(&faults), events).await;
    }
}

async fn found(this: &Provider, request: tf::list_resource::Request, events: &Sender<Event>) -> Handled<()> {
    from_proto::known_type(&request.type_name)?;
    let config = from_proto::value(&SCHEMA, request.config)?;
    let configured = this.configured();
    let asked = listing::asked(&config, &configured.defaults)?;
    let client = configured.client().map_err(NoClient::for_writing)?;
    let wanted = Wanted {
        // No limit is 0 on the wire, and Terraform always sends one.
        limit: usize::try_from(request.limit).ok().filter(|limit| *limit > 0),
        states: request.include_resource_object,
    };
    let (out, mut found) = channel(1);
    let stop = this.stop().token();
    let listing = lifecycle::list(client, &asked, wanted, &configured.defaults, &stop, out);
    let sending = async move {
        while let Some(listed) = found.recv().await {
            if !send(this, event(listed), events).await {
                break;
            }
        }
    };
    tokio::join!(listing, sending);
    Ok(())
}

/// Sends an event, and says whether there is still a client.
async fn send(this: &Provider, mut event: Event, events: &Sender<Event>) -> bool {
    this.finish(&mut event);
    events.send(event).await.is_ok()
}

fn event(listed: Listed) -> Event {
    match listed {
        Listed::Job(identity, name, state) => Event {
            identity: Some(to_proto::identity(&identity)),
            display_name: name,
            resource_object: state.as_ref().map(to_proto::value),
            ..Default::default()
        },
        Listed::Told(told) => Event::default().with(&[told]),
    }
}
