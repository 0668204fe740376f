"""What the service costs beside bare servers: the rows of `make bench-service`, see `__main__.py`."""
