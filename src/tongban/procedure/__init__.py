"""What the official document says: model, document, reader, anomalies, yaml. Pure."""
