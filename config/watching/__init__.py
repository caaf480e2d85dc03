"""What the installation tells of itself: logs with the ids of requests and jobs, figures for Prometheus, health."""
