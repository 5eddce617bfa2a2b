terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# The same with Terraform 1.5 to 1.7, in two steps. First let the state forget the job, which stays as it is:
#
#   terraform state rm google_cloud_run_v2_job.render
#
# Then plan and apply this. The block may go after the apply. Labels of the job that are not written down below stay on it,
# and the plan warns of them.
import {
  to = facets_gpu_cloudrun_job.render
  id = "projects/acme-batch/locations/us-central1/jobs/render"
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
