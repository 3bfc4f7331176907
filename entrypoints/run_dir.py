"""The name of the environment variable that tells a process where to say how it is."""

RUN_DIR = "CRYPTOVIZ_RUN_DIR"
