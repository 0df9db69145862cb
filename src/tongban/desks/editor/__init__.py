"""The editor's desk (规程管理): a document is read, set right, compared, published. It shows no case."""
