# error: cpu = "8": Unsupported number of vCPUs

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "train" {
  name      = "train"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/train:1.4" }

  resources = {
    cpu    = "8"
    memory = "80Gi"
  }
}
