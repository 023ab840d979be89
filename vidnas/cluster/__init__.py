"""A study on a cluster: launch files, and checks of its machines.

```text
job_files, manifest   what travels: the experiment, its space and networks, by address
ray_jobs, job_server  a job of Ray's own server: sent once, followed, stopped
slurm, kuberay        batch script and RayJob
node_groups           groups of workers as machines that hold them
node_facts            what one machine says of itself, asked by ask_nodes
checks                what must hold of machines, and what to do where it does not
ray_token             the token of a Ray
```
"""
