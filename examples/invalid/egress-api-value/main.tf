# error: egress = "ALL_TRAFFIC": Unsupported VPC egress

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

  vpc_access = {
    connector = "corpus-connector"
    egress    = "ALL_TRAFFIC"
  }
}
