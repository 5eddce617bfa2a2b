# Terraform 1.14 or later: terraform query lists jobs, and with -generate-config-out=jobs.tf it generates their configuration
# and import blocks. Remove the line provider = facets-gpu from each of these blocks; Terraform 1.14 to 1.16 write it, and it
# is not the local name. Jobs without a supported GPU are skipped.

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
