# The platform runs Terraform 1.5.7. Without the source Terraform would look for hashicorp/facets; the version is
# chosen where the provider is configured.
terraform {
  required_version = ">= 1.5.0, < 2.0.0"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}
