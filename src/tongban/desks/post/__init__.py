"""The post desk (邮政专递窗口): paper to units' windows, results to applicants."""
