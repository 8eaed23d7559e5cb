"""Everything that produces to Kafka: the generator, file loaders, their adapters and the producer."""
