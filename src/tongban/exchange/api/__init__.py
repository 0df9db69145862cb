"""The API that other systems speak to (OpenAPI 3.1)."""
