terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A plan that would destroy or replace this job fails until deletion_protection is false.
resource "facets_gpu_cloudrun_job" "billing_report" {
  name                = "billing-report"
  container           = { image = "us-docker.pkg.dev/acme-batch/finance/report:12" }
  deletion_protection = true

  timeouts = {
    create = "10m"
    delete = "10m"
  }
}
