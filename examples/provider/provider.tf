# The resource type begins with "facets", so that is what the provider is called here.
terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Everything is optional. What is left out comes from the environment variables and the
# application-default credentials that the google provider uses too.
provider "facets" {
  project = "acme-batch"
  region  = "us-central1"

  default_labels = {
    cost-centre = "media"
  }

  # Whoever runs Terraform acts as this account.
  impersonate_service_account = "deployer@acme-batch.iam.gserviceaccount.com"

  # Each plan is shown to Google, which says what it would refuse and stores nothing.
  plan_checks = "live"
}
