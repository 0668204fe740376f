package dev.fastroute.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.fastroute.v1.AttemptOutcome;
import dev.fastroute.v1.Decision;
import dev.fastroute.v1.ExplainRequest;
import dev.fastroute.v1.Explanation;
import dev.fastroute.v1.OutcomeReport;
import dev.fastroute.v1.ReportOutcomesRequest;
import dev.fastroute.v1.ReportStatus;
import dev.fastroute.v1.RouteBatchRequest;
import dev.fastroute.v1.RouteRequest;
import dev.fastroute.v1.RouteResult;
import dev.fastroute.v1.RouteStreamRequest;
import dev.fastroute.v1.RouteStreamResponse;
import dev.fastroute.v1.RouterServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the generated client to what the service promises; {@code make test-interop} starts the server that it calls. */
final class InteropTest {
  private record Expected(
      String name, String text, String outcome, String route, String model, String reason, String revision) {
    void check(Decision decision) {
      Expected decided =
          new Expected(
              name,
              text,
              decision.getOutcome().name(),
              decision.getRoute(),
              decision.getModel(),
              decision.getReason().getCode(),
              decision.getRevision());
      assertEquals(this, decided);
    }
  }

  private static ManagedChannel channel;
  private static List<Expected> cases;

  @BeforeAll
  static void open() throws IOException {
    cases = List.of(new Gson().fromJson(Files.readString(Path.of(System.getenv("FASTROUTE_CASES"))), Expected[].class));
    assertTrue(cases.size() >= 3);
    channel = Connection.open();
  }

  @AfterAll
  static void close() {
    channel.shutdownNow();
  }

  private static RouterServiceGrpc.RouterServiceBlockingStub router() {
    return RouterServiceGrpc.newBlockingStub(channel)
        .withInterceptors(Connection.bearer())
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static RouterServiceGrpc.RouterServiceStub streams(long milliseconds) {
    return RouterServiceGrpc.newStub(channel)
        .withInterceptors(Connection.bearer())
        .withDeadlineAfter(milliseconds, TimeUnit.MILLISECONDS);
  }

  private static RouteRequest asking(String text) {
    return RouteRequest.newBuilder().setText(text).build();
  }

  /** Keeps the answers of a stream until it ends. */
  private static final class Answers implements StreamObserver<RouteStreamResponse> {
    final List<RouteStreamResponse> seen = new ArrayList<>();
    private final CompletableFuture<List<RouteStreamResponse>> ended = new CompletableFuture<>();

    @Override
    public void onNext(RouteStreamResponse answer) {
      seen.add(answer);
    }

    @Override
    public void onError(Throwable error) {
      ended.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      ended.complete(seen);
    }

    List<RouteStreamResponse> all() throws InterruptedException, ExecutionException, TimeoutException {
      return ended.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aRouteIsTheOneOfTheTable() {
    for (Expected row : cases) {
      row.check(router().route(asking(row.text())).getDecision());
    }
  }

  @Test
  void aBatchAnswersEachRequestOnItsOwn() {
    List<RouteResult> results =
        router()
            .routeBatch(
                RouteBatchRequest.newBuilder()
                    .addRequests(asking(cases.get(0).text()))
                    .addRequests(RouteRequest.getDefaultInstance())
                    .addRequests(asking(cases.get(1).text()))
                    .build())
            .getResultsList();
    assertEquals(3, results.size());
    cases.get(0).check(results.get(0).getResponse().getDecision());
    assertEquals("MISSING_TEXT", results.get(1).getError().getCode());
    cases.get(1).check(results.get(2).getResponse().getDecision());
  }

  @Test
  void aStreamGoesOnAfterARequestThatIsRefused() throws Exception {
    Answers answers = new Answers();
    StreamObserver<RouteStreamRequest> requests = streams(10_000).routeStream(answers);
    requests.onNext(
        RouteStreamRequest.newBuilder()
            .setId("first")
            .setRequest(asking(cases.get(0).text()))
            .setInOrder(true)
            .build());
    requests.onNext(
        RouteStreamRequest.newBuilder().setId("second").setRequest(RouteRequest.getDefaultInstance()).build());
    requests.onNext(RouteStreamRequest.newBuilder().setId("third").setRequest(asking(cases.get(2).text())).build());
    requests.onCompleted();
    List<RouteStreamResponse> all = answers.all();
    assertEquals(List.of("first", "second", "third"), all.stream().map(RouteStreamResponse::getId).toList());
    cases.get(0).check(all.get(0).getResponse().getDecision());
    assertEquals("MISSING_TEXT", all.get(1).getError().getCode());
    cases.get(2).check(all.get(2).getResponse().getDecision());
  }

  @Test
  void anExplanationTellsTheSameDecision() {
    Explanation explanation =
        router()
            .explain(ExplainRequest.newBuilder().setRequest(asking(cases.get(0).text())).build())
            .getExplanation();
    cases.get(0).check(explanation.getDecision());
    assertFalse(explanation.getStagesList().isEmpty());
    assertFalse(explanation.getText().isEmpty());
  }

  @Test
  void aReportCountsOnce() {
    Decision decision = router().route(asking(cases.get(0).text())).getDecision();
    ReportOutcomesRequest reports =
        ReportOutcomesRequest.newBuilder()
            .addReports(
                OutcomeReport.newBuilder()
                    .setReportToken(decision.getReportToken())
                    .setModel(decision.getModel())
                    .setOutcome(AttemptOutcome.ATTEMPT_OUTCOME_SUCCESS))
            .build();
    for (ReportStatus expected :
        List.of(ReportStatus.REPORT_STATUS_ACCEPTED, ReportStatus.REPORT_STATUS_DUPLICATE)) {
      assertEquals(expected, router().reportOutcomes(reports).getResults(0).getStatus());
    }
  }

  @Test
  void aRefusedCallTellsItsReason() {
    StatusRuntimeException error =
        assertThrows(StatusRuntimeException.class, () -> router().route(RouteRequest.getDefaultInstance()));
    assertEquals(Status.Code.INVALID_ARGUMENT, error.getStatus().getCode());
    assertEquals("MISSING_TEXT", Connection.reasonOf(error));
  }

  @Test
  void aDeadlineEndsAStreamThatIsLeftOpen() {
    Answers answers = new Answers();
    StreamObserver<RouteStreamRequest> requests = streams(300).routeStream(answers);
    requests.onNext(RouteStreamRequest.newBuilder().setId("only").setRequest(asking("hello")).build());
    ExecutionException ended = assertThrows(ExecutionException.class, answers::all);
    assertEquals(Status.Code.DEADLINE_EXCEEDED, Status.fromThrowable(ended.getCause()).getCode());
    assertEquals(1, answers.seen.size());
  }

  @Test
  void aCallWithoutATokenIsRefused() {
    RouterServiceGrpc.RouterServiceBlockingStub stranger =
        RouterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
    StatusRuntimeException error =
        assertThrows(StatusRuntimeException.class, () -> stranger.route(asking("hello")));
    assertEquals(Status.Code.UNAUTHENTICATED, error.getStatus().getCode());
    assertEquals("UNAUTHENTICATED", Connection.reasonOf(error));
  }
}
