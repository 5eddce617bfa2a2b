//! Long-running operations.
//!
//! Names, types and marks are those of Google's discovery document of the API, revision 20261031.

use super::{Kind, Message, input};

pub(crate) static OPERATION: Message = Message {
    name: "google.longrunning.Operation",
    fields: &[
        input("done", Kind::Bool),
        input("error", Kind::Message(&RPC_STATUS)).one_of("result"),
        input("metadata", Kind::Any),
        input("name", Kind::Text),
        input("response", Kind::Any).one_of("result"),
    ],
};

pub(crate) static LIST_OPERATIONS_RESPONSE: Message = Message {
    name: "google.longrunning.ListOperationsResponse",
    fields: &[
        input("nextPageToken", Kind::Text),
        input("operations", Kind::List(&Kind::Message(&OPERATION))),
        input("unreachable", Kind::List(&Kind::Text)),
    ],
};

pub(crate) static WAIT_OPERATION_REQUEST: Message = Message {
    name: "google.longrunning.WaitOperationRequest",
    fields: &[input("timeout", Kind::Duration)],
};

pub(crate) static EMPTY: Message = Message {
    name: "google.protobuf.Empty",
    fields: &[],
};

pub(crate) static RPC_STATUS: Message = Message {
    name: "google.rpc.Status",
    fields: &[
        input("code", Kind::Int32),
        input("details", Kind::List(&Kind::Any)),
        input("message", Kind::Text),
    ],
};
