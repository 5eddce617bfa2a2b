terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# The same with Terraform 1.5 to 1.7, in two steps. First remove the job from the state; the job itself does not change:
#
#   terraform state rm google_cloud_run_v2_job.render
#
# Then plan and apply this configuration. The block can be removed after the apply. Labels of the job that are not configured
# below are kept, and the plan warns about them.
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

  # The default of google_cloud_run_v2_job, but not of this resource.
  deletion_protection = true
}
