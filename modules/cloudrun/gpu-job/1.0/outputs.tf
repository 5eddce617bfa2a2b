# The platform converts these two locals to the module's outputs; outputs/cloudrun_attributes/outputs.yaml describes them.
locals {
  output_attributes = {
    job_name      = facets_gpu_cloudrun_job.this.name
    job_id        = facets_gpu_cloudrun_job.this.id
    job_uid       = facets_gpu_cloudrun_job.this.uid
    location      = facets_gpu_cloudrun_job.this.location
    project_id    = facets_gpu_cloudrun_job.this.project
    execution_url = facets_gpu_cloudrun_job.this.execution_url
    gpu_enabled   = facets_gpu_cloudrun_job.this.gpu.enabled
    gpu_type      = facets_gpu_cloudrun_job.this.gpu.type
    task_count    = facets_gpu_cloudrun_job.this.job.task_count
    parallelism   = facets_gpu_cloudrun_job.this.job.parallelism
    max_retries   = facets_gpu_cloudrun_job.this.job.max_retries
    task_timeout  = facets_gpu_cloudrun_job.this.job.task_timeout
  }

  # A job has no endpoint of its own; the Cloud Run Admin API starts an execution.
  output_interfaces = {
    jobs_api = {
      endpoint     = facets_gpu_cloudrun_job.this.execution_url
      http_method  = "POST"
      content_type = "application/json"
      description  = "Starts an execution of the job; needs an access token and a body such as {}"
    }
  }
}
