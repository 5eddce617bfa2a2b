terraform {
  required_version = ">= 1.8"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A job that google_cloud_run_v2_job.render made becomes this resource's, and is not touched. The block may go after the
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

  # That resource has it unless it says otherwise; this one has to say so.
  deletion_protection = true
}
