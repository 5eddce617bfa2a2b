# Terraform or OpenTofu 1.12 or later. The project defaults to the provider's.
import {
  to = facets_gpu_cloudrun_job.video_processor
  identity = {
    project  = "acme-batch"
    location = "us-central1"
    name     = "video-processor"
  }
}
