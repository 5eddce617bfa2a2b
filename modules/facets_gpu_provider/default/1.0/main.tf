# No resources: the platform generates the provider block from facets.yaml and outputs.tf.
