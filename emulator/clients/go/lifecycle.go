// The lifecycle of a job with cloud.google.com/go/run/apiv2; the argument is the emulator's URL.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	run "cloud.google.com/go/run/apiv2"
	"cloud.google.com/go/run/apiv2/runpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"golang.org/x/oauth2"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/api"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	parent = "projects/go/locations/us-central1"
	name   = parent + "/jobs/render"
)

var (
	ctx        = context.Background()
	url        = os.Args[1]
	jobs       *run.JobsClient
	executions *run.ExecutionsClient
	tasks      *run.TasksClient
	gpuLimits  = map[string]string{"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}
)

func main() {
	token := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "any"})
	options := []option.ClientOption{option.WithEndpoint(url), option.WithTokenSource(token)}
	jobs = must(run.NewJobsRESTClient(ctx, options...))
	executions = must(run.NewExecutionsRESTClient(ctx, options...))
	tasks = must(run.NewTasksRESTClient(ctx, options...))

	create()
	listJobs()
	update()
	runJob()
	cancel()
	iam()
	operations()
	apiErrors()
	deleteJob()
}

func gpuJob(limits map[string]string) *runpb.Job {
	container := &runpb.Container{
		Image:     "us-docker.pkg.dev/any/any/render",
		Env:       []*runpb.EnvVar{{Name: "SCENE", Values: &runpb.EnvVar_Value{Value: "forest"}}},
		Resources: &runpb.ResourceRequirements{Limits: limits},
	}
	task := &runpb.TaskTemplate{
		Containers:                 []*runpb.Container{container},
		NodeSelector:               &runpb.NodeSelector{Accelerator: "nvidia-l4"},
		GpuZonalRedundancyDisabled: proto.Bool(true),
		Retries:                    &runpb.TaskTemplate_MaxRetries{MaxRetries: 0},
		Timeout:                    &durationpb.Duration{Seconds: 600},
	}
	return &runpb.Job{
		Labels:   map[string]string{"team": "film"},
		Template: &runpb.ExecutionTemplate{Template: task},
	}
}

func create() {
	request := &runpb.CreateJobRequest{Parent: parent, Job: gpuJob(gpuLimits), JobId: "render", ValidateOnly: true}
	planned := must(must(jobs.CreateJob(ctx, request)).Wait(ctx))
	equal(planned.Name, name)
	_, err := getJob()
	fails(err, 404, "does not exist")

	request.ValidateOnly = false
	operation := must(jobs.CreateJob(ctx, request))
	equal(must(operation.Metadata()).Name, name)
	job := must(operation.Wait(ctx))
	equal(job, must(getJob()))
	check(job.Uid != "" && job.Etag != "" && job.CreateTime != nil, job)
	equal([]int64{job.Generation, job.ObservedGeneration}, []int64{1, 1})
	equal(job.Reconciling, false)
	equal(job.LaunchStage, api.LaunchStage_GA)
	equal(job.TerminalCondition.State, runpb.Condition_CONDITION_SUCCEEDED)
	equal(job.Labels, map[string]string{"team": "film"})
	task := job.Template.Template
	equal(task.Containers[0].Resources.Limits, gpuLimits)
	equal(task.NodeSelector.Accelerator, "nvidia-l4")
	equal(task.GetGpuZonalRedundancyDisabled(), true)
	// Zero differs from unset.
	equal(task.Retries, &runpb.TaskTemplate_MaxRetries{MaxRetries: 0})
	equal(task.Timeout.Seconds, int64(600))
	equal(task.ExecutionEnvironment, runpb.ExecutionEnvironment_EXECUTION_ENVIRONMENT_GEN2)
}

func listJobs() {
	request := &runpb.CreateJobRequest{Parent: parent, Job: gpuJob(gpuLimits), JobId: "other"}
	other := must(must(jobs.CreateJob(ctx, request)).Wait(ctx))
	pager := iterator.NewPager(jobs.ListJobs(ctx, &runpb.ListJobsRequest{Parent: parent}), 1, "")
	var names [][]string
	for _, page := range pagesOf[*runpb.Job](pager) {
		names = append(names, []string{page[0].Name})
	}
	equal(names, [][]string{{other.Name}, {name}})
}

func update() {
	job := must(getJob())
	oldEtag := job.Etag
	job.Labels["team"] = "games"
	job.Template.TaskCount = 3
	updated := must(must(jobs.UpdateJob(ctx, &runpb.UpdateJobRequest{Job: job})).Wait(ctx))
	equal(updated.Uid, job.Uid)
	equal(updated.Generation, int64(2))
	equal(updated.Labels, map[string]string{"team": "games"})
	equal(updated.Template.TaskCount, int32(3))
	job.Etag = oldEtag
	_, err := jobs.UpdateJob(ctx, &runpb.UpdateJobRequest{Job: job})
	fails(err, 409, "etag")
}

