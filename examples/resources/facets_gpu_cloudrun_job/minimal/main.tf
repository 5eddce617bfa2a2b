terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Only name and image are required. The defaults are one task, one GPU, 20 vCPUs, 80Gi and a timeout of one hour.
resource "facets_gpu_cloudrun_job" "nightly" {
  name      = "nightly-embedding"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/embed:7" }
}
