terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Job name and labels derive from Facets platform values.
resource "facets_gpu_cloudrun_job" "transcoder" {
  facets = {
    instance_name = "transcoder"
    environment   = "staging"
    cloud_tags = {
      "Cost Center" = "Media & Ads"
    }
  }

  container = { image = "us-docker.pkg.dev/acme-batch/media/transcoder:2.0" }
}

output "name" {
  value = facets_gpu_cloudrun_job.transcoder.name
}

output "labels" {
  value = facets_gpu_cloudrun_job.transcoder.effective_labels
}
