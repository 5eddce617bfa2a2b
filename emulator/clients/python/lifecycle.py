"""The lifecycle of a job with google-cloud-run; the argument is the emulator's URL."""

import json
import sys
import urllib.request

from google.api import launch_stage_pb2
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    InternalServerError,
    NotFound,
)
from google.cloud import run_v2
from google.oauth2.credentials import Credentials

PARENT = "projects/python/locations/us-central1"
JOB = f"{PARENT}/jobs/render"
GPU_LIMITS = {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}


def main() -> None:
    create()
    list_jobs()
    update()
    run()
    cancel()
    iam()
    operations()
    errors()
    delete()


url = sys.argv[1]
options = {
    "transport": "rest",
    "client_options": ClientOptions(api_endpoint=url),
    "credentials": Credentials("any"),
}
jobs = run_v2.JobsClient(**options)
executions = run_v2.ExecutionsClient(**options)
tasks = run_v2.TasksClient(**options)


def gpu_job() -> run_v2.Job:
    container = {
        "image": "us-docker.pkg.dev/any/any/render",
        "env": [{"name": "SCENE", "value": "forest"}],
        "resources": {"limits": GPU_LIMITS},
    }
    task = {
        "containers": [container],
        "node_selector": {"accelerator": "nvidia-l4"},
        "gpu_zonal_redundancy_disabled": True,
        "max_retries": 0,
        "timeout": {"seconds": 600},
    }
    return run_v2.Job(labels={"team": "film"}, template={"template": task})


def create() -> None:
    request = {"parent": PARENT, "job": gpu_job(), "job_id": "render"}
    planned = jobs.create_job({**request, "validate_only": True}).result()
    equal(planned.name, JOB)
    raises(NotFound, "does not exist", lambda: jobs.get_job(name=JOB))

    operation = jobs.create_job(request)
    equal(operation.metadata.name, JOB)
    job = operation.result()
    equal(job, jobs.get_job(name=JOB))
    assert job.uid and job.etag and job.create_time, job
    equal((job.generation, job.observed_generation, job.reconciling), (1, 1, False))
    equal(job.launch_stage, launch_stage_pb2.GA)
    equal(job.terminal_condition.state.name, "CONDITION_SUCCEEDED")
    equal(dict(job.labels), {"team": "film"})
    task = job.template.template
    equal(dict(task.containers[0].resources.limits), GPU_LIMITS)
    equal(task.node_selector.accelerator, "nvidia-l4")
    equal(task.gpu_zonal_redundancy_disabled, True)
    # Zero differs from unset.
    equal(("max_retries" in task, task.max_retries), (True, 0))
    equal(task.timeout.seconds, 600)
    equal(task.execution_environment.name, "EXECUTION_ENVIRONMENT_GEN2")


def list_jobs() -> None:
    other = jobs.create_job(parent=PARENT, job=gpu_job(), job_id="other").result()
    pager = jobs.list_jobs({"parent": PARENT, "page_size": 1})
    pages = [[job.name for job in page.jobs] for page in pager.pages]
    equal(pages, [[other.name], [JOB]])


def update() -> None:
    job = jobs.get_job(name=JOB)
    old_etag = job.etag
    job.labels["team"] = "games"
    job.template.task_count = 3
    updated = jobs.update_job(job=job).result()
    equal((updated.uid, updated.generation), (job.uid, 2))
    equal((dict(updated.labels), updated.template.task_count), ({"team": "games"}, 3))
    job.etag = old_etag
    raises(Conflict, "etag", lambda: jobs.update_job(job=job))


def run() -> None:
    attempts = [{"attempts": ["success"]}, {"attempts": ["exit 3"]}]
    control("outcomes", {"tasks": attempts})
    container = {"args": ["--fast"], "env": [{"name": "SCENE", "value": "sea"}]}
    overrides = {"container_overrides": [container], "task_count": 2}
    operation = jobs.run_job({"name": JOB, "overrides": overrides})
    assert operation.metadata.name.startswith(f"{JOB}/executions/"), operation.metadata
    execution = operation.result()
    equal(execution.name, operation.metadata.name)
    equal((execution.task_count, execution.succeeded_count), (2, 1))
    equal(execution.failed_count, 1)
    container = execution.template.containers[0]
    equal((list(container.args), container.env[0].value), (["--fast"], "sea"))
    assert execution.create_time <= execution.start_time <= execution.completion_time

    equal(executions.get_execution(name=execution.name), execution)
    equal(list(executions.list_executions(parent=JOB)), [execution])

    pager = tasks.list_tasks({"parent": execution.name, "page_size": 1})
    pages = [list(page.tasks) for page in pager.pages]
    equal([[task.index for task in page] for page in pages], [[0], [1]])
    task = tasks.get_task(name=pages[1][0].name)
    equal(task, pages[1][0])
    equal((task.retried, task.last_attempt_result.exit_code), (0, 3))


