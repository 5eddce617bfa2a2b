# Terraform 1.14.1 or later.
action "facets_gpu_cloudrun_job_run" "video_processor" {
  config {
    job = facets_gpu_cloudrun_job.video_processor.id
  }
}
