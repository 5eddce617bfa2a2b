# The whole module: one resource. The provider checks all values at plan, and derives name and labels from `facets`.
# The precondition checks an input that is not passed to the provider.
resource "facets_gpu_cloudrun_job" "this" {
  facets = {
    instance_name = var.instance_name
    environment   = var.environment.unique_name
    cloud_tags    = var.environment.cloud_tags
  }

  project  = var.inputs.cloud_account.attributes.project_id
  location = var.inputs.cloud_account.attributes.region

  container       = var.instance.spec.container
  gpu             = var.instance.spec.gpu
  resources       = var.instance.spec.resources
  job             = var.instance.spec.job
  secrets         = var.instance.spec.secrets
  vpc_access      = var.instance.spec.vpc_access
  env             = var.instance.spec.env
  service_account = var.instance.spec.service_account

  lifecycle {
    precondition {
      condition     = one(var.instance.spec.vpc_access[*].connector) == null || one(var.inputs.network_details[*].attributes) != null
      error_message = "spec.vpc_access.connector requires the input network_details, got none. Wire network_details to the network of the connector, or omit spec.vpc_access."
    }
  }
}
