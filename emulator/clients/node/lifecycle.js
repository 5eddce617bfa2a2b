// The lifecycle of a job with @google-cloud/run; the argument is the emulator's URL.

import assert from 'node:assert/strict';
import run from '@google-cloud/run';
import {OAuth2Client} from 'google-auth-library';

const parent = 'projects/node/locations/us-central1';
const name = `${parent}/jobs/render`;
const gpuLimits = {cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1'};

async function main() {
  await create();
  await listJobs();
  await update();
  await runJob();
  await cancel();
  await iam();
  await operations();
  await errors();
  await deleteJob();
}

const url = process.argv[2];
const {hostname, port} = new URL(url);
const authClient = new OAuth2Client();
authClient.setCredentials({access_token: 'any'});
const options = {
  fallback: true,
  protocol: 'http',
  apiEndpoint: hostname,
  port,
  authClient,
};
const jobs = new run.JobsClient(options);
const executions = new run.ExecutionsClient(options);
const tasks = new run.TasksClient(options);

function gpuJob() {
  const container = {
    image: 'us-docker.pkg.dev/any/any/render',
    env: [{name: 'SCENE', value: 'forest'}],
    resources: {limits: {...gpuLimits}},
  };
  const task = {
    containers: [container],
    nodeSelector: {accelerator: 'nvidia-l4'},
    gpuZonalRedundancyDisabled: true,
    maxRetries: 0,
    timeout: {seconds: 600},
  };
  return {labels: {team: 'film'}, template: {template: task}};
}

async function create() {
  const request = {parent, job: gpuJob(), jobId: 'render'};
  const [check] = await jobs.createJob({...request, validateOnly: true});
  const [planned] = await check.promise();
  assert.equal(planned.name, name);
  await rejects(404, 'does not exist', jobs.getJob({name}));

  const [operation] = await jobs.createJob(request);
  assert.equal(operation.metadata.name, name);
  const [created] = await operation.promise();
  const [job] = await jobs.getJob({name});
  // Results of operations are of another class than other responses.
  assert.deepEqual([created.name, created.etag], [name, job.etag]);
  assert.ok(job.uid && job.etag && job.createTime);
  assert.deepEqual([job.generation, job.observedGeneration], ['1', '1']);
  assert.equal(job.reconciling, false);
  assert.equal(job.launchStage, 'GA');
  assert.equal(job.terminalCondition.state, 'CONDITION_SUCCEEDED');
  assert.deepEqual(job.labels, {team: 'film'});
  const task = job.template.template;
  assert.deepEqual(task.containers[0].resources.limits, gpuLimits);
  assert.equal(task.nodeSelector.accelerator, 'nvidia-l4');
  assert.equal(task.gpuZonalRedundancyDisabled, true);
  // Zero differs from unset.
  assert.deepEqual([task.retries, task.maxRetries], ['maxRetries', 0]);
  assert.equal(task.timeout.seconds, '600');
  assert.equal(task.executionEnvironment, 'EXECUTION_ENVIRONMENT_GEN2');
}

async function listJobs() {
  const request = {parent, job: gpuJob(), jobId: 'other'};
  const [operation] = await jobs.createJob(request);
  const [other] = await operation.promise();
  const pages = await pagesOf('listJobs', jobs, {parent});
  const names = pages.map(page => page.map(job => job.name));
  assert.deepEqual(names, [[other.name], [name]]);
}

async function update() {
  const [job] = await jobs.getJob({name});
  const changed = structuredClone(job);
  changed.labels.team = 'games';
  changed.template.taskCount = 3;
  const [operation] = await jobs.updateJob({job: changed});
  await operation.promise();
  const [updated] = await jobs.getJob({name});
  assert.deepEqual([updated.uid, updated.generation], [job.uid, '2']);
  assert.deepEqual(updated.labels, {team: 'games'});
  assert.equal(updated.template.taskCount, 3);
  // The etag of `changed` is the one before the change.
  await rejects(409, 'etag', jobs.updateJob({job: changed}));
}

async function runJob() {
  const attempts = [{attempts: ['success']}, {attempts: ['exit 3']}];
  await control('outcomes', {tasks: attempts});
  const container = {args: ['--fast'], env: [{name: 'SCENE', value: 'sea'}]};
  const overrides = {containerOverrides: [container], taskCount: 2};
  const [operation] = await jobs.runJob({name, overrides});
  assert.ok(operation.metadata.name.startsWith(`${name}/executions/`));
  const [result] = await operation.promise();
  assert.equal(result.name, operation.metadata.name);
  assert.deepEqual([result.taskCount, result.succeededCount], [2, 1]);
  assert.equal(result.failedCount, 1);

  const [execution] = await executions.getExecution({name: result.name});
  assert.equal(execution.etag, result.etag);
  const [{args, env}] = execution.template.containers;
  assert.deepEqual([args, env[0].value], [['--fast'], 'sea']);
  assert.ok(execution.startTime && execution.completionTime);
  const [listed] = await executions.listExecutions({parent: name});
  assert.deepEqual(listed, [execution]);

  const pages = await pagesOf('listTasks', tasks, {parent: execution.name});
  const indexes = pages.map(page => page.map(task => task.index));
  assert.deepEqual(indexes, [[0], [1]]);
  const [task] = await tasks.getTask({name: pages[1][0].name});
  assert.deepEqual(task, pages[1][0]);
  assert.deepEqual([task.retried, task.lastAttemptResult.exitCode], [0, 3]);
}

async function cancel() {
  await control('outcomes', {pending: '0s', time: '1h'});
  const [operation] = await jobs.runJob({name});
  const execution = {name: operation.metadata.name};
  const [running] = await executions.getExecution(execution);
  assert.equal(running.runningCount, 3);
  const [cancellation] = await executions.cancelExecution(execution);
  const [result] = await cancellation.promise();
  assert.equal(result.name, execution.name);
  const [cancelled] = await executions.getExecution(execution);
  assert.equal(cancelled.cancelledCount, 3);
  const completed = cancelled.conditions.find(({type}) => type === 'Completed');
  assert.equal(completed.state, 'CONDITION_FAILED');
  assert.equal(completed.executionReason, 'CANCELLED');
  assert.equal((await operation.promise())[0].cancelledCount, 3);
  await rejects(400, 'ended', executions.cancelExecution(execution));
}

async function iam() {
  const [policy] = await jobs.getIamPolicy({resource: name});
  assert.deepEqual(policy.bindings, []);
  policy.bindings = [
    {
      role: 'roles/run.invoker',
      members: ['user:any@example.com'],
      condition: null,
    },
  ];
  const request = {resource: name, policy};
  const [changed] = await jobs.setIamPolicy(request);
  assert.deepEqual(changed.bindings, policy.bindings);
  const options = {requestedPolicyVersion: 3};
  const [found] = await jobs.getIamPolicy({resource: name, options});
  assert.deepEqual(found, changed);
  // The etag of the request is the one before the change.
  await rejects(409, 'concurrent policy', jobs.setIamPolicy(request));
  const permissions = ['run.jobs.run'];
  const [tested] = await jobs.testIamPermissions({resource: name, permissions});
  assert.deepEqual(tested.permissions, permissions);
}

async function operations() {
  await control('outcomes', {pending: '1h'});
  const [operation] = await jobs.runJob({name});
  const id = {name: operation.name};
  const request = {name: parent, filter: 'done:false', pageSize: 1};
  const pending = [];
  for await (const found of jobs.listOperationsAsync(request, {
    autoPaginate: false,
  })) {
    pending.push(found.name);
  }
  assert.deepEqual(pending, [operation.name]);
  await control('clock', {advance: '2h'});
  const [ended] = await jobs.getOperation(id);
  assert.deepEqual([ended.name, ended.done], [operation.name, true]);
  await jobs.deleteOperation(id);
  await rejects(404, 'does not exist', jobs.getOperation(id));
}

async function errors() {
  await rejects(404, "'none'", jobs.getJob({name: `${parent}/jobs/none`}));
  const request = {parent, job: gpuJob(), jobId: 'render'};
  await rejects(409, 'already exists', jobs.createJob(request));
  const [container] = request.job.template.template.containers;
  container.resources.limits.memory = '1Gi';
  request.jobId = 'invalid';
  await rejects(400, 'memory', jobs.createJob(request));
  const permission = 'run.jobs.get';
  await control('faults', {fault: 'permission-denied', permission});
  await rejects(403, `'${permission}'`, jobs.getJob({name}));
  await control('faults', {fault: 'operation-error'});
  const broken = {parent, job: gpuJob(), jobId: 'broken'};
  const [operation] = await jobs.createJob(broken);
  await rejects(13, 'Internal error', operation.promise());
}

async function deleteJob() {
  const [all] = await executions.listExecutions({parent: name});
  for (const execution of all) {
    const [operation] = await executions.deleteExecution({
      name: execution.name,
    });
    const [deleted] = await operation.promise();
    assert.equal(deleted.name, execution.name);
  }
  assert.deepEqual((await executions.listExecutions({parent: name}))[0], []);
  const [operation] = await jobs.deleteJob({name});
  const [deleted] = await operation.promise();
  assert.equal(deleted.name, name);
  assert.ok(deleted.deleteTime && deleted.expireTime);
  await rejects(404, 'JOB', jobs.getJob({name}));
}

async function pagesOf(method, client, request) {
  const pages = [];
  request = {...request, pageSize: 1};
  while (request) {
    const [page, next] = await client[method](request, {autoPaginate: false});
    pages.push(page);
    request = next;
  }
  return pages;
}

async function control(what, body) {
  const init = {method: 'POST', body: JSON.stringify(body)};
  const response = await fetch(`${url}/_emulator/${what}`, init);
  assert.ok(response.ok, await response.text());
}

// The code of an error is the HTTP status, but for an operation its gRPC code.
async function rejects(code, message, call) {
  await assert.rejects(call, error => {
    assert.equal(error.code, code, error);
    assert.ok(error.message.includes(message), error.message);
    return true;
  });
}

await main();
