# The platform converts these two locals to the module's outputs. facets.yaml maps the attributes to the provider's arguments;
# `secrets` names those that the platform hides.
locals {
  output_attributes = {
    project_id  = var.inputs.cloud_account.attributes.project_id
    region      = var.inputs.cloud_account.attributes.region
    credentials = sensitive(var.inputs.cloud_account.attributes.credentials)
    secrets     = ["credentials"]
  }

  output_interfaces = {}
}
