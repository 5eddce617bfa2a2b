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
    cost-center = "media"
    team        = "platform"
  }
}

# Labels of the resource override those of the provider. Other labels of the job are kept.
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
