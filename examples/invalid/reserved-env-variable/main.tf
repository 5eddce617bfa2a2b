# error: CLOUD_RUN_TASK_INDEX = "0": Reserved environment variable

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

  env = {
    CLOUD_RUN_TASK_INDEX = "0"
  }
}
