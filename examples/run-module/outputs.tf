locals {
  output_attributes = {
    execution = facets_gpu_cloudrun_job_execution.this.id
    state     = facets_gpu_cloudrun_job_execution.this.state
    log_uri   = facets_gpu_cloudrun_job_execution.this.log_uri
  }

  output_interfaces = {}
}
