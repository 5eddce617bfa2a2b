terraform {
  required_version = ">= 1.8"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Moves the job of google_cloud_run_v2_job.render to this resource without changing it. The block can be removed after the
# apply.
moved {
  from = google_cloud_run_v2_job.render
  to   = facets_gpu_cloudrun_job.render
}

resource "facets_gpu_cloudrun_job" "render" {
  name     = "render"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
  }

  job = {
    task_count   = 10
    parallelism  = 2
    max_retries  = 3
    task_timeout = "3600s"
  }

  env = { MODE = "final" }

  secrets = [
    { env_var = "B_KEY", secret_name = "b" },
    { env_var = "A_KEY", secret_name = "a" },
  ]

  labels = { team = "media" }

  # The default of google_cloud_run_v2_job, but not of this resource.
  deletion_protection = true
}
