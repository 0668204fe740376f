package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	fastroutev1 "example.com/route/gen/fastroute/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// expected is one row of the file that FASTROUTE_CASES names.
type expected struct{ Name, Text, Outcome, Route, Model, Reason, Revision string }

func (e expected) check(t *testing.T, decision *fastroutev1.Decision) {
	t.Helper()
	got := expected{
		e.Name, e.Text, decision.GetOutcome().String(), decision.GetRoute(), decision.GetModel(),
		decision.GetReason().GetCode(), decision.GetRevision(),
	}
	if got != e {
		t.Errorf("decided %+v, expected %+v", got, e)
	}
}

func cases(t *testing.T) []expected {
	t.Helper()
	content, err := os.ReadFile(os.Getenv("FASTROUTE_CASES"))
	if err != nil {
		t.Fatalf("make test-interop starts a server and names its cases: %v", err)
	}
	var rows []expected
	if err := json.Unmarshal(content, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 3 {
		t.Fatalf("%d cases", len(rows))
	}
	return rows
}

func client(t *testing.T, token string) fastroutev1.RouterServiceClient {
	t.Helper()
	connection, err := connect(token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return fastroutev1.NewRouterServiceClient(connection)
}

func router(t *testing.T) (context.Context, fastroutev1.RouterServiceClient) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx, client(t, os.Getenv("FASTROUTE_TOKEN"))
}

func asking(text string) *fastroutev1.RouteRequest {
	return &fastroutev1.RouteRequest{Text: &text}
}

func TestARouteIsTheOneOfTheTable(t *testing.T) {
	ctx, router := router(t)
	for _, row := range cases(t) {
		t.Run(row.Name, func(t *testing.T) {
			response, err := router.Route(ctx, asking(row.Text))
			if err != nil {
				t.Fatal(err)
			}
			row.check(t, response.GetDecision())
		})
	}
}

func TestABatchAnswersEachRequestOnItsOwn(t *testing.T) {
	ctx, router := router(t)
	rows := cases(t)
	response, err := router.RouteBatch(ctx, &fastroutev1.RouteBatchRequest{
		Requests: []*fastroutev1.RouteRequest{asking(rows[0].Text), {}, asking(rows[1].Text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	results := response.GetResults()
	if len(results) != 3 {
		t.Fatalf("%d results", len(results))
	}
	rows[0].check(t, results[0].GetResponse().GetDecision())
	rows[1].check(t, results[2].GetResponse().GetDecision())
	if code := results[1].GetError().GetCode(); code != "MISSING_TEXT" {
		t.Errorf("refused with %q", code)
	}
}

func TestAStreamGoesOnAfterARequestThatIsRefused(t *testing.T) {
	ctx, router := router(t)
	rows := cases(t)
	stream, err := router.RouteStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range []*fastroutev1.RouteStreamRequest{
		{Id: "first", Request: asking(rows[0].Text), InOrder: true},
		{Id: "second", Request: &fastroutev1.RouteRequest{}},
		{Id: "third", Request: asking(rows[2].Text)},
	} {
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"first", "second", "third"} {
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if answer.GetId() != id {
			t.Fatalf("answered %q before %q", answer.GetId(), id)
		}
		switch id {
		case "first":
			rows[0].check(t, answer.GetResponse().GetDecision())
		case "second":
			if code := answer.GetError().GetCode(); code != "MISSING_TEXT" {
				t.Errorf("refused with %q", code)
			}
		case "third":
			rows[2].check(t, answer.GetResponse().GetDecision())
		}
	}
}

func TestAnExplanationTellsTheSameDecision(t *testing.T) {
	ctx, router := router(t)
	row := cases(t)[0]
	response, err := router.Explain(ctx, &fastroutev1.ExplainRequest{Request: asking(row.Text)})
	if err != nil {
		t.Fatal(err)
	}
	row.check(t, response.GetExplanation().GetDecision())
	if len(response.GetExplanation().GetStages()) == 0 || response.GetExplanation().GetText() == "" {
		t.Error("nothing is explained")
	}
}

func TestAReportCountsOnce(t *testing.T) {
	ctx, router := router(t)
	response, err := router.Route(ctx, asking(cases(t)[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	report := &fastroutev1.OutcomeReport{
		ReportToken: response.GetDecision().GetReportToken(),
		Model:       response.GetDecision().GetModel(),
		Outcome:     fastroutev1.AttemptOutcome_ATTEMPT_OUTCOME_SUCCESS,
	}
	for _, want := range []fastroutev1.ReportStatus{
		fastroutev1.ReportStatus_REPORT_STATUS_ACCEPTED,
		fastroutev1.ReportStatus_REPORT_STATUS_DUPLICATE,
	} {
		answer, err := router.ReportOutcomes(ctx, &fastroutev1.ReportOutcomesRequest{
			Reports: []*fastroutev1.OutcomeReport{report},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.GetResults()[0].GetStatus(); got != want {
			t.Errorf("reported with %v, expected %v", got, want)
		}
	}
}

func TestARefusedCallTellsItsReason(t *testing.T) {
	ctx, router := router(t)
	_, err := router.Route(ctx, &fastroutev1.RouteRequest{})
	if status.Code(err) != codes.InvalidArgument || reasonOf(err) != "MISSING_TEXT" {
		t.Errorf("%v: %s", err, reasonOf(err))
	}
}

func TestADeadlineEndsAStreamThatIsLeftOpen(t *testing.T) {
	_, router := router(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	stream, err := router.RouteStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&fastroutev1.RouteStreamRequest{Id: "only", Request: asking("hello")}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("ended with %v", err)
	}
}

func TestACallWithoutATokenIsRefused(t *testing.T) {
	ctx, _ := router(t)
	_, err := client(t, "").Route(ctx, asking("hello"))
	if status.Code(err) != codes.Unauthenticated || reasonOf(err) != "UNAUTHENTICATED" {
		t.Errorf("%v: %s", err, reasonOf(err))
	}
}
