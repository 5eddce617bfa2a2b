# Terraform derives the local name "facets" from the resource type.
terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# All arguments are optional. They default to the environment variables and application default credentials that the google
# provider uses, too.
provider "facets" {
  project = "acme-batch"
  region  = "us-central1"

  default_labels = {
    cost-center = "media"
  }

  # Terraform's credentials impersonate this service account.
  impersonate_service_account = "deployer@acme-batch.iam.gserviceaccount.com"

  # Each planned change is sent to Cloud Run for validation only, and the plan shows what it would reject.
  plan_checks = "live"
}
