"""What gunicorn is told at every start; the number of workers and threads stands in the unit."""

worker_class = "portal.threads.Worker"
