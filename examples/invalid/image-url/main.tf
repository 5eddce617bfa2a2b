# error: image = "https://us-docker.pkg.dev/acme-batch/media/renderer:1.4": Invalid container image

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
  container = { image = "https://us-docker.pkg.dev/acme-batch/media/renderer:1.4" }
}
