# error: max_retries = 1.5: Invalid number

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "render" {
  name      = "render"
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }

  job = {
    max_retries = 1.5
  }
}
