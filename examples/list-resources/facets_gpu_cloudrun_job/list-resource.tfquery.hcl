# Terraform 1.14 or newer: terraform query finds jobs, and with -generate-config-out=jobs.tf it writes their configuration
# and import blocks; take the lines provider = facets-gpu out of that file. Jobs without the GPU of this resource are
# passed over.

# Every job of the provider's project, in all regions that offer the GPU.
list "facets_gpu_cloudrun_job" "all" {
  provider = facets
}

# The first twenty jobs of a team in two regions, with all their attributes.
list "facets_gpu_cloudrun_job" "media" {
  provider         = facets
  limit            = 20
  include_resource = true

  config {
    project   = "acme-batch"
    locations = ["us-central1", "europe-west4"]
    labels    = { team = "media" }
  }
}