func runJob() {
	attempts := []map[string][]string{{"attempts": {"success"}}, {"attempts": {"exit 3"}}}
	control("outcomes", map[string]any{"tasks": attempts})
	container := &runpb.RunJobRequest_Overrides_ContainerOverride{
		Args: []string{"--fast"},
		Env:  []*runpb.EnvVar{{Name: "SCENE", Values: &runpb.EnvVar_Value{Value: "sea"}}},
	}
	overrides := &runpb.RunJobRequest_Overrides{
		ContainerOverrides: []*runpb.RunJobRequest_Overrides_ContainerOverride{container},
		TaskCount:          2,
	}
	operation := must(jobs.RunJob(ctx, &runpb.RunJobRequest{Name: name, Overrides: overrides}))
	started := must(operation.Metadata())
	check(strings.HasPrefix(started.Name, name+"/executions/"), started)
	execution := must(operation.Wait(ctx))
	equal(execution.Name, started.Name)
	equal([]int32{execution.TaskCount, execution.SucceededCount}, []int32{2, 1})
	equal(execution.FailedCount, int32(1))
	equal(execution.Template.Containers[0].Args, []string{"--fast"})
	equal(execution.Template.Containers[0].Env[0].GetValue(), "sea")
	check(execution.StartTime.AsTime().Before(execution.CompletionTime.AsTime()), execution)

	equal(must(executions.GetExecution(ctx, &runpb.GetExecutionRequest{Name: execution.Name})), execution)
	listed := listExecutions()
	equal(len(listed), 1)
	equal(listed[0], execution)

	list := tasks.ListTasks(ctx, &runpb.ListTasksRequest{Parent: execution.Name})
	pages := pagesOf[*runpb.Task](iterator.NewPager(list, 1, ""))
	equal(len(pages), 2)
	task := must(tasks.GetTask(ctx, &runpb.GetTaskRequest{Name: pages[1][0].Name}))
	equal(task, pages[1][0])
	equal([]int32{task.Index, task.Retried, task.LastAttemptResult.ExitCode}, []int32{1, 0, 3})
}

func cancel() {
	control("outcomes", map[string]any{"pending": "0s", "time": "1h"})
	operation := must(jobs.RunJob(ctx, &runpb.RunJobRequest{Name: name}))
	execution := must(operation.Metadata()).Name
	running := must(executions.GetExecution(ctx, &runpb.GetExecutionRequest{Name: execution}))
	equal(running.RunningCount, int32(3))
	request := &runpb.CancelExecutionRequest{Name: execution}
	cancelled := must(must(executions.CancelExecution(ctx, request)).Wait(ctx))
	equal(cancelled.Name, execution)
	equal(cancelled.CancelledCount, int32(3))
	completed := cancelled.Conditions[0]
	equal(completed.Type, "Completed")
	equal(completed.State, runpb.Condition_CONDITION_FAILED)
	equal(completed.GetExecutionReason(), runpb.Condition_CANCELLED)
	equal(must(operation.Wait(ctx)).CancelledCount, int32(3))
	_, err := executions.CancelExecution(ctx, request)
	fails(err, 400, "ended")
}

func iam() {
	policy := must(jobs.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: name}))
	equal(len(policy.Bindings), 0)
	policy.Bindings = []*iampb.Binding{{Role: "roles/run.invoker", Members: []string{"user:any@example.com"}}}
	request := &iampb.SetIamPolicyRequest{Resource: name, Policy: policy}
	changed := must(jobs.SetIamPolicy(ctx, request))
	equal(changed.Bindings, policy.Bindings)
	options := &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}
	equal(must(jobs.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: name, Options: options})), changed)
	// The etag of the request is the one before the change.
	_, err := jobs.SetIamPolicy(ctx, request)
	fails(err, 409, "concurrent policy")
	permissions := []string{"run.jobs.run"}
	test := &iampb.TestIamPermissionsRequest{Resource: name, Permissions: permissions}
	equal(must(jobs.TestIamPermissions(ctx, test)).Permissions, permissions)
}

