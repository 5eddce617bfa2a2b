//! The instructions of `--debug`: how Terraform connects to a provider that already runs.

use serde_json::json;

use super::address::Address;

/// The value of `TF_REATTACH_PROVIDERS`: JSON that maps the source address to this process, once with the registry of Terraform
/// and once with that of OpenTofu. Each ignores the other.
pub fn value(source: &str, address: &Address, pid: u32) -> String {
    let process = json!({
        "Protocol": "grpc",
        // The default is protocol 5.
        "ProtocolVersion": 6,
        "Pid": pid,
        // Terraform then neither shuts down nor kills the provider.
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.to_string() },
    });
    json!({
        format!("registry.terraform.io/{source}"): process,
        format!("registry.opentofu.org/{source}"): process,
    })
    .to_string()
}

/// The text that `--debug` prints.
pub fn instructions(source: &str, address: &Address, pid: u32) -> String {
    let value = value(source, address, pid);
    format!(
        "Provider started. To attach Terraform or OpenTofu to it, set TF_REATTACH_PROVIDERS in another shell:\n\n    \
         export TF_REATTACH_PROVIDERS='{value}'\n\n\
         Press Ctrl-C to stop the provider."
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn value_has_the_form_that_terraform_parses() {
        let address = Address::Unix("/tmp/plugin-x/socket".into());
        let value: serde_json::Value =
            serde_json::from_str(&value("facets-cloud/facets-gpu", &address, 7)).unwrap();
        let process = json!({
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": 7, "Test": true,
            "Addr": { "Network": "unix", "String": "/tmp/plugin-x/socket" },
        });
        let expected = json!({
            "registry.terraform.io/facets-cloud/facets-gpu": process,
            "registry.opentofu.org/facets-cloud/facets-gpu": process,
        });
        assert_eq!(value, expected);
    }
}
