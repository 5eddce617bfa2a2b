# With the uid of the job, a job that is created again under its name is run again.
resource "facets_gpu_cloudrun_job_execution" "this" {
  job      = var.inputs.gpu_job.job_id
  args     = var.instance.spec.args
  wait     = var.instance.spec.wait
  triggers = merge(var.instance.spec.triggers, { job_uid = var.inputs.gpu_job.job_uid })
}
