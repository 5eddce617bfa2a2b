terraform import facets_gpu_cloudrun_job_execution.train projects/acme-batch/locations/us-central1/jobs/train/executions/train-x7k2p
