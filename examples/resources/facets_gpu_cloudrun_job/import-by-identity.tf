# Terraform 1.12 or newer. Without project, the provider's is taken.
import {
  to = facets_gpu_cloudrun_job.video_processor
  identity = {
    project  = "acme-batch"
    location = "us-central1"
    name     = "video-processor"
  }
}
