import {
  to = facets_gpu_cloudrun_job_execution.train
  id = "projects/acme-batch/locations/us-central1/jobs/train/executions/train-x7k2p"
}
