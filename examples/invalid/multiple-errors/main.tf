# error: cpu = "8": Unsupported number of vCPUs
# error: task_count = 1000: Invalid number
# error: egress = "everything": Unsupported VPC egress

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

  resources = {
    cpu    = "8"
    memory = "80Gi"
  }

  job = {
    task_count = 1000
  }

  vpc_access = {
    connector = "corpus-connector"
    egress    = "everything"
  }
}
