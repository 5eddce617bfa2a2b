//! IAM policies.
//!
//! Names, types and marks are those of Google's discovery document of the API, revision 20261031.

use super::enumeration::LOG_TYPE;
use super::{Kind, Message, input};

pub(crate) static AUDIT_CONFIG: Message = Message {
    name: "google.iam.v1.AuditConfig",
    fields: &[
        input("auditLogConfigs", Kind::List(&Kind::Message(&AUDIT_LOG_CONFIG))),
        input("service", Kind::Text),
    ],
};

pub(crate) static AUDIT_LOG_CONFIG: Message = Message {
    name: "google.iam.v1.AuditLogConfig",
    fields: &[
        input("exemptedMembers", Kind::List(&Kind::Text)),
        input("logType", Kind::Enum(&LOG_TYPE)),
    ],
};

pub(crate) static BINDING: Message = Message {
    name: "google.iam.v1.Binding",
    fields: &[
        input("condition", Kind::Message(&EXPR)),
        input("members", Kind::List(&Kind::Text)),
        input("role", Kind::Text),
    ],
};

pub(crate) static POLICY: Message = Message {
    name: "google.iam.v1.Policy",
    fields: &[
        input("auditConfigs", Kind::List(&Kind::Message(&AUDIT_CONFIG))),
        input("bindings", Kind::List(&Kind::Message(&BINDING))),
        input("etag", Kind::Bytes),
        input("version", Kind::Int32),
    ],
};

pub(crate) static SET_IAM_POLICY_REQUEST: Message = Message {
    name: "google.iam.v1.SetIamPolicyRequest",
    fields: &[
        input("policy", Kind::Message(&POLICY)),
        input("updateMask", Kind::Text),
    ],
};

pub(crate) static TEST_IAM_PERMISSIONS_REQUEST: Message = Message {
    name: "google.iam.v1.TestIamPermissionsRequest",
    fields: &[input("permissions", Kind::List(&Kind::Text))],
};

pub(crate) static TEST_IAM_PERMISSIONS_RESPONSE: Message = Message {
    name: "google.iam.v1.TestIamPermissionsResponse",
    fields: &[input("permissions", Kind::List(&Kind::Text))],
};

pub(crate) static EXPR: Message = Message {
    name: "google.type.Expr",
    fields: &[
        input("description", Kind::Text),
        input("expression", Kind::Text),
        input("location", Kind::Text),
        input("title", Kind::Text),
    ],
};
