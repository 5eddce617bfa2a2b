terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A job that is managed elsewhere. Location and project default to the provider's.
data "facets_gpu_cloudrun_job" "video_processor" {
  name     = "video-processor"
  location = "us-central1"

  lifecycle {
    postcondition {
      condition     = self.max_gpu_hours <= 100
      error_message = "${self.id} could use ${self.max_gpu_hours} GPU hours at a time; the budget is 100."
    }
  }
}

# The URL with which a workflow or a scheduler executes the job.
output "execution_url" {
  value = data.facets_gpu_cloudrun_job.video_processor.execution_url
}

output "gpu" {
  value = data.facets_gpu_cloudrun_job.video_processor.gpu
}
