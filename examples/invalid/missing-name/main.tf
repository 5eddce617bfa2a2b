# error: resource "facets_gpu_cloudrun_job" "render": Missing name

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "render" {
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }
}