func operations() {
	control("outcomes", map[string]any{"pending": "1h"})
	id := must(jobs.RunJob(ctx, &runpb.RunJobRequest{Name: name})).Name()
	list := jobs.ListOperations(ctx, &longrunningpb.ListOperationsRequest{Name: parent, Filter: "done:false"})
	pages := pagesOf[*longrunningpb.Operation](iterator.NewPager(list, 1, ""))
	equal(len(pages), 1)
	equal(pages[0][0].Name, id)
	control("clock", map[string]any{"advance": "2h"})
	wait := &longrunningpb.WaitOperationRequest{Name: id, Timeout: &durationpb.Duration{Seconds: 30}}
	ended := must(jobs.WaitOperation(ctx, wait))
	check(ended.Name == id && ended.Done, ended)
	equal(must(jobs.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: id})), ended)
	succeeds(jobs.DeleteOperation(ctx, &longrunningpb.DeleteOperationRequest{Name: id}))
	_, err := jobs.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: id})
	fails(err, 404, "does not exist")
}

func apiErrors() {
	_, err := jobs.GetJob(ctx, &runpb.GetJobRequest{Name: parent + "/jobs/none"})
	fails(err, 404, "'none'")
	request := &runpb.CreateJobRequest{Parent: parent, Job: gpuJob(gpuLimits), JobId: "render"}
	_, err = jobs.CreateJob(ctx, request)
	fails(err, 409, "already exists")
	request.JobId = "invalid"
	request.Job = gpuJob(map[string]string{"cpu": "4", "memory": "1Gi", "nvidia.com/gpu": "1"})
	_, err = jobs.CreateJob(ctx, request)
	fails(err, 400, "memory")
	control("faults", map[string]any{"fault": "permission-denied", "permission": "run.jobs.get"})
	_, err = getJob()
	equal(fails(err, 403, "'run.jobs.get'").Reason(), "IAM_PERMISSION_DENIED")
	control("faults", map[string]any{"fault": "operation-error"})
	broken := &runpb.CreateJobRequest{Parent: parent, Job: gpuJob(gpuLimits), JobId: "broken"}
	_, err = must(jobs.CreateJob(ctx, broken)).Wait(ctx)
	// The error of an operation has a gRPC code only.
	equal(fails(err, -1, "Internal error").GRPCStatus().Code(), codes.Internal)
}

func deleteJob() {
	for _, execution := range listExecutions() {
		request := &runpb.DeleteExecutionRequest{Name: execution.Name}
		equal(must(must(executions.DeleteExecution(ctx, request)).Wait(ctx)).Name, execution.Name)
	}
	equal(len(listExecutions()), 0)
	deleted := must(must(jobs.DeleteJob(ctx, &runpb.DeleteJobRequest{Name: name})).Wait(ctx))
	equal(deleted.Name, name)
	check(deleted.DeleteTime.AsTime().Before(deleted.ExpireTime.AsTime()), deleted)
	_, err := getJob()
	fails(err, 404, "JOB")
}

func getJob() (*runpb.Job, error) {
	return jobs.GetJob(ctx, &runpb.GetJobRequest{Name: name})
}

func listExecutions() []*runpb.Execution {
	var found []*runpb.Execution
	for execution, err := range executions.ListExecutions(ctx, &runpb.ListExecutionsRequest{Parent: name}).All() {
		succeeds(err)
		found = append(found, execution)
	}
	return found
}

func pagesOf[T any](pager *iterator.Pager) [][]T {
	var pages [][]T
	for {
		var page []T
		next, err := pager.NextPage(&page)
		succeeds(err)
		pages = append(pages, page)
		if next == "" {
			return pages
		}
	}
}

func control(what string, body map[string]any) {
	text := string(must(json.Marshal(body)))
	response := must(http.Post(url+"/_emulator/"+what, "application/json", strings.NewReader(text)))
	check(response.StatusCode == 200, response)
	succeeds(response.Body.Close())
}

func must[T any](value T, err error) T {
	succeeds(err)
	return value
}

// Panics, because its stack trace has the line of the call.
func succeeds(err error) {
	if err != nil {
		panic(err)
	}
}

func check(holds bool, got any) {
	if !holds {
		panic(fmt.Sprintf("got %v", got))
	}
}

func equal(got, expected any) {
	a, isMessage := got.(proto.Message)
	if isMessage {
		check(proto.Equal(a, expected.(proto.Message)), got)
	} else if !reflect.DeepEqual(got, expected) {
		panic(fmt.Sprintf("got %v, expected %v", got, expected))
	}
}

func fails(err error, status int, message string) *apierror.APIError {
	var found *apierror.APIError
	check(errors.As(err, &found), err)
	equal(found.HTTPCode(), status)
	check(strings.Contains(err.Error(), message), err)
	return found
}
