# The full name of the job or a shorter form. The last one uses the provider's project.
terraform import facets_gpu_cloudrun_job.video_processor projects/acme-batch/locations/us-central1/jobs/video-processor
terraform import facets_gpu_cloudrun_job.video_processor acme-batch/us-central1/video-processor
terraform import facets_gpu_cloudrun_job.video_processor us-central1/video-processor
