terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

variable "gpu_hour_budget" {
  type    = number
  default = 50
}

# The maximum GPU time of one execution is known at plan, so a postcondition can fail the plan.
resource "facets_gpu_cloudrun_job" "training" {
  name      = "training"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/train:21" }

  job = {
    task_count   = 20
    max_retries  = 1
    task_timeout = "1h"
  }

  lifecycle {
    postcondition {
      condition     = self.max_gpu_hours <= var.gpu_hour_budget
      error_message = "One execution could use ${self.max_gpu_hours} GPU hours; the budget is ${var.gpu_hour_budget}."
    }
  }
}
