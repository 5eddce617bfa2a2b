//! Every method of the protocol answers, also when the request holds nothing at all.

use std::collections::HashSet;

use facets_gpu::wire::proto::tfplugin6::*;
use tonic::Code;

use crate::terraform::{JOB, Terraform};
use crate::version::V1_11_4;

/// Calls methods with requests; `type_name` is the only field that a request may have set.
macro_rules! outcomes {
    ($terraform:ident: $($method:ident($request:expr)),* $(,)?) => {
        vec![$((stringify!($method), $terraform.client.$method($request).await.map(drop).map_err(|s| s.code()))),*]
    };
}

macro_rules! of_a_job {
    ($module:ident) => {
        $module::Request {
            type_name: JOB.to_owned(),
            ..Default::default()
        }
    };
}

#[tokio::test]
async fn what_terraform_may_call_is_answered_and_nothing_is_asked_of_a_request() {
    let mut terraform = Terraform::start(V1_11_4).await;
    // Terraform reports a method as unsupported, and stops, when one of these answers with a status.
    let needed = outcomes![terraform:
        get_metadata(get_metadata::Request::default()),
        get_provider_schema(get_provider_schema::Request::default()),
        get_resource_identity_schemas(get_resource_identity_schemas::Request::default()),
        validate_provider_config(validate_provider_config::Request::default()),
        configure_provider(configure_provider::Request::default()),
        validate_resource_config(of_a_job!(validate_resource_config)),
        upgrade_resource_state(of_a_job!(upgrade_resource_state)),
        upgrade_resource_identity(of_a_job!(upgrade_resource_identity)),
        read_resource(of_a_job!(read_resource)),
        plan_resource_change(of_a_job!(plan_resource_change)),
        apply_resource_change(of_a_job!(apply_resource_change)),
        import_resource_state(of_a_job!(import_resource_state)),
        move_resource_state(move_resource_state::Request::default()),
        validate_data_resource_config(of_a_job!(validate_data_resource_config)),
        read_data_source(of_a_job!(read_data_source)),
        generate_resource_config(of_a_job!(generate_resource_config)),
        validate_list_resource_config(of_a_job!(validate_list_resource_config)),
        list_resource(of_a_job!(list_resource)),
        get_functions(get_functions::Request::default()),
        stop_provider(stop_provider::Request::default()),
    ];
    for (method, outcome) in &needed {
        assert_eq!(*outcome, Ok(()), "{method}");
    }

    // The schema declares none of what these are about, so no Terraform calls them.
    let undeclared = outcomes![terraform:
        validate_ephemeral_resource_config(validate_ephemeral_resource_config::Request::default()),
        open_ephemeral_resource(open_ephemeral_resource::Request::default()),
        renew_ephemeral_resource(renew_ephemeral_resource::Request::default()),
        close_ephemeral_resource(close_ephemeral_resource::Request::default()),
        call_function(call_function::Request::default()),
        validate_action_config(validate_action_config::Request::default()),
        plan_action(plan_action::Request::default()),
        invoke_action(invoke_action::Request::default()),
        validate_state_store_config(validate_state_store::Request::default()),
        configure_state_store(configure_state_store::Request::default()),
        read_state_bytes(read_state_bytes::Request::default()),
        write_state_bytes(tokio_stream::iter([write_state_bytes::RequestChunk::default()])),
        lock_state(lock_state::Request::default()),
        unlock_state(unlock_state::Request::default()),
        get_states(get_states::Request::default()),
        delete_state(delete_state::Request::default()),
    ];
    for (method, outcome) in &undeclared {
        assert_eq!(*outcome, Err(Code::Unimplemented), "{method}");
    }

    let all: HashSet<_> = needed
        .iter()
        .chain(&undeclared)
        .map(|(method, _)| method)
        .collect();
    assert_eq!(all.len(), 36);
    terraform.schemas().await;
}

#[tokio::test]
async fn another_resource_type_is_a_diagnostic() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let request = validate_resource_config::Request {
        type_name: "other_type".to_owned(),
        ..Default::default()
    };
    let answer = terraform
        .client
        .validate_resource_config(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics.len(), 1);
}
