# The full name of the job, or a shorter form that the provider's project and region complete.
terraform import facets_gpu_cloudrun_job.video_processor projects/acme-batch/locations/us-central1/jobs/video-processor
terraform import facets_gpu_cloudrun_job.video_processor us-central1/video-processor
terraform import facets_gpu_cloudrun_job.video_processor video-processor
