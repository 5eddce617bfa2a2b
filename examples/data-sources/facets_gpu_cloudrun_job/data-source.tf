terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A job that something else has made. Without location and project, the provider's are meant.
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

# Where a workflow or a scheduler starts the job.
output "execution_url" {
  value = data.facets_gpu_cloudrun_job.video_processor.execution_url
}

output "gpu" {
  value = data.facets_gpu_cloudrun_job.video_processor.gpu
}
