terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A name and an image are enough: one task, one GPU, 20 vCPUs, 80Gi, an hour.
resource "facets_gpu_cloudrun_job" "nightly" {
  name      = "nightly-embedding"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/embed:7" }
}
