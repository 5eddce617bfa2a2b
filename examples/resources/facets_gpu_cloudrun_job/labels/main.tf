terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

provider "facets" {
  default_labels = {
    cost-centre = "media"
    team        = "platform"
  }
}

# A label of the job wins over one of the provider. Labels that others put on the job stay.
resource "facets_gpu_cloudrun_job" "render" {
  name      = "render"
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }

  labels = {
    team = "rendering"
  }

  annotations = {
    "acme.example/runbook" = "https://runbooks.acme.example/render"
  }
}

output "labels" {
  value = facets_gpu_cloudrun_job.render.effective_labels
}