def cancel() -> None:
    control("outcomes", {"pending": "0s", "time": "1h"})
    operation = jobs.run_job(name=JOB)
    name = operation.metadata.name
    equal(executions.get_execution(name=name).running_count, 3)
    cancelled = executions.cancel_execution(name=name).result()
    equal((cancelled.name, cancelled.cancelled_count), (name, 3))
    [completed] = [c for c in cancelled.conditions if c.type_ == "Completed"]
    equal(completed.state.name, "CONDITION_FAILED")
    equal(completed.execution_reason.name, "CANCELLED")
    equal(operation.result().cancelled_count, 3)
    raises(BadRequest, "ended", lambda: executions.cancel_execution(name=name))


def iam() -> None:
    policy = jobs.get_iam_policy({"resource": JOB})
    equal(len(policy.bindings), 0)
    policy.bindings.add(role="roles/run.invoker", members=["user:any@example.com"])
    request = {"resource": JOB, "policy": policy}
    changed = jobs.set_iam_policy(request)
    equal(changed.bindings, policy.bindings)
    options = {"requested_policy_version": 3}
    equal(jobs.get_iam_policy({"resource": JOB, "options": options}), changed)
    # The etag of the request is the one before the change.
    raises(Conflict, "concurrent policy", lambda: jobs.set_iam_policy(request))
    request = {"resource": JOB, "permissions": ["run.jobs.run"]}
    equal(jobs.test_iam_permissions(request).permissions, ["run.jobs.run"])


def operations() -> None:
    control("outcomes", {"pending": "1h"})
    name = jobs.run_job(name=JOB).operation.name
    request = {"name": PARENT, "filter": "done:false", "page_size": 1}
    page = jobs.list_operations(request)
    equal([operation.name for operation in page.operations], [name])
    control("clock", {"advance": "2h"})
    waited = jobs.wait_operation({"name": name, "timeout": {"seconds": 30}})
    equal((waited.name, waited.done), (name, True))
    equal(jobs.get_operation({"name": name}), waited)
    jobs.delete_operation({"name": name})
    raises(NotFound, "does not exist", lambda: jobs.get_operation({"name": name}))


# The REST transport has one error type per HTTP status: no AlreadyExists, for example.
def errors() -> None:
    raises(NotFound, "'none'", lambda: jobs.get_job(name=f"{PARENT}/jobs/none"))
    request = {"parent": PARENT, "job": gpu_job(), "job_id": "render"}
    raises(Conflict, "already exists", lambda: jobs.create_job(request))
    limits = request["job"].template.template.containers[0].resources.limits
    limits["memory"] = "1Gi"
    request["job_id"] = "invalid"
    raises(BadRequest, "memory", lambda: jobs.create_job(request))
    control("faults", {"fault": "permission-denied", "permission": "run.jobs.get"})
    error = raises(Forbidden, "'run.jobs.get'", lambda: jobs.get_job(name=JOB))
    equal(error.reason, "IAM_PERMISSION_DENIED")
    control("faults", {"fault": "operation-error"})
    operation = jobs.create_job(parent=PARENT, job=gpu_job(), job_id="broken")
    raises(InternalServerError, "Internal error", operation.result)


def delete() -> None:
    for execution in executions.list_executions(parent=JOB):
        deleted = executions.delete_execution(name=execution.name).result()
        equal(deleted.name, execution.name)
    equal(list(executions.list_executions(parent=JOB)), [])
    deleted = jobs.delete_job(name=JOB).result()
    equal(deleted.name, JOB)
    assert deleted.delete_time < deleted.expire_time, deleted
    raises(NotFound, "JOB", lambda: jobs.get_job(name=JOB))


def control(what: str, body: dict) -> None:
    urllib.request.urlopen(f"{url}/_emulator/{what}", json.dumps(body).encode()).close()


def equal(got, expected) -> None:
    assert got == expected, f"got {got!r}, expected {expected!r}"


def raises(kind: type, message: str, call):
    try:
        call()
    except kind as error:
        assert message in error.message, error.message
        return error
    raise AssertionError(f"got no error, expected {kind.__name__}")


main()
