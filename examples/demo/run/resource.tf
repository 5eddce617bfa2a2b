# Any version of Terraform or OpenTofu: one execution for each job and each image.
resource "facets_gpu_cloudrun_job_execution" "video_processor" {
  job = facets_gpu_cloudrun_job.video_processor.id

  triggers = {
    uid   = facets_gpu_cloudrun_job.video_processor.uid
    image = facets_gpu_cloudrun_job.video_processor.container.image
  }
}
