# The full name of the job, or a shorter form; the provider's project completes the last one.
terraform import facets_gpu_cloudrun_job.video_processor projects/acme-batch/locations/us-central1/jobs/video-processor
terraform import facets_gpu_cloudrun_job.video_processor acme-batch/us-central1/video-processor
terraform import facets_gpu_cloudrun_job.video_processor us-central1/video-processor
