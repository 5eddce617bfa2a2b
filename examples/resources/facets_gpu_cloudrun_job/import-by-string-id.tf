import {
  to = facets_gpu_cloudrun_job.video_processor
  id = "projects/acme-batch/locations/us-central1/jobs/video-processor"
}
