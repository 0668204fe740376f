// Holds the generated client to what the service promises; `make test-interop` starts the server that it calls.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { type CallOptions, type ClientUnaryCall, type Metadata, type ServiceError, status } from "@grpc/grpc-js";

import { bearer, connect, reasonOf } from "./connect.js";
import { type Decision, RouteRequest } from "./gen/fastroute/v1/router.js";
import {
  AttemptOutcome,
  ExplainRequest,
  ReportOutcomesRequest,
  ReportStatus,
  RouteBatchRequest,
  RouteStreamRequest,
  type RouteStreamResponse,
} from "./gen/fastroute/v1/router_service.js";

type Expected = Record<"name" | "text" | "outcome" | "route" | "model" | "reason" | "revision", string>;

const cases: Expected[] = JSON.parse(readFileSync(process.env.FASTROUTE_CASES ?? "FASTROUTE_CASES is not set", "utf8"));
const [first, second, third] = cases;
assert(first && second && third);

const router = connect();
after(() => router.close());
const caller = bearer(process.env.FASTROUTE_TOKEN);
const asking = (text: string): RouteRequest => RouteRequest.fromPartial({ text });
const within = (milliseconds: number): CallOptions => ({ deadline: Date.now() + milliseconds });

/** Makes a callback method a promise. */
function call<Request, Response>(
  method: (
    request: Request,
    metadata: Metadata,
    options: CallOptions,
    done: (error: ServiceError | null, response: Response) => void,
  ) => ClientUnaryCall,
  request: Request,
  metadata = caller,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    method.call(router, request, metadata, within(10_000), (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** The decision in the answer to one request. */
function decisionOf(answer: { result?: { $case: string; value: unknown } } | undefined): Decision | undefined {
  let result = answer?.result;
  if (result?.$case === "response") result = (result.value as typeof answer)?.result;
  return result?.$case === "decision" ? (result.value as Decision) : undefined;
}

function codeOf(answer: { result?: { $case: string; value: unknown } } | undefined): string | undefined {
  return answer?.result?.$case === "error" ? (answer.result.value as { code: string }).code : undefined;
}

function check(decision: Decision | undefined, { name, text, ...expected }: Expected): void {
  assert(decision, name);
  const { outcome, route, model, reason, revision } = decision;
  assert.deepEqual({ outcome, route, model, reason: reason?.code, revision }, expected, `${name}: ${text}`);
}

for (const row of cases) {
  test(`a route is the one of the table: ${row.name}`, async () => {
    check(decisionOf(await call(router.route, asking(row.text))), row);
  });
}

test("a batch answers each request on its own", async () => {
  const requests = [asking(first.text), RouteRequest.create(), asking(second.text)];
  const { results } = await call(router.routeBatch, RouteBatchRequest.create({ requests }));
  assert.equal(results.length, 3);
  check(decisionOf(results[0]), first);
  assert.equal(codeOf(results[1]), "MISSING_TEXT");
  check(decisionOf(results[2]), second);
});

test("a stream goes on after a request that is refused", async () => {
  const stream = router.routeStream(caller, within(10_000));
  stream.write(RouteStreamRequest.create({ id: "first", request: asking(first.text), inOrder: true }));
  stream.write(RouteStreamRequest.create({ id: "second", request: RouteRequest.create() }));
  stream.write(RouteStreamRequest.create({ id: "third", request: asking(third.text) }));
  stream.end();
  const answers: RouteStreamResponse[] = await stream.toArray();
  assert.deepEqual(answers.map(({ id }) => id), ["first", "second", "third"]);
  check(decisionOf(answers[0]), first);
  assert.equal(codeOf(answers[1]), "MISSING_TEXT");
  check(decisionOf(answers[2]), third);
});

test("an explanation tells the same decision", async () => {
  const { explanation } = await call(router.explain, ExplainRequest.create({ request: asking(first.text) }));
  check(explanation?.decision, first);
  assert(explanation?.stages.length);
  assert(explanation.text);
});

test("a report counts once", async () => {
  const decision = decisionOf(await call(router.route, asking(first.text)));
  assert(decision);
  const report = { reportToken: decision.reportToken, model: decision.model, outcome: AttemptOutcome.ATTEMPT_OUTCOME_SUCCESS };
  for (const expected of [ReportStatus.REPORT_STATUS_ACCEPTED, ReportStatus.REPORT_STATUS_DUPLICATE]) {
    const { results } = await call(router.reportOutcomes, ReportOutcomesRequest.fromPartial({ reports: [report] }));
    assert.equal(results[0]?.status, expected);
  }
});

test("a refused call tells its reason", async () => {
  await assert.rejects(call(router.route, RouteRequest.create()), (error: ServiceError) => {
    assert.equal(error.code, status.INVALID_ARGUMENT);
    assert.equal(reasonOf(error), "MISSING_TEXT");
    return true;
  });
});

test("a deadline ends a stream that is left open", async () => {
  const stream = router.routeStream(caller, within(300));
  stream.write(RouteStreamRequest.create({ id: "only", request: asking("hello") }));
  let answers = 0;
  const ended = (async () => {
    for await (const _ of stream) answers += 1;
  })();
  await assert.rejects(ended, { code: status.DEADLINE_EXCEEDED });
  assert.equal(answers, 1);
});

test("a call without a token is refused", async () => {
  await assert.rejects(call(router.route, asking("hello"), bearer(undefined)), (error: ServiceError) => {
    assert.equal(error.code, status.UNAUTHENTICATED);
    assert.equal(reasonOf(error), "UNAUTHENTICATED");
    return true;
  });
});
