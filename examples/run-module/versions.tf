# Without the source, Terraform would use hashicorp/facets. The root module sets the version.
terraform {
  required_version = ">= 1.5.0, < 2.0.0"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}
